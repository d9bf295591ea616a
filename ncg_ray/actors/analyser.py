"""The actor that reads candidates: one member of the pool."""

from __future__ import annotations

from collections.abc import Sequence

from ncg_ray import assemble
from ncg_ray.config import Config
from ncg_ray.protocols import ANYWHERE, Surroundings
from ncg_ray.types import Analysis


class AnalyserActor:
    """Static analysis, with its tools kept warm."""

    def __init__(self, config: Config) -> None:
        self._analyser = assemble.analyser(config)

    async def analyse(self, codes: Sequence[str], surroundings: Surroundings = ANYWHERE) -> list[Analysis]:
        return await self._analyser.analyse(codes, surroundings)
