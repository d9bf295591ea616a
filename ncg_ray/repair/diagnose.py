"""The runs before any edit: which examples fail, by which lines they go, with which exceptions, and which are flaky."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ncg_ray import syntax
from ncg_ray.protocols import Call, ExecutionJob, Executor, Limits
from ncg_ray.repair.localise import Run
from ncg_ray.repair.problem import Problem, test_job
from ncg_ray.repair.symptoms import Symptom, symptoms_of, traceback_lines
from ncg_ray.types import Example, Outcome, OutcomeKind

Meets = Callable[[Example, Outcome], bool]
MAX_RUNS = 40
"Examples that are run one by one under coverage; the failing ones come first."
MAX_KEYS = 12
"Keys of the inputs' dicts that may have been meant."
WATCH_S = 1.0
"Seconds for one run under coverage, and for the first run of all."


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the code does today."""

    outcomes: tuple[Outcome, ...]
    "One for each checked example."
    met: tuple[bool, ...]
    runs: tuple[Run, ...]
    symptoms: tuple[Symptom, ...]
    flaky: tuple[int, ...] = ()
    "Indices of examples that one run met and another did not."
    test_failure: str = ""
    "What the test code said; empty where it passed or there is none."
    elapsed_s: float = 0.0
    "Of the calls that came to an end."

    @property
    def passes(self) -> bool:
        """Whether there is nothing to mend."""
        return all(self.met) and not self.test_failure and not self.flaky


async def diagnose(executor: Executor, problem: Problem, meets: Meets) -> Diagnosis:
    """Run the code on its examples, all together and then one by one. Raises SandboxError, TaskError."""
    calls = tuple(Call(e.args, e.kwargs) for e in problem.checked)
    limits = replace(problem.limits, time_s=min(problem.limits.time_s, WATCH_S))
    whole, = await executor.execute([_job(problem, calls, limits)]) if calls else (None,)
    outcomes = list(whole.outcomes) if whole else []
    if whole and whole.load.kind is not OutcomeKind.RETURNED:
        outcomes = [whole.load] * len(calls)
    met = [meets(e, o) for e, o in zip(problem.checked, outcomes, strict=True)]
    order = sorted(range(len(calls)), key=lambda i: met[i])[:MAX_RUNS]
    watched = await executor.execute([replace(_job(problem, calls[i:i + 1], limits), observe=("coverage",)) for i in order])
    runs, flaky = [], []
    for i, execution in zip(order, watched, strict=True):
        outcome = execution.outcomes[0] if execution.load.kind is OutcomeKind.RETURNED else execution.load
        if outcome.kind in (OutcomeKind.RETURNED, OutcomeKind.RAISED) and meets(problem.checked[i], outcome) != met[i] and (
                outcomes[i].kind is not OutcomeKind.NOT_RUN):
            flaky.append(i)
        if outcomes[i].kind is OutcomeKind.NOT_RUN:
            outcomes[i], met[i] = outcome, meets(problem.checked[i], outcome)
        seen = execution.observation
        runs.append(Run(frozenset(seen.lines) if seen else None, met[i], traceback_lines(outcome.traceback)))
    failure = ""
    if problem.tests.strip() and all(met):
        failure, more, symptom = await _watch_tests(executor, problem)
        runs += more
        outcomes_of_tests = symptom
    else:
        outcomes_of_tests = []
    keys = _keys([[*e.args, *e.kwargs.values()] for e in problem.checked])
    symptoms = [replace(s, keys=keys) for s in symptoms_of([o for o, ok in zip(outcomes, met, strict=True) if not ok])]
    ended = sum(o.elapsed_s for o in outcomes if o.kind in (OutcomeKind.RETURNED, OutcomeKind.RAISED))
    return Diagnosis(tuple(outcomes), tuple(met), tuple(runs), (*symptoms, *outcomes_of_tests), tuple(flaky), failure,
                     ended + (whole.load.elapsed_s if whole else 0.0))


def _keys(value: object) -> tuple[str, ...]:
    """The text keys of all dicts in a value, each once: what an input holds, not what is expected of it."""
    found: dict[str, None] = {}
    waiting = [value]
    while waiting and len(found) < MAX_KEYS:
        item = waiting.pop()
        if isinstance(item, dict):
            found |= dict.fromkeys(key for key in item if isinstance(key, str))
            waiting += item.values()
        elif isinstance(item, list | tuple | set | frozenset):
            waiting += item
    return tuple(found)[:MAX_KEYS]


async def passing(executor: Executor, problem: Problem, codes: Sequence[str], meets: Meets) -> list[bool]:
    """Whether each code passes everything, in fresh processes of its own."""
    if not codes:
        return []
    calls = tuple(Call(e.args, e.kwargs) for e in problem.checked)
    good = [True] * len(codes)
    if calls:
        executions = await executor.execute([_job(replace(problem, code=code), calls, problem.limits) for code in codes])
        good = [execution.load.kind is OutcomeKind.RETURNED and all(map(meets, problem.checked, execution.outcomes))
                for execution in executions]
    if problem.tests.strip():
        still = [i for i, ok in enumerate(good) if ok]
        reports = await asyncio.gather(*(executor.test([test_job(replace(problem, code=codes[i]))]) for i in still))
        for i, (report,) in zip(still, reports, strict=True):
            good[i] = report.num_checked > 0 and report.num_passed == report.num_checked
    return good


async def _watch_tests(executor: Executor, problem: Problem) -> tuple[str, list[Run], list[Symptom]]:
    report, = await executor.test([replace(test_job(problem), observe=("coverage",))])
    passed = report.num_checked > 0 and report.num_passed == report.num_checked
    lines = traceback_lines(report.traceback)
    run = Run(frozenset(report.observation.lines) if report.observation else None, passed, lines)
    failure = "" if passed else report.failure or f"the tests came to: {report.outcome}"
    names = [word.strip(":,.()") for word in failure.split() if word.strip(":,.()").endswith("Error")]
    symptoms = [Symptom(names[-1], failure, lines)] if names and lines else []
    return failure, [run], symptoms


def _job(problem: Problem, calls: tuple[Call, ...], limits: Limits) -> ExecutionJob:
    return ExecutionJob(problem.code, problem.entry_point, calls, limits, environment=problem.environment,
                        module=problem.module)


def imports_for(code: str, symptoms: Sequence[Symptom]) -> dict[str, str]:
    """The import that each unknown name probably lacks."""
    added = set(syntax.add_imports(code).split("\n")) - set(code.split("\n"))
    found = {line.split()[-1]: line for line in added if line.strip()}
    for symptom in symptoms:
        parts = symptom.message.split("'")
        if symptom.error_type == "NameError" and len(parts) > 1 and parts[1] in sys.stdlib_module_names:
            found.setdefault(parts[1], f"import {parts[1]}")
    return found
