"""Sampling many continuations of one prompt: the prompt is read once, finished rows leave the batch.

Shapes: B rows (candidates still being written), T tokens of the prompt, V vocabulary.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from ncg_ray.errors import DeadlineError
from ncg_ray.generate.lm import CancelledError, never

NUCLEUS_CAP = 64
"The nucleus is looked for among this many most probable tokens; sorting the whole vocabulary costs more than a layer."


STRAGGLER_FACTOR, STRAGGLER_TOKENS = 2, 64
"Once most rows have ended, one that is longer than this many times their longest, and this many tokens more, is cut."
LOOP_CHECK_TOKENS, LOOP_PERIODS_TOKENS, LOOP_REPEATS = 16, range(4, 65), 4


@dataclass(slots=True)
class Row:
    """One continuation."""

    tokens: list[int] = field(default_factory=list)
    logprob_sum: float = 0.0
    "Natural log-probability under the model itself (temperature 1)."

    @property
    def mean_logprob(self) -> float | None:
        return self.logprob_sum / len(self.tokens) if self.tokens else None


@torch.inference_mode()
def sample(model: Any, prompt_T: list[int], *, num_rows: int, temperature: float, top_p: float, seed: int,
           max_new_tokens: int, eos_ids: frozenset[int], stopped: Callable[[list[int]], bool],
           deadline_s: float, cancelled: Callable[[], bool] = never) -> list[Row]:
    """Continue one prompt `num_rows` times.

    Args:
        temperature: 0 is greedy; all rows are then the same, so ask for one.
        stopped: told a row's tokens so far, says whether the row ends here.
        deadline_s: wall seconds for the whole call; DeadlineError when they are over.
        cancelled: asked before each token; CancelledError when it says yes.

    A row that repeats itself, or still runs long after most others have ended, is cut: it hardly ever becomes a program,
    and the last row of a batch costs as much as all of them.

    The same arguments give the same rows on the same machine: the random numbers depend on nothing else.
    """
    started = time.monotonic()
    device = model.device
    random = torch.Generator(device=device).manual_seed(seed)
    out = model(input_ids=torch.tensor([prompt_T], device=device), use_cache=True, logits_to_keep=1)
    cache = out.past_key_values
    if num_rows > 1:
        cache.batch_repeat_interleave(num_rows)
    logits_BV = out.logits[:, -1].float().expand(num_rows, -1)
    rows = [Row() for _ in range(num_rows)]
    alive = list(range(num_rows))
    for _ in range(max_new_tokens):
        if cancelled():
            raise CancelledError
        if time.monotonic() - started > deadline_s:
            raise DeadlineError(f"generation took longer than {deadline_s:g} s; raise model.deadline_s or lower "
                                f"model.max_new_tokens (now {max_new_tokens})")
        next_B = _choose(logits_BV, temperature, top_p, random)
        logprobs_B = torch.log_softmax(logits_BV, dim=-1).gather(1, next_B[:, None])[:, 0].tolist()
        keep: list[int] = []
        for position, (token, logprob) in enumerate(zip(next_B.tolist(), logprobs_B, strict=True)):
            row = rows[alive[position]]
            row.tokens.append(token)
            row.logprob_sum += logprob
            if token not in eos_ids and not stopped(row.tokens) and not loops(row.tokens):
                keep.append(position)
        if not keep or _only_stragglers([rows[alive[p]] for p in keep], rows):
            break
        if len(keep) < len(alive):
            index_B = torch.tensor(keep, device=device)
            cache.batch_select_indices(index_B)
            next_B = next_B[index_B]
            alive = [alive[position] for position in keep]
        out = model(input_ids=next_B[:, None], past_key_values=cache, use_cache=True, logits_to_keep=1)
        logits_BV = out.logits[:, -1].float()
    return rows


def _choose(logits_BV: torch.Tensor, temperature: float, top_p: float, random: torch.Generator) -> torch.Tensor:
    """The next token of each row. Source: nucleus sampling, Holtzman et al. 2020, arXiv:1904.09751."""
    if temperature == 0:
        return logits_BV.argmax(dim=-1)
    top_BK, ids_BK = (logits_BV / temperature).topk(min(NUCLEUS_CAP, logits_BV.shape[-1]), dim=-1)
    probs_BK = torch.softmax(top_BK, dim=-1)
    before_BK = probs_BK.cumsum(dim=-1) - probs_BK  # mass of the more probable tokens
    probs_BK = probs_BK.masked_fill(before_BK >= top_p, 0.0)
    choice_B1 = torch.multinomial(probs_BK, 1, generator=random)
    return ids_BK.gather(1, choice_B1)[:, 0]


def loops(tokens: list[int]) -> bool:
    """Whether the end of a row is one passage over and over."""
    if len(tokens) % LOOP_CHECK_TOKENS:
        return False
    return any(tokens[-period * LOOP_REPEATS:] == tokens[-period:] * LOOP_REPEATS for period in LOOP_PERIODS_TOKENS
               if len(tokens) >= period * LOOP_REPEATS)


def _only_stragglers(running: list[Row], rows: list[Row]) -> bool:
    if len(running) * 4 > len(rows):
        return False
    longest = max(len(row.tokens) for row in rows if not any(row is other for other in running))
    return len(running[0].tokens) > STRAGGLER_FACTOR * longest + STRAGGLER_TOKENS
