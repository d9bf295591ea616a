"""Traces files as `ncg evaluate` writes them, without a model: from a few numbers for each attempt (`mixed`, `line`), or
by the real pipeline from written programs (`evaluated`)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ncg_ray import assemble, pipeline
from ncg_ray import config as configs
from ncg_ray.evaluate import evaluate, read_suite
from ncg_ray.protocols import Completion, CompletionRequest, GenerationRequest, ModelInfo
from ncg_ray.records import to_json
from ncg_ray.reward.score import reward
from ncg_ray.types import Analysis, Answer, Attempt, Candidate, Level, Mode, Task, Trace, Verdict


@dataclass(frozen=True)
class Made:
    """One attempt: checks passed of 4, the analysers' numbers, and whether the hidden tests pass."""

    passed: int = 4
    risk: float | None = 0.0
    quality: float | None = 1.0
    licence: float | None = 1.0
    hidden: bool = True
    baseline: float = 0.0
    forgeable: bool = False
    code: str = ""


def attempt(index: int, made: Made) -> Attempt:
    code = made.code or f"def f(x):\n    return x + {index}\n"
    level = Level.TESTED if made.passed == 4 else Level.REFUTED
    verdicts = (Verdict(level, "examples", "examples", num_passed=made.passed, num_checked=4, forgeable=made.forgeable),)
    missing = {name: "no tool" for name in ("risk", "quality", "licence") if getattr(made, name) is None}
    analysis = Analysis(risk=made.risk, quality=made.quality, licence=made.licence, missing=missing)
    return Attempt(index, 0, Candidate(code, "sample" if index else "greedy", "f"), verdicts, level, analysis,
                   reward(verdicts, analysis, made.baseline, False))


def line(task_id: str, *attempts: Made, **changes: object) -> dict:
    made = tuple(attempt(i, m) for i, m in enumerate(attempts))
    answer = Answer(made[0].candidate.code, made[0].level.name, 0.5, "neural", 0) if made else None
    trace = Trace("0" * 32, Task("Change x.", task_id, entry_point="f"), "neural", answer, made)
    graded = {"solved": attempts[0].hidden if made else False, "attempts": [m.hidden for m in attempts]}
    return to_json(trace) | {"task_id": task_id, "mode": "neural", "graded": graded} | changes


def file_bytes(*lines: dict) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in lines)


def mixed(num: int = 12) -> bytes:
    """Tasks in which weights matter: what is insecure has the better quality, and now and then fails hidden tests."""
    lines = []
    for n in range(num):
        insecure = Made(risk=0.2 + 0.05 * (n % 7), quality=1.0, hidden=n % 3 != 0)
        secure = Made(risk=0.0, quality=0.9 - 0.09 * (n % 6), hidden=n % 4 != 1)
        partly = Made(passed=3, quality=1.0, licence=1.0 - 0.5 * (n % 2), hidden=n % 5 == 0)
        lines.append(line(f"t/{n}", insecure, secure, partly))
    return file_bytes(*lines)


class BothSolutions:
    """A generator that knows the packaged tasks: greedy gives the insecure solution, a sample the canonical one."""

    def __init__(self, suite: str | Path) -> None:
        self.rows = {row["task_id"]: row for row in map(json.loads, Path(suite).read_text().splitlines())}

    async def info(self) -> ModelInfo:
        return ModelInfo("both-solutions", "0" * 16)

    async def generate(self, requests: Sequence[GenerationRequest]) -> list[list[Candidate]]:
        def one(request: GenerationRequest) -> Candidate:
            row = self.rows[request.task.id]
            kind, key = ("sample", "canonical_solution") if request.temperature else ("greedy", "insecure_solution")
            return Candidate(row[key], kind, row["entry_point"])

        return [[one(request)] * request.num_candidates for request in requests]

    async def complete(self, requests: Sequence[CompletionRequest]) -> list[list[Completion]]:
        raise NotImplementedError("the neural mode asks for no text")


def evaluated(suite: str | Path, out: Path, names: Sequence[str]) -> Path:
    """The traces file of these tasks of the suite, by the real sandbox, analyser, rewarder and grader."""
    config = configs.load(sets=["search.num_neural_samples=1"])
    executor = assemble.executor(config.sandbox)
    parts = replace(assemble.local_parts(config, model=False), generator=BothSolutions(suite),
                    controllers=assemble.controllers(config, model=True, engines=()))

    async def solve(task: Task, *, mode: Mode, seed: int) -> Trace:
        return await pipeline.solve(task, parts, mode=mode, seed=seed)

    rows = [row for row in read_suite(suite) if row.entry_point in names]
    asyncio.run(evaluate(rows, solve, executor, modes=["neural"], num_samples=2, seed=0, out=out, config=config,
                         suite_name="sweep", concurrency=2))
    return out.with_suffix(".traces.jsonl")
