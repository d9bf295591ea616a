"""The nouns of ncg_ray: small frozen records that every stage reads and that one Trace holds.

    Task -> Candidate -> Outcome -> Verdict, Finding -> Reward, all under a Decision -> Attempt -> Trace

`ncg_ray.records` turns any of them into JSON and back; `ncg_ray.verdicts` combines what engines say.
"""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal

TRACE_VERSION = 1

Mode = Literal["neural", "symbolic", "hybrid", "adaptive"]
MODES: tuple[Mode, ...] = ("neural", "symbolic", "hybrid", "adaptive")
Action = Literal["generate", "synthesise", "repair", "edit", "given", "stop"]
ACTIONS: tuple[Action, ...] = ("generate", "synthesise", "repair", "edit", "given", "stop")
Origin = Literal["user", "docstring", "generated"]


class Level(enum.IntEnum):
    """How much is known of a candidate; ordered, so that clauses combine with `min`."""

    REFUTED = 0
    UNKNOWN = 1
    TESTED = 2
    BOUNDED = 3
    PROVED = 4


class Reason(enum.StrEnum):
    """Why an engine stopped short of a proof."""

    COUNTEREXAMPLE = "counterexample"
    TIMEOUT = "timeout"
    UNSUPPORTED = "unsupported"
    VACUOUS = "vacuous"
    DIVERGES = "diverges"
    ERROR = "error"


class OutcomeKind(enum.StrEnum):
    """What one call in the sandbox did. `NOT_RUN`: an earlier call ended the process for good."""

    RETURNED = "returned"
    RAISED = "raised"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    OUTPUT = "output"
    KILLED = "killed"
    CRASHED = "crashed"
    NOT_PLAIN = "not_plain"
    NOT_RUN = "not_run"


def shown(value: Any) -> str:
    """`repr`, also where Python refuses to write an int of more than 4300 digits."""
    try:
        return repr(value)
    except ValueError:
        return f"<{type(value).__name__} too long to print>"


