"""One function with its contract, as something to explore."""

from __future__ import annotations

import ast
from typing import Any

import z3

from ncg_ray.verify.smt import inputs as unknown
from ncg_ray.verify.smt.frames import Frame
from ncg_ray.verify.smt.interpret import Interpreter
from ncg_ray.verify.smt.loops import Loops, Refine
from ncg_ray.verify.smt.messages import Request
from ncg_ray.verify.smt.modules import METHODS, TRANSPARENT, Source
from ncg_ray.verify.smt.paths import Failed, Guard, NeedsFork, Path, PathEnd, Unsupported
from ncg_ray.verify.smt.raising import Raised, exception_is
from ncg_ray.verify.smt.values import (
    Builtin,
    Class,
    Function,
    Instance,
    copied,
    holds_mutable,
    int_term,
    is_integral,
    kind_of,
)


class Program:
    """The function with its contract, as something to explore."""

    def __init__(self, request: Request, shape: unknown.Shape, loops: Loops) -> None:
        self.request, self.shape, self.loops = request, shape, loops
        self.tree = ast.parse(request.source)
        self.source = Source(self.tree)
        self.requires = [expression(text) for text in request.requires]
        self.ensures = [(text, expression(text)) for text in request.ensures]
        self.node, self.owner = find_function(self.tree, request.name)
        rebinding = self.source.rebinding(self.owner or self.node)
        if rebinding:
            raise Unsupported(rebinding, self.node.lineno)
        for decorator in self.node.decorator_list:
            if not self.source.is_known(decorator, TRANSPARENT | METHODS):
                raise Unsupported(f"the decorator `{ast.unparse(decorator)[:40]}`", self.node.lineno)
            if self.source.forbids_output(decorator):
                raise Unsupported("`print` under a decorator that forbids it", self.node.lineno)
        self.satisfiable = False
        self.narrowed: set[str] = set()
        "Classes of whose objects not all are tried, but those that their constructors make."
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
        Guard.active.clear()
        Guard.changed.clear()
        run = Run(path, self.source, self.loops, self.request, self)
        if self.owner is not None:
            self._see_method(run)
        made = unknown.Inputs(run, self.shape, self.narrowed)
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

    def _see_method(self, run: Run) -> None:
        """See that the class has this method by its name, and not what something else made of it."""
        assert self.owner is not None
        kind = run.module.lookup(self.owner.name, self.owner.lineno)
        method = kind.methods.get(self.node.name) if isinstance(kind, Class) else None
        if method is None or method.node is not self.node:
            raise Unsupported(f"the method {self.request.name}, which its class binds anew", self.node.lineno)

    def _suppose(self, run: Run, names: dict[str, Any]) -> None:
        frame = Frame(dict(names), run.module, frozenset())
        for clause in self.requires:
            try:
                holds = run.condition_of_contract(clause, frame)
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
            run.unchecked = self.node
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
        if self.measures is not None and is_called(self.tree, self.node.name) and not fits(result, self.node.returns):
            raise Unsupported("a recursive function that gives another type than it says", self.node.lineno)
        frame = Frame({**names, "result": result}, run.module, frozenset())
        for text, clause in self.ensures:
            try:
                holds = run.path.decide(run.condition_of_contract(clause, frame))
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
        self.unchecked: ast.AST | None = None
        "The function whose next call is not asked for its contract, since that is what is verified, or supposed."
        self.allowing: Class | None = None
        "The class whose next object is an input, so that its contract is supposed."
        self.checking: list[ast.AST] = []
        "The functions whose contracts are being evaluated."

    def function(self, node: ast.FunctionDef) -> Function:
        return self.define(node.name, node, self.module)

    def condition_of_contract(self, node: ast.expr, frame: Any) -> Any:
        """A condition in which `old(...)` stands for values before the call."""
        self.contract += 1
        try:
            return self.condition(node, frame)
        finally:
            self.contract -= 1

    def call_function(self, function: Function, args: list[Any], kwargs: dict[str, Any], line: int = 0) -> Any:
        """A call; where the proof is by induction, one of the function by itself is what its contract says."""
        program = self.program
        if program is not None and program.measures is not None and function.node is program.node and self.depth:
            return self._by_contract(program, self.bind(function, args, kwargs))
        expected, self.unchecked = self.unchecked, None
        source, node = self.module.source, function.node
        if expected is node or not isinstance(node, ast.FunctionDef):
            return super().call_function(function, args, kwargs, line)
        if any(isinstance(value, Instance) and self._keeps_invariants(value.kind) for value in args[:1]):
            raise Unsupported("a call of a method of a class that checks invariants", line)
        if not source.enforced(node):
            return super().call_function(function, args, kwargs, line)
        return self._checked(function, args, kwargs, line)

    def _checked(self, function: Function, args: list[Any], kwargs: dict[str, Any], line: int) -> Any:
        """A call of a function whose decorators check its contract: what breaks it raises a kind of AssertionError."""
        clauses = self.module.source.enforced_clauses(function.node)
        if clauses is None or function.node in self.checking:
            raise Unsupported(f"a call of {function.name}, whose contract is checked", line)
        requires, ensures = clauses
        names = self.bind(function, args, kwargs)
        self._check(function, requires, dict(names))
        result = super().call_function(function, args, kwargs, line)
        self._check(function, ensures, {**names, "result": result})
        return result

    def _check(self, function: Function, clauses: list[ast.expr], names: dict[str, Any]) -> None:
        self.checking.append(function.node)
        contract, self.contract = self.contract, 0
        try:
            for clause in clauses:
                if not self.path.decide(self.condition(clause, Frame(names, self.module, frozenset()))):
                    raise Raised(AssertionError, f"the contract of {function.name}: {ast.unparse(clause)}")
        finally:
            self.checking.pop()
            self.contract = contract

    def _keeps_invariants(self, kind: Class) -> bool:
        return self.module.source.enforced(kind.node) or any(
            isinstance(base, Class) and self._keeps_invariants(base) for base in kind.bases
        )

    def construct(self, kind: Class, args: list[Any], kwargs: dict[str, Any], line: int = 0) -> Any:
        if self._keeps_invariants(kind) and self.allowing is not kind:
            raise Unsupported(f"a new object of {kind.name}, which checks invariants", line)
        self.allowing = None
        return super().construct(kind, args, kwargs, line)

    def _by_contract(self, program: Program, names: dict[str, Any]) -> Any:
        """Induction over a measure: the call is allowed, its measure is smaller than one that is not negative, and so it
        keeps its contract. Measures are guesses; those that do not hold are thrown out.

        Source: Floyd 1967; Manna and Waldinger 1978.
        """
        path, line = self.path, program.node.lineno
        hints = dict(parameters_of(program.node, program.owner))
        if not all(fits(value, hints.get(name)) for name, value in names.items()):
            raise Unsupported("a recursive call with an argument of another type than its hint", line)
        if any(map(holds_mutable, names.values())) or program.request.raises or program.node.returns is None:
            raise Unsupported("a recursive call that is not taken by its contract", line)
        frame = Frame(dict(names), self.module, frozenset())
        for clause in program.requires:
            try:
                allowed = path.decide(self.condition_of_contract(clause, frame))
            except Raised:  # the program's own `except` must not see it
                raise Unsupported("a recursive call on which the precondition raises", line) from None
            if not allowed:
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
                if not path.decide(self.condition_of_contract(clause, after)):
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

    def construct_allowed(self, kind: Class, args: list[Any], free: bool) -> tuple[Instance, bool]:
        """An object that the contract of its class allows; any other ends the path. And whether that leaves none out that
        has been changed since it was made, where the constructor is `free` to make any.
        """
        spec = self.request.classes.get(kind.name, {})
        requires = [expression(text) for text in spec.get("requires", ())] if "__init__" in kind.methods else []
        frame = None
        try:
            if requires:
                names = self.bind(kind.methods["__init__"], [None, *args], {})
                frame = Frame(names, self.module, frozenset())
                for clause in () if free else requires:
                    if not self.path.decide(self.condition(clause, frame)):
                        raise PathEnd
            self.unchecked = kind.methods["__init__"].node if "__init__" in kind.methods else None
            self.allowing = kind
            made = self.construct(kind, args, {})
            for text in spec.get("invariants", ()):
                if not self.path.decide(self.condition(expression(text), Frame({"self": made}, self.module, frozenset()))):
                    raise PathEnd
            complete = free
            for clause in requires if free else ():  # what an object was made of may have been changed to what it allows
                try:
                    holds = self.condition(clause, frame)
                except Raised:
                    raise Unsupported(f"a precondition of {kind.name} that raises") from None
                complete &= self.path.implied(holds)
                if not self.path.decide(holds):
                    raise PathEnd
        except Raised:
            raise PathEnd from None
        return made, complete

    def check_invariants(self, value: Any) -> None:
        """After the call, an object that came in still meets its class's invariants."""
        if not isinstance(value, Instance):
            return
        for text in self.request.classes.get(value.kind.name, {}).get("invariants", ()):
            frame = Frame({"self": value}, self.module, frozenset())
            if not self.path.decide(self.condition(expression(text), frame)):
                raise Failed("ensures", f"breaks the invariant `{text}` of {value.kind.name}")


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
    if any(isinstance(d, ast.Name) and d.id == "classmethod" for d in node.decorator_list):
        raise Unsupported("a class method", node.lineno)
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


def expression(text: str) -> ast.expr:
    return ast.parse(text.strip(), mode="eval").body


def is_called(tree: ast.Module, name: str) -> bool:
    """Whether anything in a module may call a function of that name: itself, or by way of another."""
    return any(
        (isinstance(part, ast.Name) and part.id == name) or (isinstance(part, ast.Attribute) and part.attr == name)
        for part in ast.walk(tree)
    )


def fits(value: Any, hint: ast.expr | None) -> bool:
    """Whether a value surely has exactly the type of a hint."""
    if hint is None:
        return False
    text = ast.unparse(hint)
    if text in ("int", "bool", "float", "str"):
        return kind_of(value) == text
    if text == "None":
        return value is None
    if isinstance(hint, ast.Subscript) and text.startswith(("tuple[", "Tuple[")) and isinstance(value, tuple):
        parts = hint.slice.elts if isinstance(hint.slice, ast.Tuple) else [hint.slice]
        return len(parts) == len(value) and all(fits(item, part) for item, part in zip(value, parts, strict=True))
    return False
