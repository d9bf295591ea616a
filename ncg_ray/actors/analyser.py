"""The actor that reads candidates and scores them."""

from __future__ import annotations

from collections.abc import Sequence

from ncg_ray import assemble
from ncg_ray.config import Config
from ncg_ray.protocols import Check
from ncg_ray.types import Analysis, Candidate, Reward, Task


class AnalyserActor:
    """Static analysis, and the reward, which is arithmetic on its result."""

    def __init__(self, config: Config) -> None:
        self._analyser = assemble.analyser()
        self._rewarder = assemble.rewarder(config)

    async def analyse(self, codes: Sequence[str]) -> list[Analysis]:
        return await self._analyser.analyse(codes)

    async def score(self, task: Task, candidates: Sequence[Candidate], checks: Sequence[Check],
                    analyses: Sequence[Analysis]) -> list[Reward]:
        return await self._rewarder.score(task, candidates, checks, analyses)
