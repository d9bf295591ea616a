"""The algebra of verdicts: engines on one obligation, obligations of one candidate, and the share that passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ncg_ray.errors import InputError
from ncg_ray.types import Level, Reason, Verdict


def strongest(verdicts: Sequence[Verdict]) -> Verdict:
    """Combine what several engines say of one obligation.

    A replayed counterexample gives REFUTED, else the strongest engine speaks. PROVED beside a counterexample is
    a soundness alarm: UNKNOWN, reason error.
    """
    if not verdicts:
        raise InputError("no verdicts to combine")
    refuted = [v for v in verdicts if v.level is Level.REFUTED]
    proved = [v for v in verdicts if v.level is Level.PROVED]
    if refuted and proved:
        return replace(proved[0], level=Level.UNKNOWN, engine="combined", reason=Reason.ERROR,
                       counterexample=refuted[0].counterexample,
                       detail=f"soundness alarm: {proved[0].engine} proved what {refuted[0].engine} refuted")
    return refuted[0] if refuted else max(verdicts, key=lambda v: v.level)


def headline(verdicts: Sequence[Verdict]) -> Level:
    """The one level of a candidate, over all its obligations (one verdict each).

    Examples and tests are met or refuted; where they are all there is, TESTED. Clauses combine with `min`. What
    the model itself proposed (origin `generated`) can refute nothing and gives at most TESTED.
    """
    asked = [v for v in verdicts if v.origin != "generated"]
    clauses = [v.level for v in asked if v.engine not in ("examples", "tests")]
    concrete = [v.level for v in asked if v.engine in ("examples", "tests")]
    unmet = [level for level in concrete if level < Level.TESTED]
    if clauses or unmet:
        return min(clauses + unmet)  # an example that was not met weighs more than any proof of something else
    if concrete:
        return Level.TESTED
    generated = [v.level for v in verdicts if v.origin == "generated" and v.num_checked]
    return Level.TESTED if generated and min(generated) >= Level.TESTED else Level.UNKNOWN


def pass_rate(verdicts: Sequence[Verdict], refutation_weight: float = 1.0) -> float | None:
    """Share of checks passed, in [0, 1]; None where there was nothing to check.

    Each example and each given test is one check, and so is each contract clause; one with a counterexample is
    `refutation_weight` of them. What the model proposed itself counts only where there is nothing else. Obligations of
    which none could be checked are not met: 0.
    """
    if not verdicts:
        return None
    counted = [v for v in verdicts if v.num_checked]
    counted = [v for v in counted if v.origin != "generated"] or counted
    concrete = [v for v in counted if v.engine in ("examples", "tests")]
    others = [v for v in counted if v.engine not in ("examples", "tests")]
    clauses = [v.level >= Level.TESTED for v in others]
    num_refuted = sum(v.level is Level.REFUTED for v in others)
    num_checked = sum(v.num_checked for v in concrete) + len(clauses) + num_refuted * (refutation_weight - 1.0)
    return (sum(v.num_passed for v in concrete) + sum(clauses)) / num_checked if num_checked else 0.0
