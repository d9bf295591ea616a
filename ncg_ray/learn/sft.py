"""Supervised fine-tuning: next-token prediction on packed sequences. The whole algorithm is this page.

Shapes: B sequences of a micro-batch, T tokens each, V the vocabulary.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch.nn.functional import cross_entropy


@dataclass(frozen=True, slots=True)
class Step:
    """What one optimizer step did, the same on all ranks."""

    loss: float
    "Mean negative log-likelihood of a token, in nats, before the update."
    grad_norm: float
    "L2 norm of the whole gradient before clipping."
    learning_rate: float
    num_tokens: int
    "Over all ranks."


def next_token_loss(logits_BTV: torch.Tensor, tokens_BT: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of each token given those before it, computed in float32. Returns a scalar >= 0."""
    return cross_entropy(logits_BTV[:, :-1].float().flatten(0, 1), tokens_BT[:, 1:].flatten())


def train_step(engine: Any, micro_batches: Iterable[torch.Tensor]) -> Step:
    """One optimizer step over this rank's micro-batches; DeepSpeed sums gradients over ranks, clips and updates."""
    engine.train()
    losses, num_tokens, norm = [], 0, None
    for tokens_BT in micro_batches:
        loss = next_token_loss(engine(input_ids=tokens_BT).logits, tokens_BT)
        engine.backward(loss)
        norm = gradient_norm(engine)
        rate = engine.get_lr()[0]
        engine.step()
        losses.append(loss.detach())
        num_tokens += tokens_BT.numel()
    mean = mean_over_ranks(torch.stack(losses).mean())
    norm = engine.get_global_grad_norm() if norm is None else norm
    return Step(mean, float(norm), rate, num_tokens * dist.get_world_size())


def gradient_norm(engine: Any) -> float | None:
    """The norm where the gradients are whole (ZeRO-0), for which DeepSpeed says None; None where they are sharded."""
    if engine.zero_optimization_stage() or not engine.is_gradient_accumulation_boundary():
        return None
    grads = [weight.grad for weight in engine.module.parameters() if weight.grad is not None]
    return torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(grad.float()) for grad in grads])).item()


@torch.no_grad()
def validate(engine: Any, batches: Iterable[torch.Tensor]) -> float | None:
    """Mean loss over held-out batches, of which every rank has equally many; None without any."""
    engine.eval()
    losses = [next_token_loss(engine(input_ids=tokens_BT).logits, tokens_BT) for tokens_BT in batches]
    return mean_over_ranks(torch.stack(losses).mean()) if losses else None


def mean_over_ranks(value: torch.Tensor) -> float:
    total = value.float().clone()
    dist.all_reduce(total)
    return (total / dist.get_world_size()).item()


def max_over_ranks(value: float, device: torch.device) -> float:
    largest = torch.tensor(value, device=device)
    dist.all_reduce(largest, op=dist.ReduceOp.MAX)
    return largest.item()


def perplexity(loss: float | None) -> float | None:
    """exp(loss), or None; infinity where that is too large to say."""
    return None if loss is None else math.exp(loss) if loss < 700 else math.inf


def batches_from(read: Callable[[], Iterable[Sequence[int]]], num_rows: int, batch_size: int,
                 start: int) -> Iterator[torch.Tensor]:
    """Endless micro-batches of a rank's sequences in their order, over and over, from micro-batch `start` on.

    Micro-batch k holds rows k*B to k*B+B-1, counted round the end, so what a resumed run sees does not depend on where it
    stopped.

    Args:
        read: begins the rows anew; there are `num_rows`.

    Example:
        >>> [b.tolist() for b, _ in zip(batches_from(lambda: [[1], [2], [3]], 3, 2, start=1), range(2))]
        [[[3], [1]], [[2], [3]]]
    """
    rows = itertools.chain.from_iterable(read() for _ in itertools.count())
    rows = itertools.islice(rows, start * batch_size % num_rows, None)
    while True:
        yield torch.tensor([list(row) for row in itertools.islice(rows, batch_size)])
