"""The door: a SyGuS text in, a checked answer out."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Literal

from ncg_ray.errors import ConfigError, InfrastructureError
from ncg_ray.generate.symbolic.sygus.check import Check, check
from ncg_ray.generate.symbolic.sygus.code import python_code
from ncg_ray.generate.symbolic.sygus.problem import Problem
from ncg_ray.generate.symbolic.sygus.processes import Output, run_cvc5, run_search
from ncg_ray.generate.symbolic.sygus.read import definitions_text, read_answer, read_problem

Finder = Literal["search", "cvc5"]
SEARCH_SHARE = 0.6
"Of the budget, for our own search; cvc5 gets what it leaves."
CHECK_S = 20.0
"CPU seconds for the check of an answer, beside the budget."
LEAST_S = 0.2
"With less than this left no process is started."


@dataclass(frozen=True, slots=True)
class Answer:
    """What `solve` came to."""

    status: Literal["solved", "contradictory", "unsolved"]
    reason: str = ""
    "Why it is not solved."
    define_fun: str = ""
    "A `(define-fun ...)` line for each function."
    python: str = ""
    "The same as a Python module; empty where an operator does not translate."
    found_by: Literal["", "search", "cvc5"] = ""
    elapsed_s: float = 0.0
    "Wall seconds, with the check."
    cpu_s: float = 0.0
    "CPU seconds of the processes that searched; at most the budget and some hundredths."
    checked: bool = False
    "Whether every constraint was found to hold and the answer to be in its grammar."


def solve(text: str, budget_s: float = 10.0) -> Answer:
    """Find functions that meet a SyGuS-IF 2 specification.

    Our own search goes first: for examples, enumeration over the grammar with deduction and decision trees; for
    specifications over integers, covers by guarded terms and templates. cvc5 gets the rest of the budget. Both run in
    processes of their own. Each answer is read again from its text and checked (`check`); one that fails is dropped.

    Args:
        text: one problem over Int, Bool and String.
        budget_s: CPU seconds of both searches together, > 0; the check has its own 20.

    Raises:
        TaskError: the text cannot be read; the message names the line, what is wrong there, and the mend.
        ConfigError: the budget is not positive.

    Example:
        >>> solve('(set-logic LIA)(synth-fun f ((x Int)) Int)(declare-var x Int)(constraint (= (f x) (+ x 1)))(check-synth)')
        Answer(status='solved', reason='', define_fun='(define-fun f ((x Int)) Int (+ x 1))', ...)  # doctest: +SKIP
    """
    if not budget_s > 0:
        raise ConfigError(f"budget_s = {budget_s!r} is not positive; give CPU seconds such as 10")
    begin = time.monotonic()
    problem = read_problem(text)
    contradiction = problem.contradiction()
    if contradiction:
        return Answer("contradictory", contradiction, elapsed_s=time.monotonic() - begin)
    reasons, used_s = [], 0.0
    finders: tuple[Finder, ...] = ("search", "cvc5")
    for finder in finders:
        left_s = budget_s * SEARCH_SHARE if finder == "search" else budget_s - used_s
        if left_s < LEAST_S:
            continue
        output = run_cvc5(text, left_s) if finder == "cvc5" else run_search("search", json.dumps({"problem": text}), left_s)
        used_s += output.cpu_s
        answer, reason = _judged(problem, text, output, finder)
        if answer is not None:
            return _timed(answer, begin, used_s)
        reasons.append(f"{finder}: {reason}")
    return _timed(Answer("unsolved", "; ".join(reasons)), begin, used_s)


def solve_with_cvc5(text: str, budget_s: float = 10.0) -> Answer:
    """The same with cvc5 alone, for comparison: same reading, same check. Contradictory examples are left to cvc5."""
    begin = time.monotonic()
    problem = read_problem(text)
    output = run_cvc5(text, budget_s)
    answer, reason = _judged(problem, text, output, "cvc5")
    return _timed(answer or Answer("unsolved", f"cvc5: {reason}"), begin, output.cpu_s)


def _timed(answer: Answer, begin: float, cpu_s: float) -> Answer:
    return Answer(answer.status, answer.reason, answer.define_fun, answer.python, answer.found_by,
                  time.monotonic() - begin, cpu_s, answer.checked)


def _judged(problem: Problem, text: str, output: Output, finder: Finder) -> tuple[Answer | None, str]:
    """A checked answer, or why there is none."""
    if output.ended != "done":
        return None, output.ended
    if output.text.strip() in ("infeasible", "(infeasible)"):
        reason = f"{finder} says that no function of the grammar meets all constraints"
        return Answer("contradictory", reason, found_by=finder), ""
    if "define-fun" not in output.text:
        return None, f"no answer{f' ({said[:80]})' if (said := output.text.strip()) else ''}"
    result = _checked(problem, text, output.text)
    if not result.holds:
        return None, f"an answer that does not hold: {result.reason}"
    functions = read_answer(output.text, problem)
    plain = {name: function.with_body(problem.expanded(function.own_body())) for name, function in functions.items()}
    return Answer("solved", "", definitions_text(output.text), python_code(plain), finder, checked=True), ""


def _checked(problem: Problem, text: str, answer: str) -> Check:
    """The check, in a process of its own where Z3 is needed."""
    if problem.examples() is not None:
        return check(text, answer)
    output = run_search("check", json.dumps({"problem": text, "answer": answer}), CHECK_S)
    if output.ended != "done":
        return Check(False, False, f"the check did not end: {output.ended}")
    try:
        return Check(**json.loads(output.text))
    except (ValueError, TypeError) as error:
        raise InfrastructureError("the check of a SyGuS answer wrote no result; is the installation whole?") from error
