"""Workers for all who want one: started when first needed, kept warm, replaced when old or sick."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Environment
from ncg_ray.sandbox.backends import Backend
from ncg_ray.sandbox.policy import NOTHING
from ncg_ray.sandbox.worker import Worker

T = TypeVar("T")

NUM_ENVIRONMENTS = 2
"Idle workers are kept for so many environments at once; those longest unused go first."

MAX_TRIES = 6
"Workers that one job may use up through our own failures, before the failure is told."


class Pool:
    """At most `size` jobs at once in each event loop; a worker has one job at a time.

    A job that fails through no fault of the candidate is done again in a fresh worker.
    """

    def __init__(self, size: int, backend: Backend) -> None:
        self.size, self.backend = size, backend
        self._idle: list[Worker] = []
        self._lock = threading.Lock()
        self._slots: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            weakref.WeakKeyDictionary())

    async def run(self, job: Callable[[Worker], Awaitable[T]], environment: Environment = NOTHING) -> T:
        """Do a job on a worker of its own, with this environment. Raises SandboxError where `MAX_TRIES` workers failed."""
        slots = self._slots.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.size))
        async with slots:
            for attempt in range(MAX_TRIES):
                worker = None
                try:
                    async with self._worker(environment) as worker:
                        return await job(worker)
                except SandboxError:
                    # What the caller got wrong is no fault of the worker, and fails again.
                    is_ours = worker is None or worker.is_sick
                    if not is_ours or attempt == MAX_TRIES - 1:
                        raise
        raise AssertionError("unreachable")

    @contextlib.asynccontextmanager
    async def _worker(self, environment: Environment) -> AsyncIterator[Worker]:
        worker, old = self._take(environment)
        for other in old:
            other.close()
        if worker is None:
            worker = await asyncio.to_thread(Worker, self.backend, environment)
        try:
            yield worker
        finally:
            if worker.is_usable:
                with self._lock:
                    self._idle.append(worker)
                    old = self._idle[: -self.size * NUM_ENVIRONMENTS]
                    del self._idle[: -self.size * NUM_ENVIRONMENTS]
            else:
                old = [worker]
            for other in old:
                other.close()

    def _take(self, environment: Environment) -> tuple[Worker | None, list[Worker]]:
        """An idle worker of this environment, and those that are of no more use."""
        with self._lock:
            old = [w for w in self._idle if not w.is_usable]
            fit = [w for w in self._idle if w.is_usable and w.environment == environment]
            taken = fit[-1] if fit else None
            self._idle = [w for w in self._idle if w not in old and w is not taken]
        return taken, old

    def close(self) -> None:
        """End the idle workers; the pool may be used again."""
        with self._lock:
            workers, self._idle = self._idle, []
        for worker in workers:
            worker.close()
