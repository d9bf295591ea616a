"""What a language model must do for the neural generator, whatever runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ncg_ray.protocols import Completion, CompletionRequest, ModelInfo


class CancelledError(Exception):
    """Nobody waits for the reply any more. Never seen outside of the generator."""


def never() -> bool:
    """For a call that nobody cancels."""
    return False


class LanguageModel(Protocol):
    """Blocking on purpose: the generator calls it in a thread."""

    info: ModelInfo
    is_chat: bool
    "Whether it follows chat turns; a base model only continues text."

    def complete(self, requests: Sequence[CompletionRequest],
                 cancelled: Callable[[], bool] = never) -> list[list[Completion]]:
        """`cancelled` is asked often; when it says yes the model stops at the next token. Raises CancelledError then."""
        ...
