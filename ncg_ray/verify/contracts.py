"""Contract clauses as a checker module that runs in a sandbox process of its own.

The candidate runs first, elsewhere; the checker gets its inputs and its plain results. So the candidate cannot
touch the judge, and what the contract's author wrote runs in the sandbox as well.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence
from typing import Any

from ncg_ray.protocols import Call
from ncg_ray.types import Candidate, Contract, Outcome, Task

ENTRY_POINT = "_holds"
_OLD = "_old_"
_IMPORTS = "import collections, functools, itertools, math, re, string\n"


def parameters_of(task: Task, candidate: Candidate | None = None) -> ast.arguments | None:
    """The parameters of the task's signature or, where the task leaves it open, of the candidate's function."""
    try:
        if task.signature:
            return _functions(f"{task.signature.strip().rstrip(':')}: ...")[-1].args
        if candidate is None:
            return None
        name = task.entry_point or candidate.entry_point
        return next((f.args for f in reversed(_functions(candidate.code)) if f.name == name), None)
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
        return None


def _functions(source: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    with warnings.catch_warnings():  # of a candidate's code, such as a wrong escape in a string
        warnings.simplefilter("ignore")
        tree = ast.parse(source)
    return [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]


def checker_module(context: str, parameters: ast.arguments, clause: Contract) -> str:
    """Source of a module whose `_holds(args, kwargs, args_after, kwargs_after, result)` says whether the clause holds.

    In an `ensures`, a parameter's name means its value after the call and `old(expression)` is evaluated over the
    values before it; in a `requires` there is only before. Raises SyntaxError where the expression is none, or asks whether
    two values are one object: they come from another process.
    """
    names = [p.arg for p in _all_parameters(parameters)]
    expression = ast.parse(clause.expression.strip(), mode="eval").body
    if _asks_identity(expression, {*names, "result"}):
        raise SyntaxError("`is` between two values cannot be judged by their copies; write ==")
    expression = _OldNames(names).visit(expression)
    after = [name for name in names if name != "result"]
    clause_parameters = ", ".join([*after, "result", *(_OLD + name for name in names)])
    passed = ", ".join([f"{name}=after[{name!r}]" for name in after] + ["result=result"] +
                       [f"{_OLD}{name}=before[{name!r}]" for name in names])
    return (f"{_IMPORTS}{context}\n"
            f"def _bind({ast.unparse(_bare(parameters))}):\n    return dict(locals())\n"
            f"def _clause({clause_parameters}):\n    return {ast.unparse(expression)}\n"
            f"def {ENTRY_POINT}(args, kwargs, args_after, kwargs_after, result):\n"
            "    before, after = _bind(*args, **kwargs), _bind(*args_after, **kwargs_after)\n"
            f"    return bool(_clause({passed}))\n")


def _asks_identity(expression: ast.expr, names: set[str]) -> bool:
    """Whether `is` or `is not` stands between two things that the call took or gave."""
    def given(node: ast.expr) -> bool:
        while isinstance(node, ast.Subscript | ast.Attribute):
            node = node.value
        return (isinstance(node, ast.Name) and node.id in names) or (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "old")

    return any(given(one) and given(other) for node in ast.walk(expression) if isinstance(node, ast.Compare)
               for one, op, other in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False)
               if isinstance(op, ast.Is | ast.IsNot))


def clause_lambda(names: Sequence[str], expression: str) -> str:
    """Source of a function of the arguments, `result` and the arguments before the call, by name.

    Raises SyntaxError where the expression is none.
    """
    tree = _OldNames(names).visit(ast.parse(expression.strip(), mode="eval").body)
    parameters = [*(name for name in names if name != "result"), "result", *(_OLD + name for name in names)]
    return f"lambda {', '.join(parameters)}: {ast.unparse(ast.fix_missing_locations(tree))}"


def before_name(name: str) -> str:
    """The parameter of a clause's lambda that holds an argument as it was before the call."""
    return _OLD + name


def check_call(call: Call, outcome: Outcome | None = None) -> Call:
    """The call of `_holds` for one input, and for an `ensures` what the candidate did with it."""
    after, kwargs_after = call.args, call.kwargs
    if outcome is not None:
        after = after if outcome.args_after is None else outcome.args_after
        kwargs_after = kwargs_after if outcome.kwargs_after is None else outcome.kwargs_after
    return Call((call.args, call.kwargs, after, kwargs_after, None if outcome is None else outcome.value))


def literals(contracts: Sequence[Contract]) -> list[Any]:
    """Constants in the clauses and their neighbours: where a program most likely crosses a bound."""
    found: dict[str, Any] = {}
    for clause in contracts:
        for node in _walk(clause.expression):
            if isinstance(node, ast.Constant) and type(node.value) in (int, float, str):
                near = (node.value, node.value + 1, node.value - 1) if type(node.value) is not str else (node.value,)
                for value in near:
                    found.setdefault(repr(value), value)
    return list(found.values())[:30]


def _walk(expression: str) -> list[ast.AST]:
    try:
        return list(ast.walk(ast.parse(expression.strip(), mode="eval")))
    except (SyntaxError, ValueError, RecursionError):
        return []


def _all_parameters(parameters: ast.arguments) -> list[ast.arg]:
    extra = [p for p in (parameters.vararg, parameters.kwarg) if p is not None]
    return [*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs, *extra]


def _bare(parameters: ast.arguments) -> ast.arguments:
    """The same without hints, which may name types that are not imported here."""
    def strip(p: ast.arg) -> ast.arg:
        return ast.arg(p.arg)
    return ast.arguments(
        posonlyargs=[strip(p) for p in parameters.posonlyargs], args=[strip(p) for p in parameters.args],
        vararg=parameters.vararg and strip(parameters.vararg), kwonlyargs=[strip(p) for p in parameters.kwonlyargs],
        kw_defaults=parameters.kw_defaults, kwarg=parameters.kwarg and strip(parameters.kwarg),
        defaults=parameters.defaults)


class _OldNames(ast.NodeTransformer):
    """Turns `old(E)` into E over the values before the call, so that E may also use names bound around it."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = frozenset(names)
        self.inside = False

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == "old" and len(node.args) == 1 and not node.keywords:
            outer, self.inside = self.inside, True
            inner = self.visit(node.args[0])
            self.inside = outer
            return inner
        return self.generic_visit(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        outer, own = self.names, {p.arg for p in _all_parameters(node.args)}
        self.names = outer - own  # inside, its own parameters hide the function's
        node.body = self.visit(node.body)
        self.names = outer
        node.args = self.visit(node.args)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(_OLD + node.id, node.ctx) if self.inside and node.id in self.names else node
