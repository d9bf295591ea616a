"""What workers tell the driver while they train: a small actor with a queue, since Ray Train itself delivers a report every
two seconds at most. Its name is the run's lock: two jobs cannot write the same run at once."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Any

import ray

from ncg_ray.errors import InputError
from ncg_ray.telemetry import Event

NAMESPACE = "ncg-train"
LOCK_WAIT_S = 20.0
"A job that was killed a moment ago may still hold the name."


class Channel:
    """A queue of events in an actor."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[Event] = asyncio.Queue()

    async def put(self, event: Event) -> None:
        self.events.put_nowait(event)

    async def take(self, timeout_s: float) -> list[Event]:
        """All events that are there; where there are none, those that come within the time."""
        taken = []
        if self.events.empty():
            with contextlib.suppress(TimeoutError):
                taken.append(await asyncio.wait_for(self.events.get(), timeout_s))
        while not self.events.empty():
            taken.append(self.events.get_nowait())
        return taken


@contextlib.contextmanager
def opened(name: str) -> Iterator[Any]:
    """The channel of one run. Raises InputError where another job is training that run."""
    deadline = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            handle = ray.remote(Channel).options(name=name, namespace=NAMESPACE, num_cpus=0).remote()
            break
        except ValueError:
            if time.monotonic() > deadline:
                raise InputError(f"another job trains the run {name!r} right now; wait for it, stop it with `ray job stop`, "
                                 "or give train.name another value") from None
            time.sleep(0.5)
    try:
        yield handle
    finally:
        with contextlib.suppress(Exception):
            ray.kill(handle)


def cause(error: BaseException) -> BaseException:
    """What a worker raised, taken out of Ray Train's wrapping."""
    while True:
        failures = getattr(error, "worker_failures", None)
        inner = (next(iter(failures.values()), None) if failures else None) or getattr(error, "_base_exc", None) or getattr(
            error, "controller_failure", None)
        if inner is None or inner is error:
            return error
        error = inner


def gist(error: BaseException) -> str:
    """An error on one line."""
    error = cause(error)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
