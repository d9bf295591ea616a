"""Contract clauses checked on inputs: the examples' and sampled ones that satisfy every `requires`.

Covers: a clause tried on some tens of inputs, smallest first; a failure replayed in a fresh process before it
counts. Does not cover: any input that was not tried, so the best that this can say is TESTED.
"""

from __future__ import annotations

import ast
import asyncio
import random
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ncg_ray import plain
from ncg_ray.config import VerifyConfig
from ncg_ray.protocols import Call, ExecutionJob, Executor, Limits
from ncg_ray.records import stable_hash
from ncg_ray.task import placing
from ncg_ray.types import Contract, Counterexample, Level, Outcome, OutcomeKind, Reason, Task, Verdict, shown
from ncg_ray.verify.compare import reason_for
from ncg_ray.verify.contracts import ENTRY_POINT, check_call, checker_module, literals
from ncg_ray.verify.inputs import sample, size

CACHE_SIZE = 256
OVERSAMPLING = 8
"Inputs drawn for each one wanted, where a `requires` will turn some away."

Pair = tuple[Call, Outcome]
"An input, and what the candidate did with it."


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a task's function may be called with."""

    examples: tuple[int, ...] = ()
    "Indices of the examples whose inputs satisfy every `requires`."
    probes: tuple[Call, ...] = ()
    "Sampled inputs that satisfy every `requires`, smallest first."
    reason: Reason | None = None
    "Why there is none, where there is none."
    detail: str = ""
    num_runs: int = 0
    "Sandbox processes that it took to find them."


TOO_DEEP = Outcome(OutcomeKind.RAISED, error_type="NotPlain",
                   message="what the call left behind is no plain data, or too large or too deep to pass on")


def _fits(call: Call) -> bool:
    """Whether what the candidate left behind can be handed to the checker: wrapped, it nests one level deeper.

    For a value that could not leave the candidate's process its description came instead: text where there was none.
    """
    args, kwargs, args_after, kwargs_after, _ = call.args
    pairs = [*zip(args, args_after, strict=False), *((kwargs[k], kwargs_after.get(k)) for k in kwargs)]
    if any(type(after) is str and type(before) is not str for before, after in pairs):
        return False
    try:
        plain.encode(list(call.args))
    except plain.NotPlain:
        return False
    return True


