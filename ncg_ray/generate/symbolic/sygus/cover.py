"""One function at one input: a list of guarded terms, each proved right where its guard holds, that covers all inputs.

A guard is an atom of the specification where one will do, else the specification itself with the term in place of the
function's value, which is the weakest that can be, less what the guards before it make needless. Z3 is asked for inputs that
are not covered yet.
Source: the single-invocation method of Reynolds et al., CAV 2015, with guards learned as in EUSolver (TACAS 2017).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import z3

from ncg_ray.generate.symbolic.sygus.bank import Clock
from ncg_ray.generate.symbolic.sygus.code import Untranslatable, compiled
from ncg_ray.generate.symbolic.sygus.linear import negated, simplified
from ncg_ray.generate.symbolic.sygus.specification import RESULT, Specification
from ncg_ray.generate.symbolic.sygus.terms import BOOL, STRING, Term, Value, constant
from ncg_ray.generate.symbolic.sygus.trees import mask_of
from ncg_ray.generate.symbolic.sygus.z3_terms import Unknown, model_values, z3_term

MAX_PROOFS = 40
"Guards that are tried to be proved at one step of the list."
PROOF_MS, SMALL_MS = 10_000, 2000
"Wall time of a question to Z3, and of one for smaller answers or better samples; the process has a CPU timer besides."
TELLING_SHARE, MAX_UNTELLING = 0.15, 5
"Of the budget, for inputs that only one candidate is right on; and how many candidates in a row may have none."
NUM_RANDOM, RANDOM_SHARE, NUM_TELLING = 2000, 0.08, 3
"Random inputs, the share of the budget for trying candidates on them, and how many are kept for a candidate."
LETTERS = "abcde"
"Beginnings of this are the random strings."
DROP_SHARE = 0.75
"Of the budget, for making guards smaller."

TRUE = constant(True)

Input = tuple[Value, ...]


class Cover:
    """Builds the list."""

    def __init__(self, specification: Specification, clock: Clock) -> None:
        self.specification, self.clock = specification, clock
        self.parameters = specification.function.parameters
        names = [name for name, _ in self.parameters]
        self.candidates = specification.candidates()
        self._values = [compiled(term, names) for term in self.candidates]
        self._holds = compiled(specification.term, [*names, RESULT])
        self.guards = [guard for atom in specification.atoms() for guard in (atom, negated(atom))]
        self._true = [compiled(guard, names) for guard in self.guards]
        self.solver = z3.Solver()
        self.samples: list[Input] = []
        "Inputs that no branch covers yet."
        self.pool: list[Input] = []
        "Random ones, which are many and tell little."
        self.dropping_s = DROP_SHARE * clock.left_s()
        self._right: dict[tuple[int, Input], bool] = {}
        self._failed: set[tuple[int, Term]] = set()
        "Candidates and guards that were not proved, since the last branch."
        self._made: dict[Term, Any] = {}
        "Z3's terms; those of the specification's parts come back with every candidate."
        self._at = [simplified(specification.at(term)) for term in self.candidates]
        "What must hold where the function's value is each candidate."

    def _z3(self, term: Term) -> Any:
        return z3_term(term, done=self._made)

    def build(self) -> Term | None:
        """The body; None where the candidates do not cover all inputs, or Z3 does not know. Raises Spent."""
        branches: list[tuple[Term, Term]] = []
        self._telling_samples()
        while True:
            self.clock.look()
            found = self._sample()
            if found is None:
                return None
            if not found:
                break
            step = self._step()
            if step is None:
                return None
            guard, term = step
            branches.append((guard, term))
            if guard == TRUE:
                break
            self._failed.clear()  # with less left to cover, what failed may hold
            self.solver.add(z3.Not(self._z3(guard)))
            holds = compiled(guard, [name for name, _ in self.parameters])
            self.samples = [sample for sample in self.samples if not holds(*sample)]
            self.pool = [sample for sample in self.pool if not holds(*sample)]
        if not branches:
            return None
        whole = branches[-1][1]  # what the last guard leaves out is no input at all
        for guard, term in reversed(branches[:-1]):
            if term != whole:
                whole = Term("ite", (guard, term, whole), term.sort)
        return whole

    def _sample(self) -> bool | None:
        """Whether there is an uncovered input; it becomes a sample. None: Z3 does not know."""
        if self.samples:
            return True
        found = self._asked(None)
        if found == z3.sat:
            self._add()
        return None if found == z3.unknown else found == z3.sat

    def _telling_samples(self) -> None:
        """For each candidate inputs on which no other one is right, where there are: they tell guards apart.

        Random inputs are tried first, in any order, rising and falling; for the candidates that these tell nothing of,
        Z3 is asked.
        """
        told: dict[int, list[Input]] = {}
        self.pool = self._random_inputs()
        end_s = self.clock.used_s() + RANDOM_SHARE * self.clock.left_s()
        for sample in self.pool:
            if self.clock.used_s() > end_s:
                break
            right = [number for number in range(len(self.candidates)) if self._is_right(number, sample)]
            if len(right) == 1 and len(told.setdefault(right[0], [])) < NUM_TELLING:
                told[right[0]].append(sample)
        self.samples += [sample for samples in told.values() for sample in samples]
        holds = [self._z3(term) for term in self._at]
        wrong = [z3.Not(term) for term in holds]
        end_s, in_vain = self.clock.used_s() + TELLING_SHARE * self.clock.left_s(), 0
        for number, term in enumerate(holds):
            if number in told:
                continue
            others = [other for i, other in enumerate(wrong) if i != number]
            if self._asked(term, *others, milliseconds=SMALL_MS) == z3.sat:
                self._add()
                in_vain = 0
            else:
                in_vain += 1
            if in_vain == MAX_UNTELLING or self.clock.used_s() > end_s:
                break

    def _random_inputs(self) -> list[Input]:
        random, found = Random(0), []
        bound = 3 * len(self.parameters) + 10
        for number in range(NUM_RANDOM):
            values = [random.randint(-bound, bound) for _ in self.parameters]
            if number % 3:
                free = random.randrange(len(values) + 1)  # one of them keeps out of the order
                values[:free] = sorted(values[:free], reverse=number % 3 == 2)
            found.append(tuple(value > 0 if sort == BOOL else LETTERS[:max(0, value) % 6] if sort == STRING else value
                               for value, (_, sort) in zip(values, self.parameters, strict=True)))
        return found

    def _asked(self, *extra: Any, milliseconds: int = PROOF_MS) -> Any:
        self.clock.look()
        self.solver.push()
        self.solver.set("timeout", max(1, min(milliseconds, int(1000 * self.clock.left_s()))))
        self.solver.add(*(term for term in extra if term is not None))
        found = self.solver.check()
        self._model = self.solver.model() if found == z3.sat else None
        self.solver.pop()
        return found

    def _model_input(self) -> Input:
        values = model_values(self._model, self.parameters)
        return tuple(values[name] for name, _ in self.parameters)

    def _add(self) -> None:
        self.samples.append(self._model_input())

    def _is_right(self, number: int, sample: Input) -> bool:
        key = (number, sample)
        if key not in self._right:
            self._right[key] = bool(self._holds(*sample, self._values[number](*sample)))
        return self._right[key]

    def _step(self) -> tuple[Term, Term] | None:
        """The next guard and term: a guard that holds for at least one uncovered input."""
        for _ in range(MAX_PROOFS):
            number, guard = self._likely()
            if number is None or guard is None:
                break
            proved = self._proved(number, None if guard == TRUE else guard)
            if proved:
                return guard, self.candidates[number]
            self._failed.add((number, guard))
        counts = [sum(self._is_right(number, sample) for sample in self.samples) for number in range(len(self.candidates))]
        best = max(range(len(counts)), key=lambda number: counts[number])
        return (self._weakened(self._at[best]), self.candidates[best]) if counts[best] else None

    def _likely(self) -> tuple[int | None, Term | None]:
        """A candidate that is right on all samples where a guard holds, for the guard that holds on most of them.

        That everything that is left is the guard comes first: it ends the list.
        """
        right = [mask_of([self._is_right(number, sample) for sample in self.samples])
                 for number in range(len(self.candidates))]
        everything = (1 << len(self.samples)) - 1
        holding = [(TRUE, everything)] + [(guard, mask_of([bool(true(*sample)) for sample in self.samples]))
                                          for guard, true in zip(self.guards, self._true, strict=True)]
        for guard, inside in sorted(holding, key=lambda item: -item[1].bit_count()):
            for number, mask in enumerate(right) if inside else ():
                if inside & ~mask == 0 and (number, guard) not in self._failed:
                    return number, guard
        return None, None

    def _weakened(self, guard: Term) -> Term:
        """The guard without the parts that follow from the others, on inputs not covered yet.

        A part is needed where an input breaks it alone. Inputs at hand say so first; then Z3 is asked whether the needed
        parts imply the rest, and where they do not, about single parts.
        """
        if guard.op != "and":
            return guard
        names = [name for name, _ in self.parameters]
        true = {part: compiled(part, names) for part in guard.args}
        needed = {broken[0] for sample in self.pool if len(broken := _broken(true, sample)) == 1}
        asked: set[Term] = set()
        while self.dropping_s > 0:
            begin = self.clock.used_s()
            free = [part for part in guard.args if part not in needed]
            found = self._asked(z3.Not(z3.And([self._z3(part) for part in free])), *map(self._z3, needed),
                                milliseconds=SMALL_MS) if free else z3.unsat
            if found == z3.unsat:
                return simplified(Term("and", tuple(part for part in guard.args if part in needed), BOOL))
            if found != z3.sat:
                break
            broken = _broken(true, self._model_input(), at_most=len(free))
            unsure = [part for part in broken if part not in asked]
            if len(broken) == 1 or not unsure:
                needed.add(broken[0])
            else:
                asked.add(unsure[0])
                others = (self._z3(part) for part in guard.args if part != unsure[0])
                if self._asked(z3.Not(self._z3(unsure[0])), *others, milliseconds=SMALL_MS) == z3.sat:
                    needed.add(unsure[0])
            self.dropping_s -= self.clock.used_s() - begin
        return guard

    def _proved(self, number: int, guard: Term | None) -> bool:
        """Whether the term is right on all uncovered inputs where the guard holds; a counterexample becomes a sample."""
        found = self._asked(z3.Not(self._z3(self._at[number])), self._z3(guard) if guard is not None else None)
        if found == z3.sat:
            self._add()
        return bool(found == z3.unsat)


def _broken(true: Mapping[Term, Callable[..., object]], sample: Input, at_most: int = 2) -> list[Term]:
    """Parts that do not hold on the input, not more than so many."""
    return list(itertools.islice((part for part, holds in true.items() if not holds(*sample)), at_most))


def find_cover(specification: Specification, clock: Clock) -> Term | None:
    """The body of the function; None where this method does not find it. Raises Spent."""
    try:
        return Cover(specification, clock).build()
    except (Unknown, Untranslatable):
        return None
