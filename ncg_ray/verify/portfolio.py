"""Every engine on one function, one after the other, each with what the budget has left.

Order: sampled inputs in a warm sandbox, since they cost least; the solver, which may prove; Hypothesis and CrossHair,
where the solver has not proved. What any of them finds is replayed on the real code, and made small, before it counts.

Covers: the verdict on all clauses of one function together. Does not cover: what its verdict's bound and assumptions
leave out.
"""

from __future__ import annotations

import ast
import asyncio
import importlib.metadata
import sys
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ncg_ray import telemetry
from ncg_ray.config import VerifyConfig
from ncg_ray.protocols import Call, Environment, Executor, Limits
from ncg_ray.records import stable_hash
from ncg_ray.task.placing import NOWHERE
from ncg_ray.telemetry import Listener
from ncg_ray.types import Candidate, Contract, Counterexample, Level, Project, Reason, Task, Verdict
from ncg_ray.verify import replay, searches, shrink, strength
from ncg_ray.verify.answers import verdict_of
from ncg_ray.verify.examples import ExampleVerifier
from ncg_ray.verify.inputs import sample
from ncg_ray.verify.reading import has_loop, is_standard_only, literals_of, raised_by, source_of, uses_chance, value_of
from ncg_ray.verify.replay import NUM_PROBES, REPLAY_S
from ncg_ray.verify.solver import Solver
from ncg_ray.verify.specification import Specification

FIRST_PROBES, PROBE_S = 4, 0.5
SOLVER_SHARE, CHANCE_SHARE = 0.5, 0.25
"Of the budget; the other searches get what it leaves."
MIN_SEARCH_S = 0.5
HYPOTHESIS_SHARE = 0.3
"Of what is left after the solver."
NUM_CHANCES = 100
"Runs of an input of a program that uses chance, to see it fail."
CRASH_FREE = "crash-free"
NOT_LOADED = "the module does not load"
Propose = Callable[[str, str, Sequence[str], Sequence[str]], Awaitable[Sequence[str]]]
"From a module's source, a function's name and its pre- and postconditions to what may hold at the head of its loops."
CACHE_SIZE = 512
VERSIONS = (sys.version, *(importlib.metadata.version(name) for name in ("z3-solver", "crosshair-tool", "hypothesis")))
"What a verdict hangs on beside code, contract and budget."


@dataclass
class FunctionVerdict:
    """What is known of one function after all engines."""

    spec: Specification
    verdict: Verdict
    tried: dict[str, float] = field(default_factory=dict)
    "CPU seconds by engine."
    gaps: list[tuple[str, int]] = field(default_factory=list)
    "What is outside the solver's fragment, with its line."
    line: int = 0
    "Where it fails."
    arguments: tuple[str, ...] = ()
    "The counterexample as Python expressions, in the order of the parameters."
    lead: tuple[str, ...] = ()
    "An input on which the function did not end in time."
    unused: list[tuple[str, int]] = field(default_factory=list)
    "Loop invariants in the source that do not hold, so that the proof rests on others, with the line of their loop."
    smt: list[tuple[str, str]] = field(default_factory=list)
    "Where they were asked for: the queries that the verdict rests on, each as Z3 writes it and as PySMT does."
    strength: float | None = None
    "Share in [0, 1] of the mutants, of those that differ on the inputs tried, that the contract refutes."
    suggestions: tuple[tuple[str, float], ...] = ()
    "Postconditions that held on every run, each with its strength: for a function that promises nothing."


