"""Edits of names: another variable of the same kind, a sibling of a method or a function, an expression from elsewhere.

Source: "the code has most of its repairs in it already" (Barr et al., The plastic surgery hypothesis, 2014).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ncg_ray.repair.scope import Scope, Scopes
from ncg_ray.repair.source import Edit, Source, swap

_METHODS = ["append extend insert add", "strip lstrip rstrip", "upper lower swapcase title capitalize casefold",
            "startswith endswith", "find rfind index rindex", "isdigit isalpha isalnum isnumeric isdecimal",
            "isupper islower istitle", "keys values items", "union intersection difference symmetric_difference",
            "add remove discard", "pop popleft", "append appendleft", "split rsplit splitlines", "sort reverse",
            "issubset issuperset", "ljust rjust center zfill", "get pop setdefault", "partition rpartition", "remove pop",
            "most_common elements", "count index find", "update intersection_update difference_update"]
_FUNCTIONS = ["min max", "any all", "sum len max min", "list set tuple sorted", "int float round", "str repr", "ord chr",
              "abs int round", "floor ceil trunc", "sorted reversed", "map filter", "range enumerate", "zip enumerate",
              "bisect_left bisect_right", "permutations combinations", "sin cos tan", "log log2 log10", "upper lower",
              "sqrt ceil floor", "sum prod", "nlargest nsmallest", "heappush heappop"]
MAX_INGREDIENTS = 24


def name_edits(source: Source, scopes: Scopes) -> Iterator[Edit]:
    """All of them, in the order of the text."""
    for node in source.expressions():
        scope = scopes.at(node)
        if scope is None:
            continue
        match node:
            case ast.Name(id=name) if name in scope.kinds:
                yield from _variables(source, scope, node)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield from _siblings(source, node, name)
    for function in source.functions():
        scope = Scope(source, function)
        yield from _ingredients(source, scope)


def _variables(source: Source, scope: Scope, node: ast.Name) -> Iterator[Edit]:
    parent = source.parents.get(node)
    if isinstance(node.ctx, ast.Store) and not isinstance(parent, ast.AugAssign | ast.Assign):
        return
    kind = scope.kinds[node.id]
    for name in scope.names_at(node):
        if name != node.id and scope.alike(name, kind):
            known = bool(kind and scope.kinds.get(name))
            prior = (0.6 if known else 0.4) * (0.6 if isinstance(node.ctx, ast.Store) else 1.0)
            yield swap(source, node, name, "variable", prior)


def _siblings(source: Source, node: ast.Name | ast.Attribute, name: str) -> Iterator[Edit]:
    is_method = isinstance(node, ast.Attribute) and not (
        isinstance(node.value, ast.Name) and node.value.id in ("math", "itertools", "heapq", "bisect", "np", "numpy"))
    end = source.span(node)[1]
    for group in _METHODS if is_method else _FUNCTIONS:
        members = group.split()
        if name not in members:
            continue
        for other in members:
            if other != name and (is_method or isinstance(node, ast.Attribute) or other in _BUILTINS):
                change = (end - len(name), end, other)
                yield Edit((change,), "method" if is_method else "function", node.lineno, 0.6)


_BUILTINS = frozenset("min max any all sum len list set tuple sorted int float round str repr ord chr abs reversed map "
                      "filter range enumerate zip".split())


def _ingredients(source: Source, scope: Scope) -> Iterator[Edit]:
    """An expression of the function in the place of another that may be of its kind."""
    nodes = [n for n in source.expressions() if source.function_of(n) is scope.function and _is_load(n)]
    found: dict[str, ast.expr] = {}
    for node in nodes:
        if isinstance(node, ast.Call | ast.Subscript | ast.BinOp | ast.Attribute) and len(source.of(node)) <= 40 and (
                not isinstance(source.parents.get(node), ast.Call) or source.parents[node].func is not node):  # type: ignore[attr-defined]
            found.setdefault(source.of(node), node)
    for node in nodes:
        if isinstance(node, ast.Constant | ast.Slice | ast.Starred | ast.Lambda) or _is_called(source, node):
            continue
        kind, own = scope.kind(node), source.of(node)
        if len(own) > 40 or isinstance(source.parents.get(node), ast.Expr):
            continue
        for text, other in list(found.items())[:MAX_INGREDIENTS]:
            there = scope.kind(other)
            if text == own or (kind and there and kind != there) or not _has_names(scope, other, node):
                continue
            prior = 0.25 if kind and there else 0.12
            yield swap(source, node, text, "expression from elsewhere", prior, not isinstance(other, ast.BinOp))


def _is_load(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def _is_called(source: Source, node: ast.expr) -> bool:
    parent = source.parents.get(node)
    return isinstance(parent, ast.Call) and parent.func is node


def _has_names(scope: Scope, expression: ast.expr, place: ast.expr) -> bool:
    """Whether all variables of the expression have a value at the place."""
    here = set(scope.names_at(place))
    return all(n.id in here or n.id not in scope.kinds for n in ast.walk(expression) if isinstance(n, ast.Name))
