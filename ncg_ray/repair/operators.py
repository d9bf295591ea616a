"""Edits of operators: arithmetic, comparisons with their boundaries, `and` and `or`, signs, operands left out or swapped.

Source: operators as in mutation testing (Jia and Harman, 2011, table 3) and GenProg's successors; the order of the
priors follows the one-line bugs of ManySStuBs4J (Karampatsis and Sutton, 2020).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ncg_ray.repair.scope import Scopes
from ncg_ray.repair.source import Edit, Source, swap

_ARITHMETIC = {"+": "-*", "-": "+%*/", "*": "+/", "/": "*-", "//": "/%*-", "%": "-*/", "**": "*+", "|": "&^", "&": "|^",
               "^": "|&", "<<": ">", ">>": "<"}
_LONGER = {"*": ["**"], "/": ["//", "%"], "%": ["//"], "-": ["//"], "<<": [">>"], ">>": ["<<"]}
_NEUTRAL = {0: ("+", "-"), 1: ("*", "/", "//", "**")}
_COMPARED = {"<": ("<=", ">", ">=", "==", "!="), "<=": ("<", ">=", ">", "==", "!="), ">": (">=", "<", "<=", "==", "!="),
             ">=": (">", "<=", "<", "==", "!="), "==": ("!=", "<", "<=", ">", ">="), "!=": ("==", "<", ">", "<=", ">="),
             "in": ("not in",), "not in": ("in",), "is": ("is not", "=="), "is not": ("is", "!=")}
_BOUNDARY = {("<", "<="), ("<=", "<"), (">", ">="), (">=", ">")}


def operator_edits(source: Source, scopes: Scopes) -> Iterator[Edit]:
    """All of them, in the order of the text."""
    for node in source.expressions():
        match node:
            case ast.BinOp():
                yield from _binary(source, scopes, node)
            case ast.Compare():
                yield from _comparison(source, node)
            case ast.BoolOp(values=values):
                for left, right in zip(values, values[1:], strict=False):
                    start, end, text = source.operator(left, right)
                    new = "or" if text == "and" else "and"
                    yield Edit(((start, end, new),), "boolean operator", node.lineno, 0.8)
            case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
                yield swap(source, node, source.of(operand), "operator dropped", 0.5, False)
    for statement in ast.walk(source.tree):
        if isinstance(statement, ast.AugAssign) and source.function_of(statement):
            yield from _augmented(source, statement)


def _binary(source: Source, scopes: Scopes, node: ast.BinOp) -> Iterator[Edit]:
    start, end, text = source.operator(node.left, node.right)
    scope = scopes.at(node)
    kind = scope.kind(node) if scope else ""
    if kind not in ("text", "list"):
        for new in _others(text, node.right):
            yield Edit(((start, end, new),), "arithmetic operator", node.lineno, 0.7)
    if text not in ("+", "*") or kind in ("text", "list"):
        left, right = source.span(node.left), source.span(node.right)
        yield Edit(((*left, source.operand(node.right)), (*right, source.operand(node.left))), "operands swapped",
                   node.lineno, 0.4)
    for kept in (node.left, node.right):
        yield swap(source, node, source.of(kept), "operand dropped", 0.5, False)


def _others(text: str, right: ast.expr) -> list[str]:
    """Without those that would leave the left side as it is: that an operand is dropped says the same better."""
    neutral = _NEUTRAL.get(right.value, ()) if isinstance(right, ast.Constant) and type(right.value) is int else ()
    found = [*_ARITHMETIC.get(text, "").replace("<", "").replace(">", ""), *_LONGER.get(text, [])]
    return [new for new in found if new not in neutral]


def _comparison(source: Source, node: ast.Compare) -> Iterator[Edit]:
    operands = [node.left, *node.comparators]
    for left, right in zip(operands, operands[1:], strict=False):
        start, end, text = source.operator(left, right)
        for new in _COMPARED.get(text, ()):
            prior = 0.9 if (text, new) in _BOUNDARY else 0.8
            yield Edit(((start, end, new),), "comparison", node.lineno, prior)
        if text in ("in", "not in"):
            changes = ((*source.span(left), source.operand(right)), (*source.span(right), source.operand(left)))
            yield Edit(changes, "operands swapped", node.lineno, 0.5)


def _augmented(source: Source, node: ast.AugAssign) -> Iterator[Edit]:
    start, end, text = source.operator(node.target, node.value)
    for new in _others(text.rstrip("="), node.value):
        yield Edit(((start, end, new + "="),), "arithmetic operator", node.lineno, 0.6)
    yield Edit(((start, end, "="),), "assignment", node.lineno, 0.3)
