"""Programs from a language model, and specifications from words. Names load when they are first used: the processes that
search without a model start in a fraction of a second."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ncg_ray.config import ModelConfig
    from ncg_ray.generate.neural import NeuralGenerator
    from ncg_ray.generate.specify import ModelSpecifier

__all__ = ["ModelSpecifier", "NeuralGenerator", "load_generator"]

_HOMES = {"ModelSpecifier": "specify", "NeuralGenerator": "neural"}


def load_generator(config: ModelConfig, notify: Callable[[str], None]) -> NeuralGenerator:
    """Load the configured model; may take long. Raises ModelError."""
    from ncg_ray.generate.neural import NeuralGenerator
    if config.source.startswith(("http://", "https://")):
        from ncg_ray.generate.openai_lm import OpenAIModel
        return NeuralGenerator(OpenAIModel(config), config.max_new_tokens)
    from ncg_ray.generate.transformers_lm import TransformersModel
    return NeuralGenerator(TransformersModel(config, notify), config.max_new_tokens)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
