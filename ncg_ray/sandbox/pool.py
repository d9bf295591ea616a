"""Workers for all who want one: started when first needed, kept warm, replaced when old or sick."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from ncg_ray.errors import SandboxError
from ncg_ray.sandbox.worker import Worker

T = TypeVar("T")

MAX_TRIES = 4
"Workers that one job may use up through our own failures, before the failure is told."


class Pool:
    """At most `size` jobs at once in each event loop; a worker has one job at a time.

    A job that fails through no fault of the candidate is done again in a fresh worker.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._idle: list[Worker] = []
        self._lock = threading.Lock()
        self._slots: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            weakref.WeakKeyDictionary())

    async def run(self, job: Callable[[Worker], Awaitable[T]]) -> T:
        """Do a job on a worker of its own. Raises SandboxError where `MAX_TRIES` workers failed."""
        slots = self._slots.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.size))
        async with slots:
            for attempt in range(MAX_TRIES):
                async with self._worker() as worker:
                    try:
                        return await job(worker)
                    except SandboxError:
                        # What the caller got wrong is no fault of the worker, and fails again.
                        if not worker.is_sick or attempt == MAX_TRIES - 1:
                            raise
        raise AssertionError("unreachable")

    @contextlib.asynccontextmanager
    async def _worker(self) -> AsyncIterator[Worker]:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        if worker is not None and not worker.is_usable:
            worker.close()
            worker = None
        if worker is None:
            worker = await asyncio.to_thread(Worker)
        try:
            yield worker
        finally:
            with self._lock:
                keep = worker.is_usable and len(self._idle) < self.size
                if keep:
                    self._idle.append(worker)
            if not keep:
                worker.close()

    def close(self) -> None:
        """End the idle workers; the pool may be used again."""
        with self._lock:
            workers, self._idle = self._idle, []
        for worker in workers:
            worker.close()
