"""Outcomes against examples: what was met, what was missed, and the verdict on the whole list."""

from __future__ import annotations

import builtins
import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any

from ncg_ray import plain
from ncg_ray.types import Counterexample, Example, Level, Origin, Outcome, OutcomeKind, Reason, Verdict, shown

MISMATCHES = frozenset({OutcomeKind.RETURNED, OutcomeKind.RAISED, OutcomeKind.CRASHED, OutcomeKind.NOT_PLAIN})
"Outcomes that, where they do not meet an example, contradict it; the others only fail to answer."


def meets(example: Example, outcome: Outcome) -> bool:
    """Whether the call gave what the example asks for."""
    if example.raises is not None:
        return outcome.kind is OutcomeKind.RAISED and raised_matches(example.raises, outcome.error_type, outcome.error_base)
    if outcome.kind is not OutcomeKind.RETURNED:
        return False
    expected = example.returns
    if outcome.iterator and isinstance(expected, (list, tuple)):
        expected = list(expected)
    return plain.equal(expected, outcome.value, example.abs_tol, example.loose)


def raised_matches(expected: str, got: str, base: str = "") -> bool:
    """Whether an exception named `got` is an `expected`: by name, or as a subclass of a builtin exception.

    `base` is its nearest builtin base. A class that only bears a builtin's name is not that builtin: no
    `except ValueError` would catch it.
    """
    expected, got = expected.rpartition(".")[2], got.rpartition(".")[2]
    if not _is_exception(expected):
        return expected == got
    base = base or (got if _is_exception(got) else "Exception")
    return _is_exception(base) and issubclass(getattr(builtins, base), getattr(builtins, expected))


def _is_exception(name: str) -> bool:
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, BaseException)


def expected_text(example: Example) -> str:
    """What the example asks for, on one line."""
    return f"raises {example.raises}" if example.raises is not None else shown(example.returns)


def judge(examples: Sequence[Example], outcomes: Sequence[Outcome], name: str,
          generated: bool = False) -> Verdict:
    """One verdict on a list of examples of the function called `name`.

    TESTED where all are met, REFUTED with the first that is contradicted; where one only went unanswered (time,
    memory, policy) UNKNOWN. Generated examples are the model's own guesses, so they refute nothing.
    """
    misses = [(e, o) for e, o in zip(examples, outcomes, strict=True) if not meets(e, o)]
    origin: Origin = "generated" if generated else (
        "user" if any(e.origin == "user" for e in examples) else "docstring")
    level, reason, detail, counterexample, kind = Level.TESTED, None, "", None, "passed"
    if misses:
        contradicted = [(e, o) for e, o in misses if o.kind in MISMATCHES]
        example, outcome = (contradicted or misses)[0]
        kind = "failed" if outcome.kind is OutcomeKind.RETURNED else outcome.kind.value
        detail = f"{example.call_text(name)} gave {outcome.text()}, expected {expected_text(example)}"
        if contradicted:
            level = Level.UNKNOWN if generated else Level.REFUTED
            reason = Reason.COUNTEREXAMPLE
            counterexample = Counterexample(example.args, example.kwargs, outcome.text(), expected_text(example),
                                            outcome.traceback)
        else:
            level, reason = Level.UNKNOWN, reason_for(outcome)
    return Verdict(level, "assumed examples" if generated else "examples", "examples", origin, reason,
                   num_passed=len(examples) - len(misses), num_checked=len(examples),
                   counterexample=counterexample, detail=detail, elapsed_s=sum(o.elapsed_s for o in outcomes),
                   outcome=kind)


def reason_for(outcome: Outcome) -> Reason:
    """Why an outcome answers nothing."""
    return Reason.TIMEOUT if outcome.kind is OutcomeKind.TIMEOUT else Reason.ERROR


def behaviour(outcomes: Sequence[Outcome]) -> str:
    """A hash for each call of what it did: kind, value, type of error, changed arguments. Messages and times do not count.

    Values that compare equal hash alike: floats to 9 digits, dicts and sets in any order, `1`, `1.0` and `True`.
    """
    return " ".join(map(_digest, outcomes))


def _digest(outcome: Outcome) -> str:
    seen = [str(outcome.kind), _canonical(outcome.value), outcome.error_type, _canonical(outcome.args_after),
            _canonical(outcome.kwargs_after)]
    return hashlib.sha256(json.dumps(seen).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _canonical(value: Any) -> Any:
    if isinstance(value, int):
        return ["number", hex(value)]
    if isinstance(value, float):
        near = round(value) if math.isfinite(value) else None
        whole = near is not None and abs(value - near) <= 1e-9 * max(1.0, abs(value))
        return ["number", hex(near) if near is not None and whole else f"{value:.9g}"]
    if isinstance(value, dict):
        pairs = [[_canonical(k), _canonical(v)] for k, v in value.items()]
        return ["dict", sorted(pairs, key=json.dumps)]
    if isinstance(value, (set, frozenset)):
        return ["set", sorted((_canonical(item) for item in value), key=json.dumps)]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, *map(_canonical, value)]
    return repr(value)
