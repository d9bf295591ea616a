"""The model that training starts from, as far as it can be said without loading anything; torch is not imported here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Base:
    """Where the weights are, as `generate.loading.ModelFiles` says it."""

    id: str
    folder: Path
    gguf_file: str | None
    hash: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What can be known of a model without its weights."""

    num_params: int
    num_layers: int
    hidden_size: int
    vocab_size: int
    max_tokens: int
    "The longest sequence that its positions allow; 0 where it says nothing."
    linear_features: int = 0
    "Inputs + outputs of all linear layers but the head: an adapter of rank r has r times as many weights."
