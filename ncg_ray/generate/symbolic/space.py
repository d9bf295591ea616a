"""`Space`: all terms over some leaves, by cost, one for each behaviour on the inputs at hand.

Bottom-up enumeration with observational equivalence: of terms that have the same values on every input the cheapest stays.

Source: Albarghouthi, Gulwani, Kincaid, "Recursive Program Synthesis", CAV 2013 (Escher); Udupa et al., "TRANSIT: Specifying
Protocols with Concolic Snippets", PLDI 2013.
"""

from __future__ import annotations

import marshal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ncg_ray.generate.symbolic.grammar import Grammar
from ncg_ray.generate.symbolic.kinds import ERROR, kind_of, matches, related
from ncg_ray.generate.symbolic.productions import Production
from ncg_ray.generate.symbolic.terms import Term

MAX_BYTES = 20_000
"Of one term's values over all inputs, about."
LOOK_EVERY = 128
"Candidates between two looks at the clock."


class Spent(Exception):
    """The time or the memory of a search is used up."""


class Budget:
    """What one search may use, over all its spaces.

    Args:
        timeout_s: seconds of wall time, > 0.
        max_terms: terms that are kept; with some 10 inputs one takes about 1 kB.
        stopped: asked now and then whether the search is still wanted.
    """

    def __init__(self, timeout_s: float, max_terms: int, stopped: Callable[[], bool] = lambda: False) -> None:
        self.deadline, self.max_terms, self.stopped = time.monotonic() + timeout_s, max_terms, stopped
        self.num_tried = self.num_terms = 0

    def spend(self) -> None:
        """Count one candidate. Raises Spent."""
        self.num_tried += 1
        if self.num_tried % LOOK_EVERY == 0:
            self.look()

    def look(self) -> None:
        """Raises Spent."""
        if time.monotonic() > self.deadline or self.num_terms > self.max_terms or self.stopped():
            raise Spent

    def left_s(self) -> float:
        return self.deadline - time.monotonic()


def key_of(values: Sequence[Any], kind: str = "") -> int:
    """A hash by which equal values of equal types are found; walks and lists differ.

    Two that collide lose us a term, about one in 2 ** 40 of a large search, and never make a wrong one right.
    """
    return hash(marshal.dumps(values, 2)) ^ (kind[:4] == "iter")


