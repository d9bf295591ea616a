"""Which plausible patch to believe: agreement on generated inputs first, then the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ncg_ray import assemble
from ncg_ray.config import Config
from ncg_ray.errors import TaskError
from ncg_ray.protocols import Call, ExecutionJob, Executor
from ncg_ray.repair.problem import Problem
from ncg_ray.repair.rank import Ranked, rank
from ncg_ray.repair.search import Found
from ncg_ray.task.placing import environment, module
from ncg_ray.types import Candidate, Example, Level, Outcome, OutcomeKind, Task, Verdict
from ncg_ray.verify.compare import behaviour
from ncg_ray.verify.contracts import parameters_of
from ncg_ray.verify.inputs import sample
from ncg_ray.verify.module import choose
from ncg_ray.verify.portfolio import FunctionVerdict, Portfolio
from ncg_ray.verify.solver import Solver

COMPARE_S = 0.25
"Seconds for a plausible patch on one generated input."
MAX_VERIFIED = 4
"Plausible patches whose contract is checked, best first, until one is not refuted."


async def ranked(task: Task, problem: Problem, found: Found, executor: Executor, config: Config
                 ) -> tuple[list[Ranked], list[str]]:
    """The plausible patches, best first, and where the best two groups of them differ, in words."""
    if not found.patches:
        return [], []
    codes = [patch.code for patch in found.patches]
    parameters = parameters_of(task) or parameters_of(task, Candidate(codes[0], entry_point=task.entry_point))
    examples, num = problem.checked, config.repair.num_inputs
    calls = sample(parameters, examples, num, task.entry_point) if num and len(codes) > 1 else []
    if not calls:
        return _apart(found)
    limits = replace(assemble.limits(config.sandbox), time_s=COMPARE_S)
    jobs = [ExecutionJob(c, task.entry_point, tuple(calls), limits, environment=environment(task), module=module(task))
            for c in [*codes, problem.code]]
    *rows, was = [execution.outcomes for execution in await executor.execute(jobs)]
    # An input that most patches cannot take is probably none that the function is for.
    usual = [n for n in range(len(calls)) if 2 * sum(row[n].kind is OutcomeKind.RETURNED for row in rows) > len(rows)]
    if not usual:
        return _apart(found)
    behaviours = [behaviour([row[n] for n in usual]) for row in rows]
    order = rank(found.patches, behaviours, [_kept(found, was, row) for row in rows])
    return order, _difference(task, order, dict(zip(codes, rows, strict=True)), calls, usual)


def _apart(found: Found) -> tuple[list[Ranked], list[str]]:
    """Where nothing compares them each patch stands alone."""
    order = rank(found.patches, range(len(found.patches)))
    return order, ["no inputs could be generated to compare the patches"] if len(order) > 1 else []


def _kept(found: Found, was: Sequence[Outcome], now: Sequence[Outcome]) -> float:
    """Where every failure is an exception: how much a patch leaves as it was on inputs that raised none, in [0.1, 1].

    A value that nobody complained about is probably right.
    """
    diagnosis = found.diagnosis
    if diagnosis is None or found.syntax or any(o.kind is not OutcomeKind.RAISED for o, ok in zip(
            diagnosis.outcomes, diagnosis.met, strict=True) if not ok):
        return 1.0
    ended = [n for n, outcome in enumerate(was) if outcome.kind is OutcomeKind.RETURNED]
    same = sum(behaviour([was[n]]) == behaviour([now[n]]) for n in ended)
    return 0.1 + 0.9 * same / len(ended) if ended else 1.0


def _difference(task: Task, order: Sequence[Ranked], rows: dict[str, tuple[Outcome, ...]], calls: Sequence[Call],
                usual: Sequence[int]) -> list[str]:
    """Two groups and an input that tells them apart: what the user may want to add as an example."""
    other = next((r for r in order if r.group), None)
    if other is None:
        return []
    best = order[0]
    for n in usual:
        one, two = rows[best.patch.code][n], rows[other.patch.code][n]
        if behaviour([one]) != behaviour([two]):
            call = Example(calls[n].args, calls[n].kwargs).call_text(task.entry_point)
            return [f"other patches pass too and differ: {call} gives {one.text()[:80]} here and {two.text()[:80]} with "
                    f"{other.patch.template} at line {other.patch.line}; an example of it would decide"]
    return []


async def chosen(task: Task, order: Sequence[Ranked], executor: Executor, config: Config
                  ) -> tuple[Ranked | None, Verdict | None, list[str]]:
    """The best patch that its contract does not refute, the verdict on the contract, and what was refuted."""
    refuted: list[str] = []
    for candidate in order[:MAX_VERIFIED]:
        result = await _contract(task, candidate.patch.code, executor, config)
        if result is None:
            return candidate, None, refuted
        if result.verdict.level is not Level.REFUTED:
            return candidate, result.verdict, refuted
        refuted.append(f"a patch at line {candidate.patch.line} ({candidate.patch.template}) breaks the contract: "
                       f"{result.verdict.detail}")
    return None, None, refuted


async def _contract(task: Task, code: str, executor: Executor, config: Config) -> FunctionVerdict | None:
    """What the verifier says of the function's contract; None where it has none."""
    try:
        spec = choose(code, task.entry_point, "the patch")[0]
    except TaskError:
        return None
    if not spec.has_contract:
        return None
    async with Solver(num_workers=config.sandbox.num_workers) as solver:
        portfolio = Portfolio(executor, solver, config.verify, assemble.limits(config.sandbox))
        return await portfolio.verify(code, spec, environment(task), module(task))
