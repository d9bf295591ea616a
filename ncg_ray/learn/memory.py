"""How much memory a worker will need, known before it loads anything, and how much a machine has left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ncg_ray.config import TrainConfig
from ncg_ray.learn.base import Shape

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
PROCESS_BYTES = 900 << 20
"Of a worker with torch, transformers, DeepSpeed and Ray before it loads a model; measured."
ACTIVATIONS_PER_LAYER = 34
"Numbers that a layer keeps for the backward pass, per token and hidden unit; Korthikanti et al. 2022, arXiv:2205.05198."


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes of one worker at its peak, by what they hold. An estimate from above, good to about a quarter."""

    process: int
    weights: int
    "Whole on every worker while it loads, also under ZeRO-3."
    gradients: int
    optimizer: int
    activations: int
    merge: int
    "Of rank 0 at the end: a fresh base beside the live model, and the one that is compared."

    @property
    def total(self) -> int:
        return self.process + self.weights + max(self.gradients + self.optimizer + self.activations, self.merge)


def need(shape: Shape, config: TrainConfig, sequence_tokens: int) -> Need:
    """Memory of one worker.

    Adam keeps two float32 numbers a trained weight, and DeepSpeed a float32 copy of it; ZeRO shares them out from
    stage 1, the gradients from stage 2.
    """
    width, workers = BYTES[config.dtype], config.num_workers
    trained = num_trained(shape, config)
    tokens = config.batch_size * sequence_tokens
    # Logits in their own precision, in float32, and the gradients of both.
    activations = tokens * (ACTIVATIONS_PER_LAYER * shape.num_layers * shape.hidden_size * width // 2
                            + shape.vocab_size * 2 * (width + 4))
    return Need(
        process=PROCESS_BYTES, weights=shape.num_params * width, activations=activations,
        gradients=trained * width // (workers if config.zero_stage >= 2 else 1),
        optimizer=trained * 12 // (workers if config.zero_stage >= 1 else 1), merge=2 * shape.num_params * width)


def num_trained(shape: Shape, config: TrainConfig) -> int:
    """How many weights train: those of the adapters, or all."""
    return config.lora_rank * shape.linear_features if config.lora_rank else shape.num_params


def free_bytes(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Memory that this machine, or this container, could still give out."""
    import psutil

    free = int(psutil.virtual_memory().available)
    try:
        limit = (cgroup / "memory.max").read_text().strip()
        used = int((cgroup / "memory.current").read_text())
        stat = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no cgroup v2, or none of ours
        return free
    return free if limit == "max" else max(0, min(free, int(limit) - used + int(stat.get("inactive_file", 0))))
