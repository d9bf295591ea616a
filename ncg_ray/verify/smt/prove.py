"""One function against its contract: a counterexample, a proof, or how far the search came.

Covers: every path of the function within the fragment, from any input of its type hints that meets its precondition.
Does not cover: aliased arguments, subclasses of the builtin types, MemoryError and RecursionError.
"""

from __future__ import annotations

import ast
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import z3

from ncg_ray.verify.smt import inputs as unknown
from ncg_ray.verify.smt.frames import Frame
from ncg_ray.verify.smt.interpret import MAX_DEPTH, Interpreter
from ncg_ray.verify.smt.invariants import Hints, given_invariants, integers_of
from ncg_ray.verify.smt.journal import Disagreement, Journal, core
from ncg_ray.verify.smt.loops import Loops, Refine, state_of
from ncg_ray.verify.smt.modules import Source
from ncg_ray.verify.smt.paths import Clock, Failed, NeedsFork, OutOfTime, Path, PathEnd, Summary, Unsupported, explore
from ncg_ray.verify.smt.raising import Raised, exception_is
from ncg_ray.verify.smt.values import (
    Builtin,
    Class,
    Function,
    Instance,
    Mutable,
    copied,
    holds_mutable,
    int_term,
    is_integral,
)

SIZES = (0, 1, 2, 3, 4, 5, 6)
FIRST_SIZES = 3
"Sizes that are searched for a counterexample before a proof is tried."
MAX_WATCHED = 20_000
"Turns of a loop that may be endless."
MAX_REFINEMENTS = 60
MAX_FAILURES = 3
"Counterexamples of one size that are looked at, where the first are none."
FIRST_SHARE, PROOF_SHARE = 0.25, 0.6
"Of the time: for the small sizes, and of what is left then, for a proof."
ASSUMPTIONS = (
    "total correctness",
    "arguments of exactly the hinted builtin types",
    "no aliased arguments",
    "no MemoryError or RecursionError",
)


@dataclass
class Request:
    """What to verify."""

    source: str
    name: str
    "`function` or `Class.method`."
    requires: list[str] = field(default_factory=list)
    ensures: list[str] = field(default_factory=list)
    "Over the arguments, `result` and `old(x)`."
    raises: list[str] = field(default_factory=list)
    "Names of exceptions that the function may raise."
    classes: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    "Of each class `requires`, those of its constructor, and `invariants`, over `self`."
    budget_s: float = 5.0
    "CPU seconds."
    hints: list[str] = field(default_factory=list)
    "Loop invariants that somebody else proposes; tried, never trusted."
    prove: bool = True
    confirm: bool = False
    "Whether cvc5 is asked about every UNSAT."
    dump: bool = False
    "Whether the answer holds every UNSAT query as SMT-LIB 2 text."
    journal: Journal = field(default_factory=Journal, init=False, repr=False)


@dataclass
class Answer:
    """What was found out."""

    level: str
    "PROVED, BOUNDED, UNKNOWN, or CANDIDATE: an input that is worth replaying."
    reason: str = ""
    detail: str = ""
    bound: str = ""
    args: list[str] = field(default_factory=list)
    "The input as Python expressions, in the order of the parameters."
    failure: str = ""
    line: int = 0
    assumptions: list[str] = field(default_factory=list)
    gaps: list[tuple[str, int]] = field(default_factory=list)
    "Constructs outside the fragment, with their lines."
    leads: list[list[str]] = field(default_factory=list)
    "Inputs on which a proof failed; some of them break the contract."
    elapsed_s: float = 0.0
    smt: list[str] = field(default_factory=list)
    "The queries that the verdict rests on."
    cores: list[str] = field(default_factory=list)
    "The same through PySMT; empty where it does not have what the query holds."

    def document(self) -> dict[str, Any]:
        return asdict(self)


