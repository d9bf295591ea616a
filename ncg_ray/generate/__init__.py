"""Programs from a language model, and specifications from words."""

from __future__ import annotations

from collections.abc import Callable

from ncg_ray.config import ModelConfig
from ncg_ray.generate.neural import NeuralGenerator
from ncg_ray.generate.specify import ModelSpecifier

__all__ = ["ModelSpecifier", "NeuralGenerator", "load_generator"]


def load_generator(config: ModelConfig, notify: Callable[[str], None]) -> NeuralGenerator:
    """Load the configured model; may take long. Raises ModelError."""
    if config.source.startswith(("http://", "https://")):
        from ncg_ray.generate.openai_lm import OpenAIModel
        return NeuralGenerator(OpenAIModel(config), config.max_new_tokens)
    from ncg_ray.generate.transformers_lm import TransformersModel
    return NeuralGenerator(TransformersModel(config, notify), config.max_new_tokens)
