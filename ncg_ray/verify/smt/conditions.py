"""Conditions: joined into one formula where that spares a fork, and forked where it does not."""

from __future__ import annotations

import ast
from typing import Any

from ncg_ray.verify.smt import comparison, sequences
from ncg_ray.verify.smt.operators import COMPARE
from ncg_ray.verify.smt.paths import Formula, NeedsFork, Path, PathEnd, Unsupported
from ncg_ray.verify.smt.raising import Raised
from ncg_ray.verify.smt.values import (
    Builtin,
    Instance,
    Module,
    Symbol,
    conj,
    disj,
    neg,
    wrap_bool,
)

PURE_CALLS = frozenset(
    {
        "len",
        "abs",
        "min",
        "max",
        "isinstance",
        "all",
        "any",
        "sum",
        "ord",
        "chr",
        "bool",
        "int",
        "range",
        "sorted",
        "enumerate",
        "zip",
        "reversed",
        "list",
        "tuple",
        "set",
        "old",
        "math.gcd",
        "float",
        "math.isnan",
        "math.isfinite",
        "math.isinf",
        "divmod",
        "implies",
    }
)


class Conditions:
    """Whether an expression is true, and expressions that hang on that."""

    path: Path

    def condition(self, node: ast.expr, frame: Any) -> Formula:
        """Whether an expression is true, without a fork where its parts can be joined into one formula."""
        if isinstance(node, ast.BoolOp):
            return self._joined(node.values, isinstance(node.op, ast.And), frame)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return neg(self.condition(node.operand, frame))
        if isinstance(node, ast.Compare):
            return self._compare(node, frame)
        return self.truth(self.evaluate(node, frame))

    def _joined(self, parts: list[ast.expr], conjunction: bool, frame: Any) -> Formula:
        first = self.condition(parts[0], frame)
        if len(parts) == 1:
            return first
        return self._and_then(
            first if conjunction else neg(first),
            parts[1:],
            lambda: self._joined(parts[1:], conjunction, frame),
            conjunction,
            frame,
        )

    def _and_then(self, first: Formula, nodes: list[ast.expr], rest: Any, conjunction: bool, frame: Any) -> Formula:
        """`first and rest()`, or for a disjunction, where `first` is negated, `not first or rest()`."""
        if first is False:
            return not conjunction
        if first is True:
            return rest()
        if all(self.pure(node, frame) for node in nodes):
            try:
                with self.path.supposing(first):
                    second = rest()
                return conj(first, second) if conjunction else disj(neg(first), second)
            except (NeedsFork, Raised, Unsupported, PathEnd):
                pass
        return rest() if self.path.decide(first) else not conjunction

    def _compare(self, node: ast.Compare, frame: Any) -> Formula:
        left = self.evaluate(node.left, frame)
        return self._chain(left, node.ops, node.comparators, frame)

    def _chain(self, left: Any, ops: list[ast.cmpop], nodes: list[ast.expr], frame: Any) -> Formula:
        right = self.evaluate(nodes[0], frame)
        first = self.compare(left, right, ops[0])
        if len(ops) == 1:
            return first
        return self._and_then(first, nodes[1:], lambda: self._chain(right, ops[1:], nodes[1:], frame), True, frame)

    def compare(self, a: Any, b: Any, op: ast.cmpop) -> Formula:
        path = self.path
        if isinstance(op, (ast.Eq, ast.NotEq)):
            same = comparison.equal(path, a, b)
            return same if isinstance(op, ast.Eq) else neg(same)
        if isinstance(op, (ast.In, ast.NotIn)):
            there = comparison.contains(path, b, a)
            return there if isinstance(op, ast.In) else neg(there)
        if isinstance(op, (ast.Is, ast.IsNot)):
            same = comparison.is_same(path, a, b)
            return same if isinstance(op, ast.Is) else neg(same)
        if isinstance(a, Instance) or isinstance(b, Instance):
            raise Unsupported("an order between objects of a class")
        return comparison.ordered(path, a, b, COMPARE[type(op)])

    def truth(self, value: Any) -> Formula:
        return comparison.truth(self.path, value)

    def pure(self, node: ast.AST, frame: Any) -> bool:
        """Whether evaluating it twice does no more than once."""
        for part in ast.walk(node):
            if isinstance(part, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom, ast.Lambda)):
                return False
            if isinstance(part, ast.Call) and not self._is_pure_call(part, frame):
                return False
        return True

    def _is_pure_call(self, node: ast.Call, frame: Any) -> bool:
        if not isinstance(node.func, (ast.Name, ast.Attribute)):
            return False
        text = ast.unparse(node.func)
        if text == "old":  # of contracts, which is all that is asked about with one
            return True
        if text not in PURE_CALLS or any(keyword.arg == "key" for keyword in node.keywords):
            return False
        try:
            value = frame.lookup(text.split(".")[0], 0)
        except (Raised, Unsupported):
            return False
        return isinstance(value, (Builtin, Module))

    def _value_BoolOp(self, node: ast.BoolOp, frame: Any) -> Any:
        conjunction = isinstance(node.op, ast.And)
        value = self.evaluate(node.values[0], frame)
        for position, part in enumerate(node.values[1:], 1):
            goes_on = self.truth(value) if conjunction else neg(self.truth(value))
            if goes_on is False:
                return value
            if goes_on is not True:
                rest = ast.BoolOp(node.op, node.values[position:]) if position < len(node.values) - 1 else part
                merged = self._merged_values(goes_on, rest, value, frame)
                if merged is not None:
                    return merged
                if not self.path.decide(goes_on):
                    return value
            value = self.evaluate(part, frame)
        return value

    def _merged_values(self, goes_on: Formula, rest: ast.expr, value: Any, frame: Any) -> Any:
        """`rest if goes_on else value` as one scalar, where that can be had without a fork."""
        if not isinstance(value, (Symbol, int, float)) or not self.pure(rest, frame):
            return None
        try:
            with self.path.supposing(goes_on):
                other = self.evaluate(rest, frame)
            return sequences.merge(goes_on, other, value)
        except (NeedsFork, Raised, Unsupported, PathEnd):
            return None

    def _value_Compare(self, node: ast.Compare, frame: Any) -> Any:
        return wrap_bool(self._compare(node, frame))

    def _value_IfExp(self, node: ast.IfExp, frame: Any) -> Any:
        test = self.condition(node.test, frame)
        if not isinstance(test, bool) and self.pure(node.body, frame) and self.pure(node.orelse, frame):
            try:
                with self.path.supposing(test):
                    yes = self.evaluate(node.body, frame)
                with self.path.supposing(neg(test)):
                    no = self.evaluate(node.orelse, frame)
                merged = sequences.merge(test, yes, no)
                if merged is not None:
                    return merged
            except (NeedsFork, Raised, Unsupported, PathEnd):
                pass
        return self.evaluate(node.body if self.path.decide(test) else node.orelse, frame)
