"""`evaluate`: solve each task of a suite in each mode, grade the answers, write the report.

Every solved and graded task is stored at once; a killed run goes on where it stopped, and the report is made from what
is stored, so that it does not depend on how often the run was started.
"""

from __future__ import annotations

import asyncio
import os
import platform
import subprocess
from collections.abc import Awaitable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from ncg_ray import telemetry
from ncg_ray.config import Config
from ncg_ray.errors import InputError, boundary
from ncg_ray.evaluate import metrics, report
from ncg_ray.evaluate.grade import Gate, Grade, Grader
from ncg_ray.evaluate.store import Line, Store, model_change, write_whole
from ncg_ray.evaluate.suite import SuiteRow
from ncg_ray.protocols import Executor
from ncg_ray.records import stable_hash, to_json
from ncg_ray.telemetry import Listener
from ncg_ray.types import MODES, Level, Mode, Task, Trace


class Solve(Protocol):
    """`pipeline.solve` with its parts bound."""

    def __call__(self, task: Task, *, mode: Mode, seed: int) -> Awaitable[Trace]: ...


async def evaluate(rows: Sequence[SuiteRow], solve: Solve, executor: Executor, *, modes: Sequence[Mode],
                   num_samples: int, seed: int, out: str | Path | None, config: Config, suite_name: str,
                   concurrency: int = 1, on_event: Listener = telemetry.ignore) -> report.Report:
    """Measure the modes on a suite; write `out` (JSON), a page of the same name in Markdown, and the Traces.

    `out` is `report.json` in the current folder where it is None.

    `num_samples` is how many candidates the modes draw (>= 1, the greedy one included): pass@k looks at the first so
    many candidates of origin greedy or sample in each Trace, repeats included. `concurrency` tasks are solved at once.

    Raises InputError before anything runs for a mode, a number or a place that cannot be; also where the files at
    `out` belong to another run. InfrastructureError where our side failed: what was done by then is stored, and the
    same call goes on from there.
    """
    out, modes = Path(out or "report.json"), list(dict.fromkeys(modes))
    _check(rows, modes, num_samples, concurrency)
    identity = {"suite_hash": stable_hash(rows), "config_hash": config.hash, "seed": seed, "num_samples": num_samples}
    grader = Grader(executor, config.sandbox)
    with boundary("evaluate"), Store(out, identity) as store:
        if store.header is None:
            on_event({"event": "stage", "stage": "gate", "detail": f"({len(rows)} rows)"})
            gates = await _gates(grader, rows, concurrency)
            store.begin({"suite": suite_name, "machine": _machine(), "commit": _commit(), "gates": gates})
        run = _Run(rows, solve, grader, store, modes, num_samples, seed, on_event)
        if run.done:
            on_event({"event": "note", "text": f"going on: {run.done} of {run.total} are in {store.traces_file}"})
        await run.finish(concurrency)
        result = report.build(store.header, list(store.lines.values()), [r.task_id for r in rows], modes)
    # The page first: where report.json is there, all is there.
    write_whole(out.with_suffix(".md"), report.to_markdown(result))
    write_whole(out, report.to_json_text(result))
    return result


def _check(rows: Sequence[SuiteRow], modes: Sequence[str], num_samples: int, concurrency: int) -> None:
    if not rows:
        raise InputError("the suite has no rows")
    if unknown := [mode for mode in modes if mode not in MODES]:
        raise InputError(f"unknown mode {unknown[0]!r}; one of {', '.join(MODES)}")
    if not modes:
        raise InputError(f"no mode to evaluate; give at least one of {', '.join(MODES)}")
    if num_samples < 1 or concurrency < 1:
        raise InputError(f"samples {num_samples}, concurrency {concurrency}: both must be 1 or more")


