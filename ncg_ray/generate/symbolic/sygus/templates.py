"""Functions of any specification as trees of linear terms whose coefficients Z3 finds, from counterexamples.

Counterexample-guided synthesis over a template. Source: Solar-Lezama, "Program Synthesis by Sketching", 2008; Jha et al.,
"Oracle-Guided Component-Based Program Synthesis", ICSE 2010.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import z3

from ncg_ray.generate.symbolic.sygus.bank import Clock
from ncg_ray.generate.symbolic.sygus.linear import term_of
from ncg_ray.generate.symbolic.sygus.problem import Function, Problem
from ncg_ray.generate.symbolic.sygus.terms import BOOL, CONSTANT, INT, Term, Value, constant, postorder
from ncg_ray.generate.symbolic.sygus.z3_terms import Unknown, model_values, z3_term, z3_value

MAX_DEPTH, MAX_ROUNDS = 2, 60
ASK_MS = 6000


class Template:
    """A complete tree of tests `linear >= 0` with linear leaves, over unknown coefficients."""

    def __init__(self, function: Function, depth: int, bound: int) -> None:
        self.function, self.depth, self.unknowns = function, depth, list[Any]()
        self.limits: list[Any] = []
        self._bound = bound
        self._root = self._node(depth, "r")

    def _linear(self, place: str, bound: int) -> list[Any]:
        found = [z3.Int(f"{self.function.name}?{place}{i}") for i in range(len(self.function.parameters) + 1)]
        self.limits += [limit for unknown in found for limit in (unknown >= -bound, unknown <= bound)]
        return found

    def _node(self, depth: int, place: str) -> Any:
        if depth == 0:
            return self._linear(place, self._bound)
        return self._linear(place, 1), self._node(depth - 1, place + "y"), self._node(depth - 1, place + "n")

    def applied(self, *args: Any) -> Any:
        """The template on arguments, as Z3's term over the unknowns."""
        def total(unknowns: list[Any]) -> Any:
            return z3.Sum([unknowns[-1], *(u * arg for u, arg in zip(unknowns, args, strict=False))])

        def value(node: Any) -> Any:
            if isinstance(node, list):
                return total(node)
            test, yes, no = node
            return z3.If(total(test) >= 0, value(yes), value(no))

        return value(self._root)

    def body(self, model: Any) -> Term:
        """The term for the coefficients of a model."""
        names = [*(name for name, _ in self.function.parameters), ""]

        def linear(unknowns: list[Any]) -> Term:
            numbers = [model.eval(unknown, model_completion=True).as_long() for unknown in unknowns]
            return term_of({name: number for name, number in zip(names, numbers, strict=True) if number})

        def tree(node: Any) -> Term:
            if isinstance(node, list):
                return linear(node)
            test, yes, no = node
            left, right = tree(yes), tree(no)
            return left if left == right else Term("ite", (Term(">=", (linear(test), constant(0)), BOOL), left, right), INT)

        return tree(self._root)


def find_by_template(problem: Problem, clock: Clock) -> dict[str, Term] | None:
    """The bodies of all functions; None where no template fits. Raises Spent."""
    sorts = {sort for f in problem.functions.values() for sort in (f.sort, *(of for _, of in f.parameters))}
    if sorts != {INT}:
        return None
    try:
        for depth, bound in _sizes(problem):
            found = _fitted(problem, depth, bound, clock)
            if found is not None:
                return found
    except Unknown:
        pass
    return None


def _sizes(problem: Problem) -> Iterator[tuple[int, int]]:
    numbers = [abs(part.value) for constraint in problem.constraints for part in postorder(constraint)
               if part.op == CONSTANT and isinstance(part.value, int)]
    large = max([10, *numbers])
    for depth in range(MAX_DEPTH + 1):
        yield depth, 1
        yield depth, large
    yield 0, 1000 * large


def _fitted(problem: Problem, depth: int, bound: int, clock: Clock) -> dict[str, Term] | None:
    templates = {name: Template(function, depth, bound) for name, function in problem.functions.items()}
    solver = z3.Solver()
    for template in templates.values():
        solver.add(*template.limits)
    sample: dict[str, Value] | None = {name: 0 if sort == INT else False for name, sort in problem.variables}
    for _ in range(MAX_ROUNDS):
        clock.look()
        assert sample is not None
        names = {name: z3_value(value) for name, value in sample.items()}
        for constraint in problem.constraints:
            solver.add(z3_term(constraint, names, {name: t.applied for name, t in templates.items()}))
        solver.set("timeout", max(1, min(ASK_MS, int(1000 * clock.left_s()))))
        if solver.check() != z3.sat:
            return None
        bodies = {name: template.body(solver.model()) for name, template in templates.items()}
        sample = counterexample(problem, bodies, clock)
        if sample is None:
            return bodies
    return None


def counterexample(problem: Problem, bodies: dict[str, Term], clock: Clock) -> dict[str, Value] | None:
    """Values of the variables for which a constraint does not hold; None where there are none.

    Raises Unknown where Z3 cannot say.
    """
    answers = {name: problem.functions[name].with_body(body) for name, body in bodies.items()}
    solver = z3.Solver()
    solver.set("timeout", max(1, min(ASK_MS, int(1000 * clock.left_s()))))
    solver.add(z3.Or([z3.Not(z3_term(problem.expanded(constraint))) for constraint in problem.with_answers(answers)]))
    found = solver.check()
    if found == z3.unknown:
        raise Unknown("no answer in time")
    return model_values(solver.model(), problem.variables) if found == z3.sat else None
