"""One function at one input: a list of guarded terms, each proved right where its guard holds, that covers all inputs.

A guard is an atom of the specification where one will do, else the specification itself with the term in place of the
function's value, which is the weakest that can be, less what the guards before it make needless. Z3 is asked for inputs that
are not covered yet.
Source: the single-invocation method of Reynolds et al., CAV 2015, with guards learned as in EUSolver (TACAS 2017).
"""

from __future__ import annotations

from typing import Any

import z3

from ncg_ray.generate.symbolic.sygus.bank import Clock
from ncg_ray.generate.symbolic.sygus.code import Untranslatable, compiled
from ncg_ray.generate.symbolic.sygus.linear import negated, simplified
from ncg_ray.generate.symbolic.sygus.specification import RESULT, Specification
from ncg_ray.generate.symbolic.sygus.terms import Term, Value
from ncg_ray.generate.symbolic.sygus.z3_terms import Unknown, model_values, z3_term

MAX_PROOFS = 40
"Guards that are tried to be proved at one step of the list."
PROOF_MS, SMALL_MS = 2000, 300
"Of one question to Z3, and of one that only makes the answer smaller or the samples better."
TELLING_SHARE, MAX_UNTELLING = 0.15, 5
"Of the budget, for inputs that only one candidate is right on; and how many candidates in a row may have none."
DROP_SHARE = 0.4
"Of the budget, for making guards smaller."

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
        self.dropping_s = DROP_SHARE * clock.left_s()
        self._right: dict[tuple[int, Input], bool] = {}
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
            if not guard.args and guard.value is True:
                break
            self.solver.add(z3.Not(self._z3(guard)))
            holds = compiled(guard, [name for name, _ in self.parameters])
            self.samples = [sample for sample in self.samples if not holds(*sample)]
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
        """For each candidate an input on which no other one is right, where there is one: they tell guards apart."""
        right = [self._z3(term) for term in self._at]
        wrong = [z3.Not(term) for term in right]
        end_s, in_vain = self.clock.used_s() + TELLING_SHARE * self.clock.left_s(), 0
        for number, term in enumerate(right):
            others = [other for i, other in enumerate(wrong) if i != number]
            if self._asked(term, *others, milliseconds=SMALL_MS) == z3.sat:
                self._add()
                in_vain = 0
            else:
                in_vain += 1
            if in_vain == MAX_UNTELLING or self.clock.used_s() > end_s:
                break

    def _asked(self, *extra: Any, milliseconds: int = PROOF_MS) -> Any:
        self.clock.look()
        self.solver.push()
        self.solver.set("timeout", max(1, min(milliseconds, int(1000 * self.clock.left_s()))))
        self.solver.add(*(term for term in extra if term is not None))
        found = self.solver.check()
        self._model = self.solver.model() if found == z3.sat else None
        self.solver.pop()
        return found

    def _add(self) -> None:
        values = model_values(self._model, self.parameters)
        self.samples.append(tuple(values[name] for name, _ in self.parameters))

    def _is_right(self, number: int, sample: Input) -> bool:
        key = (number, sample)
        if key not in self._right:
            self._right[key] = bool(self._holds(*sample, self._values[number](*sample)))
        return self._right[key]

    def _step(self) -> tuple[Term, Term] | None:
        """The next guard and term: a guard that holds for at least one uncovered input."""
        sample = self.samples[0]
        right = [number for number in range(len(self.candidates)) if self._is_right(number, sample)]
        if not right:
            return None
        right.sort(key=lambda number: -sum(self._is_right(number, other) for other in self.samples))
        proofs = MAX_PROOFS
        for number in right:  # the rest of all inputs
            if proofs and all(self._is_right(number, other) for other in self.samples):
                proofs -= 1
                if self._proved(number, None):
                    return Term("?constant", (), "Bool", True), self.candidates[number]
        for guard, true in zip(self.guards, self._true, strict=True):
            if not true(*sample):
                continue
            for number in right:
                inside = [other for other in self.samples if true(*other)]
                if proofs and all(self._is_right(number, other) for other in inside):
                    proofs -= 1
                    if self._proved(number, guard):
                        return guard, self.candidates[number]
        best = max(right, key=lambda number: sum(self._is_right(number, other) for other in self.samples))
        return self._weakened(self._at[best], best), self.candidates[best]

    def _weakened(self, guard: Term, number: int) -> Term:
        """The guard without the parts that the term is right without, on inputs not covered yet."""
        kept = list(guard.args) if guard.op == "and" else [guard]
        wrong = z3.Not(self._z3(self._at[number]))
        for part in kept[::-1] if len(kept) > 1 else []:
            if self.dropping_s <= 0:
                break
            begin = self.clock.used_s()
            rest = [other for other in kept if other is not part]
            if self._asked(wrong, *map(self._z3, rest), milliseconds=SMALL_MS) == z3.unsat:
                kept = rest
            self.dropping_s -= self.clock.used_s() - begin
        return kept[0] if len(kept) == 1 else Term("and", tuple(kept), "Bool")

    def _proved(self, number: int, guard: Term | None) -> bool:
        """Whether the term is right on all uncovered inputs where the guard holds; a counterexample becomes a sample."""
        wrong = z3.Not(self._z3(self._at[number]))
        found = self._asked(wrong, self._z3(guard) if guard is not None else None)
        if found == z3.sat:
            self._add()
        return bool(found == z3.unsat)


def find_cover(specification: Specification, clock: Clock) -> Term | None:
    """The body of the function; None where this method does not find it. Raises Spent."""
    try:
        return Cover(specification, clock).build()
    except (Unknown, Untranslatable):
        return None
