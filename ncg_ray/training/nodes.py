"""What the machines of the cluster can take, and whether the workers fit; said before anything loads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from ncg_ray.config import TrainConfig
from ncg_ray.errors import ConfigError
from ncg_ray.learn.memory import Need, free_bytes

PROBE_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Node:
    """One machine."""

    address: str
    num_cpus: float
    num_gpus: float
    free_bytes: int

    def room(self, config: TrainConfig, need: Need) -> int:
        """How many workers it can take."""
        by_memory = self.free_bytes // need.total
        by_gpu = self.num_gpus if config.use_gpu else math.inf
        return int(min(by_memory, self.num_cpus // config.cpus_per_worker, by_gpu))


def probe() -> list[Node]:
    """Ask every living machine for its free memory, in a small task there."""
    alive = [node for node in ray.nodes() if node["Alive"]]
    ask = ray.remote(free_bytes)
    free = [ask.options(num_cpus=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)).remote()
            for node in alive]
    return [Node(node["NodeManagerAddress"], node["Resources"].get("CPU", 0), node["Resources"].get("GPU", 0), memory)
            for node, memory in zip(alive, ray.get(free, timeout=PROBE_TIMEOUT_S), strict=True)]


def check(nodes: Sequence[Node], config: TrainConfig, need: Need) -> None:
    """Raise ConfigError where the cluster has no place for the workers. Graphics memory is not looked at."""
    workers = config.num_workers
    for what, each, there in (("CPU", config.cpus_per_worker, sum(n.num_cpus for n in nodes)),
                              ("GPU", 1.0 if config.use_gpu else 0.0, sum(n.num_gpus for n in nodes))):
        if each * workers > there:
            mend = " or train.use_gpu=false" if what == "GPU" else " or train.cpus_per_worker"
            raise ConfigError(f"train.num_workers = {workers} with {each:g} {what} each do not fit the cluster, which has "
                              f"{there:g}; lower train.num_workers{mend}, or add machines")
    if sum(node.room(config, need) for node in nodes) < workers:
        raise ConfigError(
            f"the model does not fit in memory: each of {workers} workers needs about {_gib(need.total)} "
            f"(weights {_gib(need.weights)}, optimizer {_gib(need.optimizer)}, activations {_gib(need.activations)}), and "
            f"free are {', '.join(f'{_gib(node.free_bytes)} on {node.address}' for node in nodes)}; take a smaller model, "
            f"train.dtype=bfloat16, a smaller train.lora_rank, train.batch_size or data.sequence_tokens, or fewer workers")


def describe(nodes: Sequence[Node], config: TrainConfig, need: Need) -> str:
    """One line: what is needed, and what is there."""
    return (f"{config.num_workers} workers need about {_gib(need.total)} of memory each; free: "
            f"{', '.join(f'{_gib(node.free_bytes)} on {node.address}' for node in nodes)}")


def _gib(num_bytes: int) -> str:
    return f"{num_bytes / (1 << 30):.1f} GiB"