class Program:
    """The function with its contract, as something to explore."""

    def __init__(self, request: Request, shape: unknown.Shape, loops: Loops) -> None:
        self.request, self.shape, self.loops = request, shape, loops
        self.tree = ast.parse(request.source)
        self.source = Source(self.tree)
        self.requires = [expression(text) for text in request.requires]
        self.ensures = [(text, expression(text)) for text in request.ensures]
        self.node, self.owner = find_function(self.tree, request.name)
        self.satisfiable = False
        self.widest_covered = True
        self.arguments: list[Any] = []
        self.measures: list[ast.expr] | None = None
        "Guesses at what a recursive call makes smaller; None where such calls are run."
        self.given: list[str] | None = None
        "Arguments as Python expressions, where they are known."

    def input(self, model: z3.ModelRef) -> list[str]:
        """The arguments of the latest path as Python expressions."""
        try:
            return [unknown.source_of(value, model) for value in self.arguments]
        except Unsupported as gap:
            return [f"!{gap.construct}"]

    def __call__(self, path: Path) -> None:
        Mutable.guards.clear()
        run = Run(path, self.source, self.loops, self.request, self)
        made = unknown.Inputs(run, self.shape)
        parameters = parameters_of(self.node, self.owner)
        if self.given is None:
            values = [made.make(hint, name) for name, hint in parameters]
        else:
            values = [run.evaluate(expression(text), run.module) for text in self.given]
        names = {name: value for (name, _), value in zip(parameters, values, strict=True)}
        self.arguments = [copied(value) for value in values]
        self._suppose(run, names)
        if not self.satisfiable:
            self.satisfiable = path.possible() is not None
        memo: dict[int, Any] = {}
        before = Frame({name: copied(value, memo) for name, value in names.items()}, run.module, frozenset())
        result = self._run(run, names, before)
        self._demand(run, names, before, result)

    def _suppose(self, run: Run, names: dict[str, Any]) -> None:
        frame = Frame(dict(names), run.module, frozenset())
        for clause in self.requires:
            try:
                holds = run.condition(clause, frame)
                if not run.path.decide(holds):
                    raise PathEnd
            except Raised:
                raise PathEnd from None  # an input on which the precondition raises is none

    def _run(self, run: Run, names: dict[str, Any], before: Frame) -> Any:
        """The function's value. It is called as any other, with `old` in reach of its own loop invariants."""
        run.old = before
        try:
            function = run.function(self.node)
            positional, keywords = _as_arguments(self.node, names)
            return run.call_function(function, positional, keywords)
        except Raised as raised:
            if self._allowed(run, raised):
                raise PathEnd from None
            raise Failed(
                "raised", f"raises {raised.name}{': ' + raised.message if raised.message else ''}", raised.line
            ) from None

    def _allowed(self, run: Run, raised: Raised) -> bool:
        for name in self.request.raises:
            try:
                kind = run.evaluate(expression(name), run.module)
            except (Raised, Unsupported):
                continue
            host = getattr(__import__("builtins"), kind.name, None) if isinstance(kind, Builtin) else kind
            if host is not None and exception_is(raised.kind, host):
                return True
        return False

    def _demand(self, run: Run, names: dict[str, Any], before: Frame, result: Any) -> None:
        frame = Frame({**names, "result": result}, run.module, frozenset())
        for text, clause in self.ensures:
            try:
                holds = run.path.decide(run.condition(clause, frame))
            except Raised as raised:
                raise Failed("contract", f"makes the contract `{text}` raise {raised.name}") from None
            if not holds:
                raise Failed("ensures", f"breaks `{text}`")
        for value in names.values():
            run.check_invariants(value)


