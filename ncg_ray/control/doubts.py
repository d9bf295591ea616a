"""Contract clauses that the consensus of the candidates breaks: perhaps it is the clause that is wrong.

Covers: tasks whose candidates passed examples or tests of their own. Does not cover: what no candidate does right.
Source: Endres et al., Can Large Language Models Transform Natural Language Intent into Formal Method Postconditions?
(2024), where a postcondition is sound if the known-good program meets it; here the largest group that behaves alike stands
in for that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ncg_ray.types import Attempt, Level, Verdict

CONCRETE = ("examples", "tests")
MIN_VOTES = 2


@dataclass(frozen=True, slots=True)
class Doubt:
    """One clause against the consensus."""

    clause: str
    detail: str
    "How the consensus breaks it."
    votes: int
    "Candidates that behave alike, pass every example and test, and break it."
    peers: int
    "Candidates that pass every example and test."

    def text(self) -> str:
        return (f"{self.clause!r} may be wrong: {self.votes} of the {self.peers} candidates that pass all examples agree, "
                f"and break it ({self.detail})")


def doubts(attempts: Sequence[Attempt]) -> list[Doubt]:
    """The clauses that the largest group of at least `MIN_VOTES` equal candidates breaks, in the order of the task."""
    passing = [a for a in attempts if _passes(a.verdicts)]
    votes = Counter(a.behaviour for a in passing if a.behaviour)
    if not votes:
        return []
    behaviour, most = votes.most_common(1)[0]
    if most < MIN_VOTES or 2 * most <= len(passing):
        return []
    consensus = next(a for a in passing if a.behaviour == behaviour)
    return [Doubt(v.obligation, v.detail, most, len(passing)) for v in consensus.verdicts
            if v.engine not in CONCRETE and v.level is Level.REFUTED]


def _passes(verdicts: Sequence[Verdict]) -> bool:
    """Whether there are examples or tests, and all are met."""
    concrete = [v for v in verdicts if v.engine in CONCRETE]
    return bool(concrete) and all(v.level is Level.TESTED for v in concrete)
