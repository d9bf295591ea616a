"""What each stage must do: small async, batch-first protocols.

A stage, its fake in `ncg_ray.testing` and the proxy of its Ray actor all fit the same protocol, so the pipeline
cannot tell them apart. Batch-first because an actor round trip costs about 0.6 ms and a direct call 2 us. Every
method raises `InfrastructureError` where our side fails; anything that a candidate does is data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ncg_ray.types import (
    Analysis,
    Attempt,
    Candidate,
    Counterexample,
    Decision,
    Observation,
    Outcome,
    OutcomeKind,
    Reward,
    Snippet,
    Task,
    Usage,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model speaks. `hash` is over its weights' names, sizes and config, not their bytes."""

    id: str
    hash: str


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """Ask for `num_candidates` programs for one task."""

    task: Task
    num_candidates: int = 1
    temperature: float = 0.0
    "0 is greedy; then `num_candidates` must be 1."
    seed: int = 0
    snippets: tuple[Snippet, ...] = ()


@dataclass(frozen=True, slots=True)
class RepairRequest:
    """Ask for new versions of a failed candidate; `verdicts` say how it failed."""

    task: Task
    candidate: Candidate
    verdicts: tuple[Verdict, ...]
    num_candidates: int = 1
    temperature: float = 0.4
    seed: int = 0
    timeout_s: float = 0.0
    "Seconds of search; 0: what the repairer is configured for."
    notes: tuple[str, ...] = ()
    "What else is known of the failure, in words for a model."


@dataclass(frozen=True, slots=True)
class SynthesisRequest:
    """Ask for programs found by search; what was tried and refuted before is not to come again."""

    task: Task
    num_candidates: int = 5
    seed: int = 0
    timeout_s: float = 0.0
    "Seconds; 0: what the synthesiser is configured for."
    refuted: tuple[Counterexample, ...] = ()
    "Inputs on which earlier programs were wrong, and what those gave."
    tried: tuple[str, ...] = ()
    "Ids of candidates that came before."
    models: tuple[str, ...] = ()
    "Programs that a language model wrote for the task: wrong, perhaps, and made of the right pieces."


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """Ask for plain text: a chat turn in, `num_completions` replies out."""

    prompt: str
    prefill: str = ""
    "The reply begins with this; it is part of the returned text."
    stop: tuple[str, ...] = ()
    second_prefill: str | None = None
    "Some models end at once after a long prefill: where most replies add nothing, they are asked again with this one."
    num_completions: int = 1
    temperature: float = 0.0
    max_tokens: int = 512
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """One reply."""

    text: str
    mean_logprob: float | None
    num_tokens: int


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the function under test."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one sandbox process may use."""

    time_s: float = 5.0
    "Seconds for one call (loading the module counts as a call), without those that it waits for a CPU."
    memory_bytes: int = 1 << 30
    output_bytes: int = 1 << 16
    "Bytes of one reply, and of standard output."


@dataclass(frozen=True, slots=True)
class Environment:
    """What a run may import beside the standard library; it sees all of it and can change none of it."""

    project: str = ""
    "Folder of the project that the code belongs to. Each run writes into a copy of its own, which ends with it."
    packages: tuple[str, ...] = ()
    "Folders of installed packages (`site-packages`)."


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a program comes from and where it is to live, as far as an analyser must know."""

    snippets: tuple[Snippet, ...] = ()
    "Code that its author saw: what is copied from it comes under its licence."
    local: frozenset[str] = frozenset()
    "Names of modules that are its project's own."


ANYWHERE = Surroundings()

Observe = Literal["coverage", "values"]


@dataclass(frozen=True, slots=True)
class ExecutionJob:
    """Run one module and make these calls, in order, in one process."""

    code: str
    entry_point: str
    calls: tuple[Call, ...]
    limits: Limits = Limits()
    observe: tuple[Observe, ...] = ()
    environment: Environment = Environment()
    module: str = ""
    "Dotted name that the module has in its project, for its relative imports."


@dataclass(frozen=True, slots=True)
class Execution:
    """What happened. `load` is the outcome of importing the module; where it failed, no call was made."""

    load: Outcome
    outcomes: tuple[Outcome, ...]
    "One for each call, in order."
    num_runs: int = 1
    "Sandbox processes used."
    elapsed_s: float = 0.0
    usage: Usage = Usage()
    observation: Observation | None = None
    "Where `observe` asked for it and the process lived to tell; of the last process where there were several."


@dataclass(frozen=True, slots=True)
class ScreenJob:
    """Run many candidates on the same calls, in processes that they share: only good for throwing some away.

    A candidate may spoil the process for those after it, so whatever is to be believed runs again by itself. A call that
    ends with KeyboardInterrupt stands for the calls after it.
    """

    codes: tuple[str, ...]
    entry_point: str
    calls: tuple[Call, ...]
    limits: Limits = Limits()
    "`time_s` is for one candidate: loading it and all its calls."
    environment: Environment = Environment()


@dataclass(frozen=True, slots=True)
class TestJob:
    """Run test code against a module: asserts, `check(candidate)` (called there or not), or pytest functions."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    code: str
    entry_point: str
    tests: str
    limits: Limits = Limits()
    context: str = ""
    "The task's source before the function: tests use its helpers as they stand there, whatever the module made of them."
    environment: Environment = Environment()
    module: str = ""
    "Dotted name of the code in its project: what the tests import."
    code_path: str = ""
    "Where the code stands in its project."
    tests_path: str = "test_given.py"
    "Where the tests stand in the project, for the `conftest.py` files above them."
    observe: tuple[Observe, ...] = ()


