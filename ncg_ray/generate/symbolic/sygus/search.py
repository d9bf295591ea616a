"""Our own search: which method fits which problem."""

from __future__ import annotations

from ncg_ray.generate.symbolic.sygus.bank import Clock, Spent
from ncg_ray.generate.symbolic.sygus.by_example import find_by_example
from ncg_ray.generate.symbolic.sygus.membership import outside
from ncg_ray.generate.symbolic.sygus.problem import Function, Problem
from ncg_ray.generate.symbolic.sygus.terms import Term


def find(problem: Problem, clock: Clock) -> dict[str, Function] | None:
    """The functions, in their grammars; None where none were found in time or no method fits. Not checked yet."""
    try:
        examples = problem.examples()
        if examples is None:
            return _found_by_specification(problem, clock)
        body = find_by_example(problem, examples, clock)
        return _answers(problem, {name: body for name in problem.functions}) if body is not None else None
    except Spent:
        return None


def _answers(problem: Problem, bodies: dict[str, Term]) -> dict[str, Function]:
    return {name: problem.functions[name].with_body(body) for name, body in bodies.items()}


def _found_by_specification(problem: Problem, clock: Clock) -> dict[str, Function] | None:
    from ncg_ray.generate.symbolic.sygus.by_points import find_by_points  # these load Z3
    from ncg_ray.generate.symbolic.sygus.cover import find_cover
    from ncg_ray.generate.symbolic.sygus.specification import single_invocation
    from ncg_ray.generate.symbolic.sygus.templates import find_by_template
    specification = single_invocation(problem)
    if specification is None:
        bodies = find_by_template(problem, clock)
        answers = _answers(problem, bodies) if bodies is not None else None
        return answers if answers is not None and not outside(problem, answers) else None
    name = specification.function.name
    body = find_cover(specification, clock)
    if body is not None:
        answers = _answers(problem, {name: body})
        if not outside(problem, answers):
            return answers
    body = find_by_points(problem, specification, clock)
    return _answers(problem, {name: body}) if body is not None else None
