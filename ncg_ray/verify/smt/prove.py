"""One function against its contract: a counterexample, a proof, or how far the search came.

Covers: every path of the function within the fragment, from any input of its type hints that meets its precondition.
Does not cover: aliased arguments, subclasses of the builtin types, MemoryError, RecursionError, and OverflowError from
a size beyond the machine's word.
"""

from __future__ import annotations

import time
from typing import Any

from ncg_ray.verify.smt import inputs as unknown
from ncg_ray.verify.smt.bounded import FIRST_SIZES, SIZES, Bounded
from ncg_ray.verify.smt.inductive import prove
from ncg_ray.verify.smt.interpret import Interpreter
from ncg_ray.verify.smt.journal import Disagreement, Journal, core
from ncg_ray.verify.smt.loops import Loops
from ncg_ray.verify.smt.messages import Answer, Request
from ncg_ray.verify.smt.paths import Clock, Failed, OutOfTime, Unsupported, explore
from ncg_ray.verify.smt.program import Program
from ncg_ray.verify.smt.states import state_of

MAX_WATCHED = 20_000
"Turns of a loop that may be endless."


FIRST_SHARE, PROOF_SHARE = 0.25, 0.6
"Of the time: for the small sizes, and of what is left then, for a proof."


def verify(request: Request) -> Answer:
    """Search, prove, search further; until the budget is spent."""
    started, clock = time.process_time(), Clock(request.budget_s)
    request.journal = Journal(request.confirm, request.dump)
    try:
        answer = _verify(request, clock)
        if request.confirm and answer.level in ("PROVED", "BOUNDED"):
            answer.assumptions.append(request.journal.summary)
    except Disagreement:
        answer = Answer("UNKNOWN", "error", "the two solvers, Z3 and cvc5, disagree about a step of the proof")
    except OutOfTime:
        answer = Answer("UNKNOWN", "timeout")
    except Unsupported as gap:
        answer = Answer("UNKNOWN", "unsupported", gap.construct, gaps=[(gap.construct, gap.line)])
    except (RecursionError, SyntaxError, ValueError) as error:
        answer = Answer("UNKNOWN", "unsupported", f"the source cannot be read: {type(error).__name__}")
    answer.elapsed_s = time.process_time() - started
    if request.dump:
        answer.smt = request.journal.texts
        answer.cores = [core(text) for text in answer.smt]
    return answer


def _verify(request: Request, clock: Clock) -> Answer:
    bounded = Bounded(request, Clock(clock.left() * FIRST_SHARE))
    found = bounded.search(SIZES[:FIRST_SIZES])
    if found is not None:
        return found
    if bounded.vacuous_so_far and not bounded.sized and bounded.stopped in ("", "complete"):
        return Answer("UNKNOWN", "vacuous", "no input meets the precondition")
    if bounded.is_proof:
        return bounded.proof()
    proof_gap: list[tuple[str, int]] = []
    leads: list[list[str]] = []
    if request.prove and clock.left() > 0.05:
        proof = prove(request, Clock(clock.left() * PROOF_SHARE))
        if proof.level in ("PROVED", "BOUNDED"):
            return proof
        proof_gap, leads = proof.gaps, proof.leads
    found = bounded.go_on(clock)
    if found is not None:
        return found
    if bounded.is_proof:
        return bounded.proof()
    answer = bounded.answer(proof_gap)
    answer.leads = leads
    return answer


def diverges(request: Request, args: list[str]) -> Answer:
    """Whether a run on this input comes to the head of a loop in a state that it was in before: then it never ends.

    The state is all that the run can see: the names of its function and of those around it, with all that they hold.
    """
    started, seen = time.process_time(), {}
    loops = Loops(MAX_WATCHED)

    def watch(key: tuple[int, int], activation: object, run: Interpreter, frame: Any) -> None:
        state = activation, state_of(frame), run.path.counter
        if state in seen:
            raise Failed("diverges", f"comes to the loop at line {key[0]} in a state that it was in before", key[0])
        seen[state] = frame

    loops.watch = watch
    try:
        program = Program(request, unknown.Shape(0), loops)
        program.given = args
        summary = explore(program, Clock(request.budget_s))
    except (Unsupported, RecursionError) as gap:
        return Answer("UNKNOWN", "unsupported", str(gap))
    for failure, _ in summary.failures:
        if failure.kind == "diverges":
            return Answer(
                "CANDIDATE",
                "diverges",
                failure.detail,
                args=args,
                failure="diverges",
                line=failure.line,
                elapsed_s=time.process_time() - started,
            )
    return Answer("UNKNOWN", "timeout", elapsed_s=time.process_time() - started)
