"""Stored Traces of `ncg evaluate` as a sweep reads them: of every attempt what its reward is made of, and its hidden tests.

A line is one task in one mode. What is missing in a line is a gap of the infrastructure, never a score of 0: an attempt
whose reward could not be measured is not eligible, and a task without an eligible attempt is left out; both are counted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ncg_ray import storage
from ncg_ray.errors import InfrastructureError, InputError
from ncg_ray.records import from_json
from ncg_ray.reward.score import TERMS
from ncg_ray.reward.score import reward as scored
from ncg_ray.reward.trivial import is_trivial
from ncg_ray.types import Attempt, Reward, Task, Trace


@dataclass(frozen=True, slots=True)
class Option:
    """One attempt: the terms of its reward, and what the hidden tests said of it, which only the measurement reads."""

    code: str
    "Id of the candidate: equal code has the same."
    terms: tuple[float | None, ...]
    "tests, security, quality, licence; each in [0, 1]. None where code that earns nothing anyway could not be analysed."
    baseline: float
    "T0, as in `Reward`."
    trivial: bool
    passed: bool
    "All hidden tests."

    @property
    def secure(self) -> bool:
        """Whether the analysers found nothing; code that they could not read is not secure."""
        return self.terms[TERMS.index("security")] == 1.0


@dataclass(frozen=True, slots=True)
class Case:
    """One task and the attempts that may be picked, in their order."""

    task_id: str
    options: tuple[Option, ...]
    gated: bool
    "Picked by the gated reward; else by the total, since for no attempt a gated one is defined (T0 = 1, forgeable tests)."
    num_gaps: int = 0
    "Attempts that are not eligible."


@dataclass(frozen=True, slots=True)
class Cases:
    """All that a sweep knows of a file of Traces."""

    eligible: tuple[Case, ...]
    num_left_out: int
    "Tasks without an eligible attempt."

    @property
    def num_gaps(self) -> int:
        """Attempts that are not eligible, in the tasks that are."""
        return sum(case.num_gaps for case in self.eligible)

    def differing(self) -> dict[str, int]:
        """In how many tasks the eligible attempts differ in each term of the reward, and in the hidden tests' result."""
        counts = {name: sum(len({o.terms[i] for o in case.options}) > 1 for case in self.eligible)
                  for i, name in enumerate(TERMS)}
        return counts | {"hidden": sum(len({o.passed for o in case.options}) > 1 for case in self.eligible)}


def load_bytes(path: str) -> bytes:
    """A traces file, from a folder or an fsspec URL. Raises InputError."""
    try:
        if storage.is_remote(path):
            files, place = storage.filesystem(path)
            return bytes(files.cat_file(place))
        return Path(path).expanduser().read_bytes()
    except (OSError, ValueError, ImportError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(f"tune.traces = {path!r}: {why}; give a .traces.jsonl file of `ncg evaluate` that is on the "
                         "machine where this runs, or leave it empty to make one from the packaged tasks") from None


def read_cases(data: bytes, path: str) -> Cases:
    """Check every line before anything runs.

    Raises InputError for a broken line, for one without the graded attempts, and where no weights could matter because
    no task has two different candidates.
    """
    cases = []
    lines = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            cases.append(_case(json.loads(line)))
        except InputError as error:
            raise InputError(f"tune.traces = {path!r} line {number}: {error.message}", line=number) from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise InputError(f"tune.traces = {path!r} line {number} is not a Trace of `ncg evaluate`; the same command "
                             "again mends a file that was cut short", line=number) from None
    if not cases:
        raise InputError(f"tune.traces = {path!r} has no lines; give the .traces.jsonl file of an `ncg evaluate`")
    eligible = tuple(case for case in cases if case.options)
    if not eligible:
        raise InfrastructureError(f"tune.traces = {path!r}: of no attempt the reward could be measured; see the `missing` "
                                  "of its rewards, mend what they name, and evaluate again")
    if all(len({option.code for option in case.options}) < 2 for case in eligible):
        raise InputError(f"tune.traces = {path!r}: no task has two different candidates, so that no weights could change "
                         "what is picked; evaluate with more samples (--mode neural --samples 8, say)")
    return Cases(eligible, len(cases) - len(eligible))


def _case(line: dict[str, Any]) -> Case:
    graded = line.pop("graded")["attempts"] if "attempts" in line.get("graded", {}) else None
    if graded is None:
        raise InputError("the attempts are not graded by the hidden tests, as in a file of an earlier version; evaluate "
                         "again")
    task_id = line.pop("task_id")
    trace = from_json(Trace, line)
    if len(graded) != len(trace.attempts) or not all(isinstance(passed, bool) for passed in graded):
        raise InputError(f"{len(trace.attempts)} attempts and {len(graded)} grades; evaluate again")
    rewards = [_reward(trace.task, attempt) for attempt in trace.attempts]
    # A gated reward and a total are not on one scale: where one attempt has the former, only those are compared that do.
    gated = any(reward is not None and reward.gated is not None for reward in rewards)
    options = tuple(
        Option(attempt.candidate.id, tuple(getattr(reward, name) for name in TERMS), reward.baseline,
               _is_trivial(trace.task, attempt), passed)
        for attempt, reward, passed in zip(trace.attempts, rewards, graded, strict=True)
        if reward is not None and (reward.gated if gated else reward.total) is not None)
    return Case(str(task_id), options, gated, len(trace.attempts) - len(options))


def _reward(task: Task, attempt: Attempt) -> Reward | None:
    """The reward from what is stored, by any weights: they change nothing about which parts of it are defined."""
    if attempt.analysis is None or attempt.reward is None:
        return None
    return scored(attempt.verdicts, attempt.analysis, attempt.reward.baseline, _is_trivial(task, attempt))


def _is_trivial(task: Task, attempt: Attempt) -> bool:
    return is_trivial(attempt.candidate.code, task.entry_point or attempt.candidate.entry_point)


def describe(cases: Cases) -> str:
    """One line for people: how many tasks, and in how many of them there is something to choose."""
    terms = ", ".join(f"{name} in {number}" for name, number in cases.differing().items())
    return f"{len(cases.eligible)} tasks; candidates differ in {terms}"
