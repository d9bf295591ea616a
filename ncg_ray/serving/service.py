"""What the routes do, without HTTP: a wish in, a Trace out, under admission, deadline and storage."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ncg_ray import pipeline, storage, telemetry
from ncg_ray.config import Config, storage_root
from ncg_ray.errors import DeadlineError, InfrastructureError, NCGError
from ncg_ray.serving.admission import Admission
from ncg_ray.serving.metrics import Metrics, NoMetrics
from ncg_ray.serving.refusal import NotReadyError, RequestError
from ncg_ray.serving.schema import Wish
from ncg_ray.serving.supply import Grant, Supply, is_final
from ncg_ray.telemetry import Listener
from ncg_ray.types import Trace

GRACE_SHARE, GRACE_S = 0.1, 1.0
"""At its deadline the search stops and answers with the best so far, but a step that runs is not cut. So much later, as a
share of the deadline and in seconds beside, it is: a 504."""

REPORT_S = 2.0


class Service:
    """One replica's."""

    def __init__(self, config: Config, supply: Supply, metrics: Metrics | None = None) -> None:
        self.config, self.supply, self.metrics = config, supply, metrics or NoMetrics()
        self.admission = Admission(config.serve.max_running, config.serve.max_waiting)
        self.store = storage_root(config)
        self.created = int(time.time())

    async def generate(self, wish: Wish, on_event: Listener = telemetry.ignore) -> Trace:
        """Solve a task; its Trace is stored before it is returned. `accepted` is the first event.

        Raises NotReadyError, InputError for a mode that is not served, BusyError, DeadlineError, and InfrastructureError
        where our side fails.
        """
        grant = self.supply.current()
        mode = wish.mode or wish.task.mode or "adaptive"
        pipeline.controller_for(mode, grant.parts)
        limit_s = min(wish.deadline_s or self.config.serve.deadline_s, self.config.serve.deadline_s)
        started = time.monotonic()
        with self.admission.enter() as ticket, self._watched(grant):
            on_event({"event": "accepted"})
            self._count()
            try:
                async with asyncio.timeout(limit_s * (1 + GRACE_SHARE) + GRACE_S):
                    await ticket.turn()
                    self._count()
                    left_s = limit_s - (time.monotonic() - started)
                    if left_s <= 0:
                        raise TimeoutError
                    trace = await pipeline.solve(wish.task, grant.parts, mode=mode, seed=wish.seed, deadline_s=left_s,
                                                 on_event=on_event)
            except TimeoutError:
                raise DeadlineError(f"no answer within {limit_s:g} s; ask for more with deadline_s (at most "
                                    f"{self.config.serve.deadline_s:g}), or later, when fewer ask") from None
        self._count()
        self.metrics.verdict(trace.verdict)
        await self._store(trace)
        return trace

    async def trace(self, trace_id: str) -> Trace:
        """A stored Trace, whichever replica made it. Raises RequestError (404)."""
        trace = await asyncio.to_thread(storage.load_trace, trace_id, self.store)
        if trace is None:
            raise RequestError(f"there is no Trace {trace_id[:64]!r}; its id stands in `id` of an answer", status=404,
                               kind="not_found")
        return trace

    @contextmanager
    def _watched(self, grant: Grant) -> Iterator[None]:
        """Notice that actors are gone for good; whoever asks again gets new ones."""
        try:
            yield
        except NCGError as error:
            if not is_final(error):
                raise
            self.supply.lost(grant, error)
            raise NotReadyError(f"the work was lost: {error.message}; ask again") from error
        finally:
            self._count()

    async def report(self) -> None:
        """Tell the load for ever: Ray forgets a gauge that nobody sets."""
        while True:
            self._count()
            await asyncio.sleep(REPORT_S)

    async def _store(self, trace: Trace) -> None:
        try:
            await asyncio.to_thread(storage.save_trace, trace, self.store)
        except InfrastructureError as error:  # the answer is worth more than its copy
            telemetry.logger("serve").error("trace not stored", trace=trace.id, error=error.message)

    def _count(self) -> None:
        self.metrics.load(self.admission.num_running, self.admission.num_waiting)
