"""The severity of an advisory, from its CVSS version 3 vector.

Covers: base scores of CVSS 3.0 and 3.1. Does not cover: temporal and environmental metrics, versions 2 and 4 (whose score is
a large table rather than a formula).
Source: FIRST, Common Vulnerability Scoring System version 3.1: Specification Document, sections 5, 7 and appendix A.
"""

from __future__ import annotations

from typing import Literal

Severity = Literal["critical", "high", "medium", "low"]

_WEIGHTS = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2}, "AC": {"L": 0.77, "H": 0.44},
    "PR": {"N": 0.85, "L": 0.62, "H": 0.27}, "UI": {"N": 0.85, "R": 0.62},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0}, "I": {"H": 0.56, "L": 0.22, "N": 0.0}, "A": {"H": 0.56, "L": 0.22, "N": 0.0}}
_CHANGED_PR = {"N": 0.85, "L": 0.68, "H": 0.5}


def base_score(vector: str) -> float | None:
    """The base score in [0, 10] of a vector such as `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H`; None for any other text.

    Example:
        >>> base_score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), base_score("CVSS:4.0/AV:N")
        (9.8, None)
    """
    head, *parts = vector.strip().split("/")
    metrics = dict(part.split(":", 1) for part in parts if ":" in part)
    scope = metrics.get("S")
    if head not in ("CVSS:3.0", "CVSS:3.1") or scope not in ("U", "C"):
        return None
    try:
        weights = {name: table[metrics[name]] for name, table in _WEIGHTS.items()}
    except KeyError:
        return None
    changed = scope == "C"
    if changed:
        weights["PR"] = _CHANGED_PR[metrics["PR"]]
    base = 1 - (1 - weights["C"]) * (1 - weights["I"]) * (1 - weights["A"])
    impact = 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 if changed else 6.42 * base
    if impact <= 0:
        return 0.0
    exploitability = 8.22 * weights["AV"] * weights["AC"] * weights["PR"] * weights["UI"]
    return _round_up(min((1.08 if changed else 1.0) * (impact + exploitability), 10.0))


def severity(score: float) -> Severity:
    """The qualitative rating of a score in [0, 10]; `low` also for none."""
    return "critical" if score >= 9 else "high" if score >= 7 else "medium" if score >= 4 else "low"


def _round_up(value: float) -> float:
    """To one decimal, upwards, in integers as appendix A has it."""
    scaled = round(value * 100_000)
    return scaled / 100_000 if scaled % 10_000 == 0 else (scaled // 10_000 + 1) / 10