@dataclass(frozen=True, slots=True)
class TestReport:
    """How the tests went: one unit per top-level assert, `check` call or pytest function."""

    __test__ = False

    num_passed: int
    num_checked: int
    load: Outcome
    failure: str = ""
    "The first failing test: its source line, and what came instead."
    failed_call: str = ""
    "The last call of the function before the failure, as source, with its result."
    traceback: str = ""
    outcome: str = "passed"
    "`passed`, `failed`, or an OutcomeKind value for the first thing that went wrong."
    forgeable: bool = False
    num_runs: int = 1
    elapsed_s: float = 0.0
    usage: Usage = Usage()
    "Of the candidate's process; the one with the tests is ours."
    observation: Observation | None = None


@dataclass(frozen=True, slots=True)
class ModuleJob:
    """Run a tool (`python -m module args`) on untrusted code: a type checker, a property test, a concolic search."""

    module: str
    args: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    "Text files by name, in the folder that the tool starts in."
    environment: Environment = Environment()
    limits: Limits = Limits(60.0, 2 << 30, 1 << 20)
    "`time_s` is for the whole run."


@dataclass(frozen=True, slots=True)
class ModuleReport:
    """What the tool printed. A tool that imports untrusted code can be made to print anything."""

    kind: OutcomeKind
    "RETURNED where it came to its end, whatever its exit code."
    exit_code: int | None
    stdout: str
    stderr: str = ""
    "Known only where it came to its end."
    message: str = ""
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Check:
    """What the verifier found out about one candidate."""

    verdicts: tuple[Verdict, ...]
    "One for each obligation."
    behaviour: str = ""
    "A hash for each outcome on the examples and probe inputs, separated by blanks; empty where there were no probes."
    num_runs: int = 0
    baseline: float = 0.0
    "T0: the test pass rate of the best constant or identity function on the same inputs, in [0, 1]."
    usage: Usage = Usage()
    observation: Observation | None = None


class Retriever(Protocol):
    async def retrieve(self, tasks: Sequence[Task]) -> list[tuple[Snippet, ...]]: ...


class Generator(Protocol):
    async def info(self) -> ModelInfo: ...

    async def generate(self, requests: Sequence[GenerationRequest]) -> list[list[Candidate]]:
        """One list for each request, `num_candidates` long, in the order of sampling."""
        ...

    async def complete(self, requests: Sequence[CompletionRequest]) -> list[list[Completion]]: ...


class Repairer(Protocol):
    async def repair(self, requests: Sequence[RepairRequest]) -> list[list[Candidate]]: ...


class Synthesiser(Protocol):
    async def synthesise(self, requests: Sequence[SynthesisRequest]) -> list[list[Candidate]]:
        """One list for each request, at most `num_candidates` long, the likeliest first. Raises TaskError."""
        ...


class Specifier(Protocol):
    """Reads a specification out of words, blind to any candidate."""

    async def specify(self, tasks: Sequence[Task], seed: int) -> list[Task]:
        """The same tasks; where one had nothing to be checked by, with `generated` examples and a signature."""
        ...


class Executor(Protocol):
    async def isolation(self) -> str:
        """The isolation level, for the Trace: `bubblewrap`, ... Raises SandboxError where there is none."""
        ...

    async def execute(self, jobs: Sequence[ExecutionJob]) -> list[Execution]: ...

    async def test(self, jobs: Sequence[TestJob]) -> list[TestReport]: ...

    async def screen(self, jobs: Sequence[ScreenJob]) -> list[list[tuple[Outcome, ...]]]:
        """For each job and candidate its outcomes, one a call; all of them the load's where it did not load."""
        ...

    async def run_module(self, jobs: Sequence[ModuleJob]) -> list[ModuleReport]: ...


class Verifier(Protocol):
    async def verify(self, task: Task, candidates: Sequence[Candidate]) -> list[Check]: ...


class Analyser(Protocol):
    async def analyse(self, codes: Sequence[str], surroundings: Surroundings = ANYWHERE) -> list[Analysis]: ...


class Rewarder(Protocol):
    async def score(self, task: Task, candidates: Sequence[Candidate], checks: Sequence[Check],
                    analyses: Sequence[Analysis]) -> list[Reward]: ...


class Controller(Protocol):
    async def decide(self, task: Task, attempts: Sequence[Attempt], decisions: Sequence[Decision]) -> Decision: ...


