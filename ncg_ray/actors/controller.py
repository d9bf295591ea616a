"""The actor that decides what to try next."""

from __future__ import annotations

from collections.abc import Sequence

from ncg_ray import assemble
from ncg_ray.config import Config
from ncg_ray.types import Attempt, Decision, Task


class ControllerActor:
    """The controllers of all modes."""

    def __init__(self, config: Config, model: bool) -> None:
        self._controllers = assemble.controllers(config, model)

    async def decide(self, mode: str, task: Task, attempts: Sequence[Attempt],
                     decisions: Sequence[Decision]) -> Decision:
        return await self._controllers[mode].decide(task, attempts, decisions)
