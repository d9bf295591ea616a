"""Fakes that ship: they fit the protocols, need no model, no sandbox and no Ray, and are what the unit tests use."""

from __future__ import annotations

from collections.abc import Sequence

from ncg_ray.errors import NCGError
from ncg_ray.protocols import (
    ANYWHERE,
    Check,
    Completion,
    CompletionRequest,
    GenerationRequest,
    ModelInfo,
    RepairRequest,
    Surroundings,
    SynthesisRequest,
)
from ncg_ray.types import Analysis, Candidate, Snippet, Task, Verdict


class ScriptedGenerator:
    """Gives back written programs, in order, over all calls; the last one repeats.

    Repairs come from a list of their own; without one a repair gives the failed code back.
    """

    def __init__(self, codes: Sequence[str], repairs: Sequence[str] = (), replies: Sequence[str] = (),
                 failures: Sequence[NCGError] = ()) -> None:
        self.codes, self.repairs, self.replies = list(codes), list(repairs), list(replies)
        self.failures = list(failures)
        "Errors to raise first, one a call."
        self.requests: list[GenerationRequest | RepairRequest | CompletionRequest] = []

    async def info(self) -> ModelInfo:
        return ModelInfo("scripted", "0" * 16)

    async def generate(self, requests: Sequence[GenerationRequest]) -> list[list[Candidate]]:
        self._note(requests)
        return [[Candidate(_next(self.codes), "sample" if r.temperature else "greedy", r.task.entry_point, -0.1, 1)
                 for _ in range(r.num_candidates)] for r in requests]

    async def repair(self, requests: Sequence[RepairRequest]) -> list[list[Candidate]]:
        self._note(requests)
        return [[Candidate(_next(self.repairs or [r.candidate.code]), "repair", r.task.entry_point, -0.1, 1, r.candidate.id)
                 for _ in range(r.num_candidates)] for r in requests]

    async def complete(self, requests: Sequence[CompletionRequest]) -> list[list[Completion]]:
        self._note(requests)
        return [[Completion(r.prefill + _next(self.replies), -0.1, 1) for _ in range(r.num_completions)]
                for r in requests]

    def _note(self, requests: Sequence[GenerationRequest | RepairRequest | CompletionRequest]) -> None:
        self.requests += requests
        if self.failures:
            raise self.failures.pop(0)


def _next(items: list[str]) -> str:
    return items.pop(0) if len(items) > 1 else items[0]


class ScriptedSynthesiser:
    """Gives back written programs, one batch a call; nothing where all are given."""

    def __init__(self, batches: Sequence[Sequence[str]]) -> None:
        self.batches = [list(batch) for batch in batches]
        self.requests: list[SynthesisRequest] = []

    async def synthesise(self, requests: Sequence[SynthesisRequest]) -> list[list[Candidate]]:
        self.requests += requests
        return [[Candidate(code, "symbolic", r.task.entry_point) for code in (self.batches.pop(0) if self.batches else [])]
                for r in requests]


class TableVerifier:
    """Looks a candidate's verdicts up by its code."""

    def __init__(self, table: dict[str, tuple[Verdict, ...]], default: tuple[Verdict, ...] = ()) -> None:
        self.table, self.default = table, default

    async def verify(self, task: Task, candidates: Sequence[Candidate]) -> list[Check]:
        return [Check(self.table.get(c.code, self.default), num_runs=1) for c in candidates]


class CleanAnalyser:
    """Finds nothing wrong with any program."""

    async def analyse(self, codes: Sequence[str], surroundings: Surroundings = ANYWHERE) -> list[Analysis]:
        return [Analysis(risk=0.0, quality=1.0, licence=1.0) for _ in codes]


class ListRetriever:
    """Gives every task the same snippets."""

    def __init__(self, snippets: Sequence[Snippet] = ()) -> None:
        self.snippets = tuple(snippets)

    async def retrieve(self, tasks: Sequence[Task]) -> list[tuple[Snippet, ...]]:
        return [self.snippets for _ in tasks]


class ManualClock:
    """A clock that moves when it is told to; seconds."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
