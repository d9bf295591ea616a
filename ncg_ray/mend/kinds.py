"""`ncg repair` of every kind: behaviour by failing tests, then security, types and style by findings, as one Trace."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ncg_ray import assemble, pipeline, telemetry
from ncg_ray.errors import InputError, TaskError
from ncg_ray.mend import words
from ncg_ray.mend.flaws import KINDS, FlawMender, Outcome
from ncg_ray.mend.run import Mended, mend
from ncg_ray.pipeline import Parts
from ncg_ray.protocols import Executor
from ncg_ray.repair.diagnose import passing
from ncg_ray.repair.findings import Mend
from ncg_ray.repair.problem import problem_of
from ncg_ray.task.given import find_project
from ncg_ray.task.read import read_text
from ncg_ray.telemetry import Listener
from ncg_ray.types import Candidate, Decision, Task, Trace
from ncg_ray.verify.compare import meets


def check_kinds(kinds: Sequence[str], has_tests: bool) -> tuple[str, ...]:
    """The kinds of repair that can be done. Raises InputError for unknown ones, and for behaviour alone without tests."""
    for kind in kinds:
        if kind not in KINDS:
            raise InputError(f"unknown kind of repair {kind!r}; one or more of {','.join(KINDS)}")
    possible = tuple(kind for kind in KINDS if kind in kinds and (has_tests or kind != "behaviour"))
    if not possible:
        raise InputError("a repair of behaviour needs tests that say what is right; give --tests T, or other --kinds")
    return possible


def read_code(file: Path, project: Path | None = None) -> tuple[Task, str]:
    """(task without tests, code). Raises TaskError for a file that cannot be read or does not parse."""
    code = read_text(file)
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise TaskError(f"{file} does not parse{line}, so nothing can be scanned; give --tests T to have its syntax mended"
                        ) from None
    return Task("", file.stem or "task", project=find_project(project, file) if project else None), code


async def mend_kinds(task: Task, code: str, parts: Parts, executor: Executor, kinds: Sequence[str], *, path: str = "code.py",
                     on_event: Listener = telemetry.ignore) -> Mended:
    """Repair one module: what its tests refute, then what analysers find. `kinds` as `check_kinds` gave them.

    Findings are mended only where the tests pass (or there are none): a rewrite that keeps failing tests failing proves
    nothing. Raises what `mend` raises, and ImportError where an analyser is not installed.
    """
    has_tests = bool(task.examples or task.tests.strip())
    first: Mended | None = None
    if "behaviour" in kinds and has_tests:
        first = await mend(task, code, parts, executor, path=path, on_event=on_event)
        if first.status == "not fixed" or not set(kinds) - {"behaviour"}:
            return first
    current = first.code if first is not None else code
    problem = problem_of(task, current, assemble.limits(parts.config.sandbox))
    if has_tests and first is None and not (await passing(executor, problem, [current], meets))[0]:
        trace = await pipeline.check(task, code, parts, on_event=on_event)
        return Mended("not fixed", trace, code, evidence=(
            "the tests fail as the code is, so they cannot judge another change; repair the behaviour first",))

    async def still_passing(codes: Sequence[str]) -> list[bool]:
        return await passing(executor, problem, codes, meets)
    on_event({"event": "stage", "stage": "findings"})
    mender = FlawMender(kinds, parts.config.analyse)
    try:
        outcome = await mender.mend(current, still_passing if has_tests else None)
    finally:
        mender.close()
    if not outcome.mends and first is not None and not outcome.serious:
        return replace(first, evidence=(*first.evidence, *words.left(outcome.left)))
    return await _told(task, code, parts, kinds, path, first, outcome, has_tests, on_event)


async def _told(task: Task, code: str, parts: Parts, kinds: Sequence[str], path: str, first: Mended | None, outcome: Outcome,
                has_tests: bool, on_event: Listener) -> Mended:
    """Diff, reasons, evidence and Trace of what was done."""
    changed = outcome.code != code
    status = ("partly fixed" if changed else "not fixed") if outcome.serious else "fixed" if changed else "passes"
    trace = await pipeline.check(task, outcome.code, parts, on_event=on_event)
    fixed_first = first is not None and first.status == "fixed"
    reason = (
        *(first.reason if first is not None and fixed_first else ()),
        *(words.mended(m, outcome.mends) for m in outcome.mends),
    )
    evidence = (
        *(first.evidence if first is not None and fixed_first else ()),
        *words.scanned(outcome, [kind for kind in kinds if kind != "behaviour"], has_tests),
        *words.left(outcome.left),
    )
    trust = first.trust if first is not None and fixed_first else "tested" if has_tests else "scanned"
    trace = _as_repair(trace, code, outcome.mends, first)
    if outcome.serious:
        trace = replace(trace, note="; ".join(words.left(outcome.left)))
    return Mended(
        status,
        trace,
        outcome.code,
        words.unified(code, outcome.code, path) if changed else "",
        reason,
        evidence,
        trust if changed else "",
        first.agreement if first is not None else 0.0,
        first.found if first is not None else None,
        first.ranked if first is not None else (),
        tuple(outcome.mends),
        tuple(finding for finding, _ in outcome.left),
    )


def _as_repair(trace: Trace, before: str, mends: Sequence[Mend], first: Mended | None) -> Trace:
    """The Trace of a check, as that of a repair: a decision for each change."""
    if not mends and (first is None or first.status != "fixed"):
        return trace
    parent = Candidate(before).id
    earlier = first.trace.decisions if first is not None and first.status == "fixed" else ()
    decisions = tuple(Decision("repair", f"{m.edit.template} at line {m.finding.line}: {m.finding.rule}", target=parent)
                      for m in mends)
    attempt = trace.attempts[0]
    attempt = replace(attempt, step=len(earlier) + len(decisions) - 1,
                      candidate=replace(attempt.candidate, origin="repair", parent=parent))
    mode = first.trace.mode if first is not None and first.status == "fixed" else "symbolic"
    answer = trace.answer and replace(trace.answer, mode=mode)
    return replace(trace, mode=mode, attempts=(attempt,), decisions=(*earlier, *decisions), answer=answer)
