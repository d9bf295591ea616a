"""Who may work now, who waits, and who is told to come back."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ncg_ray.serving.refusal import BusyError

LONGEST_RETRY_S = 60
SMOOTHING = 0.2
"Weight of the newest request in the running mean of how long one takes."


class Admission:
    """At most `max_running` at work and `max_waiting` behind them, first come, first served; one more is a BusyError."""

    def __init__(self, max_running: int, max_waiting: int) -> None:
        self.max_running, self.max_waiting = max_running, max_waiting
        self._places = asyncio.Semaphore(max_running)
        self._num_inside = self._num_running = 0
        self._mean_s = 1.0

    @property
    def num_running(self) -> int:
        return self._num_running

    @property
    def num_waiting(self) -> int:
        return self._num_inside - self._num_running

    @contextmanager
    def enter(self) -> Iterator[Ticket]:
        """Take a place in the line at once, or raise BusyError; `await ticket.turn()` inside waits until work may begin."""
        if self._num_inside >= self.max_running + self.max_waiting:
            raise BusyError(f"{self._num_running} requests are at work and {self.num_waiting} wait; try again later",
                            retry_after_s=self.retry_after_s())
        self._num_inside += 1
        ticket = Ticket(self)
        try:
            yield ticket
        finally:
            self._num_inside -= 1
            ticket.leave()

    def retry_after_s(self) -> int:
        """Whole seconds after which a place is likely to be free, from how long requests took lately."""
        return min(LONGEST_RETRY_S, max(1, math.ceil(self._mean_s * (1 + self.num_waiting) / self.max_running)))


class Ticket:
    """One request's place."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._started: float | None = None

    async def turn(self) -> None:
        await self._admission._places.acquire()
        self._admission._num_running += 1
        self._started = time.monotonic()

    def leave(self) -> None:
        if self._started is not None:
            took_s, at = time.monotonic() - self._started, self._admission
            at._mean_s += SMOOTHING * (took_s - at._mean_s)
            at._num_running -= 1
            at._places.release()
