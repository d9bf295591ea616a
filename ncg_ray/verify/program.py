"""One program under check, and the verdicts that its runs amount to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ncg_ray import plain
from ncg_ray.protocols import Execution, TestReport
from ncg_ray.types import (
    Candidate,
    Counterexample,
    Example,
    Level,
    Observation,
    Origin,
    Outcome,
    OutcomeKind,
    Reason,
    Task,
    Usage,
    Verdict,
)
from ncg_ray.verify.compare import MISMATCHES, behaviour, expected_text, judge, reason_for
from ncg_ray.verify.properties import Pair

NOT_RUN = Outcome(OutcomeKind.NOT_RUN)


@dataclass(slots=True)
class Program:
    """One distinct program of a batch, and what is known of it so far."""

    candidate: Candidate
    name: str
    load: Outcome = NOT_RUN
    outcomes: list[Outcome] = field(default_factory=list)
    "On the examples, in their order."
    probed: list[Pair] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    num_runs: int = 0
    usage: Usage = Usage()
    observation: Observation | None = None

    def note(self, report: Execution | TestReport) -> None:
        """Add what one run used and told."""
        self.num_runs += report.num_runs
        self.usage += report.usage
        if report.observation is not None:
            self.observation = report.observation if self.observation is None else self.observation | report.observation

    @property
    def loaded(self) -> bool:
        return self.load.kind is OutcomeKind.RETURNED

    @property
    def failed(self) -> bool:
        """Whether it missed something that the user asked for."""
        return any(v.level is not Level.TESTED and v.origin != "generated" for v in self.verdicts)

    @property
    def slow(self) -> bool:
        """Whether an example ran out of time."""
        return any(o.kind is OutcomeKind.TIMEOUT for o in self.outcomes)

    def is_constant(self) -> bool:
        """Whether it gave one and the same value on all of several inputs, whatever its code looks like."""
        seen = [*self.outcomes, *(outcome for _, outcome in self.probed)]
        return len(seen) > 1 and all(o.kind is OutcomeKind.RETURNED for o in seen) and all(
            plain.equal(seen[0].value, o.value) for o in seen)

    def behaviour(self) -> str:
        """What it did on examples and probes, as hashes; empty where it was not probed."""
        return behaviour([*self.outcomes, *(outcome for _, outcome in self.probed)]) if self.probed else ""


def example_verdicts(task: Task, program: Program) -> list[Verdict]:
    """One verdict on the examples that somebody gave, and one on those that the model assumed."""
    verdicts = []
    for generated in (False, True):
        pairs = [(e, o) for e, o in zip(task.examples, program.outcomes, strict=True)
                 if (e.origin == "generated") is generated]
        if not pairs:
            continue
        examples = [example for example, _ in pairs]
        verdict = judge(examples, [outcome for _, outcome in pairs], program.name, generated)
        if not program.loaded:  # an exception while loading is never the one that an example asks for
            verdict = not_loaded(program, verdict.obligation, "examples", verdict.origin, len(pairs), examples[0])
        verdicts.append(verdict)
    return verdicts


def not_loaded(program: Program, obligation: str, engine: Literal["examples", "property"], origin: Origin,
                num_checked: int, example: Example | None = None) -> Verdict:
    """No obligation is met by a module that does not load."""
    load = program.load
    detail = f"the module does not load: {load.text()}"
    contradicted = load.kind in MISMATCHES
    return Verdict(
        Level.REFUTED if contradicted and origin != "generated" else Level.UNKNOWN, obligation, engine, origin,
        Reason.COUNTEREXAMPLE if contradicted else reason_for(load), num_checked=num_checked,
        counterexample=Counterexample(example.args, example.kwargs, load.text(), expected_text(example),
                                      load.traceback) if contradicted and example else None,
        detail=f"{detail}\n{load.traceback}".strip(), elapsed_s=load.elapsed_s, outcome=load.kind.value)


def tests_verdict(report: TestReport) -> Verdict:
    """The verdict on given test code."""
    level, reason = Level.TESTED, None
    if report.outcome not in ("passed", OutcomeKind.RETURNED) or report.num_passed < report.num_checked:
        definite = report.outcome in ("passed", "failed", OutcomeKind.RAISED, OutcomeKind.CRASHED)
        level = Level.REFUTED if definite else Level.UNKNOWN
        reason = {OutcomeKind.TIMEOUT.value: Reason.TIMEOUT, OutcomeKind.NOT_PLAIN.value: Reason.UNSUPPORTED}.get(
            report.outcome, Reason.COUNTEREXAMPLE if definite else Reason.ERROR)
    elif not report.num_checked:
        level, reason = Level.UNKNOWN, Reason.VACUOUS
    detail = "\n".join(part for part in (report.failure, report.failed_call, report.traceback) if part)
    if reason is Reason.VACUOUS:
        detail = f"the test code checks nothing: {report.failure or 'no assert, check(candidate) or test function in it'}"
    elif report.forgeable and level is Level.TESTED:
        # No verdict can be forged: what a candidate could have faked from inside its own process proves nothing.
        level, reason = Level.UNKNOWN, Reason.UNSUPPORTED
        detail = (f"all {report.num_passed} passed, but in one process with the candidate, which could fake it: the tests "
                  "use classes or functions of the module, and these cannot cross between sandboxes")
    return Verdict(level, "tests", "tests", "user", reason, report.num_passed, report.num_checked, detail=detail,
                   forgeable=report.forgeable, elapsed_s=report.elapsed_s, outcome=report.outcome)
