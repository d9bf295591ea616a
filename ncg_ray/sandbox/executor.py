"""`SandboxExecutor`: runs candidates and tests in fresh sandboxes and returns what they did, as data.

The verdict channel is values: the child sees one input at a time under a random id and returns plain data; expected
values never enter it, and the host compares. An exit code, printed text or a patched builtin proves nothing.
"""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from ncg_ray.config import SandboxConfig
from ncg_ray.errors import SandboxError
from ncg_ray.protocols import (
    Call,
    Execution,
    ExecutionJob,
    ModuleJob,
    ModuleReport,
    ScreenJob,
    TestJob,
    TestReport,
)
from ncg_ray.sandbox import backends, calibration, tool, trial
from ncg_ray.sandbox.caller import Caller, call_request, check_limits
from ncg_ray.sandbox.pool import Pool
from ncg_ray.sandbox.worker import Worker
from ncg_ray.types import Observation, Outcome, OutcomeKind, Usage

MAX_RESTARTS = 2
NUM_PROBES = 2
"Tries of a back end before the next: a machine that is busy just now must not settle for another one."
SCREEN_CODES = 64
"Candidates that share a process: enough to make its start cheap, few enough to keep all workers busy."
_NOT_RUN = Outcome(OutcomeKind.NOT_RUN)


class SandboxExecutor:
    """Fulfils `protocols.Executor`; one fresh process for each job, in the first back end that works here.

    Covers: what a candidate does to files, processes, the network, memory, time and output; forged results.
    Does not cover: a candidate that is right on the inputs tried and wrong elsewhere, nor tests that run in one
    process with it (`TestReport.forgeable`). See the back ends for the walls themselves.

    Any event loop in any thread may use one instance, also several over time.

    Example:
        >>> from ncg_ray.protocols import Call, ExecutionJob
        >>> job = ExecutionJob("def f(x): return x + 1", "f", (Call((1,)),))
        >>> asyncio.run(SandboxExecutor(SandboxConfig()).execute([job]))[0].outcomes[0].value
        2
    """

    def __init__(self, config: SandboxConfig) -> None:
        self._config = config
        self._factor = 0.0
        self._pool: Pool | None = None
        self._starting = threading.Lock()

    async def isolation(self) -> str:
        """The name of the first back end that runs code here. Raises SandboxError with the mend for each."""
        return (await self._ready()).backend.name

    async def _ready(self) -> Pool:
        """The pool, on a back end that ran a function."""
        if self._pool is None:
            reasons: dict[str, str] = {}
            for backend in backends.choices(self._config.backend):
                for _ in range(NUM_PROBES):
                    try:
                        await self._probe(backend)
                    except SandboxError as error:
                        reasons[backend.name] = error.message
                        continue
                    with self._starting:
                        self._pool = self._pool or Pool(self._config.num_workers, backend)
                    return self._pool
            raise backends.none_works(reasons)
        return self._pool

    async def _probe(self, backend: backends.Backend) -> None:
        job = ExecutionJob("def probe(x):\n    return x + 1\n", "probe", (Call((41,)),))
        worker = await asyncio.to_thread(Worker, backend)
        try:
            execution = await self._execute(worker, job)
            if not self._factor:
                self._factor = await calibration.factor(worker) if self._config.calibrate else 1.0
        finally:
            worker.close()
        if execution.outcomes[0].value != 42:
            raise SandboxError(f"it started but did not run code: {execution.load.text()}, "
                               f"{execution.outcomes[0].text()}; report this with your kernel's version")

    async def execute(self, jobs: Sequence[ExecutionJob]) -> list[Execution]:
        """One Execution for each job, at most `num_workers` at once.

        Raises:
            SandboxError: the sandbox does not work, or an argument of a call is not plain data.
        """
        return await self._all(self._execute, jobs)

    async def test(self, jobs: Sequence[TestJob]) -> list[TestReport]:
        """One TestReport for each job; see `trial.py`.

        Raises:
            TaskError: the test code itself does not parse or fails before it calls anything.
            SandboxError: the sandbox does not work.
        """
        return await self._all(trial.run, jobs)

    async def screen(self, jobs: Sequence[ScreenJob]) -> list[list[tuple[Outcome, ...]]]:
        """Candidates in shared processes, for throwing them away in numbers; see `ScreenJob`.

        Raises:
            SandboxError: the sandbox does not work, or an argument of a call is not plain data.
        """
        parts = [(replace(job, codes=job.codes[i:i + SCREEN_CODES]), n)
                 for n, job in enumerate(jobs) for i in range(0, len(job.codes), SCREEN_CODES)]
        found: list[list[tuple[Outcome, ...]]] = [[] for _ in jobs]
        for (_, n), outcomes in zip(parts, await self._all(self._screen, [part for part, _ in parts]), strict=True):
            found[n] += outcomes
        return found

    async def _screen(self, worker: Worker, job: ScreenJob) -> list[tuple[Outcome, ...]]:
        done: list[tuple[Outcome, ...]] = []
        while len(done) < len(job.codes):  # the candidate that ended a process is done, so this ends too
            async with await Caller.start(worker, job.limits, len(job.codes)) as caller:
                done += await caller.screen(job.codes[len(done):], job.entry_point, job.calls)
        return done

    async def run_module(self, jobs: Sequence[ModuleJob]) -> list[ModuleReport]:
        """Run tools on untrusted code; see `ModuleJob`. Raises SandboxError."""
        return await self._all(tool.run, jobs)

    def close(self) -> None:
        """End the idle workers. They end with this process anyway, and the executor may be used again."""
        if self._pool is not None:
            self._pool.close()

    async def _all(self, run: Callable[[Worker, Any], Awaitable[Any]], jobs: Sequence[Any]) -> list[Any]:
        for job in jobs:
            check_limits(job.limits)
        pool = await self._ready()
        jobs = [replace(job, limits=calibration.scaled(job.limits, self._factor)) for job in jobs]
        tasks = [asyncio.ensure_future(pool.run(functools.partial(_on, run, job), job.environment)) for job in jobs]
        try:
            return list(await asyncio.gather(*tasks))
        except BaseException:
            for task in tasks:
                if not task.cancelling():  # a second cancellation would cut short the first one's cleaning up
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def _execute(self, worker: Worker, job: ExecutionJob) -> Execution:
        requests = [call_request(job.entry_point, call) for call in job.calls]
        started = time.monotonic()
        outcomes: list[Outcome] = []
        load = _NOT_RUN
        num_runs, usage = 0, Usage()
        observation: Observation | None = None
        while num_runs == 0 or (len(outcomes) < len(requests) and num_runs <= MAX_RESTARTS):
            num_runs += 1
            async with await Caller.start(worker, job.limits, len(requests)) as caller:
                again = await caller.load(job.code, job.entry_point, job.observe, job.module)
                load = again if num_runs == 1 else load
                loaded = again.kind is OutcomeKind.RETURNED
                while loaded and len(outcomes) < len(requests) and not caller.ended:
                    outcomes.append((await caller.ask(requests[len(outcomes)]))[0])
                if job.observe and loaded:
                    observation = await caller.observation() or observation
            usage += caller.usage
            if not loaded:
                break
        outcomes += [_NOT_RUN] * (len(requests) - len(outcomes))
        return Execution(load, tuple(outcomes), num_runs, time.monotonic() - started, usage, observation)


def _on(run: Callable[[Worker, Any], Awaitable[Any]], job: Any, worker: Worker) -> Awaitable[Any]:
    return run(worker, job)
