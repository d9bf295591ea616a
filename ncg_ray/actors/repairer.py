"""The actor that mends candidates: by a search for edits, and by questions to the model; specifications out of words too."""

from __future__ import annotations

from collections.abc import Sequence

from ncg_ray import assemble
from ncg_ray.config import Config
from ncg_ray.errors import InputError
from ncg_ray.protocols import Executor, Generator, RepairRequest
from ncg_ray.types import Candidate, Task


class RepairActor:
    """`executor` and `generator` are proxies: candidates run in the pool, and the model lives in one process only."""

    def __init__(self, executor: Executor, generator: Generator | None, config: Config) -> None:
        self._editor = assemble.editor(executor, config)
        self._repairer = assemble.repairer(generator) if generator else None
        self._specifier = assemble.specifier(generator, config) if generator else None

    async def edit(self, requests: Sequence[RepairRequest]) -> list[list[Candidate]]:
        return await self._editor.repair(requests)

    async def repair(self, requests: Sequence[RepairRequest]) -> list[list[Candidate]]:
        if self._repairer is None:
            raise InputError("this ring has no model to ask for repairs")
        return await self._repairer.repair(requests)

    async def specify(self, tasks: Sequence[Task], seed: int) -> list[Task]:
        if self._specifier is None:
            raise InputError("this ring has no model to ask for a specification")
        return await self._specifier.specify(tasks, seed)
