"""Edits of whole statements: left out, doubled, moved, one level out or in, another value returned, something missing.

Source: delete, insert, swap and replace as in GenProg (Weimer et al., 2009); the moves by one level are what an
indentation slip makes of Python.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Sequence

from ncg_ray.repair.scope import Scope, Scopes
from ncg_ray.repair.source import Edit, Source, is_docstring, swap

_SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.Continue, ast.Break, ast.AnnAssign, ast.Delete)


def statement_edits(source: Source, scopes: Scopes) -> Iterator[Edit]:
    """All of them, list of statements by list of statements."""
    for body in source.bodies():
        if not all(source.is_alone(s) for s in body):
            continue
        scope = scopes.at(body[0])
        if scope is None:
            continue
        for at, statement in enumerate(body):
            if not is_docstring(statement):
                yield from _changed(source, scope, body, at)
            if isinstance(statement, ast.While):
                yield from _step(source, scope, statement)
        yield from _levels(source, body)
        yield from _missing(source, scope, body)


def _changed(source: Source, scope: Scope, body: list[ast.stmt], at: int) -> Iterator[Edit]:
    statement = body[at]
    start, end = source.lines_span([statement])
    text, line, indent = source.text[start:end], statement.lineno, source.indent(statement)
    if not isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.Assert | ast.Raise):
        yield Edit(((start, end, "" if len(body) > 1 else f"{indent}pass\n"),), "statement deleted", line, 0.3)
    if at + 1 < len(body) and not is_docstring(body[at + 1]):
        other_start, other_end = source.lines_span([body[at + 1]])
        other = source.text[other_start:other_end]
        simple = isinstance(statement, _SIMPLE) and isinstance(body[at + 1], _SIMPLE)
        if simple and end == other_start and other.endswith("\n"):
            yield Edit(((start, other_end, other + text),), "statements exchanged", line, 0.35)
    if isinstance(statement, ast.Return):
        yield from _returned(source, scope, statement, indent)
    if isinstance(statement, ast.Break | ast.Continue):
        new = "continue" if isinstance(statement, ast.Break) else "break"
        yield Edit(((*source.span(statement), new),), "jump", line, 0.3)
    if isinstance(statement, ast.If) and statement.orelse and not isinstance(statement.orelse[0], ast.If):
        one, other = source.lines_span(statement.body), source.lines_span(statement.orelse)
        first, second = source.text[one[0]:one[1]], source.text[other[0]:other[1]]
        if one[1] <= other[0] and first.endswith("\n") and second.endswith("\n"):
            yield Edit(((*one, second), (*other, first)), "branches exchanged", line, 0.5)
    match statement:
        case ast.Assign(targets=[ast.Tuple(elts=[_, _])], value=ast.Tuple(elts=[one, other])):
            changes = ((*source.span(one), source.of(other)), (*source.span(other), source.of(one)))
            yield Edit(changes, "values exchanged", line, 0.5)
        case ast.Assign(targets=[ast.Name()], value=value):
            start, end, _ = source.operator(statement.targets[0], value)
            for sign in ("+=", "-=", "*="):
                yield Edit(((start, end, sign),), "assignment", line, 0.25)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
            yield Edit(((start, start, f"{indent}{name} = {name}.copy()\n"),), "copy added", line, 0.05)
        case ast.Expr(value=value) if not isinstance(value, ast.Constant | ast.Yield):
            yield Edit(((source.span(value)[0],) * 2 + ("return ",),), "return added", line, 0.4)


def _step(source: Source, scope: Scope, loop: ast.While) -> Iterator[Edit]:
    """The step of a loop whose condition nothing in it changes."""
    changed = {n.id for s in loop.body for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    last = loop.body[-1]
    end = source.lines_span([last])[1]
    if not source.is_alone(last) or not source.text[:end].endswith("\n"):
        return
    for node in ast.walk(loop.test):
        if isinstance(node, ast.Name) and node.id not in changed and scope.alike(node.id, "number"):
            for step in ("-= 1", "+= 1", "//= 2", "//= 10"):
                yield Edit(((end, end, f"{source.indent(last)}{node.id} {step}\n"),), "loop step added", loop.lineno, 0.7)


def _returned(source: Source, scope: Scope, statement: ast.Return, indent: str) -> Iterator[Edit]:
    value = statement.value
    for name in scope.names_at(statement):
        if value is None:
            end = source.span(statement)[1]
            yield Edit(((end, end, f" {name}"),), "value returned", statement.lineno, 0.5)
        elif source.of(value) != name and not isinstance(value, ast.Name):
            yield swap(source, value, name, "value returned", 0.25)
    if value is not None:
        for new in ("True", "False", "None", "[]", "0", "''"):
            if source.of(value) != new:
                yield swap(source, value, new, "value returned", 0.1)
    if isinstance(source.parents.get(statement), ast.If) and value is not None:
        if isinstance(value, ast.Name):
            yield swap(source, value, f"not {value.id}", "value returned", 0.2)


def _levels(source: Source, body: Sequence[ast.stmt]) -> Iterator[Edit]:
    """The end of a block one level out, and what follows a block one level in."""
    owner = source.parents[body[0]]
    last = body[-1]
    if isinstance(owner, ast.For | ast.While | ast.If) and len(body) > 1 and not _is_followed(owner, body):
        for first in range(len(body) - 1, 0, -1):
            start, end = source.lines_span(body[first:])
            moved = _indented(source.text[start:end], source.indent(last), source.indent(owner))
            yield Edit(((start, end, moved),), "one level out", body[first].lineno, 0.6 if first == len(body) - 1 else 0.2)
            if isinstance(source.parents.get(owner), ast.For | ast.While) and isinstance(owner, ast.If):
                outer = source.parents[owner]
                moved = _indented(source.text[start:end], source.indent(last), source.indent(outer))  # type: ignore[arg-type]
                if outer.body[-1] is owner:  # type: ignore[attr-defined]
                    yield Edit(((start, end, moved),), "two levels out", body[first].lineno, 0.2)
    for before, after in zip(body, body[1:], strict=False):
        if isinstance(before, ast.For | ast.While | ast.If) and isinstance(after, _SIMPLE):
            inner = before.orelse or before.body
            while isinstance(inner[-1], ast.If) and inner[-1].orelse and inner is before.orelse:
                inner = inner[-1].orelse
            start, end = source.lines_span([after])
            moved = _indented(source.text[start:end], source.indent(after), source.indent(inner[-1]))
            yield Edit(((start, end, moved),), "one level in", after.lineno, 0.5)


def _is_followed(owner: ast.For | ast.While | ast.If, body: Sequence[ast.stmt]) -> bool:
    """Whether an `else` follows the block, which would go with what is moved out."""
    return bool(owner.orelse) and owner.body[-1] is body[-1]


def _indented(text: str, old: str, new: str) -> str:
    return "".join(new + line[len(old):] if line.startswith(old) else line for line in text.splitlines(keepends=True))


def _missing(source: Source, scope: Scope, body: list[ast.stmt]) -> Iterator[Edit]:
    """Something that is done in a loop and not once more after it; a value that is never given back; a lost `else`."""
    for statement in body:
        if not isinstance(statement, ast.For | ast.While):
            continue
        end, indent = source.lines_span([statement])[1], source.indent(statement)
        if not source.text[:end].endswith("\n"):
            continue
        for inner in [s for b in source.bodies() for s in b if _is_inside(source, s, statement)]:
            if isinstance(inner, ast.AugAssign) or (isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Call)):
                text = textwrap.dedent(source.of(inner))
                for copy in _last_ones(source, statement, inner, text):
                    change = (end, end, f"{indent}{copy}\n")
                    yield Edit((change,), "statement repeated after the loop", statement.lineno, 0.12)
    last = body[-1]
    if isinstance(source.parents.get(last), ast.FunctionDef) and not isinstance(last, ast.Return | ast.Raise):
        end = source.lines_span([last])[1]
        if source.text[:end].endswith("\n"):
            for name in scope.names_at(last):
                yield Edit(((end, end, f"{source.indent(last)}return {name}\n"),), "return added", last.lineno, 0.4)


def _is_inside(source: Source, statement: ast.stmt, loop: ast.stmt) -> bool:
    up: ast.AST | None = source.parents.get(statement)
    while up is not None and up is not loop:
        up = source.parents.get(up)
    return up is loop


def _last_ones(source: Source, loop: ast.For | ast.While, inner: ast.stmt, text: str) -> Iterator[str]:
    """The statement as it stands, and with the last item of what the loop goes through."""
    yield text
    if isinstance(loop, ast.For):
        base = loop.iter.value if isinstance(loop.iter, ast.Subscript) else loop.iter
        call = inner.value if isinstance(inner, ast.Expr) else None
        if isinstance(base, ast.Name) and isinstance(call, ast.Call) and call.args:
            argument = source.of(call.args[0])
            for item in (f"{base.id}[-1]", f"{base.id}[0]"):
                yield text.replace(f"({argument})", f"({item})", 1)
