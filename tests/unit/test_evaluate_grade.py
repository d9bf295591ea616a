from __future__ import annotations

import pytest

from ncg_ray.config import SandboxConfig
from ncg_ray.errors import SandboxError, TaskError
from ncg_ray.evaluate.grade import Grader
from ncg_ray.evaluate.suite import SuiteRow
from ncg_ray.protocols import TestReport
from ncg_ray.types import Outcome, OutcomeKind

LOADED = Outcome(OutcomeKind.RETURNED)
PASSED = TestReport(3, 3, LOADED, elapsed_s=0.01)
FAILED = TestReport(1, 3, LOADED, failure="assert double(21) == 42", outcome="failed")
TIMEOUT = TestReport(1, 3, LOADED, outcome="timeout")
STUB = 'def double(x):\n    """Twice x."""\n'
ROW = SuiteRow("t", STUB, "double", "assert double(21) == 42", "the solution")
CONFIG = SandboxConfig(time_s=5.0)


class TableExecutor:
    """Answers each program with the next of its reports (the last one repeats); an error in the list is raised."""

    def __init__(self, **table):
        self.table = {code.replace("_", " "): list(reports) for code, reports in table.items()}
        self.jobs = []

    async def test(self, jobs):
        reports = []
        for job in jobs:
            self.jobs.append(job)
            known = self.table.get(job.code, self.table.get("default", []))
            item = known.pop(0) if len(known) > 1 else known[0]
            if isinstance(item, Exception):
                raise item
            reports.append(item)
        return reports


async def test_solved_means_that_every_unit_passes():
    executor = TableExecutor(good=[PASSED], bad=[FAILED], none=[TestReport(0, 0, LOADED)],
                             broken=[TestReport(0, 3, Outcome(OutcomeKind.RAISED, error_type="NameError"),
                                                outcome="raised")])
    grades = await Grader(executor, CONFIG).grade(ROW, ["good", "bad", "good", "none", "broken"], 2.0)
    assert [g.solved for g in grades] == [True, False, True, False, False]
    assert grades[1].reason == "1 of 3 tests passed"
    assert grades[3].reason == "the tests check nothing"
    assert grades[4].reason == "does not load: NameError"
    assert len(executor.jobs) == 4, "equal programs are run once"
    assert executor.jobs[0].limits.time_s == 2.0 and executor.jobs[0].limits.memory_bytes == 1024 << 20


async def test_a_grade_says_nothing_about_the_hidden_tests():
    grade, = await Grader(TableExecutor(bad=[FAILED]), CONFIG).grade(ROW, ["bad"], 2.0)
    assert "double" not in grade.reason and "42" not in grade.reason


async def test_the_gate_leaves_out_rows_whose_solution_fails():
    gate = await Grader(TableExecutor(the_solution=[FAILED]), CONFIG).gate(ROW)
    assert gate.left_out == "the canonical solution fails: 1 of 3 tests passed"
    gate = await Grader(TableExecutor(the_solution=[TaskError("the tests do not parse")]), CONFIG).gate(ROW)
    assert gate.left_out == "the tests cannot be used: the tests do not parse"


@pytest.mark.parametrize(("elapsed_s", "limit_s"), [(0.01, 2.0), (0.2, 2.0), (0.35, 3.5), (4.0, 40.0)])
async def test_the_time_limit_follows_the_canonical_solution(elapsed_s, limit_s):
    executor = TableExecutor(the_solution=[TestReport(3, 3, LOADED, elapsed_s=elapsed_s)])
    gate = await Grader(executor, CONFIG).gate(ROW)
    assert not gate.left_out and gate.time_limit_s == pytest.approx(limit_s)
    assert executor.jobs[0].limits.time_s > 5.0, "the canonical solution itself gets more"


async def test_a_timeout_counts_only_when_the_machine_did_not_become_slower():
    slow_now = TestReport(3, 3, LOADED, elapsed_s=1.0)
    executor = TableExecutor(the_solution=[slow_now], answer=[TIMEOUT, PASSED])
    grade, = await Grader(executor, CONFIG).grade(ROW, ["answer"], 2.0)
    assert grade.solved and executor.jobs[-1].limits.time_s == pytest.approx(10.0)
    executor = TableExecutor(the_solution=[PASSED], answer=[TIMEOUT, PASSED])
    grade, = await Grader(executor, CONFIG).grade(ROW, ["answer"], 2.0)
    assert not grade.solved and grade.reason == "timeout, 1 of 3 tests passed"


async def test_without_a_solution_only_tests_that_break_by_themselves_leave_the_row_out():
    row = SuiteRow("t", "import math\n\n\n" + STUB, "double", "assert double(21) == 42")
    same, other = TaskError("no module 'nope'"), TaskError("line 1: LookupError")
    executor = TableExecutor(default=[same])
    gate = await Grader(executor, CONFIG).gate(row)
    assert gate.left_out == "the tests cannot be used: no module 'nope'" and gate.time_limit_s == 5.0
    assert "import math" in executor.jobs[0].code, "the probe has the context that the tests may name"
    assert not (await Grader(TableExecutor(default=[same, other]), CONFIG).gate(row)).left_out
    assert not (await Grader(TableExecutor(default=[FAILED]), CONFIG).gate(row)).left_out


async def test_an_answer_that_breaks_the_tests_is_not_solved_and_does_not_remove_its_row():
    for row in (ROW, SuiteRow("t", STUB, "double", "assert double(21) == 42")):
        grade, = await Grader(TableExecutor(answer=[TaskError("line 1 fails")]), CONFIG).grade(row, ["answer"], 2.0)
        assert not grade.solved and grade.reason == "the tests cannot be run against it"


async def test_infrastructure_is_asked_twice_and_never_scored():
    once = TableExecutor(answer=[SandboxError("gone"), PASSED])
    assert (await Grader(once, CONFIG).grade(ROW, ["answer"], 2.0))[0].solved
    twice = TableExecutor(answer=[SandboxError("gone"), SandboxError("gone"), PASSED])
    with pytest.raises(SandboxError):
        await Grader(twice, CONFIG).grade(ROW, ["answer"], 2.0)


async def test_rows_whose_tests_need_names_of_the_solution_are_left_out():
    solution = "class Node:\n    pass\n\ndef double(x):\n    return 2 * x\n"
    row = SuiteRow("t", STUB, "double", "n = Node()\nassert double(n) == n", solution)
    gate = await Grader(TableExecutor(default=[PASSED]), CONFIG).gate(row)
    assert gate.left_out == "only the canonical solution has Node, which the tests use"
    told = SuiteRow("t", "class Node: ...\n" + STUB, "double", row.tests, solution)
    assert not (await Grader(TableExecutor(default=[PASSED]), CONFIG).gate(told)).left_out
    own = SuiteRow("t", STUB, "double", "class Node: ...\n" + row.tests, solution)
    assert not (await Grader(TableExecutor(default=[PASSED]), CONFIG).gate(own)).left_out