def call_text(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """A call as Python source, for people and prompts: `f(1, k=2)`."""
    return f"{name}({', '.join([*map(shown, args), *(f'{k}={shown(v)}' for k, v in kwargs.items())])})"


@dataclass(frozen=True, slots=True)
class Example:
    """One call and what it must give: a value, or an exception."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    returns: Any = None
    raises: str | None = None
    "Name of the exception type that the call must raise; then `returns` means nothing."
    abs_tol: float | None = None
    "Absolute tolerance for floats; without it 1e-9 relative."
    origin: Origin = "user"
    loose: bool = False
    "From JSON: a list also matches a tuple."

    def call_text(self, name: str) -> str:
        """The call as Python source, for people and prompts: `f(1, k=2)`."""
        return call_text(name, self.args, self.kwargs)


@dataclass(frozen=True, slots=True)
class Contract:
    """One clause: a Python expression over the arguments, `result` and `old(x)`."""

    kind: Literal["requires", "ensures"]
    expression: str
    origin: Origin = "user"


@dataclass(frozen=True, slots=True)
class Project:
    """Where code belongs: what it may import, and where it and its tests stand in there."""

    folder: str
    packages: tuple[str, ...] = ()
    "Folders of installed packages."
    module: str = ""
    "Dotted name of the code."
    code_path: str = ""
    tests_path: str = "test_given.py"


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked. `task.read` makes it from files, stubs and text."""

    prompt: str
    "Words, or Python source with a stub (signature and docstring)."
    id: str = "task"
    signature: str = ""
    "`def name(params) -> hint`, without the colon; empty where the model chooses it."
    entry_point: str = ""
    language: str = "python"
    examples: tuple[Example, ...] = ()
    contracts: tuple[Contract, ...] = ()
    tests: str = ""
    "Visible test code: asserts, `check(candidate)` or pytest functions."
    context: str = ""
    "Source that stands before the function: imports and helpers. It is part of every answer."
    docstring: str = ""
    "The words of the stub's docstring, or the prompt where there is no stub."
    mode: Mode | None = None
    project: Project | None = None

    @property
    def is_stub(self) -> bool:
        """Whether `prompt` is Python source that ends in a function to complete."""
        return bool(self.signature) and "def " in self.prompt and self.docstring != self.prompt


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of retrieved code."""

    code: str
    source: str
    licence: str | None = None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Fit:
    """How long a program is, and how much the examples that it was found by tell, both in bits.

    Of programs as short as this one about `2 ** (program_bits - example_bits)` meet the examples by luck.
    """

    program_bits: float
    "log2 of how many programs are as short."
    example_bits: float
    "-log2 of the chance that a program which was tried gives what the examples ask for."


@dataclass(frozen=True, slots=True)
class Candidate:
    """One program that might solve the task: a complete module."""

    code: str
    origin: Literal["greedy", "sample", "repair", "edit", "symbolic", "given"] = "given"
    "`repair`: by a model that was told what failed; `edit`: by a search for edits."
    entry_point: str = ""
    "The name that this module gives the function; the task's, unless the task leaves it open."
    mean_logprob: float | None = None
    "Mean natural log-probability of the generated tokens, <= 0; None where no model spoke."
    num_tokens: int = 0
    "Tokens that the model generated."
    parent: str | None = None
    "Id of the candidate that this one repairs."
    text: str = ""
    "What the model said, before the code was taken out of it."
    fit: Fit | None = None
    "Of a program that was found by search."

    @property
    def id(self) -> str:
        """The first 12 hex digits of the code's SHA-256: equal code is the same candidate."""
        return hashlib.sha256(self.code.encode("utf-8", "surrogatepass")).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call did in the sandbox. Not a judgement: the host compares."""

    kind: OutcomeKind
    value: Any = None
    "The returned plain value, where `kind` is RETURNED."
    error_type: str = ""
    message: str = ""
    traceback: str = ""
    "Cut to the candidate's own frames."
    args_after: tuple[Any, ...] | None = None
    "The positional arguments after the call, where the call changed them."
    kwargs_after: dict[str, Any] | None = None
    "The keyword arguments likewise."
    error_base: str = ""
    "The nearest builtin base of the exception's type, where the call raised."
    iterator: bool = False
    "The call gave an iterator; `value` is the list of what it yielded."
    elapsed_s: float = 0.0

    def text(self) -> str:
        """One line for people and prompts."""
        if self.kind is OutcomeKind.RETURNED:
            return shown(self.value)
        if self.kind is OutcomeKind.RAISED:
            return f"{self.error_type}: {self.message}" if self.message else self.error_type
        if self.kind is OutcomeKind.KILLED and self.message:
            return f"was killed by the sandbox's policy: {self.message}"
        return {"timeout": "ran out of time", "memory": "ran out of memory", "output": "printed too much",
                "killed": "was killed by the sandbox's policy", "crashed": "crashed the interpreter",
                "not_run": "was not run"}.get(self.kind, self.message or str(self.kind))


@dataclass(frozen=True, slots=True)
class Usage:
    """What the processes of one job used; telemetry, which judges nothing."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0
    "Largest resident set of one process."
    denials: dict[str, int] = field(default_factory=dict)
    "Forbidden system calls by name, and how often each was tried."

    def __add__(self, other: Usage) -> Usage:
        names = {**self.denials, **other.denials}
        denials = {name: self.denials.get(name, 0) + other.denials.get(name, 0) for name in names}
        return Usage(self.wall_s + other.wall_s, self.cpu_s + other.cpu_s, max(self.peak_bytes, other.peak_bytes), denials)


@dataclass(frozen=True, slots=True)
class BlockValues:
    """The local variables, as short `repr`s, each time that a run came to one block or return."""

    line: int
    function: str
    at: Literal["loop", "block", "return"]
    num_visits: int
    first: tuple[dict[str, str], ...]
    last: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Observation:
    """What a run tells about itself when asked. It may lie: this guides a repair and never judges."""

    lines: tuple[int, ...] = ()
    missing_lines: tuple[int, ...] = ()
    branches: tuple[tuple[int, int], ...] = ()
    "(line, line that came next) of the branches taken; 0 or a negative line is the end of the function."
    missing_branches: tuple[tuple[int, int], ...] = ()
    values: tuple[BlockValues, ...] = ()
    problem: str = ""
    "Why there is less than was asked for."

    def __or__(self, other: Observation) -> Observation:
        """What two runs of the same module saw together."""
        lines, branches = {*self.lines, *other.lines}, {*self.branches, *other.branches}
        missing = {*self.missing_lines, *other.missing_lines} - lines
        missing_branches = {*self.missing_branches, *other.missing_branches} - branches
        return Observation(tuple(sorted(lines)), tuple(sorted(missing)), tuple(sorted(branches)),
                           tuple(sorted(missing_branches)), self.values + other.values, self.problem or other.problem)


@dataclass(frozen=True, slots=True)
class Counterexample:
    """An input on which the candidate is wrong, replayed on the real code in the sandbox."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    got: str
    expected: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one engine (or, after combining, all of them) found out about one obligation."""

    level: Level
    obligation: str
    "`examples`, `tests`, `crash-free`, or the contract's expression."
    engine: Literal["examples", "tests", "property", "concolic", "smt", "combined"]
    origin: Origin = "user"
    reason: Reason | None = None
    num_passed: int = 0
    num_checked: int = 0
    counterexample: Counterexample | None = None
    bound: str | None = None
    "The stated bound of a BOUNDED verdict."
    assumptions: tuple[str, ...] = ()
    "What a PROVED verdict takes for granted."
    detail: str = ""
    forgeable: bool = False
    "Code and tests shared one process: never used for training or a proof."
    elapsed_s: float = 0.0
    outcome: str = ""
    """What running it came to: `passed`, `failed` (a wrong value), `raised`, `timeout`, `memory`, `output`, `killed` (by
    the sandbox's policy), `crashed`, `not_plain`; of several the first that is not `passed`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark of an analyser about one place in the code."""

    tool: str
    rule: str
    kind: Literal["security", "dependency", "licence", "quality"]
    message: str
    line: int = 0
    "First line, from 1; 0 where the finding is about the whole file."
    path: str = ""
    cwe: str | None = None
    severity: Literal["critical", "high", "medium", "low"] = "low"
    confidence: Literal["high", "medium", "low"] = "medium"
    column: int = 0
    "First column, from 1; 0 where the tool names none."
    end_line: int = 0
    "Last line; 0: the first line is the only one."
    fix: str = ""
    "What to write instead, in words; empty where the message says it."


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that the analysers say of one program. A term is None where its tool is missing; `missing` says why."""

    findings: tuple[Finding, ...] = ()
    risk: float | None = None
    "Security risk in [0, 1]; 0 only for a clean scan."
    quality: float | None = None
    licence: float | None = None
    missing: dict[str, str] = field(default_factory=dict)
    quality_parts: dict[str, float] = field(default_factory=dict)
    "What `quality` is the weighted mean of, each in [0, 1]."


@dataclass(frozen=True, slots=True)
class Reward:
    """The reward and its terms, each in [0, 1]; a term that could not be measured is None, and so is `total`."""

    tests: float | None
    security: float | None
    "1 - security risk."
    quality: float | None
    licence: float | None
    total: float | None
    gated: float | None
    "The form that selection and training use: corrected by the best trivial function, 0 for trivial code."
    baseline: float = 0.0
    "T0: the test pass rate of the best constant or identity function on the same inputs."
    missing: dict[str, str] = field(default_factory=dict)
    is_trivial: bool = False
    "Whether the code solves nothing, as its syntax says."


@dataclass(frozen=True, slots=True)
class Decision:
    """What the controller chose, with all that a later controller needs to learn from it."""

    action: Action
    "`given`: the code came from the user."
    reason: str
    num_candidates: int = 1
    temperature: float = 0.0
    target: str | None = None
    "Id of the candidate to repair or edit."
    features: dict[str, float] = field(default_factory=dict)
    propensity: float = 1.0
    "Probability with which the policy chose this action in this state, in (0, 1]."


@dataclass(frozen=True, slots=True)
class Attempt:
    """One candidate with everything that was found out about it."""

    index: int
    step: int
    "Index of the decision in `Trace.decisions` that led here."
    candidate: Candidate
    verdicts: tuple[Verdict, ...] = ()
    level: Level = Level.UNKNOWN
    analysis: Analysis | None = None
    reward: Reward | None = None
    behaviour: str = ""
    "A hash for each example and probe input of what the candidate did; equal means indistinguishable there."
    usage: Usage | None = None
    "Of the runs on examples and tests."
    observation: Observation | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the user gets."""

    code: str
    verdict: str
    "Name of the level: PROVED, BOUNDED, TESTED, UNKNOWN or REFUTED."
    confidence: float
    mode: str
    attempt: int
    "Index of the attempt that gave it."
    reward: Reward | None = None
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole record of one task: the answer, the reward, the training example and the log are views of it."""

    id: str
    task: Task
    mode: str
    answer: Answer | None
    attempts: tuple[Attempt, ...] = ()
    decisions: tuple[Decision, ...] = ()
    assumptions: tuple[Example, ...] = ()
    "Examples that the model proposed and that agreed over several samples; not the user's word."
    trace_version: int = TRACE_VERSION
    config_hash: str = ""
    model_id: str = ""
    model_hash: str = ""
    isolation: str = ""
    seed: int = 0
    started_at: str = ""
    "UTC, ISO 8601."
    timings_s: dict[str, float] = field(default_factory=dict)
    "Wall seconds by stage, and `total`."
    counts: dict[str, int] = field(default_factory=dict)
    "`tokens`, `sandbox_runs`, `retries`."
    note: str = ""
    "Why there is no answer, where there is none."

    @property
    def code(self) -> str:
        """The answer's code; empty where there is none."""
        return self.answer.code if self.answer else ""

    @property
    def verdict(self) -> str:
        """The answer's verdict; UNKNOWN where there is none."""
        return self.answer.verdict if self.answer else Level.UNKNOWN.name

    @property
    def confidence(self) -> float:
        """The answer's confidence in [0, 1]; 0 where there is none."""
        return self.answer.confidence if self.answer else 0.0
