"""The actor that runs candidates: one member of the pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ncg_ray import assemble
from ncg_ray.config import Config
from ncg_ray.protocols import Execution, ExecutionJob, ModuleJob, ModuleReport, ScreenJob, TestJob, TestReport
from ncg_ray.types import Outcome


class ExecutorActor:
    """A sandbox for one program at a time."""

    def __init__(self, config: Config) -> None:
        self._executor = assemble.executor(replace(config.sandbox, num_workers=1))

    async def isolation(self) -> str:
        return await self._executor.isolation()

    async def execute(self, jobs: Sequence[ExecutionJob]) -> list[Execution]:
        return await self._executor.execute(jobs)

    async def test(self, jobs: Sequence[TestJob]) -> list[TestReport]:
        return await self._executor.test(jobs)

    async def screen(self, jobs: Sequence[ScreenJob]) -> list[list[tuple[Outcome, ...]]]:
        return await self._executor.screen(jobs)

    async def run_module(self, jobs: Sequence[ModuleJob]) -> list[ModuleReport]:
        return await self._executor.run_module(jobs)
