"""Checks an answer from its text alone: it is read again, must be in the grammar, and must meet every constraint.

Constraints without variables are computed (`semantics.evaluate`); for the others Z3 has to find that no values of the
variables break one. Nothing that a search noted down is believed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from ncg_ray.errors import TaskError
from ncg_ray.generate.symbolic.sygus.membership import outside
from ncg_ray.generate.symbolic.sygus.problem import Problem
from ncg_ray.generate.symbolic.sygus.read import read_answer, read_problem
from ncg_ray.generate.symbolic.sygus.semantics import Undefined, evaluate
from ncg_ray.generate.symbolic.sygus.terms import CONSTANT, VARIABLE, Term, postorder

CHECK_S = 20.0


@dataclass(frozen=True, slots=True)
class Check:
    """What the check of an answer found. `reason` is empty where it holds in every respect."""

    correct: bool
    "Whether every constraint holds."
    allowed: bool
    "Whether it is in the grammar."
    reason: str = ""

    @property
    def holds(self) -> bool:
        return self.correct and self.allowed


def check(problem_text: str, answer_text: str, budget_s: float = CHECK_S) -> Check:
    """Check `(define-fun ...)` texts against a SyGuS text.

    Args:
        problem_text: SyGuS-IF 2.
        answer_text: one `define-fun` for each function.
        budget_s: wall seconds for Z3.

    Raises:
        TaskError: the problem cannot be read. An answer that cannot is a Check that does not hold.
    """
    problem = read_problem(problem_text)
    try:
        answers = read_answer(answer_text, problem)
        wrong = outside(problem, answers)
    except TaskError as error:
        return Check(False, False, f"the answer cannot be read: {error.message}")
    except RecursionError:
        return Check(False, False, "the answer is nested too deeply")
    bodies = {name: answer.with_body(problem.expanded(answer.own_body())) for name, answer in answers.items()}
    broken = _broken(problem, problem.with_answers(bodies), budget_s)
    return Check(not broken, not wrong, broken or wrong)


def _broken(problem: Problem, constraints: list[Term], budget_s: float) -> str:
    """Why a constraint does not hold, or is not known to; empty where all do."""
    end = time.monotonic() + budget_s
    for constraint, line in zip(constraints, problem.lines, strict=True):
        if any(part.op == VARIABLE for part in postorder(constraint)):
            reason = _refuted(constraint, end - time.monotonic())
        else:
            try:
                reason = "" if evaluate(constraint, {}) else "it is false"
            except Undefined as error:
                reason = str(error)
        if reason:
            return f"the constraint on line {line}: {reason}"
    return ""


def _refuted(constraint: Term, left_s: float) -> str:
    if constraint.op == CONSTANT:
        return "" if constraint.value else "it is false"
    import z3

    from ncg_ray.generate.symbolic.sygus.z3_terms import Unknown, z3_term
    if left_s <= 0:
        return "no time was left to prove it"
    solver = z3.Solver()
    solver.set("timeout", max(1, int(1000 * left_s)))
    try:
        solver.add(z3.Not(z3_term(constraint)))
    except Unknown as error:
        return f"the operator {error} is not known to the check"
    found = solver.check()
    if found == z3.unsat:
        return ""
    return f"it is false for {solver.model()}" if found == z3.sat else "Z3 could not decide it in time"