class _Run:
    """What is left to do of one run."""

    def __init__(self, rows: Sequence[SuiteRow], solve: Solve, grader: Grader, store: Store, modes: Sequence[Mode],
                 num_samples: int, seed: int, on_event: Listener) -> None:
        self.solve, self.grader, self.store = solve, grader, store
        self.num_samples, self.seed, self.on_event = num_samples, seed, on_event
        assert store.header is not None
        self.gates = {task: Gate(**gate) for task, gate in store.header["gates"].items()}
        all_of_them = [(mode, row) for mode in modes for row in rows if not self.gates[row.task_id].left_out]
        self.open = [(mode, row) for mode, row in all_of_them if (mode, row.task_id) not in store.lines]
        self.total, self.done = len(all_of_them), len(all_of_them) - len(self.open)

    async def finish(self, concurrency: int) -> None:
        """Do what is open; at the first error finish what is under way, store it, and raise the error."""
        todo, errors = iter(self.open), []

        async def work() -> None:
            for mode, row in todo:
                if errors:
                    return
                try:
                    await self._one(mode, row)
                except Exception as error:
                    errors.append(error)

        await asyncio.gather(*(work() for _ in range(min(concurrency, len(self.open)))))
        if errors:
            raise errors[0]

    async def _one(self, mode: Mode, row: SuiteRow) -> None:
        trace = await self.solve(row.task, mode=mode, seed=self.seed)
        graded = await self._graded(row, trace)
        line: Line = to_json(trace) | {"task_id": row.task_id, "mode": mode, "graded": graded}
        if change := model_change(list(self.store.lines.values()), line):
            raise InputError(f"{self.store.traces_file} belongs to another run ({change}); {self.store.mend}")
        self.store.append(line)
        self.done += 1
        self.on_event({"event": "progress", "done": self.done, "total": self.total, "mode": mode,
                       "task_id": row.task_id, "solved": graded["solved"]})

    async def _graded(self, row: SuiteRow, trace: Trace) -> dict[str, Any]:
        time_limit_s = self.gates[row.task_id].time_limit_s
        grades = await self.grader.grade(row, [a.candidate.code for a in trace.attempts], time_limit_s)
        draws = [grade for a, grade in zip(trace.attempts, grades, strict=True)
                 if a.candidate.origin in ("greedy", "sample")][:self.num_samples]
        answer = grades[trace.answer.attempt] if trace.answer else Grade(False, trace.note or "no answer")
        code, reference = trace.code, row.canonical_solution
        return {"solved": answer.solved, "reason": answer.reason, "forgeable": answer.forgeable,
                "verified": Level[trace.verdict] >= Level.TESTED, "draws": [grade.solved for grade in draws],
                "attempts": [grade.solved for grade in grades],
                "exact_match": None if reference is None else metrics.exact_match(code, reference),
                "bleu": None if reference is None else round(metrics.bleu(code, reference), 6),
                "time_limit_s": round(time_limit_s, 3)}


async def _gates(grader: Grader, rows: Sequence[SuiteRow], concurrency: int) -> dict[str, dict[str, Any]]:
    """Every row's gate; no more at once than answers are graded later, so that the times compare."""
    free = asyncio.Semaphore(concurrency)

    async def one(row: SuiteRow) -> Gate:
        async with free:
            return await grader.gate(row)

    gates = await asyncio.gather(*map(one, rows))
    return {row.task_id: asdict(gate) for row, gate in zip(rows, gates, strict=True)}


def _machine() -> dict[str, Any]:
    return {"num_cpus": os.cpu_count(), "platform": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version()}


def _commit() -> str | None:
    """The commit of the checkout that this package runs from; None where it does not run from one."""
    folder = Path(__file__).resolve().parent
    command = ["git", "-C", str(folder)]
    try:
        subprocess.run([*command, "ls-files", "--error-unmatch", Path(__file__).name], check=True, capture_output=True,
                       timeout=10)
        found = subprocess.run([*command, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"], check=True,
                               capture_output=True, timeout=10, text=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip()
