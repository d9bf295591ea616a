"""Weight vectors: points of the simplex to try, and which of those that were tried is best."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from ncg_ray.tuning.score import Score, Weights

GRID = 10_000
"Sampled weights are whole multiples of 1 / GRID, so that a config file can hold exactly what was tried."


@dataclass(frozen=True, slots=True)
class Trial:
    """One weight vector and what came of it."""

    index: int
    "0 has the configured weights."
    weights: Weights
    scores: tuple[Score, ...]
    "After each part that it was scored on."
    finished: bool
    "Scored on all parts; else it was stopped as a loser."

    @property
    def score(self) -> Score:
        return self.scores[-1]


def sample(num: int, configured: Weights, seed: int) -> list[Weights]:
    """`num` points of the simplex: the configured weights, then others drawn uniformly.

    Normalised exponential variates are uniform on the simplex. Source: Devroye 1986, "Non-Uniform Random Variate
    Generation", chapter XI.4.

    Example:
        >>> sample(1, (0.6, 0.15, 0.15, 0.1), seed=0)
        [(0.6, 0.15, 0.15, 0.1)]
    """
    rng = random.Random(f"weights {seed}")
    points = [tuple(configured)]
    while len(points) < num:
        draws = [-math.log(1.0 - rng.random()) for _ in configured]
        points.append(on_grid([draw / sum(draws) for draw in draws]))
    return points


def on_grid(shares: Sequence[float]) -> Weights:
    """Shares that sum to 1 as multiples of 1 / GRID that do, too (largest remainders are rounded up)."""
    cells = [math.floor(share * GRID) for share in shares]
    remainders = sorted(range(len(shares)), key=lambda i: (cells[i] - shares[i] * GRID, i))
    for i in remainders[:GRID - sum(cells)]:
        cells[i] += 1
    return tuple(cell / GRID for cell in cells)


def best(trials: Sequence[Trial], security_share: float) -> Trial:
    """The finished trial with the highest objective; of equals the configured weights, else those nearest to them."""
    def rank(trial: Trial) -> tuple[float, float, int]:
        return -trial.score.objective(security_share), distance(trial.weights, trials[0].weights), trial.index

    return min((trial for trial in trials if trial.finished), key=rank)


def front(trials: Sequence[Trial]) -> list[Trial]:
    """The Pareto front of pass rate and security rate among finished trials, by falling pass rate.

    Where several have the same rates, the one with the weights nearest to the configured ones stands for them.
    """
    def rank(trial: Trial) -> tuple[float, float, float, int]:
        return (-trial.score.num_passed, -trial.score.num_secure, distance(trial.weights, trials[0].weights), trial.index)

    found: list[Trial] = []
    for trial in sorted((trial for trial in trials if trial.finished), key=rank):
        if not found or trial.score.num_secure > found[-1].score.num_secure:
            found.append(trial)
    return found


def distance(left: Weights, right: Weights) -> float:
    """Sum of absolute differences, in [0, 2]."""
    return round(sum(abs(a - b) for a, b in zip(left, right, strict=True)), 9)
