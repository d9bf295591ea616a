"""The actor that holds the model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from ncg_ray.errors import boundary
from ncg_ray.protocols import Completion, CompletionRequest, GenerationRequest, Generator, ModelInfo
from ncg_ray.types import Candidate

Load = Callable[[Callable[[str], None]], Generator]
"What makes the generator; it may take minutes, and says through its argument what the user should know."


class GeneratorActor:
    """Loads when it is first asked, not when it is made: so a wrong model is a ModelError at the caller, and an actor
    that Ray has restarted, which is empty, loads again by itself."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._generator: Generator | None = None
        self._loading = asyncio.Lock()
        self._notes: list[str] = []

    async def start(self) -> list[str]:
        """Load the model; returns what the user should know about it. Raises ModelError."""
        await self._loaded()
        return self._notes

    async def info(self) -> ModelInfo:
        return await (await self._loaded()).info()

    async def generate(self, requests: Sequence[GenerationRequest]) -> list[list[Candidate]]:
        return await (await self._loaded()).generate(requests)

    async def complete(self, requests: Sequence[CompletionRequest]) -> list[list[Completion]]:
        return await (await self._loaded()).complete(requests)

    async def _loaded(self) -> Generator:
        async with self._loading:
            if self._generator is None:
                self._notes.clear()
                with boundary("load"):
                    self._generator = await asyncio.to_thread(self._load, self._notes.append)
        return self._generator
