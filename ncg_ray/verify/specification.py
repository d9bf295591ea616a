"""What a module says of its functions: contracts in PEP 316 docstrings, icontract, deal and leading asserts.

All dialects become one: expressions over the arguments, `result` and `old(x)`. An exception that no `raises` names
breaks the contract, in every dialect.

Source: PEP 316, in CrossHair's dialect; the documentation of icontract 2.7 and deal 4.24.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from ncg_ray.task.contracts import docstring_clauses, problem_of

MAX_SOURCE_BYTES = 2_000_000
CONTAINERS = ("list", "dict", "set", "List", "Dict", "Set", "deque", "Deque", "bytearray")


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition, with where it stands."""

    expression: str
    line: int
    dialect: str
    problem: str = ""
    "Why it cannot be used; empty where it can."


@dataclass(slots=True)
class ClassContract:
    """What a class asks of its constructor's arguments and keeps of its objects."""

    requires: list[str] = field(default_factory=list)
    invariants: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Specification:
    """One function and its contract."""

    name: str
    "`function` or `Class.method`."
    line: int
    parameters: tuple[str, ...]
    docstring: str = ""
    requires: list[Clause] = field(default_factory=list)
    ensures: list[Clause] = field(default_factory=list)
    raises: list[str] = field(default_factory=list)
    classes: dict[str, ClassContract] = field(default_factory=dict)
    names_exceptions: bool = False
    "Whether it says which exceptions it may raise; else those that it raises by itself are meant."

    @property
    def is_specified(self) -> bool:
        """Whether it promises a result."""
        return bool(self.ensures)

    @property
    def has_contract(self) -> bool:
        """Whether it says anything of its own, or its class has invariants to keep."""
        kept = self.classes.get(self.name.rpartition(".")[0])
        return bool(self.ensures or self.requires or self.names_exceptions or (kept and kept.invariants))

    @property
    def usable(self) -> list[str]:
        """The preconditions that can be evaluated."""
        return [clause.expression for clause in self.requires if not clause.problem]

    @property
    def problem(self) -> str:
        """What is wrong with the first clause that cannot be used."""
        return next(
            (f"line {c.line}: {c.expression!r}: {c.problem}" for c in [*self.requires, *self.ensures] if c.problem), ""
        )


def read_specifications(source: str) -> list[Specification]:
    """Every function and method of a module, in order. Raises SyntaxError, also for a source that is too large to read."""
    if len(source) > MAX_SOURCE_BYTES:
        raise SyntaxError(f"the source has {len(source)} characters; at most {MAX_SOURCE_BYTES} are read")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(f"the source cannot be parsed: {error}") from None
    return _Reader(tree).read()


