"""Edits of conditions: negated, dropped, one of their parts dropped, strengthened or weakened by another of the function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ncg_ray.repair.scope import Scope, Scopes
from ncg_ray.repair.source import Edit, Source, swap

MAX_OTHERS = 10


def condition_edits(source: Source, scopes: Scopes) -> Iterator[Edit]:
    """All of them, in the order of the text."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.If | ast.While | ast.IfExp) and (scope := scopes.at(node)):
            yield from _condition(source, scope, node.test, not isinstance(node, ast.While))
        elif isinstance(node, ast.comprehension) and (scope := scopes.at(node)):
            for test in node.ifs:
                yield from _condition(source, scope, test, False)
            yield from _filter(source, node)
        elif isinstance(node, ast.Return) and node.value is not None and (scope := scopes.at(node)):
            if scope.kind(node.value) == "truth" or isinstance(node.value, ast.BoolOp | ast.Compare):
                yield from _condition(source, scope, node.value, False)
        elif isinstance(node, ast.BoolOp) and scopes.at(node):
            for kept in node.values:
                if len(node.values) == 2:
                    yield swap(source, node, source.of(kept), "condition's part dropped", 0.4, False)


def _condition(source: Source, scope: Scope, test: ast.expr, may_drop: bool) -> Iterator[Edit]:
    text = source.of(test)
    if not isinstance(test, ast.Compare | ast.UnaryOp):  # the operators' own edits negate those
        yield swap(source, test, f"not {source.operand(test)}", "condition negated", 0.7, False)
    if may_drop:
        for value in ("True", "False"):
            yield swap(source, test, value, "condition dropped", 0.15)
    seen = set()
    for other in _others(source, scope, test)[:MAX_OTHERS]:
        if other != text and other not in seen:
            seen.add(other)
            for word in ("and", "or"):
                yield swap(source, test, f"{_part(source, test)} {word} {other}", "condition extended", 0.15, False)
            yield swap(source, test, other, "condition replaced", 0.15, False)


def _part(source: Source, test: ast.expr) -> str:
    return f"({source.of(test)})" if isinstance(test, ast.BoolOp | ast.IfExp | ast.Lambda) else source.of(test)


def _others(source: Source, scope: Scope, test: ast.expr) -> list[str]:
    """Conditions that may go with this one: those of the function, and the truth of its variables."""
    found = []
    here = set(scope.names_at(test))
    for node in ast.walk(scope.function):
        if isinstance(node, ast.Compare) and node is not test and len(source.of(node)) <= 40:
            if all(n.id in here or n.id not in scope.kinds for n in ast.walk(node) if isinstance(n, ast.Name)):
                found.append(source.of(node))
    for name in scope.names_at(test):
        if scope.kinds.get(name) in ("list", "text", "dict", "set", "truth"):
            found += [name, f"not {name}"]
        elif scope.kinds.get(name) == "number":
            found += [f"{name} > 0", f"{name} != 0"]
        elif name in scope.parameters:
            found += [f"not {name}", name]
    return found


def _filter(source: Source, node: ast.comprehension) -> Iterator[Edit]:
    if node.ifs:
        end = source.span(node.iter)[1]
        last = source.span(node.ifs[-1])[1]
        if source.text[end:last].count("(") == source.text[end:last].count(")"):
            yield Edit(((end, last, ""),), "condition dropped", node.iter.lineno, 0.3)
    elif isinstance(node.target, ast.Name):
        end = source.span(node.iter)[1]
        if source.text[end:end + 1] in ("]", ")", "}"):
            for test in (node.target.id, f"{node.target.id} is not None"):
                yield Edit(((end, end, f" if {test}"),), "condition added", node.iter.lineno, 0.15)
