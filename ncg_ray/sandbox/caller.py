"""A candidate in its sandbox, seen from the host: start, load, call."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from ncg_ray import plain
from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Call, Limits
from ncg_ray.sandbox import replies
from ncg_ray.sandbox.session import Ended, Session
from ncg_ray.sandbox.worker import Worker
from ncg_ray.types import Observation, Outcome, OutcomeKind, Usage

MIN_MEMORY_BYTES = 64 << 20
OBSERVATION_BYTES = 1 << 22


def call_request(name: str, call: Call) -> dict[str, Any]:
    """The call as a frame. Raises SandboxError naming the argument that is not plain data."""
    try:
        args = [plain.encode(arg) for arg in call.args]
        kwargs = {key: plain.encode(value) for key, value in call.kwargs.items()}
    except plain.NotPlain as error:
        raise SandboxError(f"a call of {name!r} has an argument that cannot enter the sandbox: {error}") from None
    return {"op": "call", "name": name, "args": args, "kwargs": kwargs, "part": False}


def check_limits(limits: Limits) -> None:
    """Raises SandboxError naming the limit that is out of range."""
    if not (math.isfinite(limits.time_s) and 0.01 <= limits.time_s <= 86_400):
        raise SandboxError(f"limit time_s = {limits.time_s!r}: from 0.01 to 86400 seconds")
    if not MIN_MEMORY_BYTES <= limits.memory_bytes < 1 << 62:
        raise SandboxError(f"limit memory_bytes = {limits.memory_bytes!r}: at least {MIN_MEMORY_BYTES} (64 MiB)")
    if not 1 <= limits.output_bytes < 1 << 31:
        raise SandboxError(f"limit output_bytes = {limits.output_bytes!r}: from 1 to 2147483647")


class Caller:
    """A session that holds one candidate. After `ended` is set no more calls are possible."""

    def __init__(self, session: Session, limits: Limits) -> None:
        self._session, self._limits = session, limits
        self.ended = False

    @classmethod
    async def start(cls, worker: Worker, limits: Limits, num_calls: int) -> Caller:
        """A fresh, confined process without any candidate code in it. Raises SandboxError."""
        check_limits(limits)
        cpu_s = min(limits.time_s * (num_calls + 1), 1e9)
        return cls(await Session.start(worker, "candidate", limits.memory_bytes, cpu_s), limits)

    @property
    def usage(self) -> Usage:
        """What the process used; known once it is closed."""
        return self._session.usage or Usage()

    async def load(self, code: str, entry_point: str, observe: Sequence[str] = (), module: str = "") -> Outcome:
        """Import the module; RETURNED where it defines `entry_point`."""
        return (await self.ask({"op": "load", "code": code, "entry_point": entry_point, "observe": list(observe),
                                "module": module}))[0]

    async def observation(self) -> Observation | None:
        """What the run tells about itself, where it was loaded to be observed and still lives."""
        if self.ended:
            return None
        _, reply = await self.ask({"op": "observed"}, OBSERVATION_BYTES)
        return replies.observation(reply)

    async def screen(self, codes: Sequence[str], name: str, calls: Sequence[Call]) -> list[tuple[Outcome, ...]]:
        """The outcomes of these candidates, up to the one that ended the process, whose outcome is the last."""
        requests = [call_request(name, call) for call in calls]
        message = {"op": "screen", "entry_point": name, "codes": list(codes),
                   "calls": [[r["args"], r["kwargs"]] for r in requests]}
        limits, done = self._limits, []
        stream = self._session.stream(message, limits.time_s, limits.output_bytes * (len(calls) + 1), limits.output_bytes)
        try:
            async for reply, elapsed_s in stream:
                load = replies.outcome({"value": None, **reply}, elapsed_s)
                if load.kind is OutcomeKind.RETURNED:
                    done.append(tuple(replies.outcome(r, 0.0) for r in replies.objects(reply, "outcomes", len(calls))))
                else:
                    done.append((load,) * len(calls))
                if len(done) == len(codes):
                    break
        except Ended as error:
            self.ended = True
            done.append((replies.ended(error),) * len(calls))
        return done

    async def ask(self, request: dict[str, Any], max_bytes: int = 0) -> tuple[Outcome, dict[str, Any]]:
        """One request; its outcome, and the reply itself, whose values `replies.outcome` has checked."""
        limits = self._limits
        # An input that comes back changed is as large as it was: its size is allowed for on top.
        allowed = max_bytes or limits.output_bytes
        if request["op"] == "call":
            allowed += len(json.dumps([request["args"], request["kwargs"]]))
        try:
            reply, elapsed_s = await self._session.request(request, limits.time_s, allowed, limits.output_bytes)
        except Ended as error:
            self.ended = True
            return replies.ended(error), {}
        outcome = replies.outcome(reply, elapsed_s)
        self.ended = outcome.kind is OutcomeKind.CRASHED
        return outcome, reply

    async def close(self) -> None:
        await self._session.close()

    async def __aenter__(self) -> Caller:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
