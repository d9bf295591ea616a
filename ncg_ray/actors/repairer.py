"""The actor of the two parts that put questions to the model: repairs, and specifications out of words."""

from __future__ import annotations

from collections.abc import Sequence

from ncg_ray import assemble
from ncg_ray.config import Config
from ncg_ray.protocols import Generator, RepairRequest
from ncg_ray.types import Candidate, Task


class RepairerActor:
    """`generator` is the proxy of the generator's actor, so the model lives in one process only."""

    def __init__(self, generator: Generator, config: Config) -> None:
        self._repairer = assemble.repairer(generator)
        self._specifier = assemble.specifier(generator, config)

    async def repair(self, requests: Sequence[RepairRequest]) -> list[list[Candidate]]:
        return await self._repairer.repair(requests)

    async def specify(self, tasks: Sequence[Task], seed: int) -> list[Task]:
        return await self._specifier.specify(tasks, seed)
