"""The whole loop on one screen: `solve(task, parts) -> Trace`.

It knows protocols only: it runs on plain objects, on the fakes of `ncg_ray.testing` and on Ray actors alike.
"""

from __future__ import annotations

import asyncio
import datetime
import math
import uuid
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ncg_ray import control, syntax, telemetry
from ncg_ray.config import Config
from ncg_ray.errors import InputError, boundary
from ncg_ray.protocols import (
    Analyser,
    Controller,
    GenerationRequest,
    Generator,
    Repairer,
    RepairRequest,
    Retriever,
    Rewarder,
    Specifier,
    Surroundings,
    Synthesiser,
    SynthesisRequest,
    Verifier,
)
from ncg_ray.task.given import local_modules
from ncg_ray.telemetry import Listener, Stopwatch
from ncg_ray.types import ACTIONS, MODES, Answer, Attempt, Candidate, Decision, Mode, Reason, Snippet, Task, Trace, shown
from ncg_ray.verdicts import headline

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that `solve` calls. A part that is None is not there; a mode that needs it says so."""

    verifier: Verifier
    analyser: Analyser
    rewarder: Rewarder
    controllers: dict[str, Controller]
    "One for each mode that this set of parts can serve."
    generator: Generator | None = None
    repairer: Repairer | None = None
    specifier: Specifier | None = None
    synthesiser: Synthesiser | None = None
    editor: Repairer | None = None
    "Repairs by search; `repairer` asks a model."
    retriever: Retriever | None = None
    isolation: str = "none"
    config: Config = Config()


async def solve(task: Task, parts: Parts, *, mode: Mode | None = None, seed: int | None = None,
                deadline_s: float | None = None, on_event: Listener = telemetry.ignore) -> Trace:
    """Work on one task until the controller stops; give back everything that was tried and the best of it.

    After `deadline_s` (and at the latest after `search.deadline_s`) no further step begins; one that runs is not cut.

    Raises InputError for a mode whose parts are not there, InfrastructureError where our side fails. A task that
    nothing solves is a Trace with the best candidate and an honest verdict.
    """
    mode = mode or task.mode or "adaptive"
    controller = controller_for(mode, parts)
    seed = parts.config.seed if seed is None else seed
    limit_s = min(parts.config.search.deadline_s, deadline_s or math.inf)
    run = _Run(task, parts, seed, limit_s, on_event, bare=mode == "neural", words=mode != "symbolic")
    with boundary("solve"):
        await run.prepare()
        while True:
            decision = await run.decide(controller)
            if decision.action == "stop":
                break
            candidates = await run.produce(decision)
            await run.judge(candidates)
        return await run.finish(mode)


async def check(task: Task, code: str, parts: Parts, *, on_event: Listener = telemetry.ignore) -> Trace:
    """Everything but generation, on code that exists: tests in the sandbox, verifier, analysis, reward.

    Raises InfrastructureError where our side fails, TaskError for tests that cannot be run.
    """
    run = _Run(task, parts, parts.config.seed, math.inf, on_event, bare=True)
    with boundary("check"):
        run.decisions.append(Decision("given", "the code was given"))
        await run.judge([Candidate(code, "given", task.entry_point)])
        return await run.finish("given")


def controller_for(mode: str, parts: Parts) -> Controller:
    """The controller of a mode, or an InputError that names the modes that are there."""
    if mode not in MODES:
        raise InputError(f"unknown mode {mode!r}; one of {', '.join(MODES)}")
    if mode not in parts.controllers:
        raise InputError(f"mode {mode!r} needs a part that is not there (symbolic needs a synthesiser, the others a "
                         f"model); available: {', '.join(parts.controllers)}")
    return parts.controllers[mode]


class _Run:
    """The state of one `solve`: what has been tried so far."""

    def __init__(self, task: Task, parts: Parts, seed: int, limit_s: float, on_event: Listener, bare: bool,
                 words: bool = True) -> None:
        self.bare = bare  # the baseline: no specification, no mended imports
        self.words = words and not bare  # whether a model may read the task's words
        self.given = self.task = task
        self.parts, self.seed, self.limit_s, self.on_event = parts, seed, limit_s, on_event
        self.watch = Stopwatch()
        self.started_at = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        self.attempts: list[Attempt] = []
        self.decisions: list[Decision] = []
        self.snippets: tuple[Snippet, ...] = ()
        self.local = local_modules(task.project.folder) if task.project else frozenset()
        self.num_runs = self.num_tokens = 0

    async def prepare(self) -> None:
        if self.parts.retriever is not None:
            self.snippets, = await self._timed("retrieve", self.parts.retriever.retrieve([self.task]))
        if self.words and self.parts.specifier is not None:
            self.task, = await self._timed("specify", self.parts.specifier.specify([self.task], self.seed))
            for example in self.task.examples:
                if example.origin == "generated":
                    call = example.call_text(self.task.entry_point)
                    self.on_event({"event": "assumption", "call": call, "returns": shown(example.returns)})

    async def decide(self, controller: Controller) -> Decision:
        decision = await controller.decide(self.task, self.attempts, self.decisions)
        if decision.action != "stop" and self.attempts and self.watch.elapsed_s() > self.limit_s:
            decision = replace(decision, action="stop", reason=f"the deadline of {self.limit_s:g} s is over")
        self.decisions.append(decision)
        self.on_event({"event": "decision", "action": decision.action, "reason": decision.reason})
        return decision

    async def produce(self, decision: Decision) -> list[Candidate]:
        # Each step its own random numbers, the same whatever steps of other kinds came between: so modes can be compared.
        num_alike = sum(d.action == decision.action for d in self.decisions)
        step_seed = self.seed * 1000 + 100 * ACTIONS.index(decision.action) + num_alike
        parts, n = self.parts, decision.num_candidates
        if decision.action == "generate" and parts.generator is not None:
            request = GenerationRequest(self.task, n, decision.temperature, step_seed, self.snippets)
            batch, = await self._timed("generate", parts.generator.generate([request]), num_candidates=n)
        elif decision.action == "repair" and parts.repairer is not None:
            failed = next(a for a in self.attempts if a.candidate.id == decision.target)
            wish = RepairRequest(self.task, failed.candidate, failed.verdicts, n, decision.temperature, step_seed)
            batch, = await self._timed("repair", parts.repairer.repair([wish]), num_candidates=n)
        elif decision.action == "edit" and parts.editor is not None:
            failed = next(a for a in self.attempts if a.candidate.id == decision.target)
            seconds = min(self.left_s, parts.config.search.edit_s)
            wish = RepairRequest(self.task, failed.candidate, failed.verdicts, n, seed=step_seed, timeout_s=seconds)
            batch, = await self._timed("edit", parts.editor.repair([wish]))
        elif decision.action == "synthesise" and parts.synthesiser is not None:
            batch, = await self._timed("synthesise", parts.synthesiser.synthesise([self._synthesis(n, step_seed)]))
        else:
            raise InputError(f"the controller chose {decision.action!r}, and no part here does that")
        self.num_tokens += sum(c.num_tokens for c in batch)
        return batch if self.bare else [replace(c, code=syntax.add_imports(c.code)) for c in batch]

    def _synthesis(self, num_candidates: int, seed: int) -> SynthesisRequest:
        refuted = {repr((ce.args, ce.kwargs, ce.got)): ce for a in self.attempts for v in a.verdicts
                   if (ce := v.counterexample) is not None and v.origin != "generated"}
        config = self.parts.config
        models = dict.fromkeys(a.candidate.code for a in self.attempts if a.candidate.origin in ("greedy", "sample"))
        timeout_s = min(self.left_s, config.search.synthesis_s if models else config.synthesis.timeout_s)
        return SynthesisRequest(self.task, num_candidates, seed, timeout_s, tuple(refuted.values()),
                                tuple(dict.fromkeys(a.candidate.id for a in self.attempts)), tuple(models))

    @property
    def left_s(self) -> float:
        """Seconds for a search; one may always look around."""
        return max(1.0, self.limit_s - self.watch.elapsed_s())

    async def judge(self, candidates: Sequence[Candidate]) -> None:
        """Execute, verify, analyse and score; code that was seen before is recorded again, but not run again."""
        seen = {a.candidate.id: a for a in self.attempts}
        fresh = list({c.id: c for c in candidates if c.id not in seen}.values())
        with self.watch.stage("check"):
            self.on_event({"event": "stage", "stage": "check", "num_candidates": len(fresh)})
            checks, analyses = await asyncio.gather(self.parts.verifier.verify(self.task, fresh),
                                                    self.parts.analyser.analyse([c.code for c in fresh], self.around))
            rewards = await self.parts.rewarder.score(self.task, fresh, checks, analyses)
        self.num_runs += sum(check.num_runs for check in checks)
        for c, check, analysis, reward in zip(fresh, checks, analyses, rewards, strict=True):
            if any(v.reason is Reason.ERROR and "soundness alarm" in v.detail for v in check.verdicts):
                telemetry.logger("verify").error("soundness alarm", task=self.task.id, candidate=c.id)
            seen[c.id] = Attempt(0, 0, c, check.verdicts, headline(check.verdicts), analysis, reward, check.behaviour,
                                 check.usage, check.observation)
        for candidate in candidates:
            attempt = replace(seen[candidate.id], index=len(self.attempts), step=len(self.decisions) - 1,
                              candidate=candidate)
            self.attempts.append(attempt)
            self.on_event({"event": "attempt", "index": attempt.index, "origin": candidate.origin,
                           "level": attempt.level.name, "detail": control.summary(attempt)})

    @property
    def around(self) -> Surroundings:
        return Surroundings(self.snippets, self.local)

    async def finish(self, mode: str) -> Trace:
        generator = self.parts.generator if mode != "symbolic" else None
        info = await generator.info() if generator is not None else None
        answer = None
        if self.attempts:
            best = self.attempts[0] if mode in ("neural", "given") else control.select(self.attempts)
            confidence = control.confidence(best, self.attempts)
            findings = best.analysis.findings if best.analysis else ()
            answer = Answer(best.candidate.code, best.level.name, confidence, mode, best.index, best.reward, findings,
                            best.verdicts)
            self.on_event({"event": "answer", "verdict": answer.verdict, "confidence": confidence})
            telemetry.logger("solve").info("answer", task=self.task.id, verdict=answer.verdict, confidence=confidence,
                                           ncg_solve_total_s=round(self.watch.elapsed_s(), 3))
        return Trace(
            id=uuid.uuid4().hex, task=self.given, mode=mode, answer=answer, attempts=tuple(self.attempts),
            decisions=tuple(self.decisions), isolation=self.parts.isolation, seed=self.seed,
            assumptions=tuple(e for e in self.task.examples if e.origin == "generated"),
            config_hash=self.parts.config.hash, model_id=info.id if info else "", model_hash=info.hash if info else "",
            started_at=self.started_at, timings_s=self.watch.timings_s(),
            counts={"tokens": self.num_tokens, "sandbox_runs": self.num_runs},
            note="; ".join(d.text() for d in control.doubts(self.attempts)) if answer else self._why_nothing())

    def _why_nothing(self) -> str:
        reasons = [d.reason for d in self.decisions[-1:]]
        return "; ".join(["no candidate was made", *reasons])

    async def _timed(self, stage: str, awaitable: Awaitable[T], **facts: Any) -> T:
        self.on_event({"event": "stage", "stage": stage, **facts})
        with self.watch.stage(stage):
            return await awaitable


