"""What a language model's programs say to the search: which productions are likely, which constants, and whole pieces.

The programs may all be wrong and still be made of the right parts. They are read and never run: expressions over the
parameters alone are computed by our own interpreter, as clauses are.

Source: Barke, Peleg, Polikarpova, "Just-in-time learning for bottom-up enumerative synthesis", OOPSLA 2020 (costs from
programs that are partly right); Li, Parsert, Polgreen, "Guiding Enumerative Program Synthesis with Large Language Models",
CAV 2024 (a probability grammar from a model's candidates).
"""

from __future__ import annotations

import ast
import copy
import functools
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ncg_ray.generate.symbolic.grammar import Grammar
from ncg_ray.generate.symbolic.interpret import Unsupported, check, evaluate
from ncg_ray.generate.symbolic.kinds import ERROR, kind_of
from ncg_ray.generate.symbolic.problem import Problem
from ncg_ray.generate.symbolic.productions import PRODUCTIONS, Production
from ncg_ray.generate.symbolic.terms import Term

DISCOUNT, SURCHARGE, FEW = 3, 1, 3
"Bits that a production costs less where every program has it, and more where none of so many has."
PIECE, MAX_PIECES, MAX_NODES = 4, 60, 60
"Bits of an expression that was taken over whole; how many are, and the nodes of the largest."
MAX_TEXT = 12
"Characters of a text that becomes a constant."


class Guide:
    """The programs of a model for one problem.

    Args:
        codes: modules; those without the function, or with other parameters, say nothing.
    """

    def __init__(self, codes: Sequence[str], problem: Problem) -> None:
        self.problem = problem
        found = {ast.dump(f): f for code in codes if (f := _function(code, problem)) is not None}
        self.functions = list(found.values())

    def grammar(self, grammar: Grammar) -> Grammar:
        """The same with what the programs use made cheaper, and what none of them uses dearer."""
        if not self.functions:
            return grammar
        number = len(self.functions)
        seen = Counter(name for function in self.functions for name in _productions(function))
        costs = {name: cost - round(DISCOUNT * seen[name] / number) + (SURCHARGE if not seen[name] and number >= FEW else 0)
                 for name, cost in grammar.costs.items()}
        return Grammar(costs, grammar.taken)

    def constants(self) -> tuple[Any, ...]:
        """Numbers and short texts of the programs, the most frequent first."""
        counts: Counter[tuple[str, Any]] = Counter()
        for function in self.functions:
            counts.update(list(dict.fromkeys(
                (type(n.value).__name__, n.value) for n in _body(function) if isinstance(n, ast.Constant)
                and (type(n.value) in (int, float) or (type(n.value) is str and len(n.value) <= MAX_TEXT)))))
        return tuple(value for (_, value), _ in counts.most_common(12))

    def pieces(self, parameters: Sequence[Term]) -> list[Term]:
        """Expressions over the parameters alone, as leaves of the search."""
        counts: Counter[str] = Counter()
        for function in self.functions:
            counts.update(list(dict.fromkeys(ast.unparse(node) for node in _closed(function, self.problem.names))))
        made = (self._term(text, parameters) for text, _ in counts.most_common(MAX_PIECES))
        return [term for term in made if term is not None]

    def _term(self, text: str, parameters: Sequence[Term]) -> Term | None:
        tree = ast.parse(text, mode="eval").body
        used = [p for p in parameters if any(isinstance(n, ast.Name) and n.id == p.leaf for n in ast.walk(tree))]
        names = [p.leaf for p in used]

        def apply(*values: Any) -> Any:
            return evaluate(tree, dict(zip(names, values, strict=True)))

        values: list[Any] = []
        for row in zip(*(p.values for p in used), strict=True):
            try:
                values.append(copy.deepcopy(apply(*row)))
            except Exception:
                values.append(ERROR)
        good = [value for value in values if value is not ERROR]
        if not good or not used:
            return None
        source = ast.unparse(_Numbered(names).visit(copy.deepcopy(tree)))
        production = Production("piece", source, ("any",) * len(used), apply, PIECE)
        return Term(kind_of(good), values, PIECE, production, tuple(used))


class _Numbered(ast.NodeTransformer):
    """Puts `_0`, `_1` in the places of names."""

    def __init__(self, names: Sequence[str]) -> None:
        self.places = {name: f"_{number}" for number, name in enumerate(names)}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.places.get(node.id, node.id), node.ctx)


