"""What a module says of its functions: contracts in PEP 316 docstrings, icontract, deal and leading asserts.

All dialects become one: expressions over the arguments, `result` and `old(x)`. An exception that no `raises` names
breaks the contract, in every dialect.

Source: PEP 316, in CrossHair's dialect; the documentation of icontract 2.7 and deal 4.24.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field

from ncg_ray.task.contracts import docstring_clauses, problem_of
from ncg_ray.verify.changing import Mutability
from ncg_ray.verify.decorators import (
    BARE,
    HARMLESS,
    LIBRARIES,
    Unreadable,
    canonical,
    chained,
    enforces,
    is_enabled,
    library_names,
    of_lambda,
    of_self,
    parameters_in,
    scopes,
)

MAX_SOURCE_BYTES = 2_000_000


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
    problems: list[Clause] = field(default_factory=list)
    "Invariants that cannot be read."


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
        return bool(
            self.ensures or self.requires or self.names_exceptions or (kept and (kept.invariants or kept.problems))
        )

    @property
    def usable(self) -> list[str]:
        """The preconditions that can be evaluated."""
        return [clause.expression for clause in self.requires if not clause.problem]

    @property
    def problem(self) -> str:
        """What is wrong with the first clause that cannot be used."""
        kept = self.classes.get(self.name.rpartition(".")[0])
        clauses = [*self.requires, *self.ensures, *(kept.problems if kept else ())]
        return next((f"line {c.line}: {c.expression!r}: {c.problem}" for c in clauses if c.problem), "")


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


def enforced_clauses(tree: ast.Module) -> dict[int, tuple[list[str], list[str]] | None]:
    """By the line of a function's `def`: the pre- and postconditions that its decorators check, if that is all they do."""
    reader, found = _Reader(tree), {}
    functions = [*tree.body, *(part for node in tree.body if isinstance(node, ast.ClassDef) for part in node.body)]
    for node in functions:
        if isinstance(node, ast.FunctionDef) and any(enforces(d, reader.libraries) for d in node.decorator_list):
            found[node.lineno] = reader.enforced(node)
    return found


