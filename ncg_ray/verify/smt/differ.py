"""Two functions: an input that tells them apart, or a proof that there is none."""

from __future__ import annotations

import ast
import time
from dataclasses import dataclass
from typing import Any

from ncg_ray.verify.smt import comparison, messages
from ncg_ray.verify.smt import inputs as unknown
from ncg_ray.verify.smt.bounded import SIZES, takes_objects
from ncg_ray.verify.smt.frames import Frame
from ncg_ray.verify.smt.loops import Loops
from ncg_ray.verify.smt.messages import ASSUMPTIONS, Answer
from ncg_ray.verify.smt.modules import METHODS, TRANSPARENT, Source
from ncg_ray.verify.smt.paths import Clock, Failed, Guard, OutOfTime, Path, PathEnd, Unsupported, explore
from ncg_ray.verify.smt.program import Run, expression, find_function, parameters_of
from ncg_ray.verify.smt.raising import Raised
from ncg_ray.verify.smt.values import Mutable, copied


@dataclass
class Request:
    """Two modules with a function of the same name and the same parameters; the first gives the hints."""

    first: str
    second: str
    name: str
    requires: list[str]
    budget_s: float = 5.0


class Pair:
    """Both functions on the same unknown input, as something to explore."""

    def __init__(self, request: Request, shape: unknown.Shape, loops: Loops) -> None:
        self.request, self.shape, self.loops = request, shape, loops
        self.trees = [ast.parse(request.first), ast.parse(request.second)]
        self.sources = [Source(tree) for tree in self.trees]
        self.found = [find_function(tree, request.name) for tree in self.trees]
        self.requires = [expression(text) for text in request.requires]
        self.satisfiable = False
        self.narrowed: set[str] = set()
        self.arguments: list[Any] = []

    def input(self, model: Any) -> list[str]:
        try:
            return [unknown.source_of(value, model) for value in self.arguments]
        except Unsupported as gap:
            return [f"!{gap.construct}"]

    def __call__(self, path: Path) -> None:
        Guard.active.clear()
        Guard.changed.clear()
        runs = [
            Run(path, source, self.loops, messages.Request(text, self.request.name))
            for source, text in zip(self.sources, (self.request.first, self.request.second), strict=True)
        ]
        made = unknown.Inputs(runs[0], self.shape, self.narrowed)
        parameters = parameters_of(*self.found[0])
        values = [made.make(hint, name) for name, hint in parameters]
        self.arguments = [copied(value) for value in values]
        names = {name: value for (name, _), value in zip(parameters, values, strict=True)}
        frame = Frame(dict(names), runs[0].module, frozenset())
        for clause in self.requires:
            try:
                if not path.decide(runs[0].condition(clause, frame)):
                    raise PathEnd
            except Raised:
                raise PathEnd from None
        self.satisfiable = True
        twins = [copied(value) for value in values]
        outcomes = [
            self._outcome(run, found, list(args)) for run, found, args in zip(runs, self.found, (values, twins), strict=True)
        ]
        (kind, first), (other, second) = outcomes
        if kind != other:
            raise Failed("differs", f"{_words(kind, first)} in one and {_words(other, second)} in the other")
        if kind == "raised":
            if first != second:
                raise Failed("differs", f"raises {first} in one and {second} in the other")
            return
        if not path.decide(comparison.identical_or_equal(path, first, second)):
            raise Failed("differs", "the results differ")
        for mine, twin in zip(values, twins, strict=True):
            if isinstance(mine, Mutable) and not path.decide(comparison.equal(path, mine, twin)):
                raise Failed("differs", "the arguments are changed differently")

    def _outcome(self, run: Run, found: Any, args: list[Any]) -> tuple[str, Any]:
        node, owner = found
        rebinding = run.module.source.rebinding(owner or node)
        if rebinding:
            raise Unsupported(rebinding, node.lineno)
        for decorator in node.decorator_list:
            if not run.module.source.is_known(decorator, TRANSPARENT | METHODS):
                raise Unsupported(f"the decorator `{ast.unparse(decorator)[:40]}`", node.lineno)
        try:
            return "returned", run.call_function(run.function(node), args, {})
        except Raised as raised:
            return "raised", raised.name


def _words(kind: str, value: Any) -> str:
    return f"raises {value}" if kind == "raised" else "a value"


def compare(request: Request) -> Answer:
    """CANDIDATE with an input, PROVED where all inputs were covered, BOUNDED with the bound, or UNKNOWN."""
    started, clock = time.process_time(), Clock(request.budget_s)
    try:
        answer = _compare(request, clock)
    except (OutOfTime, Unsupported, SyntaxError, RecursionError, ValueError) as error:
        reason = "timeout" if isinstance(error, OutOfTime) else "unsupported"
        answer = Answer("UNKNOWN", reason, getattr(error, "construct", type(error).__name__))
    answer.elapsed_s = time.process_time() - started
    return answer


def _compare(request: Request, clock: Clock) -> Answer:
    parameters = parameters_of(*find_function(ast.parse(request.first), request.name))
    hints = [hint for _, hint in parameters]
    sized = any(unknown.has_container(hint) for hint in hints) or takes_objects(hints)
    reached = None
    for size in SIZES:
        pair = Pair(request, unknown.Shape(size), Loops(2 + 2 * size))
        summary = explore(pair, clock)
        if summary.failures:
            failure, args = summary.failures[0]
            if args and args[0].startswith("!"):
                return Answer("UNKNOWN", "unsupported", args[0][1:])
            return Answer("CANDIDATE", "counterexample", failure.detail, args=args, failure="differs")
        if summary.unsupported or summary.inconclusive or summary.out_of_time:
            if reached is None:
                gaps = list(dict.fromkeys(summary.unsupported))
                return Answer(
                    "UNKNOWN",
                    "timeout" if summary.out_of_time else "unsupported" if gaps else "error",
                    gaps[0][0] if gaps else "",
                    gaps=gaps,
                )
            break
        if not sized and not summary.cuts and pair.satisfiable and not any(map(unknown.is_wider, hints)):
            return messages.narrowed(Answer("PROVED", assumptions=list(ASSUMPTIONS)), pair)
        reached = size
    bound = f"at most {reached} elements in each container and string, at most {2 + 2 * (reached or 0)} turns of each loop"
    if pair.narrowed:
        bound += f", {messages.AS_CONSTRUCTED}"
    return Answer("BOUNDED", bound=bound)