class Space:
    """Terms over some leaves.

    Args:
        grammar: what the productions cost.
        leaves: parameters, variables and constants; equal ones are kept once.
        budget: shared by all spaces of a search.
        partial: whether terms that raise on some of the inputs are kept.
    """

    def __init__(self, grammar: Grammar, leaves: Iterable[Term], budget: Budget, partial: bool = False) -> None:
        self.grammar, self.budget, self.partial = grammar, budget, partial
        self.by_key: dict[int, Term] = {}
        self.fresh: list[Term] = []
        "Terms that were found since somebody last took them away."
        self.equal_to: dict[int, list[Term]] = {}
        "Keys whose terms are wanted all, also those that behave as an earlier one."
        self.num_tried: dict[str, int] = {}
        "Candidates by kind, those that behave as an earlier one included."
        self._levels: dict[int, dict[str, list[Term]]] = {}
        self._picked: dict[int, dict[str, list[tuple[str, list[Term]]]]] = {}
        self.leaves = sorted(leaves, key=lambda leaf: leaf.cost)

    def grow(self, cost: int) -> None:
        """Make all terms of this cost; those of lower costs are there. Raises Spent."""
        for leaf in self.leaves:
            if leaf.cost == cost:
                self.keep(leaf)
        for production in self.grammar.productions:
            left = cost - self.grammar.cost(production.name)
            if len(production.kinds) == 1:
                self._unary(production, left, cost)
            elif len(production.kinds) == 2:
                most = left // 2 + 1 if production.commutes else left
                for first in range(1, most):
                    if self.pick(production.kinds[0], first) and self.pick(production.kinds[1], left - first):
                        self._binary(production, first, left - first, cost)
            else:
                for first in range(1, left - 1):
                    if not self.pick(production.kinds[0], first):
                        continue
                    for second in range(1, left - first):
                        self._ternary(production, (first, second, left - first - second), cost)

    def at(self, cost: int) -> Iterator[Term]:
        """The terms of exactly this cost."""
        for terms in self._levels.get(cost, {}).values():
            yield from terms

    def pick(self, pattern: str, cost: int) -> list[tuple[str, list[Term]]]:
        """(kind, terms) for each kind of this cost that fits the pattern."""
        picked = self._picked.setdefault(cost, {})
        found = picked.get(pattern)
        if found is None:
            level = self._levels.get(cost, {})
            found = picked[pattern] = [(kind, terms) for kind, terms in level.items() if matches(pattern, kind)]
        return found

    def keep(self, term: Term, key: int | None = None) -> bool:
        """Add a term unless one that behaves alike is there. `key`: of its values, where it is known."""
        try:
            key = key_of(term.values, term.kind) if key is None else key
        except ValueError:  # nested too deep, or no plain data
            return False
        if key in self.equal_to and not any(arg is not None and arg.values == term.values for arg in term.args):
            self.equal_to[key].append(term)
        if key in self.by_key:
            return False
        self.by_key[key] = term
        self.num_tried[term.kind] = self.num_tried.get(term.kind, 0) + 1
        level = self._levels.setdefault(term.cost, {})
        if term.kind not in level:
            level[term.kind] = []
            self._picked.pop(term.cost, None)
        level[term.kind].append(term)
        self.fresh.append(term)
        self.budget.num_terms += 1
        return True

    def take(self) -> list[Term]:
        """The fresh terms, which are fresh no more."""
        taken, self.fresh = self.fresh, []
        return taken

    def _unary(self, production: Production, at: int, cost: int) -> None:
        apply = production.apply
        for _, terms in self.pick(production.kinds[0], at):
            for a in terms:
                if a.constant:
                    continue
                try:
                    values = ERROR if a.partial else list(map(apply, a.values))
                except Exception:
                    values = ERROR
                self._offer(production, (a,), values, cost)

    def _binary(self, production: Production, at: int, then: int, cost: int) -> None:
        apply, relation = production.apply, production.relation
        seconds = self.pick(production.kinds[1], then)
        mirrored = production.commutes and at == then
        if not seconds:
            return
        for kind, terms in self.pick(production.kinds[0], at):
            for other, others in seconds:
                if relation and not related(relation, (kind, other)):
                    continue
                if mirrored and kind > other:
                    continue
                for number, a in enumerate(terms):
                    for b in others[number:] if mirrored and kind == other else others:
                        if a.constant and b.constant:
                            continue
                        try:
                            values = ERROR if a.partial or b.partial else list(map(apply, a.values, b.values))
                        except Exception:
                            values = ERROR
                        self._offer(production, (a, b), values, cost)

    def _ternary(self, production: Production, at: tuple[int, int, int], cost: int) -> None:
        apply, relation = production.apply, production.relation
        picked = [self.pick(pattern, here) for pattern, here in zip(production.kinds, at, strict=True)]
        if not all(picked):
            return
        for kind, firsts in picked[0]:
            for second, seconds in picked[1]:
                for third, thirds in picked[2]:
                    if relation and not related(relation, (kind, second, third)):
                        continue
                    for a in firsts:
                        for b in seconds:
                            for c in thirds:
                                if (a.constant and b.constant and c.constant) or b is c:
                                    continue
                                try:
                                    values = (ERROR if a.partial or b.partial or c.partial else
                                              list(map(apply, a.values, b.values, c.values)))
                                except Exception:
                                    values = ERROR
                                self._offer(production, (a, b, c), values, cost)

    def _offer(self, production: Production, args: tuple[Term, ...], values: Any, cost: int) -> None:
        """Keep a candidate if it does something new. `values` is ERROR where it raises on some input."""
        self.budget.spend()
        if values is ERROR:
            if not self.partial:
                return
            values = self._partly(production, args)
            if values is None:
                return
        try:
            data = marshal.dumps(values, 2)
        except ValueError:
            return
        if len(data) > MAX_BYTES:
            return
        key = hash(data) ^ (production.result == "iter")
        known = self.by_key.get(key)
        if known is not None:
            known.num_alike += 1
            self.num_tried[known.kind] += 1
            if key not in self.equal_to:
                return
        kind = kind_of(values)
        if production.result:
            kind = f"iter[{kind.partition('[')[2]}"
        self.keep(Term(kind, values, cost, production, args), key)

    def _partly(self, production: Production, args: tuple[Term, ...]) -> list[Any] | None:
        """The values of a term that raises on some inputs; None where it raises on all of them."""
        values: list[Any] = []
        for row in zip(*(a.values for a in args), strict=True):
            if any(value is ERROR for value in row):
                values.append(ERROR)
                continue
            try:
                values.append(production.apply(*row))
            except Exception:
                values.append(ERROR)
        return values if any(value is not ERROR for value in values) else None
