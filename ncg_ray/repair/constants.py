"""Edits of literals: one more or less, 0 and 1, the other sign, other literals of the module, empty text and list.

No value of a test goes into the code: that would be learning the tests by heart.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ncg_ray.repair.scope import Scopes
from ncg_ray.repair.source import Edit, Source, is_docstring, swap

MAX_OTHERS = 8
"Other literals of the module that are tried in the place of one."

_TABLES = (ast.Assign, ast.Dict, ast.List, ast.Tuple)
"Where a literal outside any function is data."


def constant_edits(source: Source, scopes: Scopes) -> Iterator[Edit]:
    """All of them, in the order of the text."""
    literals = _literals(source)
    for node in source.expressions():
        if scopes.at(node) is None and not isinstance(source.parents.get(node), _TABLES):
            continue
        match node:
            case ast.Constant(value=bool(value)):
                yield swap(source, node, str(not value), "truth value", 0.7)
            case ast.Constant(value=int() | float()):
                yield from _number(source, node, literals["number"])
            case ast.Constant(value=str(value)) if not is_docstring(source.statement_of(node) or ast.Pass()):
                others = [repr(v) for v in (("", " ") if value in ("", " ") else ("",))] + literals["text"]
                for new in dict.fromkeys(others[: MAX_OTHERS + 2]):
                    if new != repr(value):
                        yield swap(source, node, new, "literal", 0.5 if value in ("", " ") else 0.35)
            case ast.Constant(value=None):
                for new in ("False", "0", "[]", "''"):
                    yield swap(source, node, new, "literal", 0.2)
            case ast.List(elts=[]) | ast.Dict(keys=[]):
                for new in ("[]", "{}", "set()", "''", "0", "None"):
                    if new != source.of(node):
                        yield swap(source, node, new, "initial value", 0.25)


def _number(source: Source, node: ast.Constant, literals: list[str]) -> Iterator[Edit]:
    text, value = source.of(node), node.value
    if isinstance(value, float):
        near = {repr(value + 1): 0.3, repr(value - 1): 0.3, "0.0": 0.5, "1.0": 0.5, repr(value * 2): 0.2}
    else:
        near = {str(value + 1): 0.8, str(value - 1): 0.8, "0": 0.6, "1": 0.6, "2": 0.4, str(-value): 0.4, "10": 0.1}
        if value in (0, 1):
            near |= {"True": 0.1, "False": 0.1, "float('inf')": 0.2, "float('-inf')": 0.2}
    for new in literals[:MAX_OTHERS]:
        near.setdefault(new, 0.3)
    for new, prior in near.items():
        if new not in (text, "-0"):
            yield swap(source, node, new, "constant", prior, not new.startswith("-"))


def _literals(source: Source) -> dict[str, list[str]]:
    """The module's numbers and short texts, each once."""
    found: dict[str, dict[str, None]] = {"number": {}, "text": {}}
    for node in source.expressions():
        if isinstance(node, ast.Constant) and not isinstance(node.value, bool):
            if isinstance(node.value, int | float):
                found["number"][source.of(node)] = None
            elif isinstance(node.value, str) and len(node.value) <= 20:
                found["text"][repr(node.value)] = None
    return {kind: list(values) for kind, values in found.items()}
