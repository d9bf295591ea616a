"""Edits of bounds: indices and slices one off, ranges that begin or end in the wrong place, a slice that is missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ncg_ray.repair.scope import Scope, Scopes
from ncg_ray.repair.source import Edit, Source, swap

_HOLDERS = (ast.Compare, ast.Return, ast.Call, ast.BinOp, ast.Assign, ast.AugAssign)
"Where a number is used that may be one off."


def bound_edits(source: Source, scopes: Scopes) -> Iterator[Edit]:
    """All of them, in the order of the text."""
    for node in source.expressions():
        scope = scopes.at(node)
        if scope is None:
            continue
        match node:
            case ast.Subscript(slice=ast.Slice() as part):
                yield from _slice(source, scope, node, part)
            case ast.Subscript(slice=index) if isinstance(node.ctx, ast.Load) and scope.kind(index) in ("number", ""):
                yield from _shifted(source, index, "index", 0.6)
            case ast.Call(func=ast.Name(id="range"), args=args):
                yield from _range(source, scope, node, args)
            case ast.Name(ctx=ast.Load()) if scope.kinds.get(node.id) in ("text", "list") and not _is_base(source, node):
                yield from _sliced(source, scope, node)
        if isinstance(node, ast.BinOp | ast.Name | ast.Call) and scope.kind(node) in ("number", ""):
            known = 1.0 if scope.kind(node) else 0.3
            is_load = isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
            if is_load and _is_held(source, node) and not _is_called(source, node):
                yield from _shifted(source, node, "one off", 0.45 * known)


def _is_held(source: Source, node: ast.expr) -> bool:
    """Whether it stands where a number may be one off, or in an index of several."""
    parent = source.parents.get(node)
    return isinstance(parent, _HOLDERS) or (isinstance(parent, ast.Tuple) and isinstance(
        source.parents.get(parent), ast.Subscript))


def _is_called(source: Source, node: ast.expr) -> bool:
    parent = source.parents.get(node)
    return isinstance(parent, ast.Call) and (parent.func is node or (
        isinstance(parent.func, ast.Name) and parent.func.id == "range"))


def _is_base(source: Source, node: ast.expr) -> bool:
    return isinstance(source.parents.get(node), ast.Subscript | ast.Attribute)


def _shifted(source: Source, node: ast.expr, template: str, prior: float) -> Iterator[Edit]:
    if isinstance(node, ast.Constant):
        return  # constants have edits of their own
    text = source.of(node) if isinstance(node, ast.BinOp | ast.Name | ast.Call | ast.Subscript) else source.operand(node)
    for sign in ("+", "-"):
        yield swap(source, node, f"{text} {sign} 1", template, prior, False)


def _range(source: Source, scope: Scope, node: ast.Call, args: list[ast.expr]) -> Iterator[Edit]:
    for argument in args:
        yield from _shifted(source, argument, "loop bound", 0.8)
        if isinstance(argument, ast.Name | ast.Call | ast.BinOp):
            text = source.operand(argument)
            for new in (f"{text} // 2", f"{text} // 2 + 1"):
                yield swap(source, argument, new, "loop bound", 0.2, False)
    start = source.span(node)[1] - 1
    if len(args) == 1:
        at = source.span(args[0])[0]
        for first in ("1, ", "2, "):
            yield Edit(((at, at, first),), "loop start", node.lineno, 0.5)
        for name in scope.names_at(node):
            if scope.kinds.get(name) == "number" and name != source.of(args[0]):
                yield Edit(((at, at, f"{name}, "), ), "loop start", node.lineno, 0.2)
                yield Edit(((at, at, f"{name} + 1, "), ), "loop start", node.lineno, 0.3)
    elif len(args) == 2:
        yield Edit(((source.span(args[0])[0], source.span(args[1])[0], ""),), "loop start", node.lineno, 0.3)
        yield Edit(((start, start, ", 2"),), "loop step", node.lineno, 0.2)


def _slice(source: Source, scope: Scope, node: ast.Subscript, part: ast.Slice) -> Iterator[Edit]:
    base = source.operand(node.value)
    bounds = [source.of(b) if b is not None else "" for b in (part.lower, part.upper, part.step)]
    for at, bound in enumerate((part.lower, part.upper)):
        if bound is not None:
            yield from _shifted(source, bound, "slice bound", 0.6)
        names = [n for n in scope.names_at(node) if scope.kinds.get(n) == "number"]
        fresh = ["", "1", "-1", "2", "0", *names, *(f"{n} + 1" for n in names), *(f"{n} - 1" for n in names)]
        for new in fresh:
            if new != bounds[at] and not (at == 0 and new == "0"):
                changed = [new if k == at else old for k, old in enumerate(bounds)]
                yield swap(source, node, f"{base}[{_colons(changed)}]", "slice bound", 0.35)
    for step in ("", "-1", "2", "3"):
        if step != bounds[2]:
            yield swap(source, node, f"{base}[{_colons([*bounds[:2], step])}]", "slice step", 0.25)
    if isinstance(node.ctx, ast.Load):
        yield swap(source, node, source.of(node.value), "slice dropped", 0.35)


def _colons(bounds: list[str]) -> str:
    return ":".join(bounds if bounds[2] else bounds[:2])


def _sliced(source: Source, scope: Scope, node: ast.Name) -> Iterator[Edit]:
    """The whole where only a part is meant."""
    names = [n for n in scope.names_at(node) if scope.kinds.get(n) == "number"]
    parts = [":-1", "1:", "::-1", "::2", "1::2", *(f"{n}:" for n in names), *(f":{n}" for n in names),
             *(f"{n} + 1:" for n in names), *(f":{n} + 1" for n in names)]
    for part in parts:
        yield swap(source, node, f"{node.id}[{part}]", "slice added", 0.3 if part == "::-1" else 0.25)
    for index in ("0", "-1", *names):
        yield swap(source, node, f"{node.id}[{index}]", "index added", 0.12)
