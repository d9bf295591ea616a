"""What weights are worth: pick an attempt of every task by the reward, then look at what the hidden tests say of the picks.

Covers: the user's formula and its gated form, as `ncg_ray.reward` has them, on attempts that exist. Does not cover: what
the loop would have done under other weights (which repairs it would have asked for); scorers that train do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ncg_ray.reward.score import TERMS, gated, total
from ncg_ray.tuning.traces import Case, Option

Weights = tuple[float, ...]
"tests, security, quality, licence; each in [0, 1], their sum 1."

DIGITS = 12
"Rewards that differ by less are equal: sums in another order of the same terms."


@dataclass(frozen=True, slots=True)
class Score:
    """What weights are worth on the first `num_tasks` tasks."""

    num_tasks: int
    num_passed: int
    "Tasks whose pick passes all hidden tests."
    num_secure: int
    "Tasks in whose pick the analysers found nothing."
    quality: float | None
    "Mean quality of the picks; None where it was measured of none."
    num_changed: int
    "Tasks whose pick is other code than the pick by the configured weights."

    @property
    def pass_rate(self) -> float:
        return self.num_passed / self.num_tasks

    @property
    def security_rate(self) -> float:
        return self.num_secure / self.num_tasks

    def objective(self, security_share: float) -> float:
        """What the sweep maximises, in [0, 1]; equal counts give equal numbers."""
        return round((1 - security_share) * self.pass_rate + security_share * self.security_rate, DIGITS)


class Scorer(Protocol):
    """Scores one weight vector, part by part: the seam of a sweep.

    It is called in a process of its own, once a trial, and goes there pickled. `StoredScorer` reads attempts that exist;
    one that trains a model under these weights before it evaluates it fits as well.
    """

    num_parts: int
    "How many scores come."

    def __call__(self, weights: Weights) -> Iterator[Score]:
        """One Score after each part, over more tasks each time; the last covers them all. After any the caller may stop."""
        ...


class StoredScorer:
    """Scores by the attempts of stored Traces."""

    def __init__(self, cases: Sequence[Case], configured: Weights, num_parts: int, seed: int) -> None:
        """Args:
            cases: what to pick from; their order is shuffled by `seed`, the same for all weights.
            configured: the weights that `num_changed` compares with.
            num_parts: equal parts of the tasks; fewer where there are not as many tasks.
        """
        self.cases = random.Random(f"tasks {seed}").sample(list(cases), len(cases))
        self.configured = [pick(case, configured).code for case in self.cases]
        self.sizes = part_sizes(len(cases), num_parts)
        self.num_parts = len(self.sizes)

    def __call__(self, weights: Weights) -> Iterator[Score]:
        picks: list[Option] = []
        for size in self.sizes:
            picks += [pick(case, weights) for case in self.cases[len(picks):size]]
            yield score(picks, self.configured[:size])


def pick(case: Case, weights: Weights) -> Option:
    """The attempt with the highest reward under these weights, the first of equals. Hidden tests have no say."""
    def worth(option: Option) -> float:
        value = (gated(option.terms, weights, option.baseline, option.trivial) if case.gated
                 else total(option.terms, weights))
        assert value is not None, "only attempts whose reward is defined are eligible"
        return round(value, DIGITS)

    return max(case.options, key=worth)


def score(picks: Sequence[Option], configured: Sequence[str]) -> Score:
    """Count over the picks, one a task; `configured` holds the code ids that the configured weights pick."""
    quality = [q for option in picks if (q := option.terms[TERMS.index("quality")]) is not None]
    return Score(
        num_tasks=len(picks), num_passed=sum(option.passed for option in picks),
        num_secure=sum(option.secure for option in picks),
        quality=round(sum(quality) / len(quality), DIGITS) if quality else None,
        num_changed=sum(option.code != code for option, code in zip(picks, configured, strict=True)))


def part_sizes(num_tasks: int, num_parts: int) -> list[int]:
    """How many tasks are scored after each part: growing, the last is all of them.

    Example:
        >>> part_sizes(10, 4)
        [3, 5, 8, 10]
    """
    return sorted({-(-num_tasks * part // num_parts) for part in range(1, num_parts + 1)})