class Run(Interpreter):
    """The interpreter, with the contracts of the module's classes."""

    def __init__(self, path: Path, source: Source, loops: Loops, request: Request, program: Program | None = None) -> None:
        super().__init__(path, source, loops)
        self.request, self.program = request, program

    def function(self, node: ast.FunctionDef) -> Function:
        return self.define(node.name, node, self.module)

    def call_function(self, function: Function, args: list[Any], kwargs: dict[str, Any], line: int = 0) -> Any:
        """A call; where the proof is by induction, one of the function by itself is what its contract says."""
        program = self.program
        if program is not None and program.measures is not None and function.node is program.node and self.depth:
            return self._by_contract(program, self.bind(function, args, kwargs))
        return super().call_function(function, args, kwargs, line)

    def _by_contract(self, program: Program, names: dict[str, Any]) -> Any:
        """Induction over a measure: the call is allowed, its measure is smaller than one that is not negative, and so it
        keeps its contract. Measures are guesses; those that do not hold are thrown out.

        Source: Floyd 1967; Manna and Waldinger 1978.
        """
        path, line = self.path, program.node.lineno
        if any(map(holds_mutable, names.values())) or program.request.raises or program.node.returns is None:
            raise Unsupported("a recursive call that is not taken by its contract", line)
        frame = Frame(dict(names), self.module, frozenset())
        for clause in program.requires:
            if not path.decide(self.condition(clause, frame)):
                raise Failed("requires", f"calls itself against its precondition `{ast.unparse(clause)}`")
        kept = [m for m in program.measures or () if self._is_smaller(m, frame)]
        if len(kept) < len(program.measures or ()):
            assert program.measures is not None
            program.measures[:] = kept
            raise Refine
        if not kept:
            raise Unsupported("recursion that is not known to end", line)
        result = unknown.Inputs(self, unknown.Shape(None)).make(program.node.returns, path.name("result"))
        outer, self.old = self.old, Frame({name: copied(value) for name, value in names.items()}, self.module, frozenset())
        try:
            after = Frame({**names, "result": result}, self.module, frozenset())
            for _, clause in program.ensures:
                if not path.decide(self.condition(clause, after)):
                    raise PathEnd
        except Raised:
            raise Unsupported("a contract that may raise on a recursive call", line) from None
        finally:
            self.old = outer
        return result

    def _is_smaller(self, measure: ast.expr, frame: Frame) -> bool:
        try:
            with self.path.supposing(True):
                before, now = self.evaluate(measure, self.old), self.evaluate(measure, frame)
        except (Raised, Unsupported, NeedsFork, PathEnd):
            return False
        if not (is_integral(before) and is_integral(now)):
            return False
        return self.path.implied(z3.And(int_term(before) >= 0, int_term(now) < int_term(before)))

    def construct_allowed(self, kind: Class, args: list[Any]) -> Instance:
        """An object that the contract of its class allows; any other ends the path."""
        spec = self.request.classes.get(kind.name, {})
        try:
            if "__init__" in kind.methods and spec.get("requires"):
                names = self.bind(kind.methods["__init__"], [None, *args], {})
                for text in spec["requires"]:
                    if not self.path.decide(self.condition(expression(text), Frame(names, self.module, frozenset()))):
                        raise PathEnd
            made = self.construct(kind, args, {})
            for text in spec.get("invariants", ()):
                frame = Frame({"self": made}, self.module, frozenset())
                if not self.path.decide(self.condition(expression(text), frame)):
                    raise PathEnd
        except Raised:
            raise PathEnd from None
        return made

    def check_invariants(self, value: Any) -> None:
        """After the call, an object that came in still meets its class's invariants."""
        if not isinstance(value, Instance):
            return
        for text in self.request.classes.get(value.kind.name, {}).get("invariants", ()):
            frame = Frame({"self": value}, self.module, frozenset())
            if not self.path.decide(self.condition(expression(text), frame)):
                raise Failed("ensures", f"breaks the invariant `{text}` of {value.kind.name}")


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
    bounded = _Bounded(request, Clock(clock.left() * FIRST_SHARE))
    found = bounded.search(SIZES[:FIRST_SIZES])
    if found is not None:
        return found
    if bounded.vacuous_so_far and not bounded.sized and bounded.stopped in ("", "complete"):
        return Answer("UNKNOWN", "vacuous", "no input meets the precondition")
    if bounded.is_proof:
        return Answer("PROVED", assumptions=list(ASSUMPTIONS))
    proof_gap: list[tuple[str, int]] = []
    leads: list[list[str]] = []
    if request.prove and clock.left() > 0.05:
        proof = _prove(request, clock)
        if proof.level == "PROVED":
            return proof
        proof_gap, leads = proof.gaps, proof.leads
    found = bounded.go_on(clock)
    if found is not None:
        return found
    if bounded.is_proof:
        return Answer("PROVED", assumptions=list(ASSUMPTIONS))
    answer = bounded.answer(proof_gap)
    answer.leads = leads
    return answer


class _Bounded:
    """The search over all inputs up to a size, one size after the other."""

    def __init__(self, request: Request, clock: Clock) -> None:
        self.request, self.clock = request, clock
        node, owner = find_function(ast.parse(request.source), request.name)
        self.hints = [hint for _, hint in parameters_of(node, owner)]
        self.sized = any(unknown.has_container(hint) for hint in self.hints) or takes_objects(self.hints)
        self.wider = any(unknown.is_wider(hint) for hint in self.hints)
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

    def answer(self, proof_gaps: list[tuple[str, int]]) -> Answer:
        gaps = list(dict.fromkeys([*self.gaps, *proof_gaps]))
        if self.reached is None:
            if self.vacuous_so_far and self.stopped != "timeout" and not self.gaps:
                return Answer("UNKNOWN", "vacuous", "no input up to size 6 meets the precondition", gaps=gaps)
            reason = self.stopped if self.stopped in ("timeout", "unsupported") else "error" if self.detail else "timeout"
            first = f"{self.gaps[0][0]} (line {self.gaps[0][1]})" if self.gaps else self.detail
            return Answer("UNKNOWN", reason, first, gaps=gaps)
        parts = [f"at most {self.reached} elements in each container and string"] if self.sized else []
        parts.append(f"at most {self.turns} turns of each loop of unknown length, calls at most {MAX_DEPTH} deep")
        if self.ascii:
            parts.append("strings of ASCII")
        if self.wider:
            parts.append("lists where the hint allows any sequence")
        return Answer("BOUNDED", self.stopped if self.stopped == "timeout" else "", bound=", ".join(parts), gaps=gaps)


