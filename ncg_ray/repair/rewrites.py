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
    who: dict[tuple[str, str], set[int]] = {}
    for number, fix in enumerate(fixes):
        who.setdefault(fix, set()).add(number)
    alike: dict[tuple[Any, Any], list[tuple[_Term, _Term, set[int]]]] = {}
    found: dict[tuple[_Term, _Term], set[int]] = {}
    for (before, after), numbers in who.items():
        trees = [_small(text) for text in (before, after)]
        if None in trees or not _is_tame(*trees):
            continue
        one, other = map(_term, trees)
        peers = alike.setdefault((one[0], other[0]), [])
        for earlier, later, theirs in [*peers, (one, other, numbers)]:
            rewrite = _general((one, other), (earlier, later)) if len(numbers | theirs) >= MIN_SUPPORT else None
            if rewrite is not None:
                found.setdefault(rewrite, set()).update(numbers, theirs)
        peers.append((one, other, numbers))
    enough = sorted(map(len, found.values()), reverse=True)[:MAX_MINED][-1:]
    best = [Rewrite(ast.unparse(_tree(before)), ast.unparse(_tree(after)), len(numbers))
            for (before, after), numbers in found.items() if len(numbers) >= enough[0]]
    return sorted(best, key=lambda r: (-r.support, r.before, r.after))[:MAX_MINED]


def _small(text: str) -> ast.expr | None:
    """The expression; None for what is none or has more than `MAX_NODES` nodes."""
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree if sum(1 for _ in ast.walk(tree)) <= MAX_NODES else None


def _is_tame(before: ast.expr, after: ast.expr) -> bool:
    """Whether a fix brings in no name, attribute, text, large number or kind of expression, but for a few pure ones.

    A history may come from elsewhere: it says what to try, and must not bring code of its own.
    """
    known = {_word(node) for node in ast.walk(before)}
    return all(_word(node) in known or _word(node) in _TAME for node in ast.walk(after))


def _word(node: ast.AST) -> tuple[type, Any]:
    """The class of a node, with what it names."""
    value = getattr(node, "id", getattr(node, "attr", getattr(node, "value", None)))
    is_named = isinstance(node, ast.Name | ast.Attribute | ast.Constant)
    return type(node), (type(value), value) if is_named else None


_TAME = {*((kind, None) for kind in (
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.Subscript, ast.Slice, ast.IfExp, ast.keyword,
    ast.Load, *ast.operator.__subclasses__(), *ast.unaryop.__subclasses__(), *ast.boolop.__subclasses__(),
    *ast.cmpop.__subclasses__())),
    *((ast.Name, (str, name)) for name in (
        "abs all any bool dict enumerate float int len list max min range reversed round set sorted str sum tuple "
        "zip").split()),
    *((ast.Attribute, (str, name)) for name in (
        "add append copy count endswith extend find get index items join keys lower lstrip replace rstrip sort split "
        "startswith strip upper values").split()),
    *((ast.Constant, (type(value), value)) for value in (None, True, False, *range(11), 0.0, 1.0, ""))}


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


_Term = tuple[Any, ...]
"""
An expression as nested tuples, which are quick to compare: a node's class and its fields; `list` and the items; `None`, the
class and the value of what is neither.
"""
_LOAD = (ast.Load,)


def _term(node: Any) -> _Term:
    if isinstance(node, ast.AST):
        return (type(node), *(_term(getattr(node, name, None)) for name in node._fields))
    return (list, *map(_term, node)) if isinstance(node, list) else (None, type(node), node)


def _tree(term: _Term) -> Any:
    kind, *fields = term
    if kind is None:
        return fields[1]
    return [_tree(item) for item in fields] if kind is list else kind(*map(_tree, fields))


def _general(one: tuple[_Term, _Term], other: tuple[_Term, _Term]) -> tuple[_Term, _Term] | None:
    """The least general generalisation of two fixes; None for one that matches everything or invents something."""
    variables: dict[tuple[_Term, _Term], _Term] = {}
    before = _unified(one[0], other[0], variables)
    num = len(variables)
    after = _unified(one[1], other[1], variables)
    if len(variables) > num or before[0] is ast.Name or before == after:
        return None
    return before, after


def _unified(one: _Term, other: _Term, variables: dict[tuple[_Term, _Term], _Term]) -> _Term:
    """What two expressions have in common; where they differ stands a variable, the same one for the same two parts."""
    if one == other:
        return one
    if one[0] is other[0] and one[0] not in (ast.Name, ast.Constant):
        made = _fields(one, other, variables)
        if made is not None:
            return made
    return variables.setdefault((one, other), (ast.Name, (None, str, f"_{len(variables)}"), _LOAD))


def _fields(one: _Term, other: _Term, variables: dict[tuple[_Term, _Term], _Term]) -> _Term | None:
    """A node of both; None where they differ in something that is no expression."""
    made: list[Any] = [one[0]]
    for name, a, b in zip(one[0]._fields, one[1:], other[1:], strict=True):
        part: _Term | None = None
        if a == b:
            part = a
        elif name == "func" or None in (a[0], b[0]):  # a variable for a function says nothing
            return None
        elif a[0] is list and b[0] is list and len(a) == len(b):
            items = [_shared(x, y, variables) for x, y in zip(a[1:], b[1:], strict=True)]
            part = (list, *items) if None not in items else None
        elif list not in (a[0], b[0]):
            part = _shared(a, b, variables)
        if part is None:
            return None
        made.append(part)
    return tuple(made)


def _shared(one: _Term, other: _Term, variables: dict[tuple[_Term, _Term], _Term]) -> _Term | None:
    """What two parts have in common: of expressions at least a variable, of others only what is of one form."""
    if one == other:
        return one
    if None in (one[0], other[0]):
        return None
    if issubclass(one[0], ast.expr) and issubclass(other[0], ast.expr):
        return _unified(one, other, variables)
    return _fields(one, other, variables) if one[0] is other[0] and one[0] in (ast.keyword, ast.comprehension) else None


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
