"""Contract clauses computed by us: an interpreter of expressions over plain data, without `eval`.

Covers: constants, names, arithmetic, comparisons, `and or not`, conditional expressions, indexing, slices, comprehensions,
displays, the builtins and methods below, and `old(x)`, which is `x`: what is judged changes no argument. Does not cover:
anything else; such a clause is left to the verifier. A clause that raises, or takes too many steps, does not hold.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ncg_ray.generate.symbolic import operations as do
from ncg_ray.types import Contract

MAX_STEPS = 20_000
"Nodes that one clause may visit."

Names = Mapping[str, Any]


class Unsupported(Exception):
    """A construct that is not covered."""


class _TooLong(Exception):
    """The steps are used up."""


BUILTINS: dict[str, Callable[..., Any]] = {
    "len": len, "sum": sum, "min": min, "max": max, "sorted": sorted, "abs": abs, "any": any, "all": all, "set": set,
    "list": list, "tuple": tuple, "str": str, "int": do.to_int, "float": float, "bool": bool, "range": do.numbers,
    "zip": do.pairs, "enumerate": do.numbered, "reversed": lambda items: list(items)[::-1], "round": round, "ord": ord,
    "chr": chr, "dict": dict, "old": lambda value: value, "implies": lambda a, b: not a or b}
METHODS = frozenset("count index find startswith endswith upper lower strip split join keys values items get isdigit "
                    "isalpha isupper islower isalnum isspace title capitalize issubset issuperset".split())
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.Div: operator.truediv, ast.Pow: do.power, ast.BitAnd: operator.and_, ast.BitOr: operator.or_,
    ast.BitXor: operator.xor}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b, ast.Is: operator.is_,
    ast.IsNot: operator.is_not}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_, ast.Invert: operator.invert}


class Clauses:
    """The clauses of one kind of a task, as far as they are covered.

    Args:
        contracts: of a task; those a model wrote do not count.
        names: the parameters.
    """

    def __init__(self, contracts: Sequence[Contract], kind: str, names: Sequence[str]) -> None:
        self.trees: list[ast.expr] = []
        self.left_out: list[str] = []
        "Clauses that are left to the verifier."
        for contract in contracts:
            if contract.kind != kind or contract.origin == "generated":
                continue
            try:
                tree = ast.parse(contract.expression.strip(), mode="eval").body
                check(tree, {*names, "result"})
                self.trees.append(tree)
            except (SyntaxError, Unsupported, ValueError, RecursionError):
                self.left_out.append(contract.expression)

    def hold(self, names: Names) -> bool:
        """Whether all covered clauses hold; `names` are the arguments and, in an `ensures`, `result`."""
        try:
            return all(bool(evaluate(tree, names)) for tree in self.trees)
        except Exception:
            return False


def evaluate(tree: ast.expr, names: Names) -> Any:
    """What an expression that passed `check` is worth. Raises what it raises, and where it takes too many steps."""
    return _Run().value(tree, names)


def check(tree: ast.expr, known: set[str]) -> None:
    """Raises Unsupported."""
    bound = known | {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), keywords=[]) if name in BUILTINS:
                continue
            case ast.Call(func=ast.Attribute(attr=name), keywords=[]) if name in METHODS:
                continue
            case ast.Name(id=name) if name in bound or name in BUILTINS:
                continue
            case ast.Attribute(attr=name) if name in METHODS:
                continue
            case (ast.Constant() | ast.BinOp() | ast.UnaryOp() | ast.BoolOp() | ast.Compare() | ast.IfExp() |
                  ast.Subscript() | ast.Slice() | ast.ListComp() | ast.GeneratorExp() | ast.SetComp() |
                  ast.comprehension() | ast.List() |
                  ast.Tuple() | ast.Set() | ast.Dict() | ast.expr_context() | ast.operator() | ast.unaryop() | ast.cmpop() |
                  ast.boolop()):
                continue
        raise Unsupported(type(node).__name__)


class _Run:
    """One evaluation."""

    def __init__(self) -> None:
        self.num_steps = 0

    def value(self, node: ast.expr, names: Names) -> Any:
        self.num_steps += 1
        if self.num_steps > MAX_STEPS:
            raise _TooLong
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return names[name] if name in names else BUILTINS[name]
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return self._product(self.value(left, names), self.value(right, names))
            case ast.BinOp(left=left, op=op, right=right):
                return _BINARY[type(op)](self.value(left, names), self.value(right, names))
            case ast.UnaryOp(op=op, operand=operand):
                return _UNARY[type(op)](self.value(operand, names))
            case ast.BoolOp(op=op, values=parts):
                return self._logic(isinstance(op, ast.And), parts, names)
            case ast.Compare():
                return self._compare(node, names)
            case ast.IfExp(test=test, body=body, orelse=other):
                return self.value(body if self.value(test, names) else other, names)
            case ast.Call(func=ast.Name(id=name), args=args):
                return BUILTINS[name](*[self.value(a, names) for a in args])
            case ast.Call(func=ast.Attribute(value=owner, attr=name), args=args):
                return getattr(self.value(owner, names), name)(*[self.value(a, names) for a in args])
            case ast.Subscript(value=owner, slice=ast.Slice(lower=lower, upper=upper, step=step)):
                bounds = [None if part is None else self.value(part, names) for part in (lower, upper, step)]
                return self.value(owner, names)[slice(*bounds)]
            case ast.Subscript(value=owner, slice=index):
                return self.value(owner, names)[self.value(index, names)]
            case ast.ListComp(elt=element, generators=loops) | ast.GeneratorExp(elt=element, generators=loops):
                return list(self._walk(element, loops, dict(names)))
            case ast.SetComp(elt=element, generators=loops):
                return set(self._walk(element, loops, dict(names)))
            case ast.List(elts=items):
                return [self.value(item, names) for item in items]
            case ast.Tuple(elts=items):
                return tuple(self.value(item, names) for item in items)
            case ast.Set(elts=items):
                return {self.value(item, names) for item in items}
            case ast.Dict(keys=keys, values=values):
                pairs = [(key, value) for key, value in zip(keys, values, strict=True) if key is not None]
                return {self.value(key, names): self.value(value, names) for key, value in pairs}
        raise Unsupported(type(node).__name__)

    def _product(self, a: Any, b: Any) -> Any:
        for first, second in ((a, b), (b, a)):
            if type(first) in (str, list, tuple) and type(second) is int:
                return do.repeat(first, second)
        return do.multiply(a, b)

    def _logic(self, every: bool, parts: Sequence[ast.expr], names: Names) -> Any:
        found: Any = every
        for part in parts:
            found = self.value(part, names)
            if bool(found) is not every:
                break
        return found

    def _compare(self, node: ast.Compare, names: Names) -> bool:
        left = self.value(node.left, names)
        for op, other in zip(node.ops, node.comparators, strict=True):
            right = self.value(other, names)
            if not _COMPARE[type(op)](left, right):
                return False
            left = right
        return True

    def _walk(self, element: ast.expr, loops: Sequence[ast.comprehension], names: dict[str, Any]) -> Any:
        if not loops:
            yield self.value(element, names)
            return
        first, *rest = loops
        for item in self.value(first.iter, names):
            self.num_steps += 1
            if self.num_steps > MAX_STEPS:
                raise _TooLong
            inner = dict(names)
            _assign(first.target, item, inner)
            if all(self.value(test, inner) for test in first.ifs):
                yield from self._walk(element, rest, inner)


def _assign(target: ast.expr, value: Any, names: dict[str, Any]) -> None:
    if isinstance(target, ast.Name):
        names[target.id] = value
        return
    if not isinstance(target, (ast.Tuple, ast.List)):
        raise Unsupported(type(target).__name__)
    for part, item in zip(target.elts, value, strict=True):
        _assign(part, item, names)
