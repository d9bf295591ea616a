"""Solutions as readable Python: statements, simplified and formatted, with the task's signature and docstring."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Sequence

from ncg_ray.generate.symbolic.conditions import Branch, Tree
from ncg_ray.generate.symbolic.loops import Loop
from ncg_ray.generate.symbolic.recursion import Recursion, source_of
from ncg_ray.generate.symbolic.simplify import simplified

Found = Tree | Loop | Recursion


def body_of(found: Found, name: str) -> list[ast.stmt]:
    """The statements of the function of that name."""
    if isinstance(found, Loop):
        return _loop(found)
    if isinstance(found, Recursion):
        return ast.parse(source_of(found, name)).body
    if not isinstance(found, Branch):
        return [ast.Return(simplified(found.tree()))]
    test = simplified(found.test.tree())
    yes, no = body_of(found.yes, name), body_of(found.no, name)
    if [ast.unparse(s) for s in (*yes, *no)] == ["return True", "return False"]:
        return [ast.Return(test)]
    return [ast.If(test, yes, []), *no]


def _loop(loop: Loop) -> list[ast.stmt]:
    step = ast.unparse(simplified(loop.step.tree()))
    source = ast.unparse(simplified(loop.source.tree())) if loop.source is not None else ""
    if loop.form == "fold":
        result, item = loop.variables
        text = f"{result} = {loop.starts[0]}\nfor {item} in {source}:\n    {result} = {step}\nreturn {result}"
    else:
        a, b = loop.variables[:2]
        index = loop.variables[2] if loop.form == "recurrence" and loop.step.mentions(loop.variables[2]) else "_"
        begin = "" if (a, b) == loop.starts else f"{a}, {b} = {', '.join(loop.starts)}\n"
        head = f"while {b}:" if loop.form == "descent" else f"for {index} in range({source}):"
        text = f"{begin}{head}\n    {a}, {b} = {b}, {step}\nreturn {a}"
    return ast.parse(text).body


def function(signature: str, body: Sequence[ast.stmt], docstring: str) -> str:
    """Source of the function. `signature`: `def name(params)`, without the colon."""
    text = _without_double_parentheses(ast.unparse(ast.fix_missing_locations(ast.Module(list(body), []))))
    return f"{signature}:\n{_docstring(docstring)}{textwrap.indent(text, '    ')}\n"


def _without_double_parentheses(text: str) -> str:
    """`sum(x for x in xs)` for `sum((x for x in xs))`, which is how `ast.unparse` writes it. Offsets are in bytes."""
    while True:
        lines = [line.encode() for line in text.split("\n")]
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
                inner = node.args[0]
                wanted = isinstance(inner, ast.GeneratorExp)
            elif isinstance(node, ast.Assign):  # a, b = b, a + b
                inner = node.value
                wanted = isinstance(inner, ast.Tuple) and isinstance(node.targets[0], ast.Tuple)
            else:
                continue
            line, start, end = lines[inner.lineno - 1], inner.col_offset, inner.end_col_offset or 0
            doubled = isinstance(inner, ast.Tuple) or line[start - 1:start] == b"("
            if wanted and doubled and line[start:start + 1] == b"(":
                lines[inner.lineno - 1] = line[:start] + line[start + 1:end - 1] + line[end:]
                break
        else:
            return text
        text = b"\n".join(lines).decode()


def _docstring(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    raw = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if "\n" not in raw:
        closing = " " if raw.endswith('"') else ""
        return f'    """{raw}{closing}"""\n'
    lines = [line.rstrip() for line in raw.split("\n")]
    return textwrap.indent('"""' + "\n".join(lines) + '\n"""\n', "    ", lambda line: bool(line.strip()))
