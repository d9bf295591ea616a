"""`BubblewrapExecutor`: runs candidates and tests in fresh sandboxes and returns what they did, as data.

The verdict channel is values: the child sees one input at a time under a random id and returns plain data; expected
values never enter it, and the host compares. An exit code, printed text or a patched builtin proves nothing.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ncg_ray.config import SandboxConfig
from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Call, Execution, ExecutionJob, TestJob, TestReport
from ncg_ray.sandbox import trial
from ncg_ray.sandbox.caller import Caller, call_request
from ncg_ray.types import Outcome, OutcomeKind

MAX_RESTARTS = 2
_NOT_RUN = Outcome(OutcomeKind.NOT_RUN)


class BubblewrapExecutor:
    """Fulfils `protocols.Executor` with bubblewrap, rlimits and seccomp; one fresh process for each job.

    Covers: what a candidate does to files, processes, the network, memory, time and output; forged results.
    Does not cover: a candidate that is right on the inputs tried and wrong elsewhere, nor tests that run in one
    process with it (`TestReport.forgeable`). See `policy.py` for the walls themselves.

    Any event loop in any thread may use one instance, also several over time.

    Example:
        >>> from ncg_ray.protocols import Call, ExecutionJob
        >>> job = ExecutionJob("def f(x): return x + 1", "f", (Call((1,)),))
        >>> asyncio.run(BubblewrapExecutor(SandboxConfig()).execute([job]))[0].outcomes[0].value
        2
    """

    def __init__(self, config: SandboxConfig) -> None:
        self._config = config
        self._isolation = ""
        self._slots: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            weakref.WeakKeyDictionary())

    async def isolation(self) -> str:
        """`bubblewrap`, after it ran a function once. Raises SandboxError with the mend."""
        if not self._isolation:
            probe = ExecutionJob("def probe(x):\n    return x + 1\n", "probe", (Call((41,)),))
            (execution,) = await self.execute([probe])
            if execution.outcomes[0].value != 42:
                raise SandboxError(f"the sandbox started but did not run code: {execution.load.text()}, "
                                   f"{execution.outcomes[0].text()}; report this with your kernel's version")
            self._isolation = "bubblewrap"
        return self._isolation

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

    async def _all(self, run: Callable[[Any], Awaitable[Any]], jobs: Sequence[Any]) -> list[Any]:
        loop = asyncio.get_running_loop()
        slots = self._slots.setdefault(loop, asyncio.Semaphore(self._config.num_workers))

        async def one(job: Any) -> Any:
            async with slots:
                return await run(job)

        tasks = [asyncio.ensure_future(one(job)) for job in jobs]
        try:
            return list(await asyncio.gather(*tasks))
        except BaseException:
            for task in tasks:
                if not task.cancelling():  # a second cancellation would cut short the first one's cleaning up
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def _execute(self, job: ExecutionJob) -> Execution:
        requests = [call_request(job.entry_point, call) for call in job.calls]
        started = time.monotonic()
        outcomes: list[Outcome] = []
        load = _NOT_RUN
        num_runs = 0
        while num_runs == 0 or (len(outcomes) < len(requests) and num_runs <= MAX_RESTARTS):
            num_runs += 1
            async with await Caller.start(job.limits, len(requests)) as caller:
                again = await caller.load(job.code, job.entry_point)
                load = again if num_runs == 1 else load
                if again.kind is not OutcomeKind.RETURNED:
                    break
                while len(outcomes) < len(requests) and not caller.ended:
                    outcomes.append((await caller.ask(requests[len(outcomes)]))[0])
        outcomes += [_NOT_RUN] * (len(requests) - len(outcomes))
        return Execution(load, tuple(outcomes), num_runs, time.monotonic() - started)
