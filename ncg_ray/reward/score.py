"""R = w . (tests, 1 - risk, quality, licence), and its gated form.

Covers: what the verdicts and analyses of one candidate say, and nothing else, so that a stored Trace gives the same
reward again. Does not cover: hidden tests (the grader's alone) and coverage (forgeable).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ncg_ray.config import RewardConfig
from ncg_ray.protocols import Check
from ncg_ray.reward.trivial import is_trivial
from ncg_ray.types import Analysis, Candidate, Reward, Task, Verdict
from ncg_ray.verdicts import pass_rate

DEFAULTS = RewardConfig()
TERMS = ("tests", "security", "quality", "licence")
FORGEABLE = "the tests ran in one process with the candidate, which could fake them"


def total(terms: Sequence[float | None], weights: Sequence[float]) -> float | None:
    """The weighted sum, in [0, 1]; None where a term is."""
    known = [t for t in terms if t is not None]
    return _unit(sum(w * t for w, t in zip(weights, known, strict=True))) if len(known) == len(terms) else None


def gated(terms: Sequence[float | None], weights: Sequence[float], baseline: float, trivial: bool) -> float | None:
    """The form for selection and training, in [0, 1]: T' * (w0 + w1*security + w2*quality + w3*licence).

    T' = max(0, (T - T0) / (1 - T0)) is how much better than the best constant or identity function (`baseline`, T0)
    the candidate is. None where T0 = 1, since such checks tell nothing, or where a term is None; 0 for trivial code.
    """
    if baseline >= 1.0:
        return None
    if trivial:
        return 0.0
    tests, *rest = terms
    if tests is None:
        return None
    scale = total((1.0, *rest), weights)
    return None if scale is None else _unit(max(0.0, (tests - baseline) / (1.0 - baseline)) * scale)


def reward(verdicts: Sequence[Verdict], analysis: Analysis, baseline: float, trivial: bool,
           config: RewardConfig = DEFAULTS) -> Reward:
    """The reward of one candidate. A term that could not be measured is None, and `missing` says why."""
    weights, tests = config.weights, pass_rate(verdicts, config.refutation_weight)
    security = None if analysis.risk is None else 1.0 - analysis.risk
    terms = (tests, security, analysis.quality, analysis.licence)
    missing = {name: analysis.missing.get(name, "not measured")
               for name, term in zip(TERMS, terms, strict=True) if term is None}
    if tests is None:
        missing["tests"] = "no examples, tests or contracts were checked"
    if baseline >= 1.0:
        missing["gated"] = "a constant or the identity function passes every check (T0 = 1)"
    if any(v.forgeable for v in verdicts):
        missing["gated"] = FORGEABLE
    return recomputed(Reward(tests, security, analysis.quality, analysis.licence, None, None, baseline, missing, trivial),
                      weights)


def recomputed(stored: Reward, weights: Sequence[float] = DEFAULTS.weights) -> Reward:
    """The reward again from the breakdown that a Trace holds, perhaps with other weights; to the last bit with the same."""
    terms = (stored.tests, stored.security, stored.quality, stored.licence)
    forgeable = stored.missing.get("gated") == FORGEABLE
    return replace(stored, total=total(terms, weights),
                   gated=None if forgeable else gated(terms, weights, stored.baseline, stored.is_trivial))


def _unit(value: float) -> float:
    """Within [0, 1], whatever rounding did."""
    return min(1.0, max(0.0, value))


class FormulaRewarder:
    """The user's formula over a batch: `protocols.Rewarder`."""

    def __init__(self, config: RewardConfig = DEFAULTS) -> None:
        self.config = config

    async def score(self, task: Task, candidates: Sequence[Candidate], checks: Sequence[Check],
                    analyses: Sequence[Analysis]) -> list[Reward]:
        """One Reward for each candidate, in order."""
        return [reward(check.verdicts, analysis, check.baseline,
                       is_trivial(candidate.code, task.entry_point or candidate.entry_point), self.config)
                for candidate, check, analysis in zip(candidates, checks, analyses, strict=True)]


def explain(reward: Reward, weights: Sequence[float] = DEFAULTS.weights, analysis: Analysis | None = None) -> str:
    """The breakdown as a table to read; `analysis` tells what the terms are made of."""
    notes = _notes(analysis) if analysis is not None else {}
    rows = []
    for name, weight in zip(TERMS, weights, strict=True):
        term = getattr(reward, name)
        rows.append((name, _number(term), f"{weight:.2f}", _number(None if term is None else weight * term),
                     reward.missing.get(name, notes.get(name, ""))))
    rows.append(("total", _number(reward.total), "", _number(reward.total), ""))
    corrected = f"corrected by the best constant or identity function (T0 = {reward.baseline:.3f})"
    if reward.is_trivial:
        corrected = "the code is a constant, the identity or nothing at all"
    rows.append(("gated", _number(reward.gated), "", "", reward.missing.get("gated", corrected)))
    return "\n".join(f"{name:<9}{term:>7}{weight:>8}{part:>8}  {note}".rstrip()
                     for name, term, weight, part, note in [("term", "value", "weight", "part", ""), *rows])


def _notes(analysis: Analysis) -> dict[str, str]:
    counts = Counter(f.kind for f in analysis.findings if f.kind != "quality")
    found = {kind: f"{count} {kind} finding{'s' if count > 1 else ''}" for kind, count in counts.items()}
    return {"security": ", ".join(found[kind] for kind in ("security", "dependency") if kind in found),
            "quality": ", ".join(f"{name} {part:.2f}" for name, part in analysis.quality_parts.items()),
            "licence": found.get("licence", "")}


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
