"""The actor that scores candidates: one member of the pool."""

from __future__ import annotations

from collections.abc import Sequence

from ncg_ray import assemble
from ncg_ray.config import Config
from ncg_ray.protocols import Check
from ncg_ray.types import Analysis, Candidate, Reward, Task


class RewardActor:
    """The reward: arithmetic on what the verifiers and analysers said."""

    def __init__(self, config: Config) -> None:
        self._rewarder = assemble.rewarder(config)

    async def score(self, task: Task, candidates: Sequence[Candidate], checks: Sequence[Check],
                    analyses: Sequence[Analysis]) -> list[Reward]:
        return await self._rewarder.score(task, candidates, checks, analyses)
