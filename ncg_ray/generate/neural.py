"""The neural generator: a language model behind the `Generator` protocol."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from ncg_ray.errors import boundary
from ncg_ray.generate.lm import LanguageModel
from ncg_ray.generate.prompts import BASE_STOP, write_function
from ncg_ray.protocols import Completion, CompletionRequest, GenerationRequest, ModelInfo
from ncg_ray.syntax import read_reply
from ncg_ray.syntax.stub import BLOCK_END
from ncg_ray.types import Candidate


class NeuralGenerator:
    """Asks a language model for whole functions.

    The model works on one call at a time: a second caller waits, since two would only slow each other down. A call that is
    cancelled stops the model at its next token.
    """

    def __init__(self, model: LanguageModel, max_new_tokens: int = 512) -> None:
        self.model, self.max_new_tokens = model, max_new_tokens
        self._busy = asyncio.Lock()

    async def info(self) -> ModelInfo:
        return self.model.info

    async def complete(self, requests: Sequence[CompletionRequest]) -> list[list[Completion]]:
        async with self._busy:
            with boundary("generate"):
                unwanted = threading.Event()
                work = asyncio.ensure_future(asyncio.to_thread(self._complete, requests, unwanted.is_set))
                try:
                    return await asyncio.shield(work)
                except asyncio.CancelledError:
                    unwanted.set()
                    await asyncio.gather(work, return_exceptions=True)  # the next caller finds the model idle
                    raise

    def _complete(self, requests: Sequence[CompletionRequest], cancelled: Callable[[], bool]) -> list[list[Completion]]:
        batches = self.model.complete(requests, cancelled)
        for i, (request, replies) in enumerate(zip(requests, batches, strict=True)):
            if request.second_prefill is not None and _mostly_empty(request, replies):
                again = replace(request, prefill=request.second_prefill, stop=BLOCK_END, second_prefill=None)
                batches[i], = self.model.complete([again], cancelled)
        return batches

    async def generate(self, requests: Sequence[GenerationRequest]) -> list[list[Candidate]]:
        replies = await self.complete([self._ask(r) for r in requests])
        return [[read_reply(r.task, reply, "sample" if r.temperature else "greedy") for reply in batch]
                for r, batch in zip(requests, replies, strict=True)]

    def _ask(self, request: GenerationRequest) -> CompletionRequest:
        prompt = write_function(request.task, request.snippets)
        if self.model.is_chat:
            return CompletionRequest(prompt.turn, prompt.prefill, prompt.stop, prompt.second_prefill, request.num_candidates,
                                     request.temperature, self.max_new_tokens, request.seed)
        return CompletionRequest("", prompt.plain, BASE_STOP, None, request.num_candidates, request.temperature,
                                 self.max_new_tokens, request.seed)


def _mostly_empty(request: CompletionRequest, replies: Sequence[Completion]) -> bool:
    empty = [reply for reply in replies if not reply.text.removeprefix(request.prefill).strip()]
    return 2 * len(empty) > len(replies)