class _Replaced(ast.NodeTransformer):
    """Puts expressions in the places of names that are read."""

    def __init__(self, meaning: dict[str, ast.expr]) -> None:
        self.meaning = meaning

    def visit_Name(self, node: ast.Name) -> ast.expr:
        meant = self.meaning.get(node.id)
        return copy.deepcopy(meant) if meant is not None and isinstance(node.ctx, ast.Load) else node


def _function(code: str, problem: Problem) -> ast.FunctionDef | None:
    """The function, with the problem's names for its parameters."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == problem.name]
    if not found:
        return None
    function = found[-1]
    own = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    if len(own) != len(problem.names) or function.args.vararg or function.args.kwarg:
        return None
    names = {old: ast.Name(new, ast.Load()) for old, new in zip(own, problem.names, strict=True) if old != new}
    return _Replaced(names).visit(function) if names else function  # type: ignore[no-any-return]


def _body(function: ast.FunctionDef) -> list[ast.AST]:
    return [node for statement in function.body for node in ast.walk(statement)
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))]


def _productions(function: ast.FunctionDef) -> set[str]:
    """Names of the productions and templates that a function uses."""
    found: set[str] = set()
    for node in _body(function):
        if isinstance(node, ast.AugAssign):
            node = ast.BinOp(ast.Name("_", ast.Load()), node.op, node.value)
        if isinstance(node, ast.expr):
            found |= {name for name, pattern in _patterns() if type(pattern) is type(node) and _fits(node, pattern)}
        if isinstance(node, ast.comprehension):
            found |= {"filter", "map_filter"} if node.ifs else {"map"}
        elif isinstance(node, (ast.For, ast.While)):
            found |= {"fold", "loop", "map", "filter"}
        elif isinstance(node, ast.DictComp):
            found.add("dict_by")
        elif isinstance(node, ast.keyword) and node.arg == "key":
            found |= {"sort_by", "max_by", "min_by"}
        elif isinstance(node, (ast.Compare, ast.If, ast.IfExp)):
            found |= {"choose"} if not isinstance(node, ast.Compare) else {"less", "at_most"} if isinstance(
                node.ops[0], (ast.Lt, ast.Gt, ast.LtE, ast.GtE)) else set()
    return found


@functools.cache
def _patterns() -> tuple[tuple[str, ast.expr], ...]:
    return tuple((p.name, ast.parse(p.source, mode="eval").body) for p in PRODUCTIONS)


def _fits(node: Any, pattern: Any) -> bool:
    """Whether a tree has a production's form, whatever stands for its arguments."""
    if isinstance(pattern, ast.Name) and pattern.id.startswith("_"):
        return isinstance(node, ast.expr)
    if type(node) is not type(pattern):
        return False
    if isinstance(pattern, list):
        return len(node) == len(pattern) and all(map(_fits, node, pattern))
    if isinstance(pattern, ast.AST):
        fields = (name for name in pattern._fields if name not in ("ctx", "kind"))
        return all(_fits(getattr(node, name), getattr(pattern, name)) for name in fields)
    return bool(node == pattern)


def _closed(function: ast.FunctionDef, names: Sequence[str]) -> list[ast.expr]:
    """Expressions that the parameters alone decide, those in names that are given once at the top included."""
    stored = Counter(n.id for n in _body(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    free = {name for name in names if not stored[name]}
    meaning: dict[str, ast.expr] = {}
    found: list[ast.expr] = []
    for statement in function.body:
        statement = _Replaced(meaning).visit(copy.deepcopy(statement))
        for node in ast.walk(statement):
            if isinstance(node, ast.expr) and _is_piece(node, free):
                found.append(node)
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name) and stored[target.id] == 1 and _is_piece(statement.value, free):
                meaning[target.id] = statement.value
    return found


def _is_piece(node: ast.expr, names: set[str]) -> bool:
    if isinstance(node, (ast.Name, ast.Constant, ast.Slice, ast.Starred)):
        return False
    if sum(1 for _ in ast.walk(node)) > MAX_NODES:
        return False
    if not any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(node)):
        return False
    try:
        check(node, names)
    except Unsupported:
        return False
    return True
