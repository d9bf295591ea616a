"""What a language model must do for the neural generator, whatever runs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ncg_ray.protocols import Completion, CompletionRequest, ModelInfo


class LanguageModel(Protocol):
    """Blocking on purpose: the generator calls it in a thread."""

    info: ModelInfo
    is_chat: bool
    "Whether it follows chat turns; a base model only continues text."

    def complete(self, requests: Sequence[CompletionRequest]) -> list[list[Completion]]: ...
