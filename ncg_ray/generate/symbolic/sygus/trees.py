"""Decision trees: `ite` over tests puts together terms that are each right on some of the rows.

Source: Alur, Radhakrishna, Udupa, "Scaling Enumerative Program Synthesis via Divide and Conquer", TACAS 2017 (EUSolver).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ncg_ray.generate.symbolic.sygus.bank import Bank, Clock, Entry
from ncg_ray.generate.symbolic.sygus.rules import Rule
from ncg_ray.generate.symbolic.sygus.terms import Term

MAX_TESTS = 4000
NUM_SPLITS = 4
"Tests that are tried for one set of rows."
TEST_COST_BITS = 0.05

Leaf = Callable[[int], Term | None]
"A term that is right on the rows of a mask, where one is found by deduction."


class Trees:
    """Conditionals over the tests of a bank.

    Args:
        bank: where tests come from.
        rule: `ite` of the nonterminal that is to be found.
        clock: Spent is raised when its time is over.
    """

    def __init__(self, bank: Bank, rule: Rule, clock: Clock) -> None:
        self.rule, self.clock = rule, clock
        self.tests: dict[int, Entry] = {}
        for entry in bank.known[rule.holes[0]].values():
            mask = mask_of(entry.values)
            if mask not in self.tests:
                self.tests[mask] = entry
                if len(self.tests) == MAX_TESTS:
                    break

    def build(self, rows: int, right: Sequence[tuple[int, Entry]], leaf: Leaf, depth: int) -> Term | None:
        """A tree that is right on the rows of the mask; None where none is found. Raises Spent.

        Args:
            rows: a bit for each row.
            right: on which rows each term is right, the cheapest term first.
            leaf: asked where no term at hand is right on all the rows.
            depth: of tests, at most.
        """
        failed: dict[int, int] = {}

        def at(rows: int, depth: int) -> Term | None:
            for mask, entry in right:
                if mask & rows == rows:
                    return entry.term()
            if failed.get(rows, -1) >= depth:
                return None
            self.clock.look()
            found = leaf(rows)
            if found is not None:
                return found
            if depth and rows & (rows - 1):
                masks = sorted({mask & rows for mask, _ in right} - {0}, key=lambda mask: -mask.bit_count())[:200]
                for test in self._splits(rows, masks):
                    mask = mask_of(test.values)
                    yes = at(mask & rows, depth - 1)
                    no = at(~mask & rows, depth - 1) if yes is not None else None
                    if yes is not None and no is not None:
                        return self.rule.filled((test.term(), yes, no))
            failed[rows] = max(depth, failed.get(rows, -1))
            return None

        return at(rows, depth)

    def _splits(self, rows: int, masks: Sequence[int]) -> list[Entry]:
        """The tests that leave least to be decided."""
        scored: dict[int, tuple[float, Entry]] = {}
        for mask, test in self.tests.items():
            yes = mask & rows
            if not yes or yes == rows:
                continue
            bits = scored[yes][0] if yes in scored else _bits(yes, masks) + _bits(rows & ~yes, masks)
            cost = bits + TEST_COST_BITS * test.cost
            if yes not in scored or cost < scored[yes][0]:
                scored[yes] = (cost, test)
        return [test for _, test in sorted(scored.values(), key=lambda item: item[0])[:NUM_SPLITS]]


def mask_of(values: Sequence[bool]) -> int:
    """A bit for each row on which the value is true."""
    return sum(1 << i for i, value in enumerate(values) if value)


def _bits(rows: int, masks: Sequence[int]) -> float:
    """The entropy of which term is right, where each row takes the term that is right on most rows."""
    left, total, bits = rows, rows.bit_count(), 0.0
    for mask in masks:
        taken = (mask & left).bit_count()
        if taken:
            bits -= taken * math.log2(taken / total)
            left &= ~mask
            if not left:
                break
    return bits + left.bit_count() * math.log2(total + 1)
