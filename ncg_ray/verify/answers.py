"""The solver's answers as verdicts."""

from __future__ import annotations

from typing import Any

from ncg_ray.types import Counterexample, Level, Reason, Verdict
from ncg_ray.verify.reading import value_of

TOTAL = "total correctness"
"What a proof says beside its assumptions: the function ends."


def verdict_of(answer: dict[str, Any], obligation: str) -> Verdict:
    """The solver's answer as a verdict. An input that it found is not replayed yet."""
    level = {"PROVED": Level.PROVED, "BOUNDED": Level.BOUNDED, "CANDIDATE": Level.REFUTED}.get(
        answer["level"], Level.UNKNOWN
    )
    reason = Reason(answer["reason"]) if answer.get("reason") else None
    counterexample = None
    if level is Level.REFUTED:
        counterexample = Counterexample(tuple(map(value_of, answer["args"])), {}, str(answer.get("detail", "")), obligation)
    return Verdict(
        level,
        obligation,
        "smt",
        reason=reason,
        bound=answer.get("bound") or None,
        counterexample=counterexample,
        assumptions=tuple(answer.get("assumptions", ())),
        detail=str(answer.get("detail", "")),
        elapsed_s=float(answer["elapsed_s"]),
    )
