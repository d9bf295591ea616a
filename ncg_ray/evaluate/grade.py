"""The grader: hidden tests, through the executor, against an answer. Nothing here reaches a solver.

Before any answer is graded, each row passes the oracle gate: its canonical solution must pass the hidden tests, else
the row is left out. The gate also sets the time that an answer may take for one call:

    limit = max(2 s, 10 x the wall seconds of the whole test run of the canonical solution)

so that a slow machine gives the same score; a row without a canonical solution gets `sandbox.time_s`. An answer that
runs out of time is given a second chance after the canonical solution was timed again, because the machine may have
become slower since.

Covers: wrong values, exceptions, endless loops, answers that do not load. Does not cover: what the hidden tests do not
ask, and, where the executor calls a report forgeable, an answer that attacks the tests in their own process.
"""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ncg_ray.config import SandboxConfig
from ncg_ray.errors import InfrastructureError, TaskError
from ncg_ray.evaluate.suite import SuiteRow, bound_names
from ncg_ray.protocols import Executor, Limits, TestJob, TestReport
from ncg_ray.syntax.module import parse
from ncg_ray.types import OutcomeKind

MIN_TIME_S = 2.0
"Below this a call's time says more about the machine than about the program."
TIME_FACTOR = 10.0
"An answer may take this many times the canonical solution's time."
GATE_FACTOR = 12.0
"The canonical solution may take this many times `sandbox.time_s`: it is trusted, and the machine may be slow."


@dataclass(frozen=True, slots=True)
class Gate:
    """What the grader found out about a row before any answer."""

    time_limit_s: float
    "Wall seconds that one call of an answer may take."
    left_out: str = ""
    "Why the row cannot be graded; empty where it can."


@dataclass(frozen=True, slots=True)
class Grade:
    """How one program did on the hidden tests. Their text is kept out, because a grade is stored beside a Trace."""

    solved: bool
    reason: str = ""
    "Why it is not solved, in a few words."
    forgeable: bool = False


class Grader:
    """Grades programs against one suite's hidden tests.

    Infrastructure that fails once is asked again; when it fails twice the error is raised, never a score.
    """

    def __init__(self, executor: Executor, config: SandboxConfig) -> None:
        self.executor = executor
        self.config = config

    async def gate(self, row: SuiteRow) -> Gate:
        """Run the canonical solution against the hidden tests; without one, see whether the tests run at all."""
        time_s = self.config.time_s
        if row.canonical_solution is None:
            return Gate(time_s, await self._fault_of_tests(row))
        if names := _names_of_the_solution(row):
            return Gate(time_s, f"only the canonical solution has {', '.join(names)}, which the tests use")
        try:
            report = await self._test(row, row.canonical_solution, GATE_FACTOR * time_s)
        except TaskError as error:
            return Gate(time_s, f"the tests cannot be used: {error.message}")
        if not _passed(report):
            return Gate(time_s, f"the canonical solution fails: {_reason(report)}")
        return Gate(max(MIN_TIME_S, TIME_FACTOR * report.elapsed_s))

    async def _fault_of_tests(self, row: SuiteRow) -> str:
        """Why the tests are broken by themselves: alike on a function that returns and on one that raises.

        Never asked of an answer: one that breaks the tests would make its row disappear.
        """
        faults = set()
        for body in ("return None", "raise LookupError('probe')"):
            probe = f"{row.task.context}\n\ndef {row.entry_point}(*args, **kwargs):\n    {body}\n"
            try:
                await self._test(row, probe, self.config.time_s)
                return ""
            except TaskError as error:
                faults.add(error.message)
        return f"the tests cannot be used: {faults.pop()}" if len(faults) == 1 else ""

    async def grade(self, row: SuiteRow, codes: Sequence[str], time_limit_s: float) -> list[Grade]:
        """One grade for each program; equal programs are run once."""
        distinct = list(dict.fromkeys(codes))
        grades = await asyncio.gather(*(self._grade(row, code, time_limit_s) for code in distinct))
        by_code = dict(zip(distinct, grades, strict=True))
        return [by_code[code] for code in codes]

    async def _grade(self, row: SuiteRow, code: str, time_limit_s: float) -> Grade:
        try:
            report = await self._test(row, code, time_limit_s)
            if report.outcome == OutcomeKind.TIMEOUT and row.canonical_solution is not None:
                gate = await self.gate(row)
                if gate.time_limit_s > time_limit_s:
                    report = await self._test(row, code, gate.time_limit_s)
        except TaskError:  # the row passed its gate, so it is this program that breaks them
            return Grade(False, "the tests cannot be run against it")
        return Grade(_passed(report), "" if _passed(report) else _reason(report), report.forgeable)

    async def _test(self, row: SuiteRow, code: str, time_s: float) -> TestReport:
        limits = Limits(time_s, self.config.memory_mb << 20, self.config.output_kb << 10)
        jobs = [TestJob(code, row.entry_point, row.tests, limits, row.task.context)]
        try:
            report, = await self.executor.test(jobs)
        except InfrastructureError:
            report, = await self.executor.test(jobs)
        return report


def _passed(report: TestReport) -> bool:
    return report.outcome == "passed" and report.num_checked > 0 and report.num_passed == report.num_checked


def _reason(report: TestReport) -> str:
    if report.load.kind is not OutcomeKind.RETURNED:
        return f"does not load: {report.load.error_type or report.load.kind.value}"
    if not report.num_checked:
        return "the tests check nothing" if report.outcome == "passed" else report.outcome
    passed = f"{report.num_passed} of {report.num_checked} tests passed"
    return passed if report.outcome in ("failed", "passed") else f"{report.outcome}, {passed}"


def _names_of_the_solution(row: SuiteRow) -> list[str]:
    """Names that the tests use, that the canonical solution defines and that the prompt does not mention.

    No answer can know them, so such a row measures nothing.
    """
    solution, tests = parse(row.canonical_solution or ""), parse(row.tests)
    if solution is None or tests is None:
        return []
    names = [n for n in ast.walk(tests) if isinstance(n, ast.Name)]
    free = {n.id for n in names if isinstance(n.ctx, ast.Load)} - {n.id for n in names if isinstance(n.ctx, ast.Store)}
    free -= {name for node in ast.walk(tests) if isinstance(node, ast.stmt) for name in bound_names(node)}
    known = {name for node in solution.body for name in bound_names(node)}
    return sorted(name for name in free & known - {row.entry_point} if not row.mentions(name))
