"""Edits for an exception, by its class: the guard, the default or the name that is missing where the traceback ends.

Source: the exception classes of PyTER and of "runtime repair templates" such as NPEFix (Durieux et al., 2017), in Python.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import re
from collections.abc import Iterator, Sequence

from ncg_ray.repair.scope import Scopes
from ncg_ray.repair.source import Edit, Source, swap
from ncg_ray.repair.symptoms import Symptom

_DEFAULTS = ("None", "0", "[]", "''", "False", "True", "{}", "-1", "0.0", "()")
_NAME = re.compile(r"name '(\w+)' is not defined|referenced before assignment|cannot access local variable '(\w+)'")


def guard_edits(source: Source, scopes: Scopes, symptom: Symptom, imports: dict[str, str]) -> Iterator[Edit]:
    """What may prevent an exception that left the function.

    Args:
        imports: the line that imports it, by name.
    """
    error_type, message, lines = symptom.error_type, symptom.message, symptom.lines
    if error_type == "NameError" and (found := _NAME.search(message)) and found.group(1):
        yield from _unknown_name(source, scopes, found.group(1), imports)
    if error_type == "AttributeError":
        yield from _unknown_attribute(source, message, lines)
    for line in lines[:3]:
        for statement in _statements_at(source, line):
            yield from _guards(source, scopes, statement, error_type)
            if error_type == "KeyError":
                yield from _other_keys(source, statement, symptom)


def _other_keys(source: Source, statement: ast.stmt, symptom: Symptom) -> Iterator[Edit]:
    """The keys that are there, in the place of the one that is not."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant) and repr(node.value) == symptom.message:
            for key in symptom.keys:
                if key != node.value:
                    yield swap(source, node, repr(key), "key", 0.6)


def _statements_at(source: Source, line: int) -> list[ast.stmt]:
    """The smallest statements that hold a line."""
    found = [s for b in source.bodies() for s in b if s.lineno <= line <= (s.end_lineno or s.lineno) and source.is_alone(s)]
    return sorted(found, key=lambda s: (s.end_lineno or s.lineno) - s.lineno)[:1]


def _guards(source: Source, scopes: Scopes, statement: ast.stmt, error_type: str) -> Iterator[Edit]:
    start, end = source.lines_span([statement])
    indent, text = source.indent(statement), source.text[start:end]
    inner = indent + ("\t" if "\t" in indent else "    ")
    top = source.function_of(statement)
    conditions = dict.fromkeys(_conditions(source, scopes, statement, error_type))
    if not text.endswith("\n") or top is None:
        return
    deeper = "".join(inner + line[len(indent):] if line.strip() else line for line in text.splitlines(keepends=True))
    in_loop = any(isinstance(up, ast.For | ast.While) for up in _above(source, statement))
    first = next((s for s in top.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))), None)
    parameters = {a.arg for a in top.args.args}
    for wrong, right in conditions:
        name = wrong.removeprefix("not ").split(" ")[0]
        places = [(start, indent, inner, statement.lineno)]
        if first is not None and first is not statement and name in parameters and source.is_alone(first):
            places.append((source.lines_span([first])[0], source.indent(first), source.indent(first) + "    ", first.lineno))
        for at, outer, deep, line in places:
            for value in _DEFAULTS:
                guard = f"{outer}if {wrong}:\n{deep}return {value}\n"
                yield Edit(((at, at, guard),), f"guard against {error_type}", line, 0.5)
        if in_loop:
            yield Edit(((start, start, f"{indent}if {wrong}:\n{inner}continue\n"),), f"guard against {error_type}",
                       statement.lineno, 0.4)
        if not isinstance(statement, ast.Return):
            guarded = (start, end, f"{indent}if {right}:\n{deeper}")
            yield Edit((guarded,), f"guard against {error_type}", statement.lineno, 0.5)
    if isinstance(statement, ast.While | ast.If) and error_type == "IndexError":
        for _, right in conditions:
            test = statement.test
            part = f"({source.of(test)})" if isinstance(test, ast.BoolOp) else source.of(test)
            yield swap(source, test, f"{right} and {part}", f"guard against {error_type}", 0.6, False)
    yield from _mended(source, scopes, statement, error_type)


def _conditions(source: Source, scopes: Scopes, statement: ast.stmt, error_type: str) -> Iterator[tuple[str, str]]:
    """(when it goes wrong, when it goes well)."""
    for node in _own(statement):
        match node:
            case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod(), right=right) if error_type == "ZeroDivisionError":
                yield f"{source.operand(right)} == 0", f"{source.operand(right)} != 0"
                for name in (n for n in ast.walk(right) if isinstance(n, ast.Name)):
                    if name.id not in vars(builtins):
                        yield f"not {name.id}", name.id
            case ast.Subscript(value=ast.Name() as value, slice=index) if error_type in ("IndexError", "KeyError"):
                base = source.of(value)
                if error_type == "KeyError" and not isinstance(index, ast.Slice):
                    yield f"{source.operand(index)} not in {base}", f"{source.operand(index)} in {base}"
                else:
                    yield f"not {base}", base
                    if isinstance(index, ast.Name | ast.BinOp):
                        yield f"{source.of(index)} >= len({base})", f"{source.of(index)} < len({base})"
            case ast.Call(func=ast.Name(id="min" | "max"), args=[ast.Name() as value]) if error_type == "ValueError":
                yield f"not {source.of(value)}", source.of(value)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="pop")) if error_type == "IndexError":
                yield f"not {name}", name
            case ast.Name(id=name, ctx=ast.Load()) if error_type in ("TypeError", "AttributeError"):
                scope = scopes.at(statement)
                if scope and name in scope.kinds:
                    yield f"{name} is None", f"{name} is not None"
    if error_type == "RecursionError":
        function = source.function_of(statement)
        for argument in function.args.args if function else []:
            yield f"{argument.arg} <= 0", f"{argument.arg} > 0"
            yield f"{argument.arg} <= 1", f"{argument.arg} > 1"
            yield f"not {argument.arg}", argument.arg