class _Reader:
    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.globals = _global_names(tree)
        self.classes: dict[str, ClassContract] = {}
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                self.classes[node.name] = self._class(node)

    def read(self) -> list[Specification]:
        found = []
        for node in self.tree.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found.append(self._function(node, node.name))
            elif isinstance(node, ast.ClassDef):
                for part in node.body:
                    if isinstance(part, ast.FunctionDef) and not (part.name.startswith("__") and part.name.endswith("__")):
                        found.append(self._function(part, f"{node.name}.{part.name}"))
        last = {spec.name: spec for spec in found}  # a name that is defined twice is what its last definition says
        return [spec for spec in found if last[spec.name] is spec]

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> Specification:
        parameters = tuple(p.arg for p in _parameters(node.args))
        spec = Specification(
            name,
            node.lineno,
            parameters,
            ast.get_docstring(node) or "",
            classes=self.classes,
        )
        self._from_docstring(node, spec)
        for decorator in reversed(node.decorator_list):
            for part in _chained(decorator):
                self._from_decorator(part, spec, node)
        if not spec.requires and not spec.ensures:
            self._from_asserts(node, spec)
        return spec

    def _clause(self, kind: str, expression: str, line: int, dialect: str, spec: Specification) -> Clause:
        known = {*spec.parameters, *self.globals, "self"}
        if "implies(" in expression and "implies" not in self.globals and _parses(expression):
            expression = _without_implies(expression)
        problem = (
            problem_of("requires" if kind == "pre" else "ensures", expression, known) if expression else "no expression"
        )
        return Clause(expression, line, dialect, problem)

    def _from_docstring(self, node: ast.FunctionDef | ast.AsyncFunctionDef, spec: Specification) -> None:
        constant = node.body[0].value if node.body and isinstance(node.body[0], ast.Expr) else None
        if not isinstance(constant, ast.Constant) or not isinstance(constant.value, str):
            return
        for found in docstring_clauses(constant.value, {*spec.parameters, *self.globals}):
            line = constant.lineno + found.line
            if found.kind == "raises":
                names = [name.strip() for name in found.text.split("#")[0].split(",") if name.strip()]
                if all(part.isidentifier() for name in names for part in name.split(".")):  # else it is prose
                    spec.raises += names
                    spec.names_exceptions = True
                continue
            if found.kind not in ("pre", "post") or (not found.expression and not _looks_like_code(found.text)):
                continue  # a word of prose that happens to be followed by a colon
            clause = self._clause(found.kind, found.expression or found.text, line, "PEP 316", spec)
            (spec.requires if found.kind == "pre" else spec.ensures).append(clause)
            if found.mutable is not None:
                spec.ensures += self._unchanged(node, found.mutable, line)

    def _unchanged(self, node: ast.FunctionDef | ast.AsyncFunctionDef, mutable: tuple[str, ...], line: int) -> list[Clause]:
        """`post[a]:` says that no other argument changes."""
        return [
            Clause(f"{p.arg} == old({p.arg})", line, "PEP 316")
            for p in _parameters(node.args)
            if p.arg not in mutable and p.annotation is not None and ast.unparse(p.annotation).split("[")[0] in CONTAINERS
        ]

    def _from_decorator(self, node: ast.expr, spec: Specification, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        name = ast.unparse(node.func if isinstance(node, ast.Call) else node)
        library, _, verb = name.rpartition(".")
        if library == "deal" and verb in ("safe", "pure"):
            spec.names_exceptions = True
        if not isinstance(node, ast.Call):
            return
        condition = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "condition"), None)
        if library == "deal" and verb == "raises":
            spec.raises += [ast.unparse(argument) for argument in node.args]
            spec.names_exceptions = True
            return
        if verb not in ("require", "ensure", "pre", "post") or library not in ("", "icontract", "deal"):
            return
        if not isinstance(condition, ast.Lambda):
            spec.ensures.append(Clause(ast.unparse(node), node.lineno, library or "icontract", "its condition is no lambda"))
            return
        before = verb in ("require", "pre")
        expression = _of_lambda(condition, verb, library, spec, function)
        clause = self._clause("pre" if before else "post", expression, node.lineno, library or "icontract", spec)
        (spec.requires if before else spec.ensures).append(clause)

    def _from_asserts(self, node: ast.FunctionDef | ast.AsyncFunctionDef, spec: Specification) -> None:
        """Asserts before anything else say what is asked of the arguments; later ones are part of the function."""
        for statement in node.body[1 if spec.docstring else 0 :]:
            if not isinstance(statement, ast.Assert):
                break
            clause = self._clause("pre", ast.unparse(statement.test), statement.lineno, "assert", spec)
            if not clause.problem:
                spec.requires.append(clause)

    def _class(self, node: ast.ClassDef) -> ClassContract:
        contract = ClassContract()
        known = {*self.globals, "self", "old"}
        for clause in docstring_clauses(ast.get_docstring(node) or "", known):
            # An invariant over what was before says how methods may change an object; of one that comes in it says nothing.
            if (
                clause.kind == "inv"
                and clause.expression
                and "old(" not in clause.expression
                and not problem_of("requires", clause.expression, known)
            ):
                contract.invariants.append(clause.expression)
        for decorator in node.decorator_list:
            if (
                isinstance(decorator, ast.Call)
                and ast.unparse(decorator.func) in ("icontract.invariant", "invariant", "deal.inv")
                and decorator.args
                and isinstance(decorator.args[0], ast.Lambda)
            ):
                contract.invariants.append(
                    _renamed(decorator.args[0], {p.arg: "self" for p in _parameters(decorator.args[0].args)})
                )
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and part.name == "__init__":
                spec = self._function(part, part.name)
                contract.requires = [c.expression for c in spec.requires if not c.problem]
        return contract


