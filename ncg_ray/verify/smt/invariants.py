"""Guesses at loop invariants and measures; `loops` throws out what does not hold.

Sources: what the user wrote at the loop's head; comparisons between the names that are there; the postcondition, with
the result as a variable of the loop and the input as the part that the loop has seen (Gries 1981, weakening the
postcondition; Furia and Meyer 2010).
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ncg_ray.verify.smt.heads import INDEX
from ncg_ray.verify.smt.loops import Guesses
from ncg_ray.verify.smt.values import Fixed, SList, STuple, is_integral, is_string, kind_of

MAX_GUESSES = 160


@dataclass
class Hints:
    """What guesses are made from: the contract, and what the user wrote at loops."""

    ensures: list[ast.expr] = field(default_factory=list)
    given: dict[int, list[ast.expr]] = field(default_factory=dict)
    "Invariants by the line of their loop."
    parameters: list[str] = field(default_factory=list)
    constants: list[int] = field(default_factory=list)
    returns: list[ast.expr] = field(default_factory=list)

    def propose(
        self, run: Any, node: ast.While | ast.For, frame: Any, names: dict[str, Any], only_given: bool = False
    ) -> Guesses:
        """Everything that may hold at the head of this loop."""
        given = self.given.get(node.lineno, []) + _leading_asserts(node)
        changed = {
            n.id
            for s in [*node.body, *([ast.Expr(node.test)] if isinstance(node, ast.While) else [])]
            for n in ast.walk(s)
            if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
        }
        ints = [name for name, value in names.items() if is_integral(value) and kind_of(value) == "int"]
        if isinstance(node, ast.For):
            changed |= {INDEX} | {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
        sequences = [name for name, value in names.items() if isinstance(value, (SList, STuple)) or is_string(value)]
        derived = [] if only_given else list(self._from_contract(names, ints, sequences, changed))
        texts = [*derived, *self._comparisons(names, ints, sequences, changed)]
        parsed = [ast.parse(text, mode="eval").body for text in dict.fromkeys(texts)]
        return Guesses(list(given) + parsed[:MAX_GUESSES], self._measures(node, ints, sequences, changed))

    def recursion_measures(self) -> list[ast.expr]:
        """What a recursive call may make smaller."""
        names = self.parameters
        texts = [*names, *(f"len({n})" for n in names), *(f"abs({n})" for n in names)]
        texts += [f"{a} - {b}" for a in names for b in names if a != b]
        texts += [f"{c} - {n}" for n in names for constant in self.constants[:6] for c in (constant, constant + 1)]
        texts += [f"{a} + {b}" for a, b in itertools.combinations(names, 2)]
        return [ast.parse(text, mode="eval").body for text in texts]

    def _comparisons(self, names: dict[str, Any], ints: list[str], sequences: list[str], changed: set[str]) -> Iterable[str]:
        moving = [name for name in ints if name in changed]
        for name in moving:
            yield from (f"{name} >= 0", f"{name} >= 1")
            if not name.startswith(INDEX):
                yield from (f"{name} >= _entry_{name}", f"{name} <= _entry_{name}")
        sizes = [f"len({name})" for name in sequences if not isinstance(getattr(names[name], "elements", None), Fixed)]
        for name in moving:
            for other in [*ints, *sizes]:
                if other != name and not (other in moving and other < name):
                    yield from (
                        f"{name} <= {other}",
                        f"{name} >= {other}",
                        f"{name} < {other}",
                        f"{name} <= {other} + 1",
                    )
        for name in sequences:
            if isinstance(names[name], SList):
                for other in [*moving, *(s for s in sizes if s != f"len({name})")]:
                    yield f"len({name}) == {other}"
                    yield f"len({name}) <= {other}"
        for name in moving:
            for constant in self.constants[:6]:
                yield from (f"{name} >= {constant}", f"{name} <= {constant}")

    def _from_contract(
        self, names: dict[str, Any], ints: list[str], sequences: list[str], changed: set[str]
    ) -> Iterable[str]:
        results = [ast.Name(name, ast.Load()) for name in names if name in changed and not name.startswith(INDEX)]
        results += [r for r in self.returns if _known(r, names)][:4]
        moving = [name for name in ints if name in changed]
        parts = [part for clause in self.ensures for part in _conjuncts(clause)]
        for part, result in itertools.product(parts, results):
            yield _rewritten(part, {"result": result})
            seen: list[tuple[str, ast.expr]] = []
            for parameter in self.parameters:
                if parameter in sequences:
                    seen += [(parameter, ast.parse(f"{parameter}[:{name}]", mode="eval").body) for name in moving]
                    seen += [(parameter, ast.parse(f"{parameter}[{name}:]", mode="eval").body) for name in moving]
                elif parameter in ints:
                    seen += [
                        (parameter, ast.parse(text, mode="eval").body)
                        for name in moving
                        for text in (name, f"({name} - 1)", f"({name} + 1)")
                        if name != parameter
                    ]
            for parameter, replacement in seen:
                yield _rewritten(part, {"result": result, parameter: replacement})

    def _measures(
        self, node: ast.While | ast.For, ints: list[str], sequences: list[str], changed: set[str]
    ) -> list[ast.expr]:
        texts: list[str] = []
        if isinstance(node, ast.While):
            for part in ast.walk(node.test):
                if isinstance(part, ast.Compare) and len(part.ops) == 1:
                    a, b = ast.unparse(part.left), ast.unparse(part.comparators[0])
                    texts += [f"({b}) - ({a})", f"({a}) - ({b})", f"({b}) - ({a}) + 1", f"({a}) - ({b}) + 1"]
            moving = [name for name in ints if name in changed]
            texts += [text for name in moving for text in (name, f"-{name}", f"abs({name})")]
            texts += [f"{a} - {b}" for a in ints for b in moving if a != b]
            texts += [f"{a} - {b} + 1" for a in ints for b in moving if a != b]
            texts += [f"len({s}) - {b}" for s in sequences for b in moving] + [f"len({s})" for s in sequences]
            texts += [f"{a} + {b}" for a, b in itertools.combinations(moving, 2)]
        return [ast.parse(text, mode="eval").body for text in dict.fromkeys(texts)][:60]


def _known(node: ast.expr, names: dict[str, Any]) -> bool:
    return all(
        part.id in names or part.id in ("len", "True", "False") for part in ast.walk(node) if isinstance(part, ast.Name)
    )


def _conjuncts(clause: ast.expr) -> list[ast.expr]:
    if isinstance(clause, ast.BoolOp) and isinstance(clause.op, ast.And):
        return [part for value in clause.values for part in _conjuncts(value)]
    if isinstance(clause, ast.Compare) and len(clause.ops) > 1:
        sides = [clause.left, *clause.comparators]
        return [ast.Compare(a, [op], [b]) for a, op, b in zip(sides, clause.ops, sides[1:], strict=False)]
    return [clause]


class _Rewrite(ast.NodeTransformer):
    def __init__(self, names: dict[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self.names.get(node.id, node)


def _rewritten(clause: ast.expr, names: dict[str, ast.expr]) -> str:
    return ast.unparse(_Rewrite(names).visit(ast.parse(ast.unparse(clause), mode="eval").body))


def _leading_asserts(node: ast.While | ast.For) -> list[ast.expr]:
    """Asserts at the start of the body are the user's invariants; they are checked there as well."""
    found = []
    for statement in node.body:
        if not isinstance(statement, ast.Assert):
            break
        found.append(statement.test)
    return found


def given_invariants(source: str, tree: ast.AST) -> dict[int, list[ast.expr]]:
    """`# invariant: EXPRESSION` on a line of its own at the start of a loop's body, by the line of the loop."""
    lines, found = source.splitlines(), {}
    for node in ast.walk(tree):
        if not isinstance(node, (ast.While, ast.For)):
            continue
        clauses = []
        for line in lines[node.lineno : node.body[0].lineno]:
            text = line.strip()
            if text.startswith("# invariant:"):
                try:
                    clauses.append(ast.parse(text.removeprefix("# invariant:").strip(), mode="eval").body)
                except SyntaxError:
                    continue
        found[node.lineno] = clauses
    return found


def integers_of(nodes: Sequence[ast.AST]) -> list[int]:
    """The integer literals of some code, without the smallest, which are tried anyway."""
    found = [n.value for node in nodes for n in ast.walk(node) if isinstance(n, ast.Constant) and type(n.value) is int]
    return [value for value in dict.fromkeys(found) if value not in (0, 1)]
