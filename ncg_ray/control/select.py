"""Which attempt becomes the answer, and how sure we are of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ncg_ray.types import Attempt, Fit, Level, Verdict, call_text


def pass_share(attempt: Attempt) -> float:
    """Share of all checked units (examples, asserts, sampled inputs) that passed, in [0, 1]; 0 where none was."""
    checked = sum(v.num_checked for v in attempt.verdicts)
    return sum(v.num_passed for v in attempt.verdicts) / checked if checked else 0.0


def solved(attempt: Attempt) -> bool:
    """Whether every obligation that has evidence is met, assumed examples included.

    Tests that could only run in one process with the candidate end the search as well, although they prove nothing.
    """
    forgeable = any(v.forgeable for v in attempt.verdicts) and attempt.level is Level.UNKNOWN
    return (attempt.level >= Level.TESTED or forgeable) and not any(_missed(v) for v in attempt.verdicts)


def _missed(verdict: Verdict) -> bool:
    return verdict.num_checked > 0 and verdict.num_passed < verdict.num_checked


def agreement(attempt: Attempt, attempts: Sequence[Attempt]) -> float:
    """Share of the solved attempts that behave like this one on the probe inputs, in (0, 1].

    Equal code sampled twice counts twice: it is the model's own vote. A program found by search has a vote of
    `2 ** -program_bits`, its prior, against others of its kind. Where no input could be probed, equal code is all there is
    to compare.
    """
    votes = _votes(attempt, attempts)
    mine = sum(vote for a, vote in votes if _signature(a) == _signature(attempt)) or 1.0
    return min(1.0, mine / (sum(vote for _, vote in votes) or mine))


def likeness(attempt: Attempt, attempts: Sequence[Attempt]) -> float:
    """The mean share, by votes as in `agreement`, of the probe inputs on which the solved attempts do the same as this one.

    Right programs often differ where nobody asked: on a negative length, in the class of an exception.
    """
    votes = _votes(attempt, attempts)
    mine = sum(vote * _alike(_signature(a), _signature(attempt)) for a, vote in votes)
    return round(mine / (sum(vote for _, vote in votes) or 1.0), 9)


def _votes(attempt: Attempt, attempts: Sequence[Attempt]) -> list[tuple[Attempt, float]]:
    """What may vote, each with its weight."""
    peers = [a for a in attempts if solved(a)] or list(attempts)
    shortest = min((a.candidate.fit.program_bits for a in [*peers, attempt] if a.candidate.fit), default=0.0)
    return [(a, 1.0 if a.candidate.fit is None else 2.0 ** (shortest - a.candidate.fit.program_bits)) for a in peers]


def _alike(one: str, other: str) -> float:
    first, second = one.split(), other.split()
    if len(first) != len(second):
        return 0.0
    return sum(a == b for a, b in zip(first, second, strict=True)) / len(first) if first else 0.0


def _signature(attempt: Attempt) -> str:
    return attempt.behaviour or attempt.candidate.id


def select(attempts: Sequence[Attempt]) -> Attempt:
    """The attempt to answer with.

    Strongest verdict first, then the share of checks passed, then what the others agree with most on the probe inputs
    (`likeness`; the greedy candidate has one vote), then the gated reward, then the model's own log-probability, then the
    earliest.
    Source of the vote: "Natural Language to Code Translation with Execution" (MBR-EXEC), Shi et al. 2022.
    """
    return max(attempts, key=lambda a: (
        a.level, pass_share(a), likeness(a, attempts), (a.reward.gated or 0.0) if a.reward else 0.0,
        a.candidate.mean_logprob if a.candidate.mean_logprob is not None else -math.inf, -a.index))


def confidence(best: Attempt, attempts: Sequence[Attempt]) -> float:
    """How likely the answer is right, in [0, 1].

    PROVED 0.99, BOUNDED 0.95. TESTED starts at 0.5 and approaches 0.95 with the number of checks passed
    (`1 - 0.5 ** (n / 2)`; it stays at 0.5 where a constant function passes them all, too), scaled by agreement among
    the solved candidates (from 0.6 to 1) and by the mean log-probability (from 0.8 to 1). Assumed examples alone give
    at most 0.5, UNKNOWN 0.3 and REFUTED 0.05 of the same scale. A later controller learns these numbers.

    For a program that was found by search among many, examples that it was chosen by are no independent checks. Of the
    programs as short as it `2 ** (program_bits - example_bits)` would meet the examples by luck; TESTED is then
    `not_by_luck` of the two.
    """
    likely = 0.8 + 0.2 * math.exp(best.candidate.mean_logprob) if best.candidate.mean_logprob is not None else 1.0
    agreed = 0.6 + 0.4 * agreement(best, attempts)
    if best.level >= Level.BOUNDED:
        return 0.99 if best.level is Level.PROVED else 0.95
    if best.level is Level.TESTED:
        asked = sum(v.num_passed for v in best.verdicts if v.origin != "generated")
        assumed = sum(v.num_passed for v in best.verdicts if v.origin == "generated")
        tells = best.reward is None or best.reward.baseline < 1.0
        base = 0.5 + 0.45 * tells * (1 - 0.5 ** (asked / 2)) if asked else 0.5 * (1 - 0.5 ** (assumed / 2))
        if best.candidate.fit is not None and best.candidate.fit.example_bits:
            base = min(0.5 if not tells else 1.0, not_by_luck(best.candidate.fit))
    else:
        base = 0.3 if best.level is Level.UNKNOWN else 0.05 * pass_share(best)
    return round(base * agreed * likely, 3)


SAFETY_BITS, BIT_WORTH = 1.5, 0.5
"Examples are alike, and so are programs: a bit counts half, after these. By how often answers to MBPP rows were right."


def not_by_luck(fit: Fit) -> float:
    """The chance, at most 0.95, that a program found by search is the one meant rather than one that fits by luck.

    Source: Blumer, Ehrenfeucht, Haussler, Warmuth, "Occam's Razor", 1987: a short description that fits many data
    generalises; here as the odds of one meant program to the expected number of lucky ones.
    """
    lucky = 2.0 ** min(60.0, BIT_WORTH * (fit.program_bits - fit.example_bits + SAFETY_BITS))
    return 0.95 / (1.0 + lucky)


def summary(attempt: Attempt) -> str:
    """One line for people: what passed, or the first thing that failed."""
    for verdict in attempt.verdicts:
        if verdict.counterexample is not None:
            ce = verdict.counterexample
            call = call_text(attempt.candidate.entry_point or "f", ce.args, ce.kwargs)
            return _short(f"{call} gave {ce.got}, expected {ce.expected}")
    for verdict in attempt.verdicts:
        if _missed(verdict) and verdict.detail:
            return _short(verdict.detail)
    checked = sum(v.num_checked for v in attempt.verdicts)
    return f"{sum(v.num_passed for v in attempt.verdicts)} of {checked} checks passed" if checked else "nothing to check"


def _short(text: str, limit: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
