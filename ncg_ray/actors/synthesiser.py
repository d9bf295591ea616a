"""The actor that searches for programs without a model."""

from __future__ import annotations

from collections.abc import Sequence

from ncg_ray import assemble
from ncg_ray.config import Config
from ncg_ray.protocols import SynthesisRequest
from ncg_ray.types import Candidate


class SynthesiserActor:
    """One search at a time: it is bound by the CPU."""

    def __init__(self, config: Config) -> None:
        self._synthesiser = assemble.synthesiser(config)

    async def synthesise(self, requests: Sequence[SynthesisRequest]) -> list[list[Candidate]]:
        return await self._synthesiser.synthesise(requests)
