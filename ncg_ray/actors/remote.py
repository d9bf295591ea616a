"""From actor handles to the protocols: one proxy for each, so that the pipeline cannot tell the difference."""

from __future__ import annotations

from collections.abc import Sequence

from ncg_ray.actors.crew import Crew
from ncg_ray.protocols import (
    ANYWHERE,
    Check,
    Completion,
    CompletionRequest,
    Execution,
    ExecutionJob,
    GenerationRequest,
    ModelInfo,
    ModuleJob,
    ModuleReport,
    RepairRequest,
    ScreenJob,
    Surroundings,
    SynthesisRequest,
    TestJob,
    TestReport,
)
from ncg_ray.types import Analysis, Attempt, Candidate, Decision, Outcome, Reward, Task


class RemoteGenerator:
    """`protocols.Generator`."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew

    async def info(self) -> ModelInfo:
        return await self.crew.call(lambda actor: actor.info.remote())

    async def generate(self, requests: Sequence[GenerationRequest]) -> list[list[Candidate]]:
        return await self.crew.call(lambda actor: actor.generate.remote(requests), len(requests))

    async def complete(self, requests: Sequence[CompletionRequest]) -> list[list[Completion]]:
        return await self.crew.call(lambda actor: actor.complete.remote(requests), len(requests))


class RemoteExecutor:
    """`protocols.Executor`: a batch is spread over the pool."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew

    async def isolation(self) -> str:
        return await self.crew.call(lambda actor: actor.isolation.remote())

    async def execute(self, jobs: Sequence[ExecutionJob]) -> list[Execution]:
        return await self.crew.spread(jobs, lambda actor, chunk: actor.execute.remote(chunk))

    async def test(self, jobs: Sequence[TestJob]) -> list[TestReport]:
        return await self.crew.spread(jobs, lambda actor, chunk: actor.test.remote(chunk))

    async def screen(self, jobs: Sequence[ScreenJob]) -> list[list[tuple[Outcome, ...]]]:
        return await self.crew.spread(jobs, lambda actor, chunk: actor.screen.remote(chunk))

    async def run_module(self, jobs: Sequence[ModuleJob]) -> list[ModuleReport]:
        return await self.crew.spread(jobs, lambda actor, chunk: actor.run_module.remote(chunk))


class RemoteVerifier:
    """`protocols.Verifier`: a batch is spread over the pool."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew

    async def verify(self, task: Task, candidates: Sequence[Candidate]) -> list[Check]:
        return await self.crew.spread(candidates, lambda actor, chunk: actor.verify.remote(task, chunk))


class RemoteAnalyser:
    """`protocols.Analyser`: a batch is spread over the pool."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew

    async def analyse(self, codes: Sequence[str], surroundings: Surroundings = ANYWHERE) -> list[Analysis]:
        return await self.crew.spread(codes, lambda actor, chunk: actor.analyse.remote(chunk, surroundings))


class RemoteRewarder:
    """`protocols.Rewarder`."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew

    async def score(self, task: Task, candidates: Sequence[Candidate], checks: Sequence[Check],
                    analyses: Sequence[Analysis]) -> list[Reward]:
        return await self.crew.call(lambda actor: actor.score.remote(task, candidates, checks, analyses))


class RemoteRepairer:
    """`protocols.Repairer`."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew

    async def repair(self, requests: Sequence[RepairRequest]) -> list[list[Candidate]]:
        return await self.crew.call(lambda actor: actor.repair.remote(requests))


class RemoteEditor:
    """`protocols.Repairer` by search, on the repairer's actor."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew

    async def repair(self, requests: Sequence[RepairRequest]) -> list[list[Candidate]]:
        return await self.crew.spread(requests, lambda actor, chunk: actor.edit.remote(chunk))


class RemoteSynthesiser:
    """`protocols.Synthesiser`: a batch is spread over the pool."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew

    async def synthesise(self, requests: Sequence[SynthesisRequest]) -> list[list[Candidate]]:
        return await self.crew.spread(requests, lambda actor, chunk: actor.synthesise.remote(chunk))


class RemoteSpecifier:
    """`protocols.Specifier`, on the repairer's actor."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew

    async def specify(self, tasks: Sequence[Task], seed: int) -> list[Task]:
        return await self.crew.call(lambda actor: actor.specify.remote(tasks, seed))


class RemoteController:
    """`protocols.Controller` of one mode."""

    def __init__(self, crew: Crew, mode: str) -> None:
        self.crew, self.mode = crew, mode

    async def decide(self, task: Task, attempts: Sequence[Attempt], decisions: Sequence[Decision]) -> Decision:
        return await self.crew.call(lambda actor: actor.decide.remote(self.mode, task, attempts, decisions))
