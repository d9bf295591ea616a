"""What every `protocols.Executor` must do, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ncg_ray.config import Config, SandboxConfig
from ncg_ray.protocols import Call, ExecutionJob, Executor, Limits, ModuleJob, ScreenJob, TestJob
from ncg_ray.sandbox import SandboxExecutor
from ncg_ray.types import OutcomeKind as Kind


@pytest.fixture(scope="module", params=["sandbox", "actors"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "sandbox":
        yield SandboxExecutor(SandboxConfig())
        return
    from ncg_ray.actors import Ring

    request.getfixturevalue("ray_cluster")
    with Ring(Config(), model=False) as ring:
        yield ring.executor


async def test_it_names_its_isolation(executor: Executor) -> None:
    assert await executor.isolation() == await executor.isolation() == "bubblewrap"


async def test_it_answers_nothing_with_nothing(executor: Executor) -> None:
    assert await executor.execute([]) == [] and await executor.test([]) == []
    assert await executor.screen([]) == [] and await executor.run_module([]) == []


async def test_screenings_come_in_the_order_of_jobs_candidates_and_calls(executor: Executor) -> None:
    calls = (Call((1,)), Call((2,)))
    jobs = [ScreenJob(tuple(f"def f(x): return {n} * x + {i}" for i in range(70)), "f", calls) for n in (1, 2, 3)]
    found = await executor.screen(jobs)
    assert [[tuple(o.value for o in outcomes) for outcomes in job] for job in found] == [
        [(n + i, 2 * n + i) for i in range(70)] for n in (1, 2, 3)]


async def test_modules_run_in_the_order_of_jobs(executor: Executor) -> None:
    jobs = [ModuleJob("it", files={"it.py": f"import sys\nprint({n})\nsys.exit({n})"}) for n in range(3)]
    assert [(r.stdout, r.exit_code) for r in await executor.run_module(jobs)] == [("0\n", 0), ("1\n", 1), ("2\n", 2)]


async def test_executions_come_in_the_order_of_jobs_and_calls(executor: Executor) -> None:
    code = "import time\ndef f(x, *, by=1):\n    time.sleep(x / 100)\n    return x + by"
    jobs = [ExecutionJob(code, "f", (Call((n,)), Call((n,), {"by": 10}))) for n in (6, 3, 0)]
    executions = await executor.execute(jobs)
    assert [[o.value for o in e.outcomes] for e in executions] == [[7, 16], [4, 13], [1, 10]]


async def test_what_a_candidate_does_is_data(executor: Executor) -> None:
    codes = ("def f(): return 1", "def f(): raise ValueError('x')", "def f(:", "def f():\n while True: pass",
             "import os\ndef f(): os._exit(0)", "def f(): return object()")
    executions = await executor.execute([ExecutionJob(c, "f", (Call(),), Limits(time_s=0.3)) for c in codes])
    assert [e.outcomes[0].kind for e in executions] == [
        Kind.RETURNED, Kind.RAISED, Kind.NOT_RUN, Kind.TIMEOUT, Kind.CRASHED, Kind.NOT_PLAIN]
    assert [e.load.kind for e in executions] == [Kind.RETURNED] * 2 + [Kind.RAISED] + [Kind.RETURNED] * 3


async def test_an_execution_without_calls_is_a_load(executor: Executor) -> None:
    (execution,) = await executor.execute([ExecutionJob("def f(): pass", "f", ())])
    assert execution.load.kind is Kind.RETURNED and execution.outcomes == () and execution.num_runs == 1


async def test_reports_come_in_the_order_of_jobs(executor: Executor) -> None:
    tests = "assert f(1) == 2\nassert f(2) == 4"
    codes = ("def f(x): return 2 * x", "def f(x): return 2", "def f(x): raise KeyError(x)")
    reports = await executor.test([TestJob(code, "f", tests) for code in codes])
    assert [(r.num_passed, r.num_checked, r.outcome) for r in reports] == [
        (2, 2, "passed"), (1, 2, "failed"), (0, 2, "raised")]
    assert reports[1].failure == "assert f(2) == 4, but f(2) gave 2"
