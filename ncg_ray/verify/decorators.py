"""The decorators of icontract and deal: which they are, whether they are on, and their conditions as expressions.

Source: the documentation of icontract 2.7 and deal 4.24.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator, Sequence

LIBRARIES = frozenset({"icontract", "deal"})
BARE = frozenset({"require", "ensure", "snapshot", "invariant"})
"icontract's decorators, as they are called where their import does not stand in the source."
HARMLESS = frozenset(
    {"icontract.snapshot", "icontract.invariant", "deal.inv", "deal.example", "deal.has", "deal.safe", "deal.pure"}
)
"Decorators of the two libraries that are read elsewhere, or say nothing of values."


def library_names(tree: ast.Module) -> dict[str, str]:
    """What a module calls icontract, deal, and what it imports from them, each with its full name."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {a.asname or a.name: a.name for a in node.names if a.name.split(".")[0] in LIBRARIES}
        elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] in LIBRARIES:
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    own = {n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    own |= {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
    own |= {t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
    return {name: f".{name}" for name in own & BARE} | found  # what is the module's own is none of theirs


def canonical(name: str, libraries: dict[str, str]) -> str:
    """A decorator's name with its library's own."""
    root, dot, rest = name.partition(".")
    return f"{libraries.get(root, root)}{dot}{rest}"


def enforces(decorator: ast.expr, libraries: dict[str, str]) -> bool:
    """Whether a decorator makes CPython check something when the function is called."""
    name = canonical(ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator), libraries)
    return name.split(".")[0] in LIBRARIES or name in BARE


class Unreadable(Exception):
    """A contract whose condition is not plainly an expression over the function's own names."""


def chained(decorator: ast.expr, libraries: dict[str, str]) -> list[ast.expr]:
    """The decorators that `deal.chain` stands for; any other is itself."""
    if isinstance(decorator, ast.Call) and canonical(ast.unparse(decorator.func), libraries) in ("deal.chain", "chain"):
        return [part for argument in reversed(decorator.args) for part in chained(argument, libraries)]
    return [decorator]


def is_enabled(node: ast.Call) -> bool:
    """Whether a contract is checked at all. Raises Unreadable where that is not known."""
    starred = any(isinstance(a, ast.Starred) for a in node.args)
    if len(node.args) > 2 or starred or any(k.arg in (None, "check_on") for k in node.keywords):
        raise Unreadable("its arguments cannot be told apart")
    enabled = next((k.value for k in node.keywords if k.arg == "enabled"), None)
    if enabled is None or (isinstance(enabled, ast.Name) and enabled.id == "__debug__"):
        return True
    if isinstance(enabled, ast.Constant) and isinstance(enabled.value, bool):
        return enabled.value
    raise Unreadable("whether it is enabled is not known")


def of_self(condition: ast.expr | None) -> str:
    """The condition of an invariant, over `self`."""
    if not isinstance(condition, ast.Lambda):
        raise Unreadable("its condition is no lambda")
    names, outer, inner = scopes(condition)
    if len(names) != 1 or "self" in (outer | inner) - set(names):
        raise Unreadable("its condition is not over one object alone")
    return _renamed(condition, {names[0]: "self"})


def scopes(node: ast.Lambda) -> tuple[list[str], set[str], set[str]]:
    """The parameters of a lambda; the names that it takes from the module; those that scopes within it bind."""
    if node.args.defaults or node.args.vararg or node.args.kwarg or node.args.kwonlyargs:
        raise Unreadable("its lambda has defaults, or takes any number of arguments")
    table = symtable.symtable(ast.unparse(node), "contract", "eval").get_children()[0]
    outer: set[str] = set()
    inner: set[str] = set()
    todo = [table]
    while todo:
        now = todo.pop()
        outer |= {s.get_name() for s in now.get_symbols() if s.is_global()}
        if now is not table:
            inner |= {s.get_name() for s in now.get_symbols() if s.is_local()}
        todo += now.get_children()
    return [p.arg for p in parameters_in(node.args)], outer, inner


def of_lambda(node: ast.Lambda, verb: str, library: str, parameters: Sequence[str], snapshots: dict[str, ast.expr]) -> str:
    """A decorator's condition as an expression over the function's own parameters."""
    own, outer, inner = scopes(node)
    ours = {*parameters, "result", "old"}
    if outer & ours or {"result", "old", "OLD"} & set(parameters):
        raise Unreadable("a name in its condition means another thing there than in the function")
    renamed: dict[str, str] = {}
    members = library == "deal" and verb != "post" and own == ["_"] and "_" not in parameters
    if library == "deal" and verb == "post":
        if len(own) != 1:
            raise Unreadable("its condition is not over the result alone")
        renamed[own[0]] = "result"
    elif library == "deal" and verb == "pre" and not members:
        if len(own) != len(parameters):
            raise Unreadable("its condition takes other arguments than the function")
        renamed |= dict(zip(own, parameters, strict=True))
    elif not members and not set(own) <= {*parameters, "result", "OLD"}:
        raise Unreadable("its condition takes other arguments than the function")
    if (members or "OLD" in own or any(a != b for a, b in renamed.items())) and inner & (ours | set(own)):
        raise Unreadable("its condition binds a name that the function has")
    if members:
        return ast.unparse(_Members(snapshots).visit(_copy(node.body)))
    body = ast.parse(_renamed(node, renamed), mode="eval").body
    return ast.unparse(_Snapshots(snapshots).visit(body))


class _Snapshots(ast.NodeTransformer):
    """`OLD.xs` is `old(...)` of what the snapshot takes."""

    def __init__(self, snapshots: dict[str, ast.expr]) -> None:
        self.snapshots = snapshots

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "OLD" and node.attr in self.snapshots:
            return ast.Call(ast.Name("old", ast.Load()), [self.snapshots[node.attr]], [])
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


def parameters_in(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args)
    if arguments.vararg:
        yield arguments.vararg
    yield from arguments.kwonlyargs
    if arguments.kwarg:
        yield arguments.kwarg
