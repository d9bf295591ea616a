"""Edits of calls: the order of arguments, a call that is missing or too much, a missing method, recursion's argument."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from ncg_ray.repair.scope import Scope, Scopes, may_iterate
from ncg_ray.repair.source import Edit, Source, swap

_WRAPPERS = {"number": ("abs", "int", "round", "str", "float"), "text": ("len", "sorted", "set", "list", "int", "reversed"),
             "list": ("sorted", "set", "len", "sum", "reversed", "list", "tuple", "max", "min", "any", "all"),
             "set": ("sorted", "len", "list"), "dict": ("sorted", "len", "list"), "truth": ("int",),
             "": ("abs", "sorted", "len", "str", "int", "set", "list", "reversed", "round", "sum", "max", "min")}
_TEXT_METHODS = ("lower()", "upper()", "strip()", "split()", "swapcase()")
MAX_FUNCTIONS = 8
"Functions of the module whose call may be missing."
_USUAL = {"abs": 0.4, "sorted": 0.4, "len": 0.35, "set": 0.35, "str": 0.3, "int": 0.3, "sum": 0.25}
_UNWRAPPED = frozenset({*_USUAL, "list", "tuple", "reversed", "round", "float", "max", "min", "bool"})


def call_edits(source: Source, scopes: Scopes) -> Iterator[Edit]:
    """All of them, in the order of the text."""
    for node in source.expressions():
        scope = scopes.at(node)
        if scope is None or isinstance(node, ast.Slice | ast.Starred | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            yield from _call(source, scope, node)
        if isinstance(getattr(node, "ctx", ast.Load()), ast.Load) and not _is_function(source, node):
            yield from _wrapped(source, scope, node)


def _is_function(source: Source, node: ast.expr) -> bool:
    parent = source.parents.get(node)
    return isinstance(parent, ast.Call) and parent.func is node


def _call(source: Source, scope: Scope, node: ast.Call) -> Iterator[Edit]:
    args = [a for a in node.args if not isinstance(a, ast.Starred)]
    for one, other in itertools.combinations(args, 2):
        if source.of(one) != source.of(other):
            changes = ((*source.span(one), source.of(other)), (*source.span(other), source.of(one)))
            yield Edit(changes, "arguments swapped", node.lineno, 0.5)
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if len(args) == 1 and name in _UNWRAPPED and not isinstance(args[0], ast.GeneratorExp):
        yield swap(source, node, source.of(args[0]), "call dropped", 0.5, False)
    if isinstance(node.func, ast.Attribute) and not args and not isinstance(source.parents.get(node), ast.Expr):
        yield swap(source, node, source.of(node.func.value), "call dropped", 0.4, False)
    if name in ("min", "max"):
        numbers = [n for n in scope.names_at(node) if scope.kinds.get(n) in ("", "number")][:8]
        for pair in itertools.combinations(numbers, 2):
            yield swap(source, node, f"{name}({', '.join(pair)})", "arguments", 0.2)
        if len(args) > 1:
            for argument in args:
                yield swap(source, node, source.of(argument), "call dropped", 0.3, False)
    if name == "sorted" and not node.keywords:
        start = source.span(node)[1] - 1
        for option in ("reverse=True", "key=len", "key=str.lower", "key=abs"):
            yield Edit(((start, start, f", {option}"),), "option added", node.lineno, 0.2)
    for keyword in node.keywords:
        if keyword.arg == "reverse" and args:
            yield Edit(((source.span(args[-1])[1], source.span(keyword.value)[1], ""),), "option dropped", node.lineno, 0.3)
    yield from _recursion(source, scope, node, name)


def _recursion(source: Source, scope: Scope, node: ast.Call, name: str) -> Iterator[Edit]:
    if name != scope.function.name:
        return
    for argument in node.args:
        text = source.operand(argument)
        for new in (f"{text} - 1", f"{text} + 1", f"{text} // 2", f"{text}[1:]", f"{text}[:-1]"):
            yield swap(source, argument, new, "recursion's argument", 0.45, False)
    inner = source.of(node)
    if len(node.args) == 1:
        yield swap(source, node, source.of(node.args[0]), "call dropped", 0.3, False)
        yield swap(source, node, f"{name}({inner})", "call repeated", 0.15)


def _wrapped(source: Source, scope: Scope, node: ast.expr) -> Iterator[Edit]:
    parent = source.parents.get(node)
    if isinstance(parent, ast.Expr | ast.keyword | ast.JoinedStr) or isinstance(node, ast.Constant):
        return
    kind, text = scope.kind(node), source.of(node)
    outer = parent.func.id if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) else ""
    if isinstance(node, ast.GeneratorExp):
        text = f"list{text if text.startswith('(') else f'({text})'}"
        if isinstance(parent, ast.Call):  # it stands in the parentheses of the call
            return
    bare = text
    for name in _WRAPPERS[kind]:
        if name != outer and not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name):
            yield swap(source, node, f"{name}({bare})", "call added", _USUAL.get(name, 0.15) * (1.0 if kind else 0.5))
    if kind in ("text", "") and not isinstance(node, ast.BinOp | ast.Compare | ast.BoolOp):
        for method in _TEXT_METHODS:
            yield swap(source, node, f"{source.operand(node)}.{method}", "method added", 0.3 if kind else 0.1)
    if may_iterate(kind) and kind != "dict" and not isinstance(node, ast.Compare | ast.BoolOp):
        for table in (n for n in scope.names_at(node) if scope.kinds.get(n) == "dict"):
            if table != text:
                yield swap(source, node, f"sorted({bare}, key=lambda item: {table}[item])", "call added", 0.15)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1 and (
            node.func.id in {f.name for f in source.functions()}) and node.func.id != scope.function.name:
        yield swap(source, node, f"{node.func.id}({text})", "call repeated", 0.15)
    for function in source.functions()[:MAX_FUNCTIONS]:
        same = len(function.args.args) == 1 and source.function_of(function) is None
        if same and function.name not in (scope.function.name, outer) and not isinstance(node, ast.Compare):
            yield swap(source, node, f"{function.name}({bare})", "call added", 0.12)
