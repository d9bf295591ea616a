"""Which weights train: a low-rank adapter beside every linear layer, or all of them.

Source: LoRA, Hu et al. 2021, arXiv:2106.09685; the adapters are peft's.
"""

from __future__ import annotations

import contextlib
from typing import Any

import torch

from ncg_ray.config import TrainConfig


def attach(model: Any, config: TrainConfig, seed: int) -> Any:
    """Freeze the model and add adapters; with `lora_rank` 0 leave it whole, every weight trainable.

    The adapters' first weights depend on `seed` alone, so that all workers, and a fresh base for merging, agree.
    """
    if not config.lora_rank:
        return model.requires_grad_(True)
    import peft

    torch.manual_seed(seed)
    # The head is left out by peft's `all-linear`; in mixed precision DeepSpeed keeps the master copy, not peft.
    return peft.get_peft_model(model, peft.LoraConfig(
        r=config.lora_rank, lora_alpha=config.lora_alpha, lora_dropout=config.lora_dropout, target_modules="all-linear",
        task_type="CAUSAL_LM"), autocast_adapter_dtype=False)


def trained_state(model: Any) -> dict[str, torch.Tensor]:
    """Every trainable weight, whole and on the CPU, by name. Under ZeRO-3 all ranks must call it at once."""
    state = {}
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            with _whole(weight):
                state[name] = weight.detach().cpu().clone()
    return state


def _whole(weight: torch.nn.Parameter) -> contextlib.AbstractContextManager[Any]:
    if not hasattr(weight, "ds_id"):  # not sharded
        return contextlib.nullcontext()
    import deepspeed

    return deepspeed.zero.GatheredParameters(weight)  # type: ignore[no-any-return]


def merged(model: Any, state: dict[str, torch.Tensor], config: TrainConfig, seed: int) -> Any:
    """A fresh base with the trained weights put into it: a plain model again, without adapters.

    Raises KeyError where the weights are not those of this model.
    """
    model = attach(model, config, seed)
    names = {name for name, weight in model.named_parameters() if weight.requires_grad}
    if names != set(state):
        raise KeyError(f"trained weights that the base does not have, or the reverse: {sorted(names ^ set(state))[:3]}")
    model.load_state_dict(state, strict=False)
    return model.merge_and_unload() if config.lora_rank else model