def _prove(request: Request, clock: Clock) -> Answer:
    """All inputs at once: containers of any size, loops cut by invariants."""
    share = Clock(clock.left() * PROOF_SHARE)
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
    extra = [expression(text) for text in request.hints]
    attempts = [True, False] if any(hints.given.values()) or extra else [False]
    answer = Answer("UNKNOWN", "timeout")
    for only_given in attempts:
        answer = _attempt(request, hints, extra, only_given, Clock(share.left() * (0.7 if only_given else 1.0)))
        if answer.level == "PROVED":
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
            return Answer("PROVED", assumptions=list(ASSUMPTIONS))
        gaps = list(dict.fromkeys(summary.unsupported))
        leads = [args for _, args in summary.failures if not any(arg.startswith("!") for arg in args)]
        return Answer("UNKNOWN", "unsupported" if gaps else "error", gaps[0][0] if gaps else "", gaps=gaps, leads=leads)
    return Answer("UNKNOWN", "timeout")


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
    program = Program(request, unknown.Shape(0), loops)
    program.given = args
    try:
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


def find_function(tree: ast.Module, name: str) -> tuple[ast.FunctionDef, ast.ClassDef | None]:
    """The last definition of a function or method, and its class. Raises Unsupported where there is none."""
    owner, _, plain = name.rpartition(".")
    body: list[ast.stmt] = tree.body
    kind = None
    if owner:
        kind = next((n for n in reversed(body) if isinstance(n, ast.ClassDef) and n.name == owner), None)
        body = kind.body if kind else []
    for node in reversed(body):
        if isinstance(node, ast.FunctionDef) and node.name == plain:
            return node, kind
        if isinstance(node, ast.AsyncFunctionDef) and node.name == plain:
            raise Unsupported("an async function", node.lineno)
    raise Unsupported(f"the function {name!r} is not there")


def parameters_of(node: ast.FunctionDef, owner: ast.ClassDef | None) -> list[tuple[str, ast.expr | None]]:
    """Names and hints. A method's first is an object of its class."""
    spec = node.args
    positional = [*spec.posonlyargs, *spec.args]
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
    found: list[tuple[str, ast.expr | None]] = []
    for number, parameter in enumerate(positional):
        hint = parameter.annotation
        if owner is not None and number == 0 and not static:
            hint = ast.Name(owner.name, ast.Load())
        found.append((parameter.arg, hint))
    found += [(p.arg, p.annotation) for p in spec.kwonlyargs]
    if spec.vararg is not None:
        hint = spec.vararg.annotation
        found.append((spec.vararg.arg, hint and ast.parse(f"tuple[{ast.unparse(hint)}, ...]", mode="eval").body))
    if spec.kwarg is not None:
        raise Unsupported("`**` parameters", node.lineno)
    return found


def _as_arguments(node: ast.FunctionDef, names: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    spec = node.args
    positional = [names[p.arg] for p in [*spec.posonlyargs, *spec.args]]
    if spec.vararg is not None:
        value = names[spec.vararg.arg]
        if not isinstance(value, tuple):
            raise Unsupported("`*` parameters of unbounded number", node.lineno)
        positional += value
    return positional, {p.arg: names[p.arg] for p in spec.kwonlyargs}


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
        return isinstance(hint, ast.BinOp)
    origin = ast.unparse(hint.value).removeprefix("typing.")
    inner = hint.slice
    inside = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    plain_tuple = origin in ("tuple", "Tuple") and not any(isinstance(p, ast.Constant) for p in inside)
    if plain_tuple or origin in ("Optional", "Union"):
        return unknown.has_container(hint)
    return any(unknown.has_container(part) for part in inside)


def expression(text: str) -> ast.expr:
    return ast.parse(text.strip(), mode="eval").body
