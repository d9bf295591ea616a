"""The search: levels of cost, and after each one what is right so far; then a few levels more, for programs that compete."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ncg_ray.generate.symbolic.binders import Binders
from ncg_ray.generate.symbolic.conditions import Branch, Unifier
from ncg_ray.generate.symbolic.deduce import Deducer
from ncg_ray.generate.symbolic.goal import Goal
from ncg_ray.generate.symbolic.grammar import Grammar
from ncg_ray.generate.symbolic.loops import Loop, folds, recurrences
from ncg_ray.generate.symbolic.problem import Problem
from ncg_ray.generate.symbolic.recursion import Recursion, recursions
from ncg_ray.generate.symbolic.space import Budget, Space, Spent, key_of
from ncg_ray.generate.symbolic.terms import Term
from ncg_ray.generate.symbolic.write import Found, body_of, function

MAX_COST = 60
MORE_LEVELS, MORE_S = 2, 1.0
"What is still searched after the first solution: levels, for as long as that took or these seconds."
LOOPS_AT_SHARE, LOOPS_SHARE = 0.35, 0.12
"Share of the time after which loops are tried, and the share that each of the templates gets."
RECURSION_BITS = 4.0
"Bits of the choice of recursion where an input is nested unevenly. It is tried before all else."
SLACK, PATIENCE_SHARE = 6, 0.7
"A solution put together of parts may cost so much more than the level; else the search goes on, for a share of the time."
MAX_SOLUTIONS = 40
MAX_MORE_BITS = 12
"Solutions that are longer than the shortest by more than this are left out."
BITS_A_CHARACTER = 4
"Bits of a text that was taken from the results, a character."


@dataclass(frozen=True, slots=True)
class Solution:
    """A program that is right on all inputs at hand."""

    found: Found
    code: str
    "The function alone."
    cost: int
    program_bits: float
    "log2 of how many programs of its kind are as cheap, about."


@dataclass(slots=True)
class Result:
    """What a search came to."""

    solutions: list[Solution] = field(default_factory=list)
    "The cheapest first."
    example_bits: float = 0.0
    num_tried: int = 0
    elapsed_s: float = 0.0
    exhausted: bool = False
    "Whether the time or the memory ran out."


class Search:
    """One search for the programs that meet a goal."""

    def __init__(self, problem: Problem, goal: Goal, grammar: Grammar, budget: Budget, pieces: Sequence[Term] = ()) -> None:
        """`pieces`: expressions over the parameters that are leaves as well."""
        self.problem, self.goal, self.grammar, self.budget = problem, goal, grammar, budget
        self.begin = time.monotonic()
        self.parameters, self.constants = problem.parameters(), problem.constants()
        self.space = Space(grammar, [*self.parameters, *self.constants, *pieces], budget, partial=len(problem.rows) > 1)
        self.binders = Binders(self.space, self.parameters, self.constants)
        self.unifier = Unifier(goal)
        self.deducer = Deducer(self.space, goal)
        self.solutions: dict[str, Solution] = {}
        self.tried_at: dict[str, list[int]] = {}
        "Candidates of each kind up to each cost."
        self._goal_key = key_of(goal.expected) if goal.by_value else None
        if self._goal_key is not None:
            self.space.equal_to[self._goal_key] = []

    def run(self, num_wanted: int) -> Result:
        """Search until there are solutions enough, or the budget is spent."""
        exhausted, loops_done, first_at = False, False, 0
        time_s = self.budget.left_s()
        self._template(recursions, time_s * LOOPS_SHARE)
        for cost in range(1, MAX_COST):
            try:
                self._level(cost)
            except Spent:
                exhausted = True
            try:
                self._look(last=exhausted)
                if not self._settled(cost, time_s) and not loops_done and self._share(time_s) > LOOPS_AT_SHARE:
                    loops_done = True
                    for template in (recurrences, folds):
                        self._template(template, time_s * LOOPS_SHARE)
            except Spent:
                exhausted = True
            if exhausted:
                break
            if self._settled(cost, time_s) and not first_at:
                first_at, now = cost, time.monotonic()
                self.budget.deadline = min(self.budget.deadline, now + max(MORE_S, now - self.begin))
            if first_at and cost >= first_at + MORE_LEVELS:
                break
        return Result(self._chosen(num_wanted), self._example_bits(), self.budget.num_tried,
                      time.monotonic() - self.begin, exhausted)

    def _settled(self, cost: int, time_s: float) -> bool:
        """Whether no much cheaper program than the cheapest solution is left to be found, or little time is."""
        if not self.solutions:
            return False
        cheapest = min(solution.cost for solution in self.solutions.values())
        return cheapest <= cost + SLACK or self._share(time_s) > PATIENCE_SHARE

    def _chosen(self, num_wanted: int) -> list[Solution]:
        ranked = sorted(self.solutions.values(), key=lambda s: (s.program_bits, len(s.code)))
        return [s for s in ranked if s.program_bits <= ranked[0].program_bits + MAX_MORE_BITS][:num_wanted]

    def _share(self, time_s: float) -> float:
        """The share of the time that is over."""
        return (time.monotonic() - self.begin) / time_s

    def _level(self, cost: int) -> None:
        try:
            self.space.grow(cost)
            self.binders.grow(cost)
        finally:
            for kind, number in self.space.num_tried.items():
                counts = self.tried_at.setdefault(kind, [])
                counts += [counts[-1] if counts else 0] * (cost - len(counts)) + [number]

    def _look(self, last: bool) -> None:
        """What the new terms are good for."""
        fresh = self.space.take()
        alike = self.space.equal_to.get(self._goal_key, []) if self._goal_key is not None else []
        for term in [*alike, *(t for t in fresh if self.goal.fits(t.kind))]:
            self._consider(term)
        alike.clear()
        if not last:
            for term in self.deducer.complete(fresh):
                self._consider(term)
        if self.unifier.learn(fresh):
            tree = self.unifier.tree()
            if tree is not None:
                self._keep(tree)

    def _template(self, template: Callable[..., Iterator[Loop | Recursion]], seconds: float) -> None:
        deadline = self.budget.deadline
        self.budget.deadline = min(deadline, time.monotonic() + seconds)
        try:
            for number, found in enumerate(template(self.space, self.goal, self.parameters, self.constants)):
                self._keep(found)
                if number == 3:
                    break
        except Spent:
            pass
        finally:
            self.budget.deadline = deadline

    def _consider(self, term: Term) -> None:
        if len(self.solutions) < MAX_SOLUTIONS and not term.partial and self.goal.met(term.values):
            self._keep(term)

    def _keep(self, found: Found) -> None:
        code = function(self.problem.signature, body_of(found, self.problem.name), "")
        if code not in self.solutions:
            cost = found.cost + round(self._shown_bits(found))
            self.solutions[code] = Solution(found, code, cost, self._bits(found))

    def _bits(self, found: Found) -> float:
        if isinstance(found, Branch):
            return 1 + self._bits(found.test) + self._bits(found.yes) + self._bits(found.no)
        if isinstance(found, (Loop, Recursion)):
            return math.log2(1 + self.budget.num_tried) + RECURSION_BITS * isinstance(found, Recursion)
        counts = self.tried_at.get(found.kind if found.production is not None else self.goal.kind, [])
        number = counts[min(found.cost, len(counts) - 1)] if counts else 0
        beyond = max(0, found.cost - len(counts) + 1)
        return math.log2(2 + number) + beyond + self._shown_bits(found)

    def _shown_bits(self, found: Found) -> float:
        """What texts that were taken from the results cost more than their leaf."""
        if isinstance(found, Branch):
            return self._shown_bits(found.test) + self._shown_bits(found.yes) + self._shown_bits(found.no)
        if isinstance(found, Loop):
            return self._shown_bits(found.step)
        if isinstance(found, Recursion):
            return self._shown_bits(found.leaf)
        if found.production is None:
            shown = found.constant and type(found.values[0]) is str and found.values[0] in self.problem.results
            return BITS_A_CHARACTER * len(found.values[0]) if shown else 0.0
        return sum(self._shown_bits(arg) for arg in found.args if arg is not None)

    def _example_bits(self) -> float:
        """How surprising it is that a program gives what the examples ask: of each row's results over all terms, in bits."""
        kinds = [kind for kind in self.space.num_tried if self.goal.fits(kind)]
        if not self.goal.by_value or not kinds:
            return 0.0
        return sum(-math.log2(share) for share in _shares(self.space.by_key.values(), self.goal, set(kinds)))


def _shares(terms: Iterable[Term], goal: Goal, kinds: set[str]) -> list[float]:
    """For each row, the share of candidates that are right on it."""
    right, total = [0] * len(goal.rows), 0
    for term in terms:
        if term.kind in kinds:
            total += term.num_alike
            for number, value in enumerate(term.values):
                if goal.meets(number, value):
                    right[number] += term.num_alike
    return [(number + 1) / (total + 2) for number in right]
