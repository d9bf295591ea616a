"""Contract clauses: `requires` and `ensures`, and PEP 316 docstrings in CrossHair's dialect (`pre:`, `post:`)."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ncg_ray.errors import TaskError
from ncg_ray.task.values import parse_python
from ncg_ray.types import Contract, Origin

Kind = Literal["requires", "ensures"]

_CLAUSE = re.compile(r"^(?P<indent>[ \t]*)(?P<kind>pre|post|inv|raises)(?:\[(?P<mutable>[^\]\n]*)\])?::?[ \t]*"
                     r"(?P<text>[^\n]*)$", re.M)


def read_contract(kind: Kind, expression: str, known: Iterable[str], origin: Origin = "user") -> Contract:
    """One clause, checked: a Python expression over `known` names, builtins, and in `ensures` `result` and `old(x)`.

    Raises TaskError naming the clause and the mend.
    """
    problem = problem_of(kind, expression, set(known))
    if problem:
        raise TaskError(f"{kind} {_short(expression)}: {problem}")
    text = expression.strip()
    if "#" in text or "\n" in text:  # a comment would swallow whatever a reader of the clause puts behind it
        text = ast.unparse(ast.parse(text, mode="eval"))
    return Contract(kind, text, origin)


def read_contracts(docstring: str, known: Iterable[str]) -> list[Contract]:
    """The PEP 316 clauses of a docstring, origin `docstring`, in `result` and `old(x)` instead of `__return__`, `_`
    and `__old__.x`. What is not a usable expression is prose, and left out.
    """
    names = set(known)
    contracts: list[Contract] = []
    for line in docstring_clauses(docstring, names):
        kind: Kind = "requires" if line.kind == "pre" else "ensures"
        if line.kind in ("pre", "post") and line.expression and not problem_of(kind, line.expression, names):
            contracts.append(Contract(kind, line.expression, "docstring"))
    return list(dict.fromkeys(contracts))


@dataclass(frozen=True, slots=True)
class DocstringClause:
    """One `pre:`, `post:`, `inv:` or `raises:` of a docstring."""

    kind: str
    text: str
    "As it stands there."
    expression: str
    "In our words; empty where it is not an expression."
    line: int
    "Of the docstring, from 0."
    mutable: tuple[str, ...] | None = None
    "The names in `post[a, b]:`, which alone may change; None where there are no brackets."


def docstring_clauses(docstring: str, known: Iterable[str]) -> list[DocstringClause]:
    """Everything in a docstring that has the form of a PEP 316 clause; some of it may be prose."""
    names = set(known)
    lines = docstring.split("\n")
    found: list[DocstringClause] = []
    for number, line in enumerate(lines):
        match = _CLAUSE.match(line)
        if match is None:
            continue
        inner = match["mutable"]
        mutable = None if inner is None else tuple(name.strip() for name in inner.split(",") if name.strip())
        texts = [(match["text"], number)] if match["text"] else [
            (text, number + 1 + i) for i, text in enumerate(_indented(lines[number + 1:], match["indent"]))]
        found += [DocstringClause(match["kind"], text, _translated(text, names), at, mutable) for text, at in texts]
    return found


def _indented(lines: list[str], indent: str) -> list[str]:
    """The lines below a bare `pre:` that stand further in, one clause each."""
    block = []
    for line in lines:
        if not line.strip() or len(line) - len(line.lstrip()) <= len(indent.expandtabs()):
            break
        block.append(line.strip())
    return block


def problem_of(kind: Kind, expression: str, known: set[str]) -> str:
    """What is wrong with a clause; empty where nothing is."""
    tree = parse_python(expression.strip()) if expression.strip() else None
    if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return "not a Python expression; write one such as `result >= 0`"
    value = tree.body[0].value
    if isinstance(value, (ast.Tuple, ast.GeneratorExp)) and not expression.strip().startswith("("):
        return "not a single expression; give several clauses as a list"
    forbidden = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
    if any(isinstance(node, forbidden) for node in ast.walk(value)):
        return "a clause must not assign, await or yield"
    loaded = {node.id for node in ast.walk(value) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    bound = {node.id for node in ast.walk(value) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in ast.walk(value) if isinstance(node, ast.arg)}
    if kind == "requires" and (early := sorted((loaded - bound - known) & {"result", "old"})):
        return f"{early[0]!r} is not known before the call; it belongs into `ensures`"
    unknown = sorted(loaded - bound - known - {"result", "old"} - set(dir(builtins)))
    if unknown:
        names = ", ".join(sorted(known)) or "none"
        return f"unknown name {unknown[0]!r}; known are {names}, `result`, `old(x)` and builtins"
    return ""


def _translated(text: str, known: set[str]) -> str:
    """A PEP 316 expression in our words; empty where it is not an expression."""
    tree = parse_python(text.strip())
    if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return ""
    try:
        return ast.unparse(ast.fix_missing_locations(_Translate(known).visit(tree.body[0].value)))
    except RecursionError:
        return ""


class _Translate(ast.NodeTransformer):
    def __init__(self, known: set[str]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == "__return__" or (node.id == "_" and "_" not in self.known):
            return ast.Name("result", node.ctx)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "__old__":
            return ast.Call(ast.Name("old", ast.Load()), [ast.Name(node.attr, ast.Load())], [])
        return self.generic_visit(node)


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
