"""The first verifier: examples, given tests, and contract clauses on sampled inputs. Its best word is TESTED.

Covers: what the candidate does on the inputs that were tried, in a sandbox, with the comparison made outside.
Does not cover: any other input; proofs; time or memory beyond the limits, which leave a verdict UNKNOWN.
"""

from __future__ import annotations

import ast
import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from ncg_ray.config import VerifyConfig
from ncg_ray.protocols import Call, Check, ExecutionJob, Executor, Limits, Observe, TestJob, TestReport
from ncg_ray.records import stable_hash
from ncg_ray.task.placing import environment, module
from ncg_ray.types import Candidate, Contract, Level, Outcome, OutcomeKind, Reason, Task, Verdict
from ncg_ray.verdicts import pass_rate
from ncg_ray.verify.compare import judge
from ncg_ray.verify.contracts import parameters_of
from ncg_ray.verify.program import Program, example_verdicts, not_loaded, tests_verdict
from ncg_ray.verify.properties import CACHE_SIZE, Inputs, PropertyChecker
from ncg_ray.verify.trivial import asserted_examples, trivial_functions

MIN_PROBE_S = 0.5
"A probe may take at least this long, if a call may."
DEFAULTS, LIMITS = VerifyConfig(), Limits()


class ExampleVerifier:
    """Checks candidates by running them: `protocols.Verifier`.

    Example:
        >>> verifier = ExampleVerifier(executor)                         # doctest: +SKIP
        >>> check, = await verifier.verify(task, [candidate])            # doctest: +SKIP
    """

    def __init__(self, executor: Executor, config: VerifyConfig = DEFAULTS, limits: Limits = LIMITS,
                 observe: tuple[Observe, ...] = ()) -> None:
        self.executor, self.config, self.limits, self.observe = executor, config, limits, observe
        self.properties = PropertyChecker(executor, config, limits)
        self._baselines: OrderedDict[str, float] = OrderedDict()

    async def verify(self, task: Task, candidates: Sequence[Candidate]) -> list[Check]:
        """One Check for each candidate; equal code runs once, and only its first Check counts the runs."""
        if not candidates:
            return []
        programs: dict[tuple[str, str], Program] = {}
        for candidate in candidates:
            name = task.entry_point or candidate.entry_point
            programs.setdefault((candidate.code, name), Program(candidate, name))
        distinct = list(programs.values())
        _, reports = await asyncio.gather(self._run_examples(task, distinct), self._run_tests(task, distinct))
        # Tests that could be faked pay no gated reward, so T0 by them, one more run a trivial function, is not missed.
        faked = all(report is not None and report.forgeable for report in reports)
        basis = replace(task, tests="") if faked else task
        baseline = await self.baseline(basis, distinct[0].name)
        for program, report in zip(distinct, reports, strict=True):
            program.verdicts += example_verdicts(task, program)
            if report is not None:
                program.verdicts.append(tests_verdict(report))
                program.note(report)
        await self._check_properties(task, distinct)
        # A constant in disguise may be better than those that we thought of.
        baseline = max([baseline, *(pass_rate(p.verdicts) or 0.0 for p in distinct if p.is_constant())])
        self._baselines[stable_hash(basis) + distinct[0].name] = baseline
        for program in distinct:
            if not program.verdicts and not program.loaded:
                program.verdicts.append(not_loaded(program, "crash-free", "examples", "user", 0))
        checks = {key: Check(tuple(p.verdicts), p.behaviour(), p.num_runs, baseline, p.usage, p.observation)
                  for key, p in programs.items()}
        answers, counted = [], set()
        for candidate in candidates:
            key = candidate.code, task.entry_point or candidate.entry_point
            answers.append(replace(checks[key], num_runs=0) if key in counted else checks[key])
            counted.add(key)
        return answers

    async def baseline(self, task: Task, entry_point: str = "") -> float:
        """T0 in [0, 1]: the pass rate of the best constant or identity function. Found once a task."""
        key = stable_hash(task) + entry_point
        if key not in self._baselines:
            self._baselines[key] = await self._measure_baseline(task, entry_point)
            if len(self._baselines) > CACHE_SIZE:
                self._baselines.popitem(last=False)
        return self._baselines[key]

    async def _measure_baseline(self, task: Task, entry_point: str) -> float:
        trivial = trivial_functions(task, entry_point)
        name = task.entry_point or entry_point or "solution"
        programs = [Program(Candidate(t.code, entry_point=name), name, Outcome(OutcomeKind.RETURNED),
                            [t.outcome(Call(e.args, e.kwargs)) for e in task.examples]) for t in trivial]
        shown = asserted_examples(task.tests, name)
        reports = await self._run_tests(task, programs) if shown is None else [None] * len(programs)
        for program, function, report in zip(programs, trivial, reports, strict=True):
            program.verdicts += example_verdicts(task, program)
            if report is not None:
                program.verdicts.append(tests_verdict(report))
            elif shown:
                program.verdicts.append(judge(shown, [function.outcome(Call(e.args, e.kwargs)) for e in shown], name))
        parameters = parameters_of(task)
        clauses = [c for c in task.contracts if c.kind == "ensures"]
        if clauses and parameters is not None:
            inputs = await self.properties.inputs(task, parameters)
            calls = [Call(task.examples[i].args, task.examples[i].kwargs) for i in inputs.examples]
            runs = [[(call, t.outcome(call)) for call in [*calls, *inputs.probes]] for t in trivial]
            for clause in clauses:
                verdicts, _ = await self.properties.check(task, parameters, clause, runs, together=True)
                for program, verdict in zip(programs, verdicts, strict=True):
                    program.verdicts.append(verdict)
        return max((pass_rate(p.verdicts) or 0.0 for p in programs), default=0.0)

    async def _run_examples(self, task: Task, programs: Sequence[Program]) -> None:
        """All examples of a program in one job, in their order."""
        calls = tuple(Call(e.args, e.kwargs) for e in task.examples)
        jobs = [ExecutionJob(p.candidate.code, p.name, calls, self.limits, self.observe, environment(task), module(task))
                for p in programs]
        for program, execution in zip(programs, await self.executor.execute(jobs), strict=True):
            program.load = execution.load
            program.note(execution)
            program.outcomes = list(execution.outcomes) if program.loaded else [execution.load] * len(calls)

    async def _run_tests(self, task: Task, programs: Sequence[Program]) -> list[TestReport | None]:
        if not task.tests.strip():
            return [None] * len(programs)
        where = {} if task.project is None else {"code_path": task.project.code_path, "tests_path": task.project.tests_path}
        jobs = [TestJob(p.candidate.code, p.name, task.tests, self.limits, task.context, environment(task), module(task),
                        observe=self.observe, **where) for p in programs]
        return list(await self.executor.test(jobs))

    async def _check_properties(self, task: Task, programs: Sequence[Program]) -> None:
        """Run the probes and judge each clause; programs that name their parameters alike go together."""
        groups: dict[str, tuple[ast.arguments | None, list[Program]]] = {}
        for program in programs:
            parameters = parameters_of(task, program.candidate)
            groups.setdefault(ast.dump(parameters) if parameters else "", (parameters, []))[1].append(program)
        for parameters, members in groups.values():
            inputs = await self.properties.inputs(task, parameters)
            members[0].num_runs += inputs.num_runs
            clauses = [c for c in task.contracts if c.kind == "ensures"]
            # What failed an example is only worth probing for a counterexample to a clause; what is slow, not at all.
            probed = [p for p in members if p.loaded and not p.slow and (clauses or not p.failed)]
            await self._probe(task, probed, inputs.probes)
            columns = await asyncio.gather(*(
                self._check_clause(task, parameters, clause, inputs, members) for clause in clauses))
            for program, verdicts in zip(members, zip(*columns, strict=True), strict=bool(columns)):
                program.verdicts += verdicts

    async def _probe(self, task: Task, programs: Sequence[Program], probes: Sequence[Call]) -> None:
        if not programs or not probes:
            return
        jobs = [ExecutionJob(p.candidate.code, p.name, tuple(probes), self._probe_limits(p, len(probes)),
                             environment=environment(task), module=module(task)) for p in programs]
        for program, execution in zip(programs, await self.executor.execute(jobs), strict=True):
            program.num_runs += execution.num_runs
            if execution.load.kind is OutcomeKind.RETURNED:
                program.probed = list(zip(probes, execution.outcomes, strict=True))

    def _probe_limits(self, program: Program, num: int) -> Limits:
        """A probe may take its share of the budget; loading the module counts as a call, so it must fit as well."""
        share_s = max(MIN_PROBE_S, self.config.timeout_s / num, 4 * program.load.elapsed_s)
        return replace(self.limits, time_s=min(self.limits.time_s, share_s))

    async def _check_clause(self, task: Task, parameters: ast.arguments | None, clause: Contract, inputs: Inputs,
                            programs: Sequence[Program]) -> list[Verdict]:
        """One verdict on the clause for each program."""
        reason, detail = inputs.reason, inputs.detail
        if parameters is None and reason is None:
            reason, detail = Reason.ERROR, "the function's parameters could not be read"
        unknown = Verdict(Level.UNKNOWN, clause.expression, "property", clause.origin, reason, detail=detail)
        loaded = [p for p in programs if p.loaded]
        found: dict[int, Verdict] = {}
        if parameters is not None and reason is None and loaded:
            shown = [(i, Call(task.examples[i].args, task.examples[i].kwargs)) for i in inputs.examples]
            runs = [[(call, p.outcomes[i]) for i, call in shown] + p.probed for p in loaded]
            verdicts, num_runs = await self.properties.check(task, parameters, clause, runs)
            loaded[0].num_runs += num_runs
            replayed = await asyncio.gather(*(
                self.properties.replay(task, parameters, clause, p.candidate.code, p.name, v)
                for p, v in zip(loaded, verdicts, strict=True)))
            for program, (verdict, num_runs) in zip(loaded, replayed, strict=True):
                program.num_runs += num_runs
                found[id(program)] = verdict
        return [found.get(id(p), unknown) if p.loaded else
                not_loaded(p, clause.expression, "property", clause.origin, 1) for p in programs]