class _Reader:
    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.libraries = library_names(tree)
        self.globals = _global_names(tree)
        self.made = {
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign)
            and any(isinstance(n, ast.Name) and n.id in self.libraries for n in ast.walk(node.value))
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        "Names for what the module makes with the contract libraries."
        type_variables = {
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith(("TypeVar(", "typing.TypeVar("))
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self.kinds = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        self.mutability = Mutability(self.kinds, type_variables)
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
        parameters = tuple(p.arg for p in parameters_in(node.args))
        spec = Specification(
            name,
            node.lineno,
            parameters,
            ast.get_docstring(node) or "",
            classes=self.classes,
        )
        self._from_docstring(node, spec)
        for decorator in reversed(node.decorator_list):
            for part in chained(decorator, self.libraries):
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

    def enforced(self, node: ast.FunctionDef) -> tuple[list[str], list[str]] | None:
        """The conditions that a call checks; None where its decorators do more than that."""
        spec = Specification(node.name, node.lineno, tuple(p.arg for p in parameters_in(node.args)))
        for decorator in reversed(node.decorator_list):
            if not enforces(decorator, self.libraries):
                continue
            for part in chained(decorator, self.libraries):
                verb = self._name(part).rpartition(".")[2]
                options = {k.arg for k in part.keywords} if isinstance(part, ast.Call) else set()
                if verb not in ("require", "ensure", "pre", "post") or options - {"description", "message", "enabled"}:
                    return None
                self._from_decorator(part, spec, node)
        if spec.problem or any("old(" in c.expression for c in spec.ensures):
            return None
        return [c.expression for c in spec.requires], [c.expression for c in spec.ensures]

    def _name(self, decorator: ast.expr) -> str:
        return canonical(ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator), self.libraries)

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
                owner = self.kinds.get(spec.name.rpartition(".")[0])
                spec.ensures += self._unchanged(node, found.mutable, line, owner)

    def _unchanged(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        mutable: tuple[str, ...],
        line: int,
        owner: ast.ClassDef | None = None,
    ) -> list[Clause]:
        """`post[a]:` says that no other argument changes."""
        clauses: list[Clause] = []
        static = any(ast.unparse(d) in ("staticmethod", "classmethod") for d in node.decorator_list)
        for number, p in enumerate(parameters_in(node.args)):
            hint = p.annotation
            if owner is not None and not number and not static:
                hint = ast.Name(owner.name, ast.Load())
            if p.arg in mutable or hint is None:
                continue
            kind = self.mutability.kind_of_change(hint)
            if kind == "value":
                clauses.append(Clause(f"{p.arg} == old({p.arg})", line, "PEP 316"))
            elif kind == "object":
                fields = self.mutability.fields(hint)
                kinds = {name: self.mutability.kind_of_change(h) for name, h in (fields or {}).items()}
                if fields is None or "object" in kinds.values():
                    clauses.append(Clause(f"{p.arg} == old({p.arg})", line, "PEP 316", "an object cannot be compared with "
                                          f"what it was; write `post[{p.arg}]:` where it may change"))
                    continue
                clauses += [
                    Clause(f"{p.arg}.{name} == old({p.arg}.{name})", line, "PEP 316") for name in kinds
                ]
        return clauses

    def _from_decorator(self, node: ast.expr, spec: Specification, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        name = self._name(node)
        library, _, verb = name.rpartition(".")
        if library == "deal" and verb in ("safe", "pure"):
            spec.names_exceptions = True
        if library == "deal" and verb == "raises" and isinstance(node, ast.Call):
            spec.raises += [ast.unparse(argument) for argument in node.args]
            spec.names_exceptions = True
            return
        if name.split(".")[0] in self.made:
            spec.ensures.append(Clause(ast.unparse(node), node.lineno, "icontract", "its condition does not stand here"))
            return
        if library not in LIBRARIES and name not in BARE:
            return
        if name in HARMLESS or name in ("snapshot", "invariant"):
            return
        try:
            expression = self._condition(node, verb, library, spec, function)
        except Unreadable as why:
            spec.ensures.append(Clause(ast.unparse(node), node.lineno, library or "icontract", str(why)))
            return
        if expression is None:
            return
        before = verb in ("require", "pre")
        clause = self._clause("pre" if before else "post", expression, node.lineno, library or "icontract", spec)
        (spec.requires if before else spec.ensures).append(clause)

    def _condition(
        self,
        node: ast.expr,
        verb: str,
        library: str,
        spec: Specification,
        function: ast.FunctionDef | ast.AsyncFunctionDef,
    ) -> str | None:
        """The condition of a decorator as an expression; None where it is switched off."""
        if not isinstance(node, ast.Call) or verb not in ("require", "ensure", "pre", "post"):
            raise Unreadable("a contract of a kind that is not read")
        if not is_enabled(node):
            return None
        condition = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "condition"), None)
        if not isinstance(condition, ast.Lambda):
            raise Unreadable("its condition is no lambda")
        snapshots = self._snapshots(function, spec)
        return of_lambda(condition, verb, library, spec.parameters, snapshots)

    def _snapshots(
        self, function: ast.FunctionDef | ast.AsyncFunctionDef, spec: Specification
    ) -> dict[str, ast.expr]:
        """What `OLD.name` of icontract stands for: of what may change, a copy."""
        found: dict[str, ast.expr] = {}
        for decorator in function.decorator_list:
            if not isinstance(decorator, ast.Call) or self._name(decorator) not in ("icontract.snapshot", "snapshot"):
                continue
            taken = decorator.args[0] if decorator.args else None
            if not isinstance(taken, ast.Lambda):
                raise Unreadable("its snapshot is no lambda")
            named = next(
                (k.value.value for k in decorator.keywords if k.arg == "name" and isinstance(k.value, ast.Constant)), None
            )
            names, outer, _ = scopes(taken)
            if not set(names) <= set(spec.parameters) or outer & set(spec.parameters):
                raise Unreadable("its snapshot is not over the arguments alone")
            if not self.mutability.is_copy(taken.body, function, self.kinds.get(spec.name.rpartition(".")[0])):
                raise Unreadable("its snapshot may be no copy of what it names")
            found[str(named or (names[0] if names else ""))] = taken.body
        return found


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
            name = self._name(decorator)
            if not enforces(decorator, self.libraries):
                if name.split(".")[0] in self.made:
                    contract.problems.append(
                        Clause(ast.unparse(decorator), decorator.lineno, "icontract", "its condition does not stand here")
                    )
                continue
            try:
                if name not in ("icontract.invariant", "invariant", "deal.inv") or not isinstance(decorator, ast.Call):
                    raise Unreadable("a contract of a kind that is not read")
                if is_enabled(decorator):
                    contract.invariants.append(of_self(decorator.args[0] if decorator.args else None))
            except Unreadable as why:
                contract.problems.append(Clause(ast.unparse(decorator), decorator.lineno, "icontract", str(why)))
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and part.name == "__init__":
                spec = self._function(part, part.name)
                contract.requires = [c.expression for c in spec.requires if not c.problem]
        return contract


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