def _chained(decorator: ast.expr) -> list[ast.expr]:
    """The decorators that `deal.chain` stands for; any other is itself."""
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) in ("deal.chain", "chain"):
        return [part for argument in reversed(decorator.args) for part in _chained(argument)]
    return [decorator]


def _of_lambda(
    node: ast.Lambda, verb: str, library: str, spec: Specification, function: ast.FunctionDef | ast.AsyncFunctionDef
) -> str:
    """A decorator's condition as an expression over the function's own parameters."""
    own = [p.arg for p in _parameters(node.args)]
    renamed: dict[str, str] = {}
    if library == "deal" and verb == "post" and own:
        renamed[own[0]] = "result"
    elif library == "deal" and own == ["_"]:
        return ast.unparse(_Members(_snapshots(function)).visit(_copy(node.body)))
    elif library == "deal" and verb == "pre":
        renamed |= dict(zip(own, spec.parameters, strict=False))
    body = ast.parse(_renamed(node, renamed), mode="eval").body
    return ast.unparse(_Snapshots(_snapshots(function)).visit(body))


def _snapshots(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, ast.expr]:
    """What `OLD.name` of icontract stands for."""
    found: dict[str, ast.expr] = {}
    for decorator in function.decorator_list:
        if (
            isinstance(decorator, ast.Call)
            and ast.unparse(decorator.func) in ("icontract.snapshot", "snapshot")
            and decorator.args
            and isinstance(decorator.args[0], ast.Lambda)
        ):
            named = next(
                (k.value.value for k in decorator.keywords if k.arg == "name" and isinstance(k.value, ast.Constant)), None
            )
            names = [p.arg for p in _parameters(decorator.args[0].args)]
            found[str(named or (names[0] if names else ""))] = decorator.args[0].body
    return found


class _Snapshots(ast.NodeTransformer):
    """`OLD.xs` is `old(...)` of what the snapshot takes."""

    def __init__(self, snapshots: dict[str, ast.expr]) -> None:
        self.snapshots = snapshots

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "OLD":
            taken = self.snapshots.get(node.attr, ast.Name(node.attr, ast.Load()))
            return ast.Call(ast.Name("old", ast.Load()), [taken], [])
        return self.generic_visit(node)


class _Members(_Snapshots):
    """deal's `lambda _: _.result > _.x`."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "_":
            return ast.Name(node.attr, ast.Load())
        return super().visit_Attribute(node)


class _Names(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.names.get(node.id, node.id), node.ctx)


def _renamed(node: ast.Lambda, names: dict[str, str]) -> str:
    return ast.unparse(_Names(names).visit(_copy(node.body)))


def _copy(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(node), mode="eval").body


def _parameters(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args)
    if arguments.vararg:
        yield arguments.vararg
    yield from arguments.kwonlyargs
    if arguments.kwarg:
        yield arguments.kwarg


def _global_names(tree: ast.Module) -> set[str]:
    """The names that the module's top level binds."""
    names: set[str] = set()
    todo: list[ast.AST] = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                names.add((alias.asname or alias.name).split(".")[0])
                if alias.name == "*":
                    names |= _star_names(getattr(node, "module", None) or "")
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif not isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            todo += ast.iter_child_nodes(node)
    return names


class _Implies(ast.NodeTransformer):
    """`implies(a, b)`, which CrossHair's contracts may use, in plain Python."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node = self.generic_visit(node)  # type: ignore[assignment]
        if isinstance(node.func, ast.Name) and node.func.id == "implies" and len(node.args) == 2 and not node.keywords:
            return ast.BoolOp(ast.Or(), [ast.UnaryOp(ast.Not(), node.args[0]), node.args[1]])
        return node


def _without_implies(expression: str) -> str:
    return ast.unparse(ast.fix_missing_locations(_Implies().visit(ast.parse(expression, mode="eval").body)))


def _star_names(module: str) -> set[str]:
    if module == "typing":
        import typing

        return set(typing.__all__)
    return set()


def _parses(expression: str) -> bool:
    try:
        ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _looks_like_code(text: str) -> bool:
    """Whether a clause that does not parse was meant as one, rather than as words."""
    begins = re.match(r"_(?!\w)|__return__|__old__|result\b", text.strip()) is not None
    return begins or any(sign in text for sign in ("==", ">=", "<=", "!=", "(", " > ", " < "))
