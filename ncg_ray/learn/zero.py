"""DeepSpeed: its configuration from ours, what it would refuse, and its engine.

Source: ZeRO, Rajbhandari et al. 2020, arXiv:1910.02054.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ncg_ray.config import TrainConfig
from ncg_ray.errors import ConfigError

if TYPE_CHECKING:
    import torch

BUCKET_ELEMENTS = 50_000_000
"DeepSpeed's own default is ten times this: buffers of 2 GB in float32, whatever the model's size."


def check(config: TrainConfig) -> None:
    """Raise ConfigError for what DeepSpeed refuses only once every worker has loaded its model, or never says at all.

    All else works, tried out on CPUs: each stage with and without an adapter, in float32 and bfloat16, with accumulation.
    """
    if config.dtype == "float16" and not config.use_gpu:
        raise ConfigError("train.dtype = 'float16' needs a GPU; set train.use_gpu=true, or take bfloat16 or float32")
    if config.warmup_steps >= config.num_steps > 1:
        raise ConfigError(f"train.warmup_steps = {config.warmup_steps} of train.num_steps = {config.num_steps}: the "
                          f"learning rate would never reach its peak; take fewer warm-up steps or more steps")


def zero_config(config: TrainConfig, num_trainable: int) -> dict[str, Any]:
    """What `deepspeed.initialize` takes."""
    bucket = max(1, min(BUCKET_ELEMENTS, num_trainable))
    return {
        "train_micro_batch_size_per_gpu": config.batch_size,
        "gradient_accumulation_steps": config.accumulation_steps,
        "gradient_clipping": config.max_grad_norm,  # 0 clips nothing
        "zero_optimization": {"stage": config.zero_stage, "reduce_bucket_size": bucket, "allgather_bucket_size": bucket,
                              # ZeRO-3 keeps whole what is smaller than this: norms, biases; not a small model altogether
                              "stage3_param_persistence_threshold": 1000, "stage3_prefetch_bucket_size": bucket},
        "zero_allow_untested_optimizer": True,
        "bf16": {"enabled": config.dtype == "bfloat16"},
        "fp16": {"enabled": config.dtype == "float16"},
        "steps_per_print": 1 << 40,
    }


def learning_rate_factor(step: int, config: TrainConfig) -> float:
    """Share of the peak learning rate in optimizer step `step` (from 0): linear warm-up, then linear decay to 0."""
    if step < config.warmup_steps:
        return (step + 1) / config.warmup_steps
    return max(0.0, (config.num_steps - step) / max(1, config.num_steps - config.warmup_steps))


def optimizer_of(model: Any, config: TrainConfig) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
    """AdamW on what trains, and its schedule. torch's own: DeepSpeed's would compile C++ for a minute."""
    import torch

    trainable = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=config.learning_rate, weight_decay=config.weight_decay)
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_rate_factor(step, config))


def start(model: Any, config: TrainConfig) -> Any:
    """The engine: the model, sharded as the ZeRO stage says, with its optimizer. All ranks call it at once."""
    deepspeed = _deepspeed()
    _join_group(config)
    optimizer, schedule = optimizer_of(model, config)
    num_trainable = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    engine, *_ = deepspeed.initialize(model=model, optimizer=optimizer, lr_scheduler=schedule,
                                      config=zero_config(config, num_trainable))
    return engine


def _deepspeed() -> Any:
    """The module. Its autotuner, which nobody here calls, would import MLflow if it could: two seconds of every worker."""
    import sys

    hide = "mlflow" not in sys.modules
    if hide:
        sys.modules["mlflow"] = None  # type: ignore[assignment]  # so that importing it fails, which DeepSpeed allows for
    try:
        import deepspeed
    finally:
        if hide:
            del sys.modules["mlflow"]
    return deepspeed


def _join_group(config: TrainConfig) -> None:
    import deepspeed

    # On a CPU DeepSpeed compiles its shared-memory all-reduce at the first start, half a minute with a C++ compiler that
    # a worker's image may lack. gloo does the same sums.
    deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
    deepspeed.init_distributed(dist_backend="nccl" if config.use_gpu else "gloo", verbose=False)
