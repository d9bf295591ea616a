"""All inputs up to a size, one size after the other."""

from __future__ import annotations

import ast

import z3

from ncg_ray.verify.smt import inputs as unknown
from ncg_ray.verify.smt.frames import Frame
from ncg_ray.verify.smt.interpret import MAX_DEPTH
from ncg_ray.verify.smt.loops import Loops
from ncg_ray.verify.smt.messages import AS_CONSTRUCTED, ASSUMPTIONS, Answer, Request, narrowed
from ncg_ray.verify.smt.modules import Source
from ncg_ray.verify.smt.paths import Clock, Failed, NeedsFork, Path, PathEnd, Summary, Unsupported, explore
from ncg_ray.verify.smt.program import Program, Run, expression, find_function, parameters_of
from ncg_ray.verify.smt.raising import Raised
from ncg_ray.verify.smt.values import (
    Instance,
)

SIZES = (0, 1, 2, 3, 4, 5, 6)


FIRST_SIZES = 3
"Sizes that are searched for a counterexample before a proof is tried."


MAX_FAILURES = 3
"Counterexamples of one size that are looked at, where the first are none."


class Bounded:
    """The search over all inputs up to a size, one size after the other."""

    def __init__(self, request: Request, clock: Clock) -> None:
        self.request, self.clock = request, clock
        node, owner = find_function(ast.parse(request.source), request.name)
        self.hints = [hint for _, hint in parameters_of(node, owner)]
        self.sized = any(unknown.has_container(hint) for hint in self.hints) or takes_objects(self.hints)
        self.wider = any(unknown.is_wider(hint) for hint in self.hints)
        self.narrowed: set[str] = set()
        self.reached: int | None = None
        self.turns = 0
        self.ascii = False
        "Whether only strings of ASCII are tried."
        self.is_proof = False
        self.vacuous_so_far = True
        self.gaps: list[tuple[str, int]] = []
        self.stopped = ""
        self.contract_raises: Answer | None = None

    def go_on(self, clock: Clock) -> Answer | None:
        """The sizes that are left, in the time that is left; that for which there was too little time, again."""
        self.clock = clock
        if self.stopped == "timeout":
            self.stopped, first = "", 0 if self.reached is None else SIZES.index(self.reached) + 1
        else:
            first = FIRST_SIZES
        return self.search(SIZES[first:])

    def search(self, sizes: tuple[int, ...]) -> Answer | None:
        """A counterexample of one of these sizes; remembers the largest size that is free of them."""
        for size in sizes:
            if self.stopped or self.clock.left() <= 0:
                return None
            limit = 2 + 2 * size
            program = Program(self.request, unknown.Shape(size, self.ascii), Loops(limit))
            summary = explore(program, self.clock, MAX_FAILURES, journal=self.request.journal)
            self.vacuous_so_far &= not program.satisfiable
            self.narrowed |= program.narrowed
            for failure, args in summary.failures:
                if self._confirmed(args):
                    return self._failure(failure, args)
                summary.inconclusive.append(f"whether some input {failure.detail}")
            only_cut = not (summary.unsupported or summary.inconclusive or summary.out_of_time)
            if not only_cut:
                if not self.ascii and summary.unsupported and all("beyond ASCII" in gap for gap, _ in summary.unsupported):
                    self.ascii = True
                    return self.search(sizes[sizes.index(size) :])
                self._stop(summary)
                return None
            if program.satisfiable and (summary.num_paths or not summary.cuts):  # where all are cut, nothing was covered
                self.reached, self.turns = size, limit
            if (
                not summary.cuts
                and program.satisfiable
                and not self.wider
                and not self.ascii
                and (not self.sized or self._no_longer(size))
            ):
                self.is_proof = True
                return None
            if not self.sized and not summary.cuts:
                self.stopped = "complete"
                return None
        return None

    def _confirmed(self, args: list[str]) -> bool:
        """Whether the interpreter, run on this very input, fails as well. The solver's view of powers is not complete."""
        if any(arg.startswith("!") for arg in args):
            return True
        program = Program(self.request, unknown.Shape(0), Loops(1000))
        program.given = args
        summary = explore(program, Clock(min(2.0, max(0.1, self.clock.left()))))
        return bool(summary.failures) or bool(summary.unsupported)

    def _failure(self, failure: Failed, args: list[str]) -> Answer:
        if args and args[0].startswith("!"):
            return Answer("UNKNOWN", "unsupported", args[0][1:], gaps=[(args[0][1:], 0)])
        return Answer("CANDIDATE", "counterexample", failure.detail, args=args, failure=failure.kind, line=failure.line)

    def _stop(self, summary: Summary) -> None:
        self.gaps += list(dict.fromkeys(summary.unsupported))
        self.stopped = "timeout" if summary.out_of_time else "unsupported" if summary.unsupported else "error"
        self.detail = summary.inconclusive[0] if summary.inconclusive else ""

    detail = ""

    def _no_longer(self, size: int) -> bool:
        """Whether the precondition allows no container beyond this size. Only sizes at the top are looked at."""
        if any(_nested(hint) for hint in self.hints) or takes_objects(self.hints):
            return False
        try:
            path = Path((), self.clock, self.request.journal)
            run = Run(path, Source(ast.parse(self.request.source)), Loops(4), self.request)
            node, owner = find_function(ast.parse(self.request.source), self.request.name)
            made = unknown.Inputs(run, unknown.Shape(None))
            names = {name: made.make(hint, name) for name, hint in parameters_of(node, owner)}
            frame = Frame(names, run.module, frozenset())
            with path.supposing(True):
                facts = [run.condition(expression(text), frame) for text in self.request.requires]
            for fact in facts:
                path.assume(fact)
            lengths = [
                value.elements.length if hasattr(value, "elements") else getattr(value, "size", 0)
                for value in names.values()
                if not isinstance(value, Instance)
            ]
            return all(
                path.implied(length <= size, 1.0) if isinstance(length, z3.ExprRef) else length <= size for length in lengths
            )
        except (Unsupported, NeedsFork, Raised, PathEnd):
            return False

    def proof(self) -> Answer:
        """What covering every input comes to."""
        return narrowed(Answer("PROVED", assumptions=list(ASSUMPTIONS)), self)

    def answer(self, proof_gaps: list[tuple[str, int]]) -> Answer:
        gaps = list(dict.fromkeys([*self.gaps, *proof_gaps]))
        if self.reached is None:
            if self.vacuous_so_far and self.stopped != "timeout" and not self.gaps:
                return Answer("UNKNOWN", "vacuous", "no input up to size 6 meets the precondition", gaps=gaps)
            reason = self.stopped if self.stopped in ("timeout", "unsupported") else "error" if self.detail else "timeout"
            first = f"{self.gaps[0][0]} (line {self.gaps[0][1]})" if self.gaps else self.detail
            return Answer("UNKNOWN", reason, first, gaps=gaps)
        parts = [f"at most {self.reached} elements in each container and string"] if self.sized else []
        parts.append(f"at most {self.turns} turns of each `while`, and of each `for` of unknown length")
        parts.append(f"calls at most {MAX_DEPTH} deep")
        if self.ascii:
            parts.append("strings of ASCII")
        if self.wider:
            parts.append("the usual type where the hint allows others, such as a list for any sequence")
        if self.narrowed:
            parts.append(AS_CONSTRUCTED)
        return Answer("BOUNDED", self.stopped if self.stopped == "timeout" else "", bound=", ".join(parts), gaps=gaps)


def takes_objects(hints: list[ast.expr | None]) -> bool:
    """Whether some hint is not of a builtin type, so that an object's parts may have sizes of their own."""
    known = {
        "int",
        "bool",
        "float",
        "str",
        "None",
        "Optional",
        "Union",
        "Any",
        "object",
        "Literal",
        "Final",
        "Callable",
        "Hashable",
        "tuple",
        "Tuple",
        "typing",
        "DefaultDict",
        "defaultdict",
        *unknown.CONTAINERS,
    }
    return any(isinstance(n, ast.Name) and n.id not in known for hint in hints if hint is not None for n in ast.walk(hint))


def _nested(hint: ast.expr | None) -> bool:
    """Whether a container stands within another type."""
    if hint is None or not isinstance(hint, ast.Subscript):
        return isinstance(hint, (ast.BinOp, ast.Constant))  # a quoted hint may be any
    origin = ast.unparse(hint.value).removeprefix("typing.")
    inner = hint.slice
    inside = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    plain_tuple = origin in ("tuple", "Tuple") and not any(isinstance(p, ast.Constant) for p in inside)
    if plain_tuple or origin in ("Optional", "Union"):
        return unknown.has_container(hint)
    return any(unknown.has_container(part) for part in inside)
