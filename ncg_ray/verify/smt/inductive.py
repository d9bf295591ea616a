"""All inputs at once: containers of any size, loops cut by invariants, recursion by its contract."""

from __future__ import annotations

import ast
from typing import Any

from ncg_ray.verify.smt import inputs as unknown
from ncg_ray.verify.smt.invariants import Hints, given_invariants, integers_of
from ncg_ray.verify.smt.loops import Loops, Refine
from ncg_ray.verify.smt.messages import ASSUMPTIONS, Answer, Request, narrowed
from ncg_ray.verify.smt.paths import Clock, OutOfTime, explore
from ncg_ray.verify.smt.program import Program, expression, find_function, parameters_of

MAX_REFINEMENTS = 60


def prove(request: Request, clock: Clock) -> Answer:
    """All inputs at once: containers of any size, loops cut by invariants."""
    tree = ast.parse(request.source)
    node, owner = find_function(tree, request.name)
    parameters = parameters_of(node, owner)
    if any(unknown.is_wider(hint) for _, hint in parameters):
        return Answer("UNKNOWN", "unsupported", "a hint that allows more than one type")
    hints = Hints(
        [expression(text) for text in request.ensures],
        given_invariants(request.source, tree),
        [name for name, _ in parameters],
        integers_of([node]),
        [n.value for n in ast.walk(node) if isinstance(n, ast.Return) and n.value is not None],
    )
    extra = [parsed for parsed in map(_guess, request.hints) if parsed is not None]
    attempts = [True, False] if any(hints.given.values()) or extra else [False]
    answer = Answer("UNKNOWN", "timeout")
    for only_given in attempts:
        answer = _attempt(request, hints, extra, only_given, Clock(clock.left() * (0.7 if only_given else 1.0)))
        if answer.level in ("PROVED", "BOUNDED"):
            break
    return answer


def _attempt(request: Request, hints: Hints, extra: list[ast.expr], only_given: bool, clock: Clock) -> Answer:
    def propose(run: Any, at: Any, frame: Any, names: dict[str, Any]) -> Any:
        guesses = hints.propose(run, at, frame, names, only_given)
        guesses.invariants[:0] = extra
        return guesses

    loops = Loops(4, propose)
    measures = hints.recursion_measures() if request.ensures else None
    for _ in range(MAX_REFINEMENTS):
        program = Program(request, unknown.Shape(None), loops)
        program.measures = measures
        try:
            summary = explore(program, clock, journal=request.journal)
        except Refine:
            if clock.left() <= 0:
                break
            continue
        except OutOfTime:
            break
        if summary.complete and not summary.failures and program.satisfiable:
            answer = Answer("PROVED", assumptions=list(ASSUMPTIONS), unused=_unused(hints, loops))
            return narrowed(answer, program)
        gaps = list(dict.fromkeys(summary.unsupported))
        leads = [args for _, args in summary.failures if not any(arg.startswith("!") for arg in args)]
        return Answer("UNKNOWN", "unsupported" if gaps else "error", gaps[0][0] if gaps else "", gaps=gaps, leads=leads)
    return Answer("UNKNOWN", "timeout")


def _unused(hints: Hints, loops: Loops) -> list[tuple[str, int]]:
    """What the user wrote at loops that the proof went through, and that was thrown out on the way."""
    kept = [id(c) for guesses in loops.guesses.values() for c in guesses.invariants]
    lines = {line for line, _ in loops.guesses}
    return [(ast.unparse(c), line) for line, given in hints.given.items() if line in lines for c in given
            if id(c) not in kept]


def _guess(text: str) -> ast.expr | None:
    """What somebody proposes as an invariant; nothing where it is no expression."""
    try:
        return expression(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
