"""Static quality: six parts, each in [0, 1], and their weighted mean.

    maintainability  radon's maintainability index / 100, comments left out                       0.25
    complexity       10 / cyclomatic and 15 / cognitive complexity of the worst function          0.20
    lint             exp(-errors / (statements / 10)), other remarks counted a third              0.20
    types            exp(-type errors / (statements / 10))                                        0.15
    duplication      1 - share of tokens that repeat an earlier run                               0.10
    readability      mean of documented public functions and classes, and names as PEP 8 has them 0.10

Each depends on the program's text alone, so the same code has the same score on every machine with the same tools.

Source: McCabe, A Complexity Measure (1976); Oman and Hagemeister, Construction and Testing of Polynomials Predicting
Software Maintainability (1994), in radon's variant; Campbell, Cognitive Complexity (2018).
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ncg_ray.analyse import unchecked
from ncg_ray.analyse.duplication import duplicated
from ncg_ray.analyse.lint import Remark
from ncg_ray.analyse.type_errors import TypeMistake
from ncg_ray.types import Finding

WEIGHTS = {"maintainability": 0.25, "complexity": 0.2, "lint": 0.2, "types": 0.15, "duplication": 0.1, "readability": 0.1}
COMPLEX, COGNITIVE = 10, 15
"Cyclomatic and cognitive complexity up to which a function is simple enough: radon's ranks A and B, Sonar's limit."
MIN_LINES = 10
"A shorter program is judged as one of so many statements: one remark on two lines is not the end of the world."
REMARK_WEIGHT = 1 / 3


@dataclass(frozen=True, slots=True)
class Shape:
    """What can be said of a program before any other tool has spoken."""

    tree: ast.Module
    maintainability: float
    complexity: float
    duplication: float
    findings: tuple[Finding, ...]


def shape(code: str) -> Shape | None:
    """None for a module without a statement.

    Raises SyntaxError where the code does not parse, ImportError where radon or cognitive_complexity is not installed.
    """
    tree = ast.parse(code)
    if not tree.body:
        return None
    complexity, findings = _complexity(tree)
    share, places = duplicated(code)
    findings += [Finding("duplication", "duplicated-code", "quality",
                         f"repeats what begins in line {first}; give it a name of its own", line, "", None, "low", "high")
                 for line, first in places]
    return Shape(tree, _maintainability(tree), complexity, 1.0 - share, tuple(findings))


def measure(code: str, remarks: Sequence[Remark], mistakes: Sequence[TypeMistake],
            ) -> tuple[float, dict[str, float], tuple[Finding, ...]]:
    """`rate` of the code's `shape`."""
    return rate(shape(code), remarks, mistakes)


def rate(known: Shape | None, remarks: Sequence[Remark], mistakes: Sequence[TypeMistake],
         ) -> tuple[float, dict[str, float], tuple[Finding, ...]]:
    """Quality in [0, 1], its parts, and the findings. A module without a statement has none: 0."""
    if known is None:
        return 0.0, {}, ()
    tree = known.tree
    mistakes = [*mistakes, *unchecked.find(tree)]
    lines = max(MIN_LINES, _statements(tree))
    findings = [*known.findings, *map(of_remark, remarks), *map(of_mistake, mistakes)]
    parts = {
        "maintainability": known.maintainability, "complexity": known.complexity,
        "lint": math.exp(-sum(1.0 if r.is_error else REMARK_WEIGHT for r in remarks if not r.is_name) / (lines / 10)),
        "types": math.exp(-len(mistakes) / (lines / 10)), "duplication": known.duplication,
        "readability": (_documented(tree) + _named(tree, remarks)) / 2}
    parts = {name: round(min(1.0, max(0.0, part)), 9) for name, part in parts.items()}
    score = sum(WEIGHTS[name] * part for name, part in parts.items())
    return min(1.0, score), parts, tuple(sorted(findings, key=lambda f: (f.line, f.column, f.rule, f.message)))


def _statements(tree: ast.Module) -> int:
    """Statements that do something: no constants standing alone, and nothing behind a condition that is never true."""
    found, todo = 0, list[ast.AST](tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.stmt):
            if isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                continue
            found += 1
            if isinstance(node, (ast.If, ast.While)) and isinstance(node.test, ast.Constant) and not node.test.value:
                todo += node.orelse
                continue
        todo += ast.iter_child_nodes(node)
    return found


def _maintainability(tree: ast.Module) -> float:
    """Of the program without its comments and docstrings: words about code make it no simpler."""
    from radon.metrics import mi_visit

    return mi_visit(ast.unparse(tree), multi=False) / 100.0


def _complexity(tree: ast.Module) -> tuple[float, list[Finding]]:
    from cognitive_complexity.api import get_cognitive_complexity
    from radon.complexity import cc_visit_ast

    functions = [block for block in cc_visit_ast(tree) if block.letter in ("F", "M")]
    cognitive = [(node, get_cognitive_complexity(node)) for node in ast.walk(tree)
                 if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    worst = max((f.complexity for f in functions), default=1)
    hardest = max((value for _, value in cognitive), default=0)
    findings = [
        Finding("radon", "cyclomatic-complexity", "quality",
                f"{f.fullname} has a cyclomatic complexity of {f.complexity}; split it below {COMPLEX + 1}",
                f.lineno, "", None, _severity(f.complexity, COMPLEX), "high", f.col_offset + 1, f.endline)
        for f in functions if f.complexity > COMPLEX]
    findings += [
        Finding("cognitive_complexity", "cognitive-complexity", "quality",
                f"{node.name} has a cognitive complexity of {value}; nest less, below {COGNITIVE + 1}",
                node.lineno, "", None, _severity(value, COGNITIVE), "high", node.col_offset + 1, node.end_lineno or 0)
        for node, value in cognitive if value > COGNITIVE]
    return min(1.0, COMPLEX / max(1, worst)) * min(1.0, COGNITIVE / max(1, hardest)), findings


def _severity(value: int, limit: int) -> Literal["medium", "low"]:
    return "medium" if value > 2 * limit else "low"


def _documented(tree: ast.Module) -> float:
    """Share of public functions and classes with a docstring; 1 where there is none."""
    public = [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
              and not n.name.startswith("_")]
    return sum(1 for n in public if ast.get_docstring(n)) / len(public) if public else 1.0


def _named(tree: ast.Module, remarks: Sequence[Remark]) -> float:
    """Share of the names that the module gives which are spelt as PEP 8 has them."""
    names = {n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
    names |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    return max(0.0, 1.0 - sum(r.is_name for r in remarks) / len(names)) if names else 1.0


def of_remark(remark: Remark) -> Finding:
    """A finding of ruff's: medium where the program is wrong, low where it is only unusual."""
    severity: Literal["medium", "low"] = "medium" if remark.is_error else "low"
    return Finding("ruff", remark.code, "quality", remark.message, remark.line, "", None, severity, "high", remark.column,
                   remark.end_line, remark.fix)


def of_mistake(mistake: TypeMistake) -> Finding:
    """A finding of mypy's."""
    return Finding("mypy", mistake.code, "quality", mistake.message, mistake.line, "", None, "medium", "medium",
                   mistake.column)
