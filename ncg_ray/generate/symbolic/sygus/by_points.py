"""Counterexample-guided search over a grammar: terms that are right at some inputs, put together by decision trees.

For one function that is always applied to the same variables. Source: Alur, Radhakrishna, Udupa, TACAS 2017 (EUSolver).
"""

from __future__ import annotations

from ncg_ray.generate.symbolic.sygus.bank import Bank, Clock, Entry
from ncg_ray.generate.symbolic.sygus.code import Untranslatable, compiled
from ncg_ray.generate.symbolic.sygus.problem import Problem
from ncg_ray.generate.symbolic.sygus.rules import Rules, default_grammar, rules_of
from ncg_ray.generate.symbolic.sygus.specification import RESULT, Specification
from ncg_ray.generate.symbolic.sygus.templates import counterexample
from ncg_ray.generate.symbolic.sygus.terms import BOOL, CONSTANT, Term, Value, postorder
from ncg_ray.generate.symbolic.sygus.trees import Trees
from ncg_ray.generate.symbolic.sygus.z3_terms import Unknown

MAX_COST, MAX_TREE_DEPTH = 30, 12
MAX_LENGTH = 200


def find_by_points(problem: Problem, specification: Specification, clock: Clock) -> Term | None:
    """The body of the function, a term of its grammar; None where Z3 does not know. Raises Spent."""
    function = specification.function
    numbers = [part.value for part in postorder(specification.term) if part.op == CONSTANT and part.value is not None]
    rules = rules_of(function.grammar or default_grammar(function, problem.logic), problem.definitions,
                     list(dict.fromkeys([True, False, 0, 1, -1, *numbers])))
    points: list[dict[str, Value]] = [{name: False if sort == BOOL else "" if sort == "String" else 0
                                       for name, sort in function.parameters}]
    call_names = _variables_of_call(problem)
    try:
        holds = compiled(specification.term, [*(name for name, _ in function.parameters), RESULT])
        while True:
            term = _right_at(rules, points, holds, clock)
            if term is None:
                return None
            wrong = counterexample(problem, {function.name: term}, clock)
            if wrong is None:
                return term
            points.append({name: wrong[old] for (name, _), old in zip(function.parameters, call_names, strict=True)})
    except (Unknown, Untranslatable):
        return None


def _variables_of_call(problem: Problem) -> list[str]:
    name, = problem.functions
    call = next(part for constraint in problem.constraints for part in postorder(constraint) if part.op == name)
    return [str(arg.value) for arg in call.args]


def _right_at(rules: Rules, points: list[dict[str, Value]], holds: object, clock: Clock) -> Term | None:
    """A term that meets the specification at the points."""
    assert callable(holds)
    bank, everything = Bank(rules, points, MAX_LENGTH, clock), (1 << len(points)) - 1
    rule = next((rule for rule in rules.simple(rules.start, "ite") if rule.holes[1:] == (rules.start,) * 2), None)
    right: list[tuple[int, Entry]] = []
    seen: set[int] = set()
    for _ in range(MAX_COST):
        bank.grow()
        for entry in bank.take(rules.start):
            mask = sum(1 << i for i, (point, value) in enumerate(zip(points, entry.values, strict=True))
                       if holds(*point.values(), value))
            if mask == everything:
                return entry.term()
            if mask and mask not in seen:
                seen.add(mask)
                right.append((mask, entry))
        covered = 0
        for mask in seen:
            covered |= mask
        if rule is not None and covered == everything:
            tree = Trees(bank, rule, clock).build(everything, right, lambda rows: None, MAX_TREE_DEPTH)
            if tree is not None:
                return tree
    return None
