"""Rewrites that fixes have in common, by anti-unification, and their use as templates of edits.

The least general generalisation of two fixes keeps what both have and puts variables where they differ: of `a < b` to
`a <= b` and `x[i] < n` to `x[i] <= n` it is `_0 < _1` to `_0 <= _1`.

Source: Plotkin, A note on inductive generalization (1970); Rolim et al., Learning Quick Fixes from Code Repositories (2018).
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ncg_ray.repair.source import Edit, Source, swap

MIN_SUPPORT = 2
"Fixes that must share a rewrite."
MAX_MINED = 40
LEARNED_PRIOR = 0.5
"Of an edit by a mined rewrite, times the share of its support."
MAX_NODES = 40


@dataclass(frozen=True, slots=True)
class Rewrite:
    """An expression and what it becomes; `_0`, `_1` stand for any expression."""

    before: str
    after: str
    support: int
    "Fixes that it is the generalisation of."


def rewrite_of(edit: Edit, code: str) -> tuple[str, str] | None:
    """The smallest expression that an edit changes, and what it becomes; None where it changes a statement."""
    try:
        source, changed = Source(code), edit.apply(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    start, end = edit.changes[0][0], edit.changes[-1][1]
    grown = len(changed) - len(code)
    around = [node for node in source.expressions() if (span := source.span(node))[0] <= start and end <= span[1]]
    if not around:
        return None
    node = min(around, key=lambda n: source.span(n)[1] - source.span(n)[0])
    left, right = source.span(node)
    try:
        after = ast.parse(changed[left:right + grown].strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if max(sum(1 for _ in ast.walk(tree)) for tree in (node, after)) > MAX_NODES:
        return None
    return ast.unparse(node), ast.unparse(after)


def mined(fixes: Sequence[tuple[str, str]]) -> list[Rewrite]:
    """The generalisations of every two fixes that say something, the best supported first."""
    pairs = []
    for before, after in fixes:
        try:
            pairs.append((ast.parse(before, mode="eval").body, ast.parse(after, mode="eval").body))
        except (SyntaxError, ValueError):
            continue
    found: dict[tuple[str, str], set[int]] = {}
    for i, one in enumerate(pairs):
        for j in range(i):
            if type(one[0]) is not type(pairs[j][0]) or type(one[1]) is not type(pairs[j][1]):
                continue
            rewrite = _general(one, pairs[j])
            if rewrite is not None:
                found.setdefault(rewrite, set()).update((i, j))
    best = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [Rewrite(before, after, len(who)) for (before, after), who in best if len(who) >= MIN_SUPPORT][:MAX_MINED]


def learned_edits(source: Source, rewrites: Sequence[Rewrite]) -> Iterator[Edit]:
    """The edits of a module that mined rewrites give."""
    if not rewrites:
        return
    most = max(rewrite.support for rewrite in rewrites)
    known = [(r, ast.parse(r.before, mode="eval").body, ast.parse(r.after, mode="eval").body) for r in rewrites]
    for node in list(source.expressions()):
        for rewrite, before, after in known:
            bound: dict[str, ast.expr] = {}
            if type(node) is type(before) and _matches(node, before, bound):
                new = ast.unparse(_Filled(bound).visit(copy.deepcopy(after)))
                yield swap(source, node, new, f"learned: {rewrite.before} => {rewrite.after}",
                           LEARNED_PRIOR * rewrite.support / most)


def _general(one: tuple[ast.expr, ast.expr], other: tuple[ast.expr, ast.expr]) -> tuple[str, str] | None:
    """The least general generalisation of two fixes; None for one that matches everything or invents something."""
    variables: dict[tuple[str, str], str] = {}
    before = _unified(one[0], other[0], variables)
    num = len(variables)
    after = _unified(one[1], other[1], variables)
    if len(variables) > num or isinstance(before, ast.Name):
        return None
    texts = ast.unparse(before), ast.unparse(after)
    return texts if texts[0] != texts[1] else None


def _unified(one: ast.expr, other: ast.expr, variables: dict[tuple[str, str], str]) -> ast.expr:
    """What two expressions have in common; where they differ stands a variable, the same one for the same two parts."""
    if type(one) is type(other) and not isinstance(one, (ast.Name, ast.Constant)):
        made = _fields(one, other, variables)
        if made is not None:
            return made  # type: ignore[no-any-return]
    elif ast.dump(one) == ast.dump(other):
        return copy.deepcopy(one)
    key = ast.unparse(one), ast.unparse(other)
    return ast.Name(variables.setdefault(key, f"_{len(variables)}"), ast.Load())


def _fields(one: ast.AST, other: ast.AST, variables: dict[tuple[str, str], str]) -> Any:
    """A node of both; None where they differ in something that is no expression."""
    made: dict[str, Any] = {}
    for name in one._fields:
        a, b = getattr(one, name, None), getattr(other, name, None)
        if name == "func":  # what is called stays: a variable for a function says nothing
            made[name] = copy.deepcopy(a) if ast.dump(a) == ast.dump(b) else None
        elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
            made[name] = [_shared(x, y, variables) for x, y in zip(a, b, strict=True)]
        elif isinstance(a, ast.AST) and isinstance(b, ast.AST):
            made[name] = _shared(a, b, variables)
        elif a == b and not isinstance(a, list):
            made[name] = a
            continue
        else:
            return None
        if made[name] is None or (isinstance(made[name], list) and any(item is None for item in made[name])):
            return None
    return type(one)(**made)


def _shared(one: ast.AST, other: ast.AST, variables: dict[tuple[str, str], str]) -> Any:
    """What two parts have in common: of expressions at least a variable, of others only what is of one form."""
    if isinstance(one, ast.expr) and isinstance(other, ast.expr):
        return _unified(one, other, variables)
    if isinstance(one, (ast.keyword, ast.comprehension)) and type(one) is type(other):
        return _fields(one, other, variables)
    return copy.deepcopy(one) if ast.dump(one) == ast.dump(other) else None


def _matches(node: Any, pattern: Any, bound: dict[str, ast.expr]) -> bool:
    if isinstance(pattern, ast.Name) and pattern.id.startswith("_") and pattern.id[1:].isdigit():
        if not isinstance(node, ast.expr):
            return False
        known = bound.setdefault(pattern.id, node)
        return ast.dump(known) == ast.dump(node)
    if type(node) is not type(pattern):
        return False
    if isinstance(pattern, list):
        return len(node) == len(pattern) and all(_matches(a, b, bound) for a, b in zip(node, pattern, strict=True))
    if isinstance(pattern, ast.AST):
        return all(_matches(getattr(node, name, None), getattr(pattern, name, None), bound) for name in pattern._fields
                   if name not in ("ctx", "kind"))
    return bool(node == pattern) and type(node) is type(pattern)


class _Filled(ast.NodeTransformer):
    def __init__(self, bound: dict[str, ast.expr]) -> None:
        self.bound = bound

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self.bound.get(node.id, node))