def _mended(source: Source, scopes: Scopes, statement: ast.stmt, error_type: str) -> Iterator[Edit]:
    """Changes of the expression itself."""
    for node in _own(statement):
        match node:
            case ast.Subscript(value=value, slice=index, ctx=ast.Load()) if error_type == "KeyError" and not isinstance(
                    index, ast.Slice):
                for default in ("", ", 0", ", []", ", ''"):
                    yield swap(source, node, f"{source.operand(value)}.get({source.of(index)}{default})",
                               "default for a missing key", 0.6)
            case ast.AugAssign(target=ast.Subscript(value=value, slice=index), value=added) if error_type == "KeyError":
                key, table = source.of(index), source.of(value)
                sign = source.operator(node.target, added)[2].rstrip("=")
                for default in ("0", "[]", "''"):
                    new = f"{table}[{key}] = {table}.get({key}, {default}) {sign} {source.operand(added)}"
                    yield Edit(((*source.span(node), new),), "default for a missing key", node.lineno, 0.7)
            case ast.Call(func=ast.Attribute(value=ast.Subscript(value=value, slice=index) as item)) if (
                    error_type == "KeyError"):
                for default in ("[]", "set()", "{}"):
                    yield swap(source, item, f"{source.of(value)}.setdefault({source.of(index)}, {default})",
                               "default for a missing key", 0.7)
            case ast.Call(func=ast.Attribute(attr="index", value=value), args=[wanted]) if error_type == "ValueError":
                yield swap(source, node, f"{source.operand(value)}.find({source.of(wanted)})", "method", 0.4)
            case ast.Call(func=ast.Name(id="min" | "max"), args=[items], keywords=[]) if error_type == "ValueError":
                at = source.span(items)[1]
                for default in ("None", "0"):
                    if not isinstance(items, ast.GeneratorExp):
                        yield Edit(((at, at, f", default={default}"),), "default for no items", node.lineno, 0.5)
            case ast.BinOp(op=ast.Add(), left=left, right=right) if error_type == "TypeError":
                for side in (left, right):
                    for wrapper in ("str", "int", "list"):
                        yield swap(source, side, f"{wrapper}({source.of(side)})", "conversion added", 0.6)
                    yield swap(source, side, f"[{source.of(side)}]", "conversion added", 0.4)
            case ast.Name(id=name, ctx=ast.Load()) if error_type == "TypeError" and name in getattr(
                    scopes.at(statement), "kinds", {}):
                for wrapper in ("str", "int", "list", "tuple"):
                    yield swap(source, node, f"{wrapper}({name})", "conversion added", 0.4)
                for empty in ("[]", "0", "''", "{}"):
                    yield swap(source, node, f"({name} or {empty})", "default for None", 0.3)


def _unknown_name(source: Source, scopes: Scopes, name: str, imports: dict[str, str]) -> Iterator[Edit]:
    if name in imports:
        future = [n for n in source.tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
        words = [n for n in source.tree.body[:1] if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)]
        last = (future or words or [None])[-1]
        at = source.lines_span([last])[1] if last is not None else 0
        yield Edit(((at, at, f"{imports[name]}\n"),), "import added", 1, 1.0)
    for node in source.expressions():
        if isinstance(node, ast.Name) and node.id == name and (scope := scopes.at(node)):
            known = [*scope.kinds, *dir(builtins), *(f.name for f in source.functions())]
            near = difflib.get_close_matches(name, [k for k in dict.fromkeys(known) if k != name], 5, 0.5)
            for place, other in enumerate(near):
                yield Edit(((*source.span(node), other),), "name misspelt", node.lineno, 1.0 - 0.1 * place)
            for other in scope.names_at(node):
                if other != name and other not in near:
                    yield Edit(((*source.span(node), other),), "name misspelt", node.lineno, 0.4)


def _unknown_attribute(source: Source, message: str, lines: Sequence[int]) -> Iterator[Edit]:
    found = re.search(r"'(\w+)' object has no attribute '(\w+)'", message)
    kind = getattr(builtins, found.group(1), None) if found else None
    if found is None or not isinstance(kind, type):
        return
    near = difflib.get_close_matches(found.group(2), [n for n in dir(kind) if not n.startswith("_")], 6, 0.3)
    usual = {"list": ["append", "extend"], "set": ["add", "update"], "str": ["lower", "strip"], "dict": ["get", "items"]}
    for node in source.expressions():
        if isinstance(node, ast.Attribute) and node.attr == found.group(2) and node.end_lineno in lines:
            end = source.span(node)[1]
            for place, name in enumerate(dict.fromkeys([*near, *usual.get(found.group(1), [])])):
                yield Edit(((end - len(node.attr), end, name),), "method", node.lineno, 0.9 - 0.05 * place)
            yield swap(source, node.value, f"str({source.of(node.value)})", "conversion added", 0.4)


def _own(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement without those of the statements in it."""
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop()
        yield node
        todo += [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]


def _above(source: Source, statement: ast.stmt) -> Iterator[ast.AST]:
    up = source.parents.get(statement)
    while up is not None and not isinstance(up, ast.FunctionDef):
        yield up
        up = source.parents.get(up)
