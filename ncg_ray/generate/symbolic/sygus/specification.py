"""A specification of one function that is always applied to the same variables: what its value must be at one input."""

from __future__ import annotations

from dataclasses import dataclass

from ncg_ray.generate.symbolic.sygus.linear import COMPARISONS, difference, plus, scaled, term_of
from ncg_ray.generate.symbolic.sygus.problem import Function, Problem, invocations
from ncg_ray.generate.symbolic.sygus.terms import (
    BOOL,
    CONSTANT,
    INT,
    STRING,
    VARIABLE,
    Term,
    constant,
    postorder,
    rebuilt,
    variable,
)

RESULT = "?result"
"The variable that stands for the function's value."
MAX_CANDIDATES = 400


@dataclass(frozen=True, slots=True)
class Specification:
    """Over the function's parameters and RESULT."""

    function: Function
    term: Term

    def at(self, value: Term) -> Term:
        """What must hold where the function's value is this term."""
        return rebuilt(self.term, lambda part: value if part.op == VARIABLE and part.value == RESULT else None)

    def atoms(self) -> list[Term]:
        """The parts without RESULT that can be true or false, the smallest first."""
        found: dict[Term, None] = {}
        for part in postorder(self.term):
            leaf = part.op in COMPARISONS or part.op == VARIABLE
            if part.sort == BOOL and leaf and not _speaks_of(part, RESULT):
                found[part] = None
        return list(found)

    def candidates(self) -> list[Term]:
        """Values that the function may have: what RESULT is compared with, and next to it; then parameters and constants."""
        if self.function.sort == BOOL:
            return [constant(True), constant(False),
                    *(variable(name, sort) for name, sort in self.function.parameters if sort == BOOL)]
        if self.function.sort == STRING:
            equal = [other for part in postorder(self.term) if part.op == "=" for one, other in (part.args, part.args[::-1])
                     if one == variable(RESULT, STRING) and not _speaks_of(other, RESULT)]
            texts = [part for part in postorder(self.term) if part.op == CONSTANT and part.sort == STRING]
            own = [variable(name, sort) for name, sort in self.function.parameters if sort == STRING]
            return list(dict.fromkeys([*equal, *own, *texts, constant("")]))[:MAX_CANDIDATES]
        bounds: dict[Term, None] = {}
        beside: dict[Term, None] = {}
        for part in postorder(self.term):
            rest = difference(part) or {}
            if abs(rest.get(RESULT, 0)) == 1:
                other = {name: number for name, number in rest.items() if name != RESULT}
                bound = scaled(other, -rest[RESULT])
                bounds[term_of(bound)] = None
                beside |= {term_of(plus(bound, {"": step})): None for step in (1, -1)}
        plain = [variable(name, sort) for name, sort in self.function.parameters if sort == INT]
        numbers = [part for part in postorder(self.term) if part.op == CONSTANT and part.sort == INT]
        every = [*bounds, *beside, *plain, constant(0), constant(1), *numbers]
        return list(dict.fromkeys(every))[:MAX_CANDIDATES]


def _speaks_of(term: Term, name: str) -> bool:
    return any(part.op == VARIABLE and part.value == name for part in postorder(term))


def single_invocation(problem: Problem) -> Specification | None:
    """The specification, where the problem has one function, applied only to different variables and always to the same.

    Source: Reynolds et al., "Counterexample-Guided Quantifier Instantiation for Synthesis in SMT", CAV 2015.
    """
    if len(problem.functions) != 1:
        return None
    function, = problem.functions.values()
    calls = invocations(problem)
    if len(calls) != 1:
        return None
    call, = calls
    names = [str(arg.value) for arg in call.args if arg.op == VARIABLE]
    if len(set(names)) != len(call.args):
        return None
    own = {old: variable(name, sort) for old, (name, sort) in zip(names, function.parameters, strict=True)}

    def renamed(part: Term) -> Term | None:
        if part.op == function.name:
            return variable(RESULT, function.sort)
        return own.get(str(part.value), part) if part.op == VARIABLE and part.value != RESULT else None

    spec = Term("and", (constant(True), *(rebuilt(constraint, renamed) for constraint in problem.constraints)), BOOL)
    known = {RESULT, *(name for name, _ in function.parameters)}
    free = {str(part.value) for constraint in problem.constraints for part in postorder(constraint) if part.op == VARIABLE}
    if free - set(names):
        return None  # a variable that the function does not see: its value must fit all of that one's
    assert all(part.value in known for part in postorder(spec) if part.op == VARIABLE)
    return Specification(function, spec)
