"""`ncg demo`: six packaged tasks, solved one after the other and judged by examples that the loop never sees.

A task counts as solved where the verdict is TESTED or better and the answer also passes its held-out examples
(`examples/held_out.json`). For every other task one line says which part of the loop failed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ncg_ray import control, telemetry
from ncg_ray.protocols import Call, ExecutionJob, Executor
from ncg_ray.task.read import read_task
from ncg_ray.telemetry import Listener
from ncg_ray.types import Example, Level, Mode, OutcomeKind, Task, Trace, Verdict
from ncg_ray.verify.compare import judge

FOLDER = Path(__file__).parent / "examples"


@dataclass(frozen=True, slots=True)
class DemoTask:
    """A packaged task and the examples that judge its answer."""

    task: Task
    held_out: tuple[Example, ...]


def load() -> list[DemoTask]:
    """The packaged tasks, from easy to hard."""
    held_out = json.loads((FOLDER / "held_out.json").read_text(encoding="utf-8"))
    tasks = []
    for name, rows in held_out.items():
        path, = FOLDER.glob(f"{name}.*")
        examples = tuple(Example(tuple(row["args"]), returns=row["returns"], loose=True) for row in rows)
        tasks.append(DemoTask(replace(read_task(path), id=name), examples))
    return tasks


async def run(solve: Callable[..., Awaitable[Trace]], executor: Executor, *, mode: Mode | None = None,
              seed: int | None = None, on_event: Listener = telemetry.ignore) -> dict[str, Any]:
    """Solve every packaged task; each one's result is also an event (`{"event": "result", ...}`)."""
    results: list[dict[str, Any]] = []
    model, tasks = "", load()
    for number, demo_task in enumerate(tasks):
        on_event({"event": "task", "task": demo_task.task.id, "done": number, "total": len(tasks)})
        begin = time.monotonic()
        trace = await solve(demo_task.task, mode=mode, seed=seed)
        held_out = await _judge(trace, demo_task.held_out, executor)
        model = model or trace.model_id
        results.append(_result(demo_task.task.id, trace, held_out, round(time.monotonic() - begin, 2)))
        on_event({"event": "result", **results[-1]})
    return {"solved": sum(r["solved"] for r in results), "tasks": len(results), "model": model, "results": results}


async def _judge(trace: Trace, held_out: tuple[Example, ...], executor: Executor) -> Verdict | None:
    """Run the answer on the held-out examples; None where there is no answer."""
    if trace.answer is None:
        return None
    name = trace.attempts[trace.answer.attempt].candidate.entry_point
    calls = tuple(Call(e.args, e.kwargs) for e in held_out)
    execution, = await executor.execute([ExecutionJob(trace.code, name, calls)])
    if execution.load.kind is not OutcomeKind.RETURNED:
        return Verdict(Level.REFUTED, "held-out examples", "examples", num_checked=len(held_out),
                       detail=f"the module does not load: {execution.load.text()}")
    return judge(held_out, execution.outcomes, name)


def _result(task: str, trace: Trace, held_out: Verdict | None, seconds: float) -> dict[str, Any]:
    evidence = trace.answer.evidence if trace.answer else ()
    reason = why_unsolved(trace, held_out)
    return {
        "task": task, "mode": trace.mode, "verdict": trace.verdict, "confidence": trace.confidence,
        "solved": not reason, "tests_passed": sum(v.num_passed for v in evidence),
        "tests": sum(v.num_checked for v in evidence), "held_out_passed": held_out.num_passed if held_out else 0,
        "held_out": held_out.num_checked if held_out else 0, "attempts": len(trace.attempts), "seconds": seconds,
        "reason": reason, "code": trace.code}


def why_unsolved(trace: Trace, held_out: Verdict | None) -> str:
    """Which part of the loop failed, on one line; empty where the task is solved."""
    if trace.answer is None or held_out is None:
        return f"sampling: {trace.note or 'no candidate was made'}"
    best = control.summary(trace.attempts[trace.answer.attempt])
    if Level[trace.verdict] is Level.REFUTED:
        tried = "sampling and repair" if any(d.action == "repair" for d in trace.decisions) else "sampling"
        distinct = len({a.candidate.id for a in trace.attempts})
        return f"{tried}: none of {len(trace.attempts)} candidates passed ({distinct} distinct); the best: {best}"
    if Level[trace.verdict] is Level.UNKNOWN:
        if not any(v.num_checked for v in trace.answer.evidence):
            return ("specification: the model's samples agreed on no example, so there was nothing to check by"
                    if not trace.assumptions else f"checking: {best}")
        return (f"specification: no candidate meets the examples that the model assumed; {best}" if trace.assumptions
                else f"checking: no verdict was reached; {best}")
    if held_out.level is not Level.TESTED:
        return f"selection: the answer passed every check it was given, but fails a held-out one: {held_out.detail}"
    return ""
