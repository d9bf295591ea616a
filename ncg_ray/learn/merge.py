"""The end of a training: adapter and base become one model, which must say what the trained one said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ncg_ray.config import TrainConfig
from ncg_ray.errors import InfrastructureError
from ncg_ray.learn.base import Base
from ncg_ray.learn.loading import load_model, save_model
from ncg_ray.learn.lora import merged

TOLERANCE = {"float32": 1e-3, "bfloat16": 0.08, "float16": 0.02}
"""Largest difference allowed between a merged and a live logit, as a share of the largest live one.

Merging adds the adapter to the weights once, in their own precision; live, the two products are added. In float32 that
moves the last bits only, in bfloat16 (8 bits of mantissa) each of dozens of layers rounds differently.
"""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well the saved model agrees with the trained one."""

    difference: float
    "Largest difference of two logits, as a share of the largest logit."
    tolerance: float
    same_tokens: float
    "Share of positions where both prefer the same next token."


@torch.no_grad()
def live_logits(engine: Any, tokens_BT: torch.Tensor) -> torch.Tensor:
    """Logits of the model as it stands after training, in float32 on the CPU. All ranks call it at once."""
    engine.eval()
    return engine(input_ids=tokens_BT).logits.float().cpu()


def save_merged(base: Base, state: dict[str, torch.Tensor], tokenizer: Any, config: TrainConfig, seed: int,
                tokens_BT: torch.Tensor, live_BTV: torch.Tensor, folder: Path) -> Agreement:
    """Merge the trained weights into a fresh base, save it, load what was saved, and compare its logits with the live ones.

    Raises InfrastructureError where they disagree: then `folder` holds nothing that should be used.
    """
    save_model(merged(load_model(base, config.dtype), state, config, seed), tokenizer, folder)
    saved = load_model(Base(base.id, folder, None, base.hash), config.dtype).eval()
    with torch.no_grad():
        found = compare(saved(input_ids=tokens_BT.cpu()).logits.float(), live_BTV, TOLERANCE[config.dtype])
    if not found.difference <= found.tolerance:  # NaN fails this too
        raise InfrastructureError(
            f"the merged model does not say what the trained one said: logits differ by {found.difference:.2g} of the "
            f"largest, {found.tolerance:g} is allowed; the last checkpoint is there, train.dtype=float32 merges exactly")
    return found


def compare(saved_BTV: torch.Tensor, live_BTV: torch.Tensor, tolerance: float) -> Agreement:
    difference = ((saved_BTV - live_BTV).abs().max() / live_BTV.abs().max()).item()
    same = (saved_BTV.argmax(-1) == live_BTV.argmax(-1)).float().mean().item()
    return Agreement(difference, tolerance, same)
