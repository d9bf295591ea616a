"""Workers come and go: killed, old or of another environment, and no outcome depends on it."""

from __future__ import annotations

import asyncio
import os
import random

import psutil
import pytest
from sandbox_processes import BACKENDS, missing, runs, zygotes

from ncg_ray.config import SandboxConfig
from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Call, Environment, ExecutionJob, Limits
from ncg_ray.sandbox import SandboxExecutor, worker
from ncg_ray.types import OutcomeKind as Kind

SLOW = ExecutionJob("import time\ndef f(x):\n    time.sleep(0.02)\n    return x + 1", "f", (Call((41,)),))


def executor(backend: str = "bubblewrap") -> SandboxExecutor:
    return SandboxExecutor(SandboxConfig(backend=backend, calibrate=False))


@pytest.mark.parametrize("victim", ["zygote", "holder", "run"])
async def test_kills_from_outside_change_no_outcome_and_leave_nothing(victim: str) -> None:
    pool, rng = executor(), random.Random(1)
    await pool.execute([SLOW] * 4)
    before = len(os.listdir("/proc/self/fd"))
    running, killed = asyncio.ensure_future(pool.execute([SLOW] * 120)), 0
    while not running.done():
        await asyncio.wait({running}, timeout=0.8)
        found = {"zygote": zygotes(), "run": [p for p in runs() if p.name() == "ncg-run"],
                 "holder": [p for p in psutil.Process().children() if p.name() == "bwrap"]}[victim]
        if found and killed < 6:
            try:
                rng.choice(found).kill()
                killed += 1
            except psutil.NoSuchProcess:
                pass
    assert [e.outcomes[0].value for e in running.result()] == [42] * 120 and killed
    await pool.execute([SLOW] * 4)
    assert len(os.listdir("/proc/self/fd")) <= before
    pool.close()
    assert not runs()


async def test_a_run_that_is_killed_again_and_again_is_our_failure_and_no_outcome() -> None:
    pool, done = executor(), asyncio.Event()

    async def hunt() -> None:
        while not done.is_set():
            for process in runs():
                if process.name() == "ncg-run":
                    process.kill()
            await asyncio.sleep(0.01)

    hunter = asyncio.ensure_future(hunt())
    with pytest.raises(SandboxError, match=r"killed from outside|went away|did not start"):
        await pool.execute([ExecutionJob("def f():\n while True: pass", "f", (Call(),), Limits(time_s=60))])
    done.set()
    await hunter
    assert (await pool.execute([SLOW]))[0].outcomes[0].value == 42


async def test_an_old_worker_makes_room_for_a_fresh_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MAX_RUNS", 3)
    pool = SandboxExecutor(SandboxConfig(num_workers=1, calibrate=False))
    seen = set()
    for _ in range(8):
        assert (await pool.execute([SLOW]))[0].outcomes[0].value == 42
        seen |= {p.pid for p in zygotes()}
    assert len(seen) >= 3


async def test_idle_workers_of_many_environments_do_not_pile_up(tmp_path) -> None:
    pool = SandboxExecutor(SandboxConfig(num_workers=1, calibrate=False))
    for n in range(5):
        folder = tmp_path / str(n)
        folder.mkdir()
        (folder / "it.py").write_text(f"N = {n}\n")
        job = ExecutionJob("from it import N\ndef f(): return N", "f", (Call(),), environment=Environment(str(folder)))
        assert (await pool.execute([job]))[0].outcomes[0].value == n
    mine = [p for p in psutil.Process().children() if p.name() == "bwrap"]
    pool.close()
    left = [p for p in psutil.Process().children() if p.name() == "bwrap"]
    assert 1 <= len(mine) - len(left) <= 2


@pytest.mark.parametrize("backend", BACKENDS)
async def test_every_back_end_says_its_name_and_a_busy_machine_costs_no_time(backend: str) -> None:
    if lacking := missing(backend):
        pytest.skip(lacking)
    pool = executor(backend)
    assert await pool.isolation() == backend
    pool.close()


async def test_waiting_for_a_cpu_is_not_the_candidates_time() -> None:
    """Eight spinners on the cores of this machine; each has its second, though a wall clock would see several."""
    num = 4 * (os.cpu_count() or 1)
    code = ("import time\ndef f():\n    until = time.thread_time() + 0.3\n    while time.thread_time() < until: pass\n"
            "    return 'done'\n")
    jobs = [ExecutionJob(code, "f", (Call(),), Limits(time_s=0.6))] * num
    executions = await SandboxExecutor(SandboxConfig(num_workers=num, calibrate=False)).execute(jobs)
    assert [e.outcomes[0].value for e in executions] == ["done"] * num
    assert max(e.outcomes[0].elapsed_s for e in executions) < 0.6


async def test_sleeping_is_the_candidates_time() -> None:
    job = ExecutionJob("import time\ndef f(): time.sleep(9)", "f", (Call(),), Limits(time_s=0.2))
    (execution,) = await executor().execute([job])
    assert execution.outcomes[0].kind is Kind.TIMEOUT and execution.elapsed_s < 5
