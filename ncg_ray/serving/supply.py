"""The Parts that a replica works with: asked from the Steward, tried out, and asked for again when actors are gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ncg_ray import telemetry
from ncg_ray.errors import ActorError, InfrastructureError, NCGError
from ncg_ray.pipeline import Parts, solve
from ncg_ray.protocols import Executor
from ncg_ray.serving.refusal import NotReadyError
from ncg_ray.types import Candidate, Example, Level, Task
from ncg_ray.verdicts import headline

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
PING_TIMEOUT_S = 5.0

CANARY = Task("Return the sum of the two integers a and b.", id="canary", signature="def add(a: int, b: int) -> int",
              entry_point="add", examples=(Example((2, 3), returns=5), Example((-1, 1), returns=0)))
CANARY_CODE = "def add(a: int, b: int) -> int:\n    return a + b\n"
"A program that is known to be right: what the sandbox and the verifier make of it says whether they work."


@dataclass(frozen=True, slots=True)
class Grant:
    """What the Steward hands out. `ring` tells one set of actors from the next."""

    ring: str
    parts: Parts
    executor: Executor
    notes: tuple[str, ...] = ()
    "What the user should know about the model."


Fetch = Callable[[str], Awaitable[Grant]]
"Ask for Parts; the argument names a ring that is lost, or nothing."


async def try_model(parts: Parts) -> None:
    """Take the canary task all the way: generator, sandbox, verifier, analyser, reward. What the model wrote may be wrong.

    Raises InfrastructureError.
    """
    trace = await solve(CANARY, parts, mode="neural")
    if not trace.attempts or not trace.attempts[0].verdicts:
        raise InfrastructureError("the canary task came back without a verdict")


async def try_sandbox(parts: Parts) -> None:
    """A program that is known to be right must come out TESTED. Raises InfrastructureError."""
    check, = await parts.verifier.verify(CANARY, [Candidate(CANARY_CODE, entry_point=CANARY.entry_point)])
    if (level := headline(check.verdicts)) < Level.TESTED:
        raise InfrastructureError(f"a program that is right was judged {level.name}: the sandbox or the verifier is broken")


class Supply:
    """Keeps one Grant at hand; `keep()` runs for as long as the replica does."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._grant: Grant | None = None
        self._lost = ""
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._reason = "the actors are starting; a model may take minutes to load"

    def current(self) -> Grant:
        """Raises NotReadyError while there is none."""
        if self._grant is None:
            raise NotReadyError(f"not ready: {self._reason}")
        return self._grant

    def lost(self, grant: Grant, error: NCGError) -> None:
        """Tell that an actor of this grant is gone for good."""
        if self._grant is grant:
            telemetry.logger("serve").warning("actors lost", ring=grant.ring, error=error.message)
            self._grant, self._lost, self._reason = None, grant.ring, f"actors are being replaced ({error.message})"
            self._wanted.set()

    async def ping(self) -> Grant:
        """The current grant, after its actors answered a question that waits for no work. Raises NotReadyError."""
        grant = self.current()
        try:
            async with asyncio.timeout(PING_TIMEOUT_S):
                await grant.executor.isolation()
                if grant.parts.generator is not None:
                    await grant.parts.generator.info()
        except TimeoutError:
            raise NotReadyError("not ready: the actors do not answer; they may be restarting") from None
        except InfrastructureError as error:
            if is_final(error):
                self.lost(grant, error)
            raise NotReadyError(f"not ready: {error.message}") from None
        return grant

    async def keep(self) -> None:
        """Fetch whenever there is none, until it works."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            pause_s = FIRST_PAUSE_S
            while self._grant is None:
                try:
                    grant = await self._fetch(self._lost)
                    await try_sandbox(grant.parts)
                    self._grant = grant
                except Exception as error:
                    message = error.message if isinstance(error, NCGError) else f"{type(error).__name__}: {error}"
                    self._reason = message
                    telemetry.logger("serve").warning("no parts yet", error=message)
                    await asyncio.sleep(pause_s)
                    pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def is_final(error: NCGError) -> bool:
    """Whether an actor is gone for good, so that only new ones help."""
    return isinstance(error, ActorError) and bool(error.context.get("final"))
