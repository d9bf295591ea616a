"""`Bank`: the terms of a grammar by cost, one for each behaviour on the rows at hand.

Bottom-up enumeration with observational equivalence. Source: Udupa et al., "TRANSIT: Specifying Protocols with Concolic
Snippets", PLDI 2013; Albarghouthi, Gulwani, Kincaid, "Recursive Program Synthesis", CAV 2013.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ncg_ray.generate.symbolic.sygus.rules import COMMUTATIVE, LENGTHENING, Rule, Rules
from ncg_ray.generate.symbolic.sygus.semantics import Undefined
from ncg_ray.generate.symbolic.sygus.terms import BOOL, STRING, VARIABLE, Term, Value

MAX_ENTRIES = 400_000
"Of one bank's terms; one takes about 0.3 kB."
MAX_TESTS = 60_000


class Spent(Exception):
    """The CPU time or the room of a search is used up."""


class Clock:
    """CPU seconds of this process that a search may use."""

    def __init__(self, budget_s: float) -> None:
        self.begin = time.process_time()
        self.end = self.begin + budget_s

    def used_s(self) -> float:
        return time.process_time() - self.begin

    def left_s(self) -> float:
        return self.end - time.process_time()

    def look(self) -> None:
        """Raises Spent where no time is left."""
        if self.left_s() <= 0:
            raise Spent


class Entry:
    """A term as its rule and arguments, with its value on each row."""

    __slots__ = ("args", "cost", "rule", "values")

    def __init__(self, values: tuple[Any, ...], cost: int, rule: Rule | Term, args: tuple[Entry, ...] = ()) -> None:
        self.values, self.cost, self.rule, self.args = values, cost, rule, args

    def term(self) -> Term:
        return self.rule if isinstance(self.rule, Term) else self.rule.filled(arg.term() for arg in self.args)

    @property
    def constant(self) -> bool:
        """Whether no variable is in it."""
        if isinstance(self.rule, Term):
            return self.rule.op != VARIABLE
        return all(arg.constant for arg in self.args)


class Bank:
    """Terms over rows of inputs.

    Args:
        rules: what may be built.
        rows: the value of each variable, a mapping for each row.
        max_length: characters; longer strings are left out.
        clock: Spent is raised when its time is over.
    """

    def __init__(self, rules: Rules, rows: Sequence[Mapping[str, Value]], max_length: int, clock: Clock) -> None:
        self.rules, self.rows, self.max_length, self.clock = rules, rows, max_length, clock
        self.known: dict[str, dict[tuple[Any, ...], Entry]] = {name: {} for name in rules.rules}
        "By values; in the order of cost."
        self.fresh: dict[str, list[Entry]] = {name: [] for name in rules.rules}
        "Found since they were last taken away."
        self._levels: dict[tuple[str, int], list[Entry]] = {}
        self.cost = 0

    def grow(self) -> None:
        """All terms of the next cost. Raises Spent."""
        self.cost += 1
        for name in self.known:
            level = self._levels.setdefault((name, self.cost), [])
            if self.cost == 1:
                for leaf in self.rules.leaves[name]:
                    value = leaf.value
                    values = (tuple(row[str(value)] for row in self.rows) if leaf.op == VARIABLE
                              else (value,) * len(self.rows))
                    self._keep(name, level, Entry(values, 1, leaf))
            for rule in self.rules.rules[name]:
                for costs in _partitions(self.cost - rule.cost, len(rule.holes)):
                    pools = [self._levels.get((hole, cost), []) for hole, cost in zip(rule.holes, costs, strict=True)]
                    if all(pools):
                        self._combine(name, level, rule, costs, pools)

    def take(self, name: str) -> list[Entry]:
        """The fresh entries of a bank, which are fresh no more."""
        taken, self.fresh[name] = self.fresh[name], []
        return taken

    def _keep(self, name: str, level: list[Entry], entry: Entry) -> None:
        known = self.known[name]
        if entry.values not in known:
            known[entry.values] = entry
            level.append(entry)
            self.fresh[name].append(entry)

    def _combine(self, name: str, level: list[Entry], rule: Rule, costs: Sequence[int], pools: list[list[Entry]]) -> None:
        known, fresh, apply, cost = self.known[name], self.fresh[name], rule.apply, self.cost
        is_string = self.rules.sorts[name] == STRING
        long = is_string and (rule.op in LENGTHENING or not rule.op)
        room = MAX_TESTS if self.rules.sorts[name] == BOOL else MAX_ENTRIES
        if len(known) > room:
            return
        mirrored = rule.op in COMMUTATIVE and len(rule.holes) == 2 and rule.holes[0] == rule.holes[1]
        if mirrored and costs[0] > costs[1]:
            return
        *firsts, last = pools
        for args in itertools.product(*firsts):
            self.clock.look()
            columns = [arg.values for arg in args]
            others = last
            if mirrored and costs[0] == costs[1]:
                others = last[last.index(args[0]):]
            for other in others:
                try:
                    values = tuple(map(apply, *columns, other.values))
                except (Undefined, ValueError):  # Python limits the digits of a number that is read or written
                    continue
                if values in known or (long and max(map(len, values)) > self.max_length):
                    continue
                entry = Entry(values, cost, rule, (*args, other))
                known[values] = entry
                level.append(entry)
                fresh.append(entry)
            if len(known) > room:
                return


def _partitions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to share a cost between so many arguments, at least 1 each."""
    if parts == 0:
        return
    if parts == 1:
        if total >= 1:
            yield (total,)
        return
    for first in range(1, total - parts + 2):
        for rest in _partitions(total - first, parts - 1):
            yield (first, *rest)
