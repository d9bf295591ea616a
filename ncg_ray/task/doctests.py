"""Doctests (`>>>`), strict ones and the sloppy ones that people write."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any

from ncg_ray.task.asserts import call_of, example_of, rounded_call
from ncg_ray.task.prose import ARROW
from ncg_ray.task.signature import Signature
from ncg_ray.task.values import NotConstant, constant, parse_python, read_value
from ncg_ray.types import Example

_ERROR = re.compile(r"(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*(?:Error|Exception|Iteration|Interrupt|Exit))\b\s*(?::|$)")


@dataclass(slots=True)
class _Block:
    """One `>>>` with its continuation lines and what is printed below it."""

    source: str
    output: list[str] = field(default_factory=list)
    last_line: int = 0


def read_doctests(text: str, signature: Signature) -> tuple[list[Example], str]:
    """The examples of all doctests, and the text with the doctests that were understood blanked out."""
    lines = text.split("\n")
    examples: list[Example] = []
    silent: list[Example] = []
    names: dict[str, Any] = {}
    pending: dict[str, tuple[Any, Any]] = {}  # x = f(3), whose value a later `>>> x` shows
    spoken = False
    at = 0
    while at < len(lines):
        if not lines[at].lstrip().startswith(">>>"):
            at += 1
            continue
        block, first = _block(lines, at), at
        at = block.last_line + 1
        tree = parse_python(block.source)
        if tree is None or len(tree.body) != 1:
            names, pending = {}, {}
            continue  # not Python: left for the reader of prose, which knows `>>> f(3) => 5`
        found = True if _is_loose(block) else _example(tree.body[0], block, signature.name, names, pending)
        if isinstance(found, Example):
            if found.returns is _SILENT:
                silent.append(Example(found.args, found.kwargs, None, origin="docstring"))
            else:
                examples.append(found)
            spoken = spoken or bool(block.output)
        if found is not None:
            for index in range(first, at):
                lines[index] = ""
    if spoken and _may_be_none(signature, text):
        examples += silent
    return examples, "\n".join(lines)


def _is_loose(block: _Block) -> bool:
    """Whether a directive says that the output below is not shown, or not as it is."""
    ellipsis = "ELLIPSIS" in block.source and "..." in "".join(block.output).removesuffix("...")
    return re.search(r"#\s*doctest:", block.source) is not None and ("+SKIP" in block.source or ellipsis)


_SILENT = object()  # the call printed nothing: None, or an author who left the result out


def _block(lines: list[str], at: int) -> _Block:
    block = _Block(lines[at].lstrip()[3:].strip(), last_line=at)
    for index in range(at + 1, len(lines)):
        stripped = lines[index].strip()
        continues = stripped == "..." or stripped.startswith("... ")
        if continues and not block.output:
            block.source += "\n" + stripped[4:]
        elif not stripped or stripped.startswith((">>>", "```")):
            break
        else:
            block.output.append(lines[index].strip())
        block.last_line = index
    return block


def _example(node: ast.stmt, block: _Block, name: str, names: dict[str, Any],
             pending: dict[str, tuple[Any, Any]]) -> Example | bool | None:
    """An example; True for a statement that was understood but shows nothing; None for one that was not."""
    match node:
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            for alias in aliases:
                names.pop(alias.asname or alias.name, None)
            return True
        case ast.Assign(targets=[ast.Name(id=target)], value=value):
            names.pop(target, None)
            pending.pop(target, None)
            call = call_of(value, name, names)
            if call is not None:
                pending[target] = call
            else:
                try:
                    names[target] = constant(value, names)
                except NotConstant:
                    return None
            return True
        case ast.Assert(test=test):
            return example_of(test, name, names, "docstring", rounded=True)
        case ast.Expr(value=value):
            found = _expression(value, block, name, names, pending)
            if found is None:
                names.clear()  # whatever it was, it may have changed them
            return found
    names.clear()
    pending.clear()
    return None


def _expression(value: ast.expr, block: _Block, name: str, names: dict[str, Any],
                pending: dict[str, tuple[Any, Any]]) -> Example | bool | None:
    match value:
        case ast.Compare():
            shown = _shown(block)
            if block.output and shown != (True,):
                return True
            return example_of(value, name, names, "docstring", rounded=True)
        case ast.Name(id=target) if target in pending:
            args, kwargs = pending[target]
            return _shows(args, kwargs, block)
        case ast.Call(func=ast.Name(id="print"), args=[inner], keywords=[]):
            call = call_of(inner, name, names)
            return None if call is None else _printed(*call, block)
        case ast.Call(func=ast.Attribute(attr="isclose")) if _shown(block) == (True,):
            return example_of(value, name, names, "docstring")
        case ast.Subscript(value=inner) if not block.output:  # `>>> f([2, 1]) [1, 2]`, the result on the same line
            call, end = call_of(inner, name, names), inner.end_col_offset or 0
            line = block.source.encode()
            if call is not None and "\n" not in block.source and line[end:end + 1] == b" ":
                result = read_value(line[end:].decode())
                return None if result is None else Example(*call, result[0], origin="docstring")
            return None
    call = call_of(value, name, names)
    if call is not None:
        return _shows(*call, block)
    rounded, abs_tol = rounded_call(value, name, names)
    shown = _shown(block)
    if rounded is not None and shown is not None:
        return Example(*rounded, shown[0], abs_tol=abs_tol, origin="docstring")
    return None


def _shows(args: tuple[Any, ...], kwargs: dict[str, Any], block: _Block) -> Example | None:
    if not block.output:
        return Example(args, kwargs, _SILENT)
    if block.output[0].startswith("Traceback"):
        errors = [found.group(1) for line in block.output if (found := _ERROR.match(line))]
        return Example(args, kwargs, raises=errors[-1], origin="docstring") if errors else None
    shown = _shown(block)
    if shown is None:
        error = _ERROR.match(block.output[0])
        return Example(args, kwargs, raises=error.group(1), origin="docstring") if error else None
    return Example(args, kwargs, shown[0], origin="docstring")


def _printed(args: tuple[Any, ...], kwargs: dict[str, Any], block: _Block) -> Example | None:
    """`print` shows text and a value alike; containers, booleans, None and fractions leave no doubt."""
    shown = _shown(block)
    if shown is None or isinstance(shown[0], str) or type(shown[0]) is int:
        return None
    return Example(args, kwargs, shown[0], origin="docstring")


def _shown(block: _Block) -> tuple[Any] | None:
    """The value below the call: all of the output, or its first lines where words follow on a line of their own."""
    if not block.output:
        return None
    text = re.sub(rf"^(?:#\s*)?(?:{ARROW}\s*)?", "", "\n".join(block.output))
    found = read_value(text)
    if found is None:
        return None
    value, end = found
    rest = text[end:].split("\n", 1)[0].strip()
    if rest in ("", ".") or rest.startswith("#"):
        return (value,)
    return None


def _may_be_none(signature: Signature, text: str) -> bool:
    hint = signature.returns
    return any(word in hint for word in ("None", "Optional", "Any")) or (not hint and "None" in text)
