"""The repair of one function from the search to the Trace."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ncg_ray import assemble, pipeline, telemetry
from ncg_ray.mend import asking, choice, words
from ncg_ray.pipeline import Parts
from ncg_ray.protocols import Executor
from ncg_ray.repair.findings import Mend
from ncg_ray.repair.problem import problem_of
from ncg_ray.repair.rank import Ranked
from ncg_ray.repair.search import Found, PatchSearch
from ncg_ray.telemetry import Listener
from ncg_ray.types import Candidate, Decision, Finding, Level, Task, Trace, Verdict
from ncg_ray.verdicts import headline
from ncg_ray.verify.compare import meets


@dataclass(frozen=True, slots=True)
class Mended:
    """What `repair` gives back."""

    status: str
    "`fixed`, `partly fixed`, `not fixed`, or `passes` where there was nothing to do."
    trace: Trace
    "Of the patched code, or of the code as it was."
    code: str
    "The patched code; as it was where nothing was found."
    diff: str = ""
    reason: tuple[str, ...] = ()
    "Which edit, where, and why that place is suspicious."
    evidence: tuple[str, ...] = ()
    trust: str = ""
    """`verified` where a contract was proved or checked up to a bound, else `plausible`; where only findings were mended,
    `tested` with tests and `scanned` without."""
    agreement: float = 0.0
    "Share in [0, 1] of the weight of all plausible patches that behave like the chosen one."
    found: Found | None = None
    ranked: tuple[Ranked, ...] = ()
    mends: tuple[Mend, ...] = ()
    "Rewrites that were made because of findings, in order."
    left: tuple[Finding, ...] = ()
    "Findings that stay."


async def mend(task: Task, code: str, parts: Parts, executor: Executor, *, path: str = "code.py",
               on_event: Listener = telemetry.ignore) -> Mended:
    """Repair one function; where the parts hold a model, it is asked where the search finds nothing.

    Raises SandboxError and other InfrastructureErrors where our side fails, TaskError for tests that cannot be run.
    """
    config = parts.config
    problem = problem_of(task, code, assemble.limits(config.sandbox))
    on_event({"event": "stage", "stage": "repair"})
    search = PatchSearch(executor, meets, config.repair.timeout_s, config.repair.max_pairs, assemble.history(config),
                         config.seed)
    found = await search.run(problem)
    if found.diagnosis is not None and found.diagnosis.passes and not found.patches:
        trace = await pipeline.check(task, code, parts, on_event=on_event)
        return Mended("passes", trace, code, evidence=("the tests pass already; nothing was changed",), found=found)
    if not found.patches and parts.generator is not None:
        on_event({"event": "stage", "stage": "ask"})
        await asking.ask(task, code, parts, executor, problem, found)
    ranked, differing = await choice.ranked(task, problem, found, executor, config)
    chosen, proof, refuted = await choice.chosen(task, ranked, executor, config)
    if chosen is None:
        trace = await pipeline.check(task, code, parts, on_event=on_event)
        evidence = (*words.partial(problem, found), *refuted)
        return Mended("not fixed", replace(trace, note="no patch was found: " + "; ".join(evidence)), code,
                      evidence=evidence, found=found, ranked=tuple(ranked))
    trust = "verified" if proof is not None and proof.level >= Level.BOUNDED else "plausible"
    trace = await pipeline.check(task, chosen.patch.code, parts, on_event=on_event)
    trace = _repaired(trace, code, chosen, proof, trust, "symbolic" if parts.generator is None else "hybrid")
    return Mended(
        "fixed", trace, chosen.patch.code, words.unified(code, chosen.patch.code, path),
        words.reason(code, chosen, found),
        (*words.evidence(problem, found, ranked, chosen, proof, trust), *refuted, *differing),
        trust, chosen.agreement, found, tuple(ranked))


def _repaired(trace: Trace, before: str, chosen: Ranked, proof: Verdict | None, trust: str, mode: str) -> Trace:
    """The Trace of a check, as that of a repair."""
    attempt = trace.attempts[0]
    parent = Candidate(before).id
    verdicts = attempt.verdicts + ((replace(proof, detail=proof.detail or trust),) if proof is not None else ())
    level = headline(verdicts)
    attempt = replace(attempt, candidate=replace(attempt.candidate, origin="repair", parent=parent), verdicts=verdicts,
                      level=level)
    decision = Decision("repair", f"{chosen.patch.template} at line {chosen.patch.line}", target=parent)
    answer = trace.answer and replace(trace.answer, mode=mode, verdict=level.name, evidence=verdicts)
    return replace(trace, mode=mode, attempts=(attempt,), decisions=(decision,), answer=answer)