class Portfolio:
    """Verifies functions of modules."""

    def __init__(
        self,
        executor: Executor,
        solver: Solver,
        config: VerifyConfig,
        limits: Limits,
        propose: Propose | None = None,
        dump: bool = False,
    ) -> None:
        """`propose` is asked for loop invariants where the solver finds none: a language model may guess, and the solver
        disposes. With `dump` a result holds its queries as SMT-LIB 2 text.
        """
        self.executor, self.solver, self.config, self.limits = executor, solver, config, limits
        self.propose, self.dump = propose, dump
        self.examples = ExampleVerifier(executor, config, limits)
        self._known: OrderedDict[str, FunctionVerdict] = OrderedDict()

    async def verify(
        self,
        source: str,
        spec: Specification,
        environment: Environment = NOWHERE,
        module: str = "",
        budget_s: float | None = None,
        probe: bool = True,
    ) -> FunctionVerdict:
        """One function against its contract; without one, against crashes on what its type hints allow.

        Args:
            budget_s: CPU seconds for all engines together; default `verify.timeout_s`.
            probe: whether inputs are sampled first; not where that was done already.
        """
        started, budget_s = time.monotonic(), budget_s or self.config.timeout_s
        key = stable_hash([source, spec, budget_s, probe, module, environment, VERSIONS])
        if key in self._known:
            return self._known[key]
        job = _Job(self, source, spec, environment, module, budget_s)
        try:
            result = await job.run(probe)
        except (SyntaxError, KeyError, ValueError, RecursionError) as error:
            result = job.unknown(Reason.ERROR, f"the source cannot be read: {error}")
        result.verdict = replace(result.verdict, elapsed_s=time.monotonic() - started)
        if result.verdict.reason not in (Reason.ERROR, Reason.TIMEOUT):  # another time there may be more time
            self._known[key] = result
            if len(self._known) > CACHE_SIZE:
                self._known.popitem(last=False)
        return result

    async def add_strength(self, source: str, result: FunctionVerdict, environment: Environment = NOWHERE) -> None:
        """Fill in how much the contract says; for a function without one, what its runs suggest."""
        spec = result.spec
        if result.verdict.level is Level.REFUTED or spec.problem or "." in spec.name or NOT_LOADED in result.verdict.detail:
            return
        node = replay.find_node(source, spec.name)
        if not isinstance(node, ast.FunctionDef) or not node.args.args or node.args.vararg or node.args.kwonlyargs:
            return
        calls = sample(node.args, (), NUM_PROBES, spec.name, literals_of(source, node))
        where = environment if is_standard_only(source) else searches.with_packages(environment)
        measure = strength.Strength(
            self.executor, source, spec, [[source_of(v) for v in call.args] for call in calls], where
        )
        if spec.is_specified:
            result.strength = await measure.of([c.expression for c in spec.ensures])
            return
        found = await strength.suggest(self.executor, source, spec, [call.args for call in calls], where)
        rated = [(text, await measure.of([text]) or 0.0) for text in found[: strength.MAX_SUGGESTIONS * 2]]
        telling = sorted((pair for pair in rated if pair[1] > 0), key=lambda pair: -pair[1])
        result.suggestions = tuple(telling[: strength.MAX_SUGGESTIONS])


