"""What a failing run shows of itself: its exception, and the lines of the traceback."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ncg_ray.types import Outcome, OutcomeKind

_FRAME = re.compile(r'File "candidate\.py", line (\d+)')


@dataclass(frozen=True, slots=True)
class Symptom:
    """An exception that a failing run ended with."""

    error_type: str
    message: str
    lines: tuple[int, ...]
    "Of the code's own frames, the innermost first."
    keys: tuple[str, ...] = ()
    "The text keys of the dicts in the inputs."


def symptoms_of(outcomes: Sequence[Outcome]) -> list[Symptom]:
    """One for each kind of exception and place, in the order of the outcomes."""
    found: dict[tuple[str, tuple[int, ...]], Symptom] = {}
    for outcome in outcomes:
        if outcome.kind in (OutcomeKind.RAISED, OutcomeKind.MEMORY) and outcome.error_type:
            lines = traceback_lines(outcome.traceback)
            found.setdefault((outcome.error_type, lines), Symptom(outcome.error_type, outcome.message, lines))
    return list(found.values())


def traceback_lines(traceback: str) -> tuple[int, ...]:
    """The lines of the code's own frames, each once, the innermost first."""
    return tuple(dict.fromkeys(int(number) for number in reversed(_FRAME.findall(traceback))))
