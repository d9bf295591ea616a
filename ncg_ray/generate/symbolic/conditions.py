"""Conditionals: a decision tree over tests that puts together terms which are each right on some of the inputs.

Source: Alur, Radhakrishna, Udupa, "Scaling Enumerative Program Synthesis via Divide and Conquer", TACAS 2017 (EUSolver).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ncg_ray.generate.symbolic.goal import Goal
from ncg_ray.generate.symbolic.terms import Term

BRANCH_BITS = 3
"Bits of one `if`."
MAX_DEPTH = 3
MAX_TESTS = 4000


@dataclass(frozen=True, slots=True)
class Branch:
    """`if test: yes`, else `no`."""

    test: Term
    yes: Tree
    no: Tree
    cost: int


Tree = Term | Branch


class Unifier:
    """Collects partial solutions and tests, the cheapest for each set of rows, and builds trees of them."""

    def __init__(self, goal: Goal) -> None:
        self.goal = goal
        self.solutions: dict[int, Term] = {}
        "By the rows on which they are right."
        self.tests: dict[int, Term] = {}
        "By the rows on which they are true."

    def learn(self, terms: Iterable[Term]) -> bool:
        """Take note of new terms, in the order of their cost; whether anything was new."""
        before = len(self.solutions), len(self.tests)
        for term in terms:
            if term.kind == "bool" and not term.partial and not term.constant and len(self.tests) < MAX_TESTS:
                self.tests.setdefault(sum(1 << i for i, value in enumerate(term.values) if value), term)
            if self.goal.fits(term.kind):
                mask = self.goal.mask(term.values)
                if mask and mask != self.goal.everything:
                    self.solutions.setdefault(mask, term)
        return before != (len(self.solutions), len(self.tests))

    def tree(self) -> Branch | None:
        """A small tree that is right on all rows; None where there is none."""
        covered = 0
        for mask in self.solutions:
            covered |= mask
        if covered != self.goal.everything or not self.tests or len(self.goal.rows) < 2:
            return None
        found = self._build(self.goal.everything, MAX_DEPTH)
        return found if isinstance(found, Branch) else None

    def _build(self, rows: int, depth: int) -> Tree | None:
        right = [term for mask, term in self.solutions.items() if mask & rows == rows]
        if right:
            return min(right, key=lambda term: term.cost)
        if not depth:
            return None
        masks = [mask & rows for mask in self.solutions if mask & rows]
        best: list[tuple[float, int, Term]] = []
        for mask, test in self.tests.items():
            yes, no = mask & rows, ~mask & rows
            if yes and no:
                best.append((_entropy(yes, masks) + _entropy(no, masks) + 0.05 * test.cost, mask, test))
        best.sort(key=lambda item: item[0])
        for _, mask, test in best[:6]:
            then, other = self._build(mask & rows, depth - 1), self._build(~mask & rows, depth - 1)
            if then is not None and other is not None:
                return Branch(test, then, other, test.cost + then.cost + other.cost + BRANCH_BITS)
        return None


def _entropy(rows: int, masks: Sequence[int]) -> float:
    """How mixed the rows are: the entropy of which term is right on each, where each row takes the term of most rows."""
    left, total, bits = rows, rows.bit_count(), 0.0
    for mask in sorted(masks, key=lambda m: -(m & rows).bit_count()):
        taken = (mask & left).bit_count()
        if taken:
            share = taken / total
            bits -= taken * math.log2(share)
            left &= ~mask
        if not left:
            break
    return bits


def value_of(tree: Tree, names: Mapping[str, Any]) -> Any:
    """What the tree gives for one input; it raises where the program does."""
    while isinstance(tree, Branch):
        tree = tree.yes if tree.test.compute()(names) else tree.no
    return tree.compute()(names)
