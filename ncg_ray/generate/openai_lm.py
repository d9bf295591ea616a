"""A model behind any OpenAI-compatible server: vLLM, llama.cpp, SGLang, or a hosted one."""

from __future__ import annotations

import asyncio
import concurrent.futures
import hashlib
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from ncg_ray.config import ModelConfig, environment
from ncg_ray.errors import DeadlineError, GenerationError, ModelError
from ncg_ray.generate.lm import CancelledError, never
from ncg_ray.protocols import Completion, CompletionRequest, ModelInfo

T = TypeVar("T")

MAX_RETRIES = 4
CANCEL_POLL_S = 0.05


class OpenAIModel:
    """Speaks through the official client, which retries 408, 409, 429 and 5xx with exponential back-off.

    The prefill cannot be forced on a chat server, so it is left out: the code extraction copes with a whole reply.
    A key is taken from the environment variable that `model.api_key_env` names; many local servers need none.
    """

    is_chat = True

    def __init__(self, config: ModelConfig) -> None:
        import openai

        key = environment(config.api_key_env) or "none"
        self.config = config
        # An event loop of its own, because only the asynchronous client lets go of a request that is under way.
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="openai", daemon=True).start()
        self.client = openai.AsyncOpenAI(base_url=config.source, api_key=key, max_retries=MAX_RETRIES,
                                         timeout=config.deadline_s)
        self.name = config.name or self._first_model()
        self.info = ModelInfo(f"{self.name} at {config.source}",
                              hashlib.sha256(f"{config.source} {self.name}".encode()).hexdigest()[:16])

    def _first_model(self) -> str:
        import openai

        try:
            names = self._wait(self._model_names())
        except openai.OpenAIError as error:
            raise ModelError(f"model.source = {self.config.source!r}: the server gave no list of models "
                             f"({_first_line(error)}); check the URL (it usually ends in /v1) and the key in "
                             f"{self.config.api_key_env}, or set model.name") from error
        if not names:
            raise ModelError(f"model.source = {self.config.source!r} lists no model; set model.name")
        return names[0]

    async def _model_names(self) -> list[str]:
        return [model.id async for model in self.client.with_options(timeout=10, max_retries=1).models.list()]

    def _wait(self, work: Coroutine[Any, Any, T], cancelled: Callable[[], bool] = never) -> T:
        """Block until it is done. A request that is cancelled closes its connection, so the server may stop too."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        while not future.done():
            concurrent.futures.wait([future], CANCEL_POLL_S)
            if cancelled():
                future.cancel()
                raise CancelledError
        return future.result()

    def complete(self, requests: Sequence[CompletionRequest],
                 cancelled: Callable[[], bool] = never) -> list[list[Completion]]:
        return [self._complete(request, cancelled) for request in requests]

    def _complete(self, request: CompletionRequest, cancelled: Callable[[], bool]) -> list[Completion]:
        completions: list[Completion] = []
        while len(completions) < request.num_completions:  # some servers give one choice whatever `n` says
            completions += self._ask(request, request.num_completions - len(completions), len(completions), cancelled)
        return completions[: request.num_completions]

    def _ask(self, request: CompletionRequest, n: int, offset: int, cancelled: Callable[[], bool]) -> list[Completion]:
        import openai

        try:
            reply = self._wait(self.client.chat.completions.create(
                model=self.name, messages=[{"role": "user", "content": request.prompt}], n=n,
                temperature=request.temperature, top_p=self.config.top_p if request.temperature else 1.0,
                max_tokens=min(request.max_tokens, self.config.max_new_tokens), seed=request.seed + offset,
                logprobs=True), cancelled)
        except openai.APITimeoutError as error:
            raise DeadlineError(f"the server at {self.config.source} did not answer within {self.config.deadline_s:g} s; "
                                f"raise model.deadline_s") from error
        except (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError,
                openai.BadRequestError) as error:
            raise ModelError(f"the server at {self.config.source} refused: {_first_line(error)}; check model.name = "
                             f"{self.name!r} and the key in {self.config.api_key_env}") from error
        except openai.OpenAIError as error:
            raise GenerationError(f"the server at {self.config.source} failed: {_first_line(error)}") from error
        if not reply.choices:
            raise GenerationError(f"the server at {self.config.source} answered without a choice")
        return [_completion(choice, reply.usage.completion_tokens // len(reply.choices) if reply.usage else 0)
                for choice in reply.choices]


def _completion(choice, num_tokens: int) -> Completion:
    content = choice.logprobs.content if choice.logprobs and choice.logprobs.content else []
    mean = sum(token.logprob for token in content) / len(content) if content else None
    return Completion(choice.message.content or "", mean, len(content) or num_tokens)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