class _Job:
    """One function, and what has been spent on it."""

    def __init__(
        self, owner: Portfolio, source: str, spec: Specification, environment: Environment, module: str, budget_s: float
    ) -> None:
        self.owner, self.source, self.spec, self.module, self.budget_s = owner, source, spec, module, budget_s
        self.environment = environment if is_standard_only(source) else searches.with_packages(environment)
        self.tried: dict[str, float] = {}
        self.gaps: list[tuple[str, int]] = []
        self.lead: tuple[str, ...] = ()
        self.alarms: list[str] = []
        self.smt: list[tuple[str, str]] = []
        self.unused: list[tuple[str, int]] = []
        self.hints: Sequence[str] = ()
        node = replay.find_node(source, spec.name)
        self.node = node
        if not spec.is_specified and not spec.names_exceptions:  # what it raises by itself is meant, and no crash
            self.spec = replace(spec, raises=[*spec.raises, *raised_by(node)])

    @property
    def left_s(self) -> float:
        return self.budget_s - sum(self.tried.values())

    @property
    def obligation(self) -> str:
        return " and ".join(c.expression for c in self.spec.ensures) or CRASH_FREE

    def unknown(self, reason: Reason, detail: str) -> FunctionVerdict:
        return self._result(Verdict(Level.UNKNOWN, self.obligation, "combined", reason=reason, detail=detail))

    def _result(self, verdict: Verdict, **more: Any) -> FunctionVerdict:
        return FunctionVerdict(self.spec, verdict, self.tried, self.gaps, lead=self.lead, smt=self.smt,
                               unused=self.unused, **more)

    async def run(self, probe: bool) -> FunctionVerdict:
        if self.spec.problem:
            return self.unknown(Reason.ERROR, f"the contract cannot be used: {self.spec.problem}")
        if isinstance(self.node, ast.AsyncFunctionDef):
            return self.unknown(Reason.UNSUPPORTED, f"an async function (line {self.node.lineno})")
        if any(isinstance(d, ast.Name) and d.id == "classmethod" for d in self.node.decorator_list):
            return self.unknown(Reason.UNSUPPORTED, f"a class method (line {self.node.lineno})")
        refuted = await self._probe() if probe else None
        refuted = refuted or (await self._endless() if self.lead else None)
        if refuted is not None:
            return refuted
        if any(alarm.startswith("side effects") for alarm in self.alarms):
            return self.unknown(Reason.ERROR, self.alarms[0])
        verdict = await self._solve()
        unproved = isinstance(verdict, Verdict) and verdict.level is not Level.PROVED
        if unproved and self.owner.propose and has_loop(self.node):
            requires, ensures = self.spec.requires, self.spec.ensures
            self.hints = await self.owner.propose(self.source, self.spec.name, [c.expression for c in requires],
                                                  [c.expression for c in ensures])
            if self.hints:
                verdict = await self._solve()
        if isinstance(verdict, FunctionVerdict):
            return verdict
        broken = next((alarm for alarm in self.alarms if NOT_LOADED in alarm), "")
        if broken:  # then there is nothing that a proof could be about
            return self.unknown(Reason.ERROR, broken)
        if verdict.level is Level.PROVED:
            return self._result(verdict)
        if verdict.reason is not Reason.VACUOUS and (probe or verdict.level is not Level.BOUNDED):
            refuted = await self._search()
            if refuted is not None:
                return refuted
        if self.lead:
            verdict = replace(
                verdict,
                level=Level.UNKNOWN,
                reason=Reason.TIMEOUT,
                bound=None,
                detail=f"{self._call(self.lead)} did not end in time",
            )
        if verdict.level is Level.UNKNOWN and self.alarms:
            verdict = replace(verdict, reason=Reason.ERROR, detail=self.alarms[0])
        if verdict.level is Level.UNKNOWN and probe and not self.alarms and not self.lead:
            verdict = await self._tested(verdict)
        return self._result(verdict)

    async def _tested(self, verdict: Verdict) -> Verdict:
        """What sampled inputs say, judged where the function cannot reach: its values come out, and a process of its own
        looks at the contract."""
        if "." in self.spec.name or not self.spec.is_specified:
            return verdict
        contracts = tuple(
            Contract(kind, c.expression)
            for kind, clauses in (  # type: ignore[arg-type]
                ("requires", self.spec.requires),
                ("ensures", self.spec.ensures),
            )
            for c in clauses
        )
        here = self.environment
        project = Project(here.project, here.packages, self.module) if here.project or here.packages else None
        task = Task(
            "",
            self.spec.name,
            entry_point=self.spec.name,
            contracts=contracts,
            context=self.source,
            project=project,
        )
        (check,) = await self.owner.examples.verify(task, [Candidate(self.source, entry_point=self.spec.name)])
        level = min((v.level for v in check.verdicts), default=Level.UNKNOWN)
        if level is not Level.TESTED:
            return verdict
        passed = min(v.num_passed for v in check.verdicts)
        return replace(
            verdict,
            level=Level.TESTED,
            engine="property",
            num_passed=passed,
            num_checked=passed,
            detail=f"held on {passed} sampled inputs; {verdict.detail or verdict.reason}",
        )

    # -- engines

    async def _probe(self) -> FunctionVerdict | None:
        parameters = [*self.node.args.posonlyargs, *self.node.args.args]
        if "." in self.spec.name or self.node.args.vararg or self.node.args.kwarg or self.node.args.kwonlyargs:
            return None
        calls = (
            sample(self.node.args, (), NUM_PROBES, self.spec.name, literals_of(self.source, self.node))
            if parameters
            else [Call(())]
        )
        inputs = [[source_of(value) for value in call.args] for call in calls]
        for batch in (inputs[:FIRST_PROBES], inputs[FIRST_PROBES:]):
            if not batch:
                continue
            for args, done in zip(batch, await self._try("examples", batch, PROBE_S), strict=True):
                if done.refutes:
                    return await self._refuted("property", args, done)
                self._note(args, done)
            if self.lead:
                return None
        return None

    def _note(self, args: Sequence[str], done: replay.Replayed) -> None:
        if done.status == "timeout" and not self.lead:
            self.lead = tuple(args)
        if done.status in ("contract raises", "side effects"):
            self.alarms.append(
                f"{done.status}: {done.detail}"
                if done.status == "side effects"
                else f"the contract {done.detail} on {self._call(args)}"
            )
        elif done.status == "unclear" and NOT_LOADED in done.detail:
            mend = "" if self.module else "; give --project DIR where it belongs to one"
            self.alarms.append(done.detail + (mend if "ModuleNotFoundError" in done.detail or "No module" in done.detail
                                              else ""))

    async def _try(self, engine: str, inputs: Sequence[Sequence[str]], seconds: float) -> list[replay.Replayed]:
        """Replay inputs; what that takes counts for the engine."""
        started = time.monotonic()
        limits = replace(self.owner.limits, time_s=min(seconds, self.owner.limits.time_s))
        done = await replay.replay(
            self.owner.executor, self.source, self.spec, inputs, limits, self.environment, self.module
        )
        self._spend(engine, time.monotonic() - started)
        return done

    def _spend(self, engine: str, seconds: float) -> None:
        self.tried[engine] = self.tried.get(engine, 0.0) + seconds

    async def _solve(self) -> Verdict | FunctionVerdict:
        request = {
            "source": self.source,
            "name": self.spec.name,
            "requires": [c.expression for c in self.spec.requires],
            "ensures": [c.expression for c in self.spec.ensures],
            "raises": self.spec.raises,
            "classes": {name: {"requires": k.requires, "invariants": k.invariants} for name, k in self.spec.classes.items()},
            "budget_s": max(0.2, self.left_s * (CHANCE_SHARE if uses_chance(self.source) else SOLVER_SHARE)),
        }
        request |= {"confirm": self.owner.config.confirm, "dump": self.owner.dump, "hints": list(self.hints)}
        answer = await self.owner.solver.ask(request)
        self._spend("smt", float(answer["elapsed_s"]))
        self.smt = list(zip(answer.get("smt", ()), answer.get("cores", ()), strict=False))
        if "disagree" in str(answer.get("detail", "")):
            telemetry.logger("verify").error("the solvers disagree", function=self.spec.name)
        self.gaps = [(str(gap), int(line)) for gap, line in answer.get("gaps", ())]
        self.unused = [(str(text), int(line)) for text, line in answer.get("unused", ())]
        leads = [answer["args"]] if answer["level"] == "CANDIDATE" else list(answer.get("leads", ()))
        if leads:
            if uses_chance(self.source):  # what the solver chose for it is up to chance
                leads = [args for args in leads[:2] for _ in range(NUM_CHANCES)]
            for args, done in zip(leads, await self._try("smt", leads, REPLAY_S), strict=True):
                if done.refutes:
                    return await self._refuted("smt", args, done)
                self._note(args, done)
        verdict = verdict_of(answer, self.obligation)
        if answer["level"] == "CANDIDATE":
            said = f"the solver says that {self._call(answer['args'])} {answer['detail']}, and the real code does not"
            return replace(verdict, level=Level.UNKNOWN, reason=Reason.ERROR, counterexample=None, detail=said)
        return verdict

    async def _search(self) -> FunctionVerdict | None:
        """Hypothesis and CrossHair, in the time that is left."""
        for engine, search, share in (
            ("property", searches.by_hypothesis, HYPOTHESIS_SHARE),
            ("concolic", searches.by_crosshair, 1.0),
        ):
            seconds = self.left_s * share
            if seconds < MIN_SEARCH_S + searches.START_UP_S or (
                self.lead and engine == "property"
            ):  # a call that hangs would hang it
                continue
            started = time.monotonic()
            leads = await search(self.owner.executor, self.source, self.spec, seconds, self.environment)
            self._spend(engine, time.monotonic() - started)
            if leads:
                for args, done in zip(leads, await self._try(engine, leads, REPLAY_S), strict=True):
                    if done.refutes:
                        return await self._refuted(engine, args, done)
                    self._note(args, done)
        return None

    # -- what was found

    async def _refuted(self, engine: str, args: Sequence[str], done: replay.Replayed) -> FunctionVerdict:
        """A counterexample, made small, and replayed once more in a process of its own."""
        small, last = await shrink.shrink(args, done, lambda batch: self._try(engine, batch, PROBE_S))
        again = await self._again(engine, small)
        if not again.refutes:
            small, again = list(args), await self._again(engine, args)
        if not again.refutes:
            return self.unknown(
                Reason.ERROR, f"{self._call(small)} failed once ({last.detail}), and not when it was replayed"
            )
        what = f"raises {again.got}" if again.status == "raised" else f"gave {again.got}, which breaks {again.detail}"
        expected = "no exception" if again.status == "raised" else f"a result with {again.detail}"
        plain = [text for text in small if not text.startswith(replay.PATCH)]
        counterexample = Counterexample(tuple(map(value_of, plain)), {}, again.got, expected)
        kind: Any = engine
        verdict = Verdict(
            Level.REFUTED,
            again.detail if again.status == "broken" else self.obligation,
            kind,
            reason=Reason.COUNTEREXAMPLE,
            counterexample=counterexample,
            detail=f"{self._call(small)} {what}",
            outcome="failed" if again.status == "broken" else "raised",
        )
        return self._result(verdict, line=again.line, arguments=tuple(small))

    async def _again(self, engine: str, args: Sequence[str]) -> replay.Replayed:
        """The input once more, in a process of its own; often, where chance decides."""
        times = NUM_CHANCES if uses_chance(self.source) and not any(a.startswith(replay.PATCH) for a in args) else 1
        done = await self._try(engine, [args] * times, REPLAY_S)
        return next((result for result in done if result.refutes), done[0])

    async def _endless(self) -> FunctionVerdict | None:
        """An input that took too long: refuted where a run on it comes back to a state that it was in."""
        request = {
            "kind": "diverges",
            "source": self.source,
            "name": self.spec.name,
            "raises": self.spec.raises,
            "requires": [c.expression for c in self.spec.requires],
            "args": list(self.lead),
            "budget_s": 1.0,
        }
        answer = await self.owner.solver.ask(request)
        self._spend("smt", float(answer["elapsed_s"]))
        if answer.get("failure") != "diverges":
            return None
        counterexample = Counterexample(tuple(map(value_of, self.lead)), {}, "does not end", "an end")
        return self._result(
            Verdict(
                Level.REFUTED,
                "termination",
                "smt",
                reason=Reason.DIVERGES,
                counterexample=counterexample,
                detail=f"{self._call(self.lead)} {answer['detail']}",
                outcome="timeout",
            ),
            line=int(answer["line"]),
            arguments=self.lead,
        )

    def _call(self, args: Sequence[str]) -> str:
        plain = [text for text in args if not text.startswith(replay.PATCH)]
        patch = "".join(
            f" where chance and clock give {text.removeprefix(replay.PATCH)}"
            for text in args
            if text.startswith(replay.PATCH)
        )
        return f"{self.spec.name.rpartition('.')[2]}({', '.join(plain)}){patch}"


async def verify_all(
    portfolio: Portfolio,
    source: str,
    specs: Sequence[Specification],
    environment: Environment = NOWHERE,
    module: str = "",
    at_once: int = 2,
    on_event: Listener = telemetry.ignore,
) -> list[FunctionVerdict]:
    """Several functions of a module, some at a time; one that fails harms no other."""
    room = asyncio.Semaphore(at_once)

    async def one(spec: Specification) -> FunctionVerdict:
        async with room:
            on_event({"event": "stage", "stage": "verify", "function": spec.name})
            return await portfolio.verify(source, spec, environment, module)

    return list(await asyncio.gather(*map(one, specs)))
