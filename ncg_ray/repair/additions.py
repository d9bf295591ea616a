"""Edits that add what is missing: a bound, a neighbour, a sign, a power, a filter, a fresh default, a value in its list.

Source: the missing parts among the one-line bugs of QuixBugs (Lin et al., 2017) and BugsInPy (Widyasari et al., 2020) have
these forms; which variable or value is missing, the search finds out.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from ncg_ray.repair.scope import Scope, Scopes
from ncg_ray.repair.source import Edit, Function, Source, is_docstring, swap

_SIGNED = (ast.Name, ast.Subscript, ast.Attribute, ast.Call)
_JOINED = ("list", "text")


def addition_edits(source: Source, scopes: Scopes) -> Iterator[Edit]:
    """All of them, in the order of the text."""
    for node in ast.walk(source.tree):
        scope = scopes.at(node)
        if scope is None:
            continue
        match node:
            case ast.Return(value=ast.expr() as value):
                yield from _neighbours(source, scope, value)
                yield from _bounded(source, scope, value, [])
                if isinstance(value, ast.List) and not value.elts:
                    yield swap(source, value, "[[]]", "initial value", 0.2)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield from _neighbours(source, scope, value)
                yield from _bounded(source, scope, value, [name] if scope.first_line.get(name, 0) < node.lineno else [])
            case ast.Call(func=ast.Attribute(attr="join"), args=[ast.Name() | ast.List() | ast.Call() as parts]):
                yield swap(source, parts, f"filter(None, {source.of(parts)})", "filter added", 0.2)
    for expression in source.expressions():
        if (scope := scopes.at(expression)) is not None:
            yield from _signs(source, scope, expression)
        if isinstance(expression, ast.Subscript) and isinstance(expression.slice, ast.Tuple):
            yield from _swapped(source, expression.slice.elts)
    for function in source.functions():
        yield from _fresh_defaults(source, function)
    for body in source.bodies():
        if (scope := scopes.at(body[-1])) is not None and all(source.is_alone(s) for s in body):
            yield from _collected(source, scope, body)


def _neighbours(source: Source, scope: Scope, value: ast.expr) -> Iterator[Edit]:
    """Another list or text before or after this one."""
    kind = scope.kind(value)
    if kind not in _JOINED and not (kind == "" and isinstance(value, ast.Call)):
        return
    text, named = source.of(value), {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
    for name in scope.names_at(value):
        if scope.kinds.get(name, "") in (kind, "") and (name in named or kind):
            for new in (f"{name} + {text}", f"{text} + {name}"):
                yield swap(source, value, new, "neighbour added", 0.15 if scope.kinds.get(name) else 0.1, False)


def _bounded(source: Source, scope: Scope, value: ast.expr, before: list[str]) -> Iterator[Edit]:
    """Not below or above 0, or what the name held before."""
    if scope.kind(value) not in ("number", "") or isinstance(value, ast.Constant | ast.Name) or (
            isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("max", "min")):
        return
    for bound in [*before, "0", "1"] if scope.kind(value) else before:
        prior = 0.25 if bound in before else 0.15
        for name in ("max", "min"):
            yield swap(source, value, f"{name}({bound}, {source.of(value)})", "bound added", prior)


def _swapped(source: Source, items: list[ast.expr]) -> Iterator[Edit]:
    """The parts of an index in the other order."""
    for one, other in itertools.pairwise(items):
        if source.of(one) != source.of(other):
            changes = ((*source.span(one), source.of(other)), (*source.span(other), source.of(one)))
            yield Edit(changes, "index swapped", one.lineno, 0.35)


def _collected(source: Source, scope: Scope, body: list[ast.stmt]) -> Iterator[Edit]:
    """A value that is never put into its list: at the end of a block, or before what leaves it."""
    last = body[-1]
    start, end = source.lines_span([last])
    leaves = isinstance(last, ast.Return | ast.Break | ast.Continue)
    at, names = start if leaves else end, scope.names_at(last)
    if is_docstring(last) or isinstance(last, ast.Raise) or not source.text[:at].endswith("\n"):
        return
    for table in names:
        if scope.kinds.get(table) == "list":
            for name in names:
                if name != table:
                    text = f"{source.indent(last)}{table}.append({name})\n"
                    yield Edit(((at, at, text),), "statement added", last.lineno, 0.12)


def _signs(source: Source, scope: Scope, node: ast.expr) -> Iterator[Edit]:
    """The other sign in a result, an argument or a sorting key; a square in a sum or a difference."""
    if not isinstance(node, _SIGNED) or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return
    kind, parent = scope.kind(node), source.parents.get(node)
    if kind not in ("number", ""):
        return
    is_key = isinstance(parent, ast.Lambda) or (isinstance(parent, ast.Tuple) and isinstance(
        source.parents.get(parent), ast.Lambda))
    is_value = isinstance(parent, ast.Return | ast.Call) and getattr(parent, "func", None) is not node
    if is_key or (kind and is_value):
        yield swap(source, node, f"-{source.operand(node)}", "sign", 0.3 if is_key else 0.15, False)
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Sub) and isinstance(node, ast.Name):
        yield swap(source, node, f"{node.id} ** 2", "power added", 0.1)


def _fresh_defaults(source: Source, function: Function) -> Iterator[Edit]:
    """A default that every call shares, made anew in each call."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [*zip(positional[len(positional) - len(arguments.defaults):], arguments.defaults, strict=True),
                *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    first = next((s for s in function.body if not is_docstring(s)), None)
    if first is None or not source.is_alone(first):
        return
    for argument, default in defaults:
        if isinstance(default, ast.List | ast.Dict | ast.Set) or (isinstance(default, ast.Call) and not default.args):
            indent, at = source.indent(first), source.lines_span([first])[0]
            fresh = f"{indent}if {argument.arg} is None:\n{indent}    {argument.arg} = {source.of(default)}\n"
            yield Edit(((*source.span(default), "None"), (at, at, fresh)), "fresh default", function.lineno, 0.3)
