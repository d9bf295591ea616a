"""The actor that checks candidates: one member of the pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ncg_ray import assemble
from ncg_ray.config import Config
from ncg_ray.protocols import Check, Generator
from ncg_ray.types import Candidate, Task


class VerifierActor:
    """A verifier with a sandbox and a solver of its own: what a candidate returns never travels far."""

    def __init__(self, config: Config, generator: Generator | None) -> None:
        """`generator` is the proxy of the generator's actor, for guesses at loop invariants."""
        self._executor = assemble.executor(replace(config.sandbox, num_workers=1))
        self._verifier = assemble.verifier(self._executor, config, generator=generator)

    async def isolation(self) -> str:
        return await self._executor.isolation()

    async def verify(self, task: Task, candidates: Sequence[Candidate]) -> list[Check]:
        return await self._verifier.verify(task, candidates)
