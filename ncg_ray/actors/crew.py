"""Calls to actors: each has a deadline, goes to the least busy member, and outlives the death of any of them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import ray
from ray import exceptions

from ncg_ray import telemetry
from ncg_ray.errors import ActorError, DeadlineError, InfrastructureError, NCGError
from ncg_ray.telemetry import Listener

MAX_REPEATS = 2
"Repeats of a call that failed with a retryable error of its own; a death is repeated until the deadline."
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0
CALLS_A_MEMBER = 16
"Calls that may be with one member; more wait here, so that a flood of work is felt where it is made."
CHUNKS_A_MEMBER = 2
"More than one, so that a member with slow candidates does not hold up the batch; few, since each has a fixed cost."

DEATHS = (exceptions.RayActorError, exceptions.WorkerCrashedError, exceptions.OutOfMemoryError,
          exceptions.NodeDiedError, exceptions.ObjectLostError)


class Crew:
    """Equal actors of one kind, called as one.

    All our calls are idempotent (same request, same seed, same answer), so a call whose actor died in the middle is
    repeated: on another member, or on the same one as soon as Ray has restarted it. `config.ray.max_restarts` bounds
    how often; a member that has used them up is not asked again.
    """

    def __init__(self, kind: str, actors: dict[str, Any], namespace: str, timeout_s: float,
                 on_event: Listener = telemetry.ignore) -> None:
        self.kind, self.namespace, self.timeout_s, self.on_event = kind, namespace, timeout_s, on_event
        self.names, self.handles = list(actors), list(actors.values())
        self._load = [0] * len(self.handles)
        self._gone: set[int] = set()
        self._room: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = weakref.WeakKeyDictionary()

    def __reduce__(self) -> tuple[Any, ...]:
        # By name: an actor that was made with handles among its arguments cannot be restarted. The listener stays here.
        return _rejoin, (self.kind, self.names, self.namespace, self.timeout_s)

    async def call(self, send: Callable[[Any], Any], weight: int = 1) -> Any:
        """Send one call to the least busy member and wait for its answer.

        Where all members have their hands full it waits for one. Raises the NCGError that the actor raised, ActorError
        where all members are gone, DeadlineError.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.timeout_s
        room = self._room.setdefault(loop, asyncio.Semaphore(CALLS_A_MEMBER * len(self.handles)))
        with translated(self.kind):
            async with asyncio.timeout_at(deadline):
                await room.acquire()
        try:
            return await self._call(send, weight, deadline)
        finally:
            room.release()

    async def _call(self, send: Callable[[Any], Any], weight: int, deadline: float) -> Any:
        failed: set[int] = set()
        told: set[int] = set()
        num_repeats, pause_s = 0, FIRST_PAUSE_S
        while True:
            index = self._pick(failed)
            try:
                return await self._once(index, send, weight, deadline)
            except NCGError as error:
                if isinstance(error, ActorError) and error.context.get("actor") == self.kind:
                    failed.add(index)
                    if error.context["final"]:
                        self._gone.add(index)
                    if len(self._gone) == len(self.handles):
                        raise
                    self._tell(index, told)
                    if len(failed | self._gone) < len(self.handles):
                        continue  # somebody else can do it at once
                    failed.clear()
                elif error.retryable and not isinstance(error, ActorError) and num_repeats < MAX_REPEATS:
                    num_repeats += 1
                else:
                    raise
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def spread(self, items: Sequence[Any], send: Callable[[Any, Sequence[Any]], Any]) -> list[Any]:
        """Cut a batch into chunks, let the members work through them, and give the answers back in order."""
        chunks = _chunks(items, CHUNKS_A_MEMBER * len(self.handles))
        answers: list[list[Any]] = [[]] * len(chunks)
        todo = iter(enumerate(chunks))

        async def work() -> None:
            for i, chunk in todo:
                answers[i] = await self.call(lambda handle, chunk=chunk: send(handle, chunk), len(chunk))

        workers = [asyncio.ensure_future(work()) for _ in self.handles[: len(chunks)]]
        try:
            await asyncio.gather(*workers)
        except BaseException:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            raise
        return [answer for batch in answers for answer in batch]

    def _tell(self, index: int, told: set[int]) -> None:
        if index not in told:
            told.add(index)
            self.on_event({"event": "note", "text": f"the actor {self.names[index]} died; its call is repeated"})

    def _pick(self, avoid: set[int]) -> int:
        live = [i for i in range(len(self.handles)) if i not in self._gone] or list(range(len(self.handles)))
        return min(live, key=lambda i: (i in avoid, self._load[i]))

    async def _once(self, index: int, send: Callable[[Any], Any], weight: int, deadline: float) -> Any:
        self._load[index] += weight
        ref = None
        try:
            with translated(self.kind):
                async with asyncio.timeout_at(deadline):
                    ref = send(self.handles[index])
                    return await ref
        except (DeadlineError, asyncio.CancelledError):
            if ref is not None:
                with contextlib.suppress(Exception):
                    ray.cancel(ref)
            raise
        finally:
            self._load[index] -= weight


@contextlib.contextmanager
def translated(kind: str) -> Iterator[None]:
    """Turn Ray's exceptions into ours. An NCGError that an actor raised comes out as it was."""
    try:
        yield
    except exceptions.RayTaskError as error:
        if isinstance(error.cause, NCGError):
            raise error.cause from None
        raise InfrastructureError(f"{kind} actor: {type(error.cause).__name__}: {error.cause}", actor=kind) from error
    except exceptions.GetTimeoutError:
        raise _late(kind) from None
    except DEATHS as error:
        final = isinstance(error, exceptions.ActorDiedError)
        what = "is gone for good" if final else "died"
        raise ActorError(f"the {kind} actor {what}: {_gist(error)}", actor=kind, final=final) from error
    except exceptions.RayError as error:
        raise InfrastructureError(f"{kind} actor: {type(error).__name__}: {error}", actor=kind) from error
    except TimeoutError:
        raise _late(kind) from None


def _late(kind: str) -> DeadlineError:
    also = ", and what ray.sandbox_resource asks for" if kind == "executor" else ""
    return DeadlineError(f"the {kind} actor did not answer in time; see ray.call_timeout_s and ray.start_timeout_s, and "
                         f"whether the cluster has a free CPU for it{also}", actor=kind)


def _gist(error: BaseException) -> str:
    """First and last line of Ray's long texts: what happened, and to what exception it came."""
    lines = [line.strip() for line in re.sub(r"\x1b\[\d+m", "", str(error)).splitlines() if line.strip()]
    return " ... ".join(line[:200] for line in dict.fromkeys([*lines[:1], *lines[-1:]]))


def _rejoin(kind: str, names: Sequence[str], namespace: str, timeout_s: float) -> Crew:
    return Crew(kind, {name: ray.get_actor(name, namespace) for name in names}, namespace, timeout_s)


def _chunks(items: Sequence[Any], most: int) -> list[list[Any]]:
    """At most `most` runs of neighbours, their lengths at most one apart."""
    num = min(most, len(items))
    edges = [len(items) * i // num for i in range(num + 1)] if num else [0]
    return [list(items[a:b]) for a, b in itertools.pairwise(edges)]
