"""Abuse that takes longer: floods of threads, many jobs with many deaths, and nothing left behind."""

from __future__ import annotations

import asyncio
import os
import time

from sandbox_processes import runs

from ncg_ray.config import SandboxConfig
from ncg_ray.protocols import Call, ExecutionJob, Limits
from ncg_ray.sandbox import SandboxExecutor
from ncg_ray.types import OutcomeKind as Kind

EXECUTOR = SandboxExecutor(SandboxConfig())
LIMITS = Limits(time_s=2.0, memory_bytes=256 << 20)
HONEST = ExecutionJob("def f(): return 42", "f", (Call(),))


async def test_a_flood_of_threads_ends_and_the_next_job_is_clean() -> None:
    code = ("import threading, time\nthreading.stack_size(32768)\ndef f():\n    n = 0\n    while True:\n"
            "        threading.Thread(target=time.sleep, args=(60,)).start()\n        n += 1\n")
    flood, honest = await EXECUTOR.execute([ExecutionJob(code, "f", (Call(),), LIMITS), HONEST])
    assert flood.outcomes[0].kind in (Kind.RAISED, Kind.MEMORY, Kind.TIMEOUT, Kind.CRASHED), flood
    assert honest.outcomes[0].value == 42
    assert (await EXECUTOR.execute([HONEST]))[0].outcomes[0].value == 42


async def test_many_deaths_leave_no_process_descriptor_or_wrong_answer() -> None:
    deaths = ("import os\ndef f(): os._exit(1)", "def f():\n while True: pass", "import os\ndef f(): os.abort()",
              "def f(): return bytearray(1 << 40)", "def f():\n while True: print('x' * 9999)")
    jobs = []
    for number in range(60):
        jobs += [ExecutionJob(deaths[number % len(deaths)], "f", (Call(),), Limits(time_s=0.1)), HONEST]
    await EXECUTOR.execute([HONEST] * 8)
    before = len(os.listdir("/proc/self/fd"))
    executions = await EXECUTOR.execute(jobs)
    assert [e.outcomes[0].value for e in executions[1::2]] == [42] * 60
    assert not any(e.outcomes[0].kind is Kind.RETURNED for e in executions[::2])
    deadline = time.monotonic() + 5  # workers that were thrown away are gone a little after their last answer
    while runs() or len(os.listdir("/proc/self/fd")) > before:
        assert time.monotonic() < deadline, (runs(), before, os.listdir("/proc/self/fd"))
        await asyncio.sleep(0.05)


async def test_cancelled_batches_leave_nothing() -> None:
    for delay_s in (0.0, 0.005, 0.02, 0.05, 0.1):
        loop_forever = ExecutionJob("def f():\n while True: pass", "f", (Call(),), Limits(time_s=60))
        task = asyncio.ensure_future(EXECUTOR.execute([loop_forever] * 4))
        await asyncio.sleep(delay_s)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert runs() == []
