"""Whether a program is one that solves nothing, told from its syntax alone."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def is_trivial(code: str, entry_point: str = "") -> bool:
    """Whether the function is missing, empty, a constant, or gives one of its parameters straight back.

    A function that has parameters and never reads one is a constant too, however long. Code that does not parse is
    trivial. Does not see through: constants in disguise (`return x * 0`), tables of the visible examples.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    function = _find(tree, entry_point)
    if function is None:
        return not _is_bound(tree, entry_point)
    arguments = function.args
    names = {p.arg for p in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
                             *filter(None, (arguments.vararg, arguments.kwarg))]}
    body = [ast.Return(function.body)] if isinstance(function, ast.Lambda) else function.body
    body = [s for s in body if not _is_nothing(s)]
    if not body:
        return True
    if names and not any(isinstance(n, ast.Name) and n.id in names for s in body for n in ast.walk(s)):
        return True
    return len(body) == 1 and _solves_nothing(body[0], names)


def _find(tree: ast.Module, name: str) -> Function | None:
    """The function of that name (the last one where there is no name), also as `name = lambda ...`."""
    for node in reversed(list(_top(tree.body))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and name in ("", node.name):
            return node
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda) and _targets(node) & {name}:
            return node.value
    return None


def _top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, and those within its `if`, `try` and `with`."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            inner = [*node.body, *getattr(node, "orelse", []), *getattr(node, "finalbody", [])]
            yield from _top(inner + [s for h in getattr(node, "handlers", []) for s in h.body])


def _is_bound(tree: ast.Module, name: str) -> bool:
    """Whether the module gives the name a meaning in another way: an import, an assignment, a class."""
    for node in ast.walk(tree):
        if (isinstance(node, ast.ClassDef) and node.name == name) or name in _targets(node):
            return True
        if isinstance(node, (ast.Import, ast.ImportFrom)) and any(name == (a.asname or a.name) for a in node.names):
            return True
    return False


def _targets(node: ast.AST) -> set[str]:
    if isinstance(node, ast.AnnAssign):
        return {node.target.id} if isinstance(node.target, ast.Name) and node.value is not None else set()
    return {t.id for t in node.targets if isinstance(t, ast.Name)} if isinstance(node, ast.Assign) else set()


def _is_nothing(statement: ast.stmt) -> bool:
    """`pass`, a docstring, `...`."""
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))


def _solves_nothing(statement: ast.stmt, names: set[str]) -> bool:
    if isinstance(statement, ast.Raise):
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    if not isinstance(statement, ast.Return):
        return False
    value = statement.value
    if value is None or (isinstance(value, ast.Name) and value.id in names):
        return True
    # Literals only: no name is read, nothing is called.
    return not any(isinstance(n, (ast.Name, ast.Call, ast.Lambda)) for n in ast.walk(value))