class PropertyChecker:
    """Finds allowed inputs and evaluates contract clauses, both in the sandbox."""

    def __init__(self, executor: Executor, config: VerifyConfig, limits: Limits) -> None:
        self.executor, self.config, self.limits = executor, config, limits
        self._inputs: OrderedDict[str, Inputs] = OrderedDict()

    async def inputs(self, task: Task, parameters: ast.arguments | None) -> Inputs:
        """The allowed inputs of a task, found once."""
        key = stable_hash(task) + (ast.dump(parameters) if parameters else "")
        if key in self._inputs:
            return replace(self._inputs[key], num_runs=0)
        found = await self._find_inputs(task, parameters)
        self._inputs[key] = found
        if len(self._inputs) > CACHE_SIZE:
            self._inputs.popitem(last=False)
        return found

    async def _find_inputs(self, task: Task, parameters: ast.arguments | None) -> Inputs:
        requires = [c for c in task.contracts if c.kind == "requires"]
        seed, num = f"{task.id}/{task.entry_point}", self.config.num_probes
        examples = [Call(e.args, e.kwargs) for e in task.examples]
        wanted = num * OVERSAMPLING if requires else num
        probes = sample(parameters, task.examples, wanted, seed, literals(task.contracts))
        promises = [e.raises is None for e in task.examples]
        if not requires:
            shown = tuple(i for i, promised in enumerate(promises) if promised)
            return Inputs(shown, tuple(probes)) if probes or shown else Inputs(
                reason=Reason.UNSUPPORTED, detail="no type hints and no examples to sample inputs from")
        if parameters is None:
            return Inputs(reason=Reason.ERROR, detail="the function's parameters could not be read")
        calls = [*examples, *probes]
        allowed, problem, num_runs = [True] * len(calls), "", 0
        values = await asyncio.gather(*(
            self.evaluate(task, parameters, clause, [[(call, None) for call in calls]]) for clause in requires))
        for clause, ((outcomes,), runs) in zip(requires, values, strict=True):
            num_runs += runs
            allowed = [ok and o.kind is OutcomeKind.RETURNED and o.value is True
                       for ok, o in zip(allowed, outcomes, strict=True)]
            wrong = [o for o in outcomes if o.kind is not OutcomeKind.RETURNED]
            if outcomes and len(wrong) == len(outcomes):
                problem = f"requires {clause.expression!r} cannot be evaluated: {wrong[0].text()}"
        if problem:
            return Inputs(reason=Reason.ERROR, detail=problem, num_runs=num_runs)
        shown = tuple(i for i, promised in enumerate(promises) if allowed[i] and promised)
        kept = [call for call, ok in zip(probes, allowed[len(examples):], strict=True) if ok]
        if len(kept) > num:
            kept = sorted(random.Random(seed).sample(kept, num), key=size)
        if not shown and not kept:
            detail = f"none of {len(calls)} inputs tried satisfies {' and '.join(c.expression for c in requires)}"
            return Inputs(reason=Reason.VACUOUS, detail=detail, num_runs=num_runs)
        return Inputs(shown, tuple(kept), num_runs=num_runs)

    async def evaluate(self, task: Task, parameters: ast.arguments, clause: Contract,
                       runs: Sequence[Sequence[tuple[Call, Outcome | None]]]) -> tuple[list[list[Outcome]], int]:
        """The clause's value on every pair, one process a run, and how many processes that took.

        What went wrong with the clause itself (syntax, an unknown name) is the outcome of each of its pairs.
        """
        try:
            checker = checker_module(task.context, parameters, clause)
        except (SyntaxError, ValueError, RecursionError) as error:
            broken = Outcome(OutcomeKind.RAISED, error_type=type(error).__name__, message=str(error))
            return [[broken] * len(run) for run in runs], 0
        calls = [[check_call(*pair) for pair in run] for run in runs]
        fitting = [[call for call in run if _fits(call)] for run in calls]
        where, module = placing.environment(task), placing.module(task)
        jobs = [ExecutionJob(checker, ENTRY_POINT, tuple(run), self.limits, environment=where, module=module)
                for run in fitting if run]
        executions = iter(await self.executor.execute(jobs) if jobs else [])
        outcomes, num_runs = [], 0
        for run, passed_on in zip(calls, fitting, strict=True):
            answers: Iterator[Outcome] = iter(())
            if passed_on:
                execution = next(executions)
                num_runs += execution.num_runs
                loaded = execution.load.kind is OutcomeKind.RETURNED
                answers = iter(execution.outcomes if loaded else [execution.load] * len(passed_on))
            outcomes.append([next(answers) if _fits(call) else TOO_DEEP for call in run])
        return outcomes, num_runs

    async def check(self, task: Task, parameters: ast.arguments, clause: Contract, runs: Sequence[Sequence[Pair]],
                    together: bool = False) -> tuple[list[Verdict], int]:
        """One verdict on the clause for each candidate's pairs; counterexamples are not replayed yet.

        With `together` all pairs share one checker process: for programs of ours, which do it no harm.
        """
        asked = [[pair for pair in run if pair[1].kind is OutcomeKind.RETURNED] for run in runs]
        batches = [[pair for run in asked for pair in run]] if together else asked
        values, num_runs = await self.evaluate(task, parameters, clause, batches)
        held = iter(value for batch in values for value in batch)
        verdicts = []
        for run in runs:
            judged = [(*pair, next(held) if pair[1].kind is OutcomeKind.RETURNED else None) for pair in run]
            verdicts.append(judge_clause(clause, judged))
        return verdicts, num_runs

    async def replay(self, task: Task, parameters: ast.arguments, clause: Contract, code: str, name: str,
                     verdict: Verdict) -> tuple[Verdict, int]:
        """Run a counterexample alone in a fresh process; where it does not fail again, it does not count."""
        found = verdict.counterexample
        if found is None:
            return verdict, 0
        call = Call(found.args, found.kwargs)
        where, module = placing.environment(task), placing.module(task)
        job = ExecutionJob(code, name, (call,), self.limits, environment=where, module=module)
        execution, = await self.executor.execute([job])
        outcome = execution.outcomes[0] if execution.outcomes else execution.load
        (again,), runs = await self.check(task, parameters, clause, [[(call, outcome)]])
        if again.counterexample is not None:
            return replace(verdict, counterexample=again.counterexample), runs + execution.num_runs
        detail = f"failed once on {shown(found.args)} (gave {found.got}), but not when replayed in a fresh process"
        return replace(verdict, level=Level.UNKNOWN, reason=Reason.ERROR, counterexample=None,
                       detail=detail), runs + execution.num_runs


def judge_clause(clause: Contract, checked: Sequence[tuple[Call, Outcome, Outcome | None]]) -> Verdict:
    """The verdict on one clause from (input, what the candidate did, what the clause said of it)."""
    held, failed, unclear = 0, [], []
    num_checked = sum(outcome.kind is not OutcomeKind.NOT_RUN for _, outcome, _ in checked)
    for call, outcome, value in sorted(checked, key=lambda item: size(item[0])):
        if value is not None and value.kind is OutcomeKind.RETURNED:
            if value.value is True:
                held += 1
            else:
                failed.append((call, outcome))
        elif value is not None:
            unclear.append((reason_for(value), f"the contract itself fails on {shown(call.args)}: {value.text()}"))
        elif outcome.kind in (OutcomeKind.RAISED, OutcomeKind.CRASHED):
            failed.append((call, outcome))
        elif outcome.kind is OutcomeKind.NOT_PLAIN:
            unclear.append((Reason.UNSUPPORTED, f"the result on {shown(call.args)} cannot be judged: {outcome.text()}"))
        elif outcome.kind is not OutcomeKind.NOT_RUN:
            unclear.append((reason_for(outcome), f"the call with {shown(call.args)} {outcome.text()}"))
    verdict = Verdict(Level.TESTED, clause.expression, "property", clause.origin, num_passed=held,
                      num_checked=num_checked, elapsed_s=sum(outcome.elapsed_s for _, outcome, _ in checked))
    if failed:
        call, outcome = failed[0]
        counterexample = Counterexample(call.args, call.kwargs, outcome.text(), f"a result with {clause.expression}",
                                        outcome.traceback)
        return replace(verdict, level=Level.UNKNOWN if clause.origin == "generated" else Level.REFUTED,
                       reason=Reason.COUNTEREXAMPLE, counterexample=counterexample,
                       detail=f"on {shown(call.args)} gave {outcome.text()}, expected {clause.expression}")
    if unclear:
        return replace(verdict, level=Level.UNKNOWN, reason=unclear[0][0], detail=unclear[0][1])
    if not held:
        return replace(verdict, level=Level.UNKNOWN, reason=Reason.VACUOUS, detail="there was no input to try")
    return replace(verdict, detail=f"held on {held} inputs")
