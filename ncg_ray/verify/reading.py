"""What the text of a module says of how to verify it, and plain values as the Python expressions that engines pass on."""

from __future__ import annotations

import ast
import sys
from typing import Any


def value_of(source: str) -> Any:
    """The plain value of an expression; the expression itself where it has none."""
    try:
        return ast.literal_eval(source)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return {"float('nan')": float("nan"), "float('inf')": float("inf"), "float('-inf')": float("-inf")}.get(
            source, source
        )


def source_of(value: Any) -> str:
    """An expression for a plain value, also inside containers where floats have no literal."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return f"float('{value}')"
    if type(value) is list:
        return f"[{', '.join(map(source_of, value))}]"
    if type(value) is tuple:
        return f"({', '.join(map(source_of, value))}{',' if len(value) == 1 else ''})"
    if type(value) is dict:
        return f"{{{', '.join(f'{source_of(k)}: {source_of(v)}' for k, v in value.items())}}}"
    return repr(value)


def literals_of(source: str, node: ast.AST) -> list[Any]:
    found = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and type(n.value) in (int, float, str)]
    near = [v + d for v in found if type(v) is int and abs(v) < 1 << 64 for d in (-1, 1)]
    return list(dict.fromkeys([v for v in found if not (isinstance(v, str) and len(v) > 40)] + near))[:24]


def raised_by(node: ast.AST) -> list[str]:
    """Names of the exceptions that a function raises by itself."""
    found = []
    for part in ast.walk(node):
        if isinstance(part, ast.Raise) and part.exc is not None:
            kind = part.exc.func if isinstance(part.exc, ast.Call) else part.exc
            if isinstance(kind, (ast.Name, ast.Attribute)):
                found.append(ast.unparse(kind))
    return list(dict.fromkeys(found))


def has_loop(node: ast.AST) -> bool:
    return any(isinstance(part, (ast.While, ast.For)) for part in ast.walk(node))


def uses_chance(source: str) -> bool:
    """Whether chance or the clock has a say."""
    return "random" in source or "time." in source


def is_standard_only(source: str) -> bool:
    """Whether a module imports nothing but the standard library, so that its runs need no other environment."""
    for node in ast.walk(ast.parse(source)):
        names = (
            [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        if any(name.split(".")[0] not in sys.stdlib_module_names for name in names):
            return False
    return True
