"""Expressions made readable without a change of meaning."""

from __future__ import annotations

import ast
from collections.abc import Callable

_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In}
_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.Eq, ast.NotEq: ast.NotEq}
_CONSUMERS = frozenset({"sum", "any", "all", "max", "min", "set", "tuple", "list", "sorted", "dict", "join", "prod",
                        "Counter"})
"Functions that take a generator as they take a list."
MAX_ROUNDS = 5


def simplified(tree: ast.expr) -> ast.expr:
    """The same expression in fewer signs: folded constants, `a != b` for `not a == b`, generators for lists, slices.

    `not a < b` stays: with NaN, or on sets, it is not `a >= b`.
    """
    for _ in range(MAX_ROUNDS):
        before = ast.dump(tree)
        tree = ast.fix_missing_locations(_Simplifier().visit(tree))
        if ast.dump(tree) == before:
            break
    return tree


class _Simplifier(ast.NodeTransformer):
    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        inner = node.operand
        if isinstance(node.op, ast.Not):
            if isinstance(inner, ast.Compare) and len(inner.ops) == 1 and type(inner.ops[0]) in _OPPOSITE:
                return ast.Compare(inner.left, [_OPPOSITE[type(inner.ops[0])]()], inner.comparators)
            if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.Not) and _is_bool(inner.operand):
                return inner.operand
            if isinstance(inner, ast.Constant) and isinstance(inner.value, bool):
                return ast.Constant(not inner.value)
        if isinstance(node.op, ast.USub) and isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub):
            return inner.operand
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if len(node.ops) != 1:
            return node
        left, op, right = node.left, node.ops[0], node.comparators[0]
        if _is_constant(left) and not _is_constant(right) and type(op) in _MIRRORED:
            left, op, right = right, _MIRRORED[type(op)](), left
        if isinstance(right, ast.Constant) and isinstance(op, (ast.Eq, ast.NotEq)) and _is_bool(left):
            if right.value is (isinstance(op, ast.Eq)):
                return left
            if isinstance(right.value, bool):
                return ast.UnaryOp(ast.Not(), left)
        return ast.Compare(left, [op], [right])

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        left, right = node.left, node.right
        if isinstance(node.op, ast.Add):
            negative = _negated(right)
            if negative is not None:
                return ast.BinOp(left, ast.Sub(), negative)
            negative = _negated(left)
            if negative is not None and _is_constant(left):
                return ast.BinOp(right, ast.Sub(), negative)
        if isinstance(node.op, ast.Sub):
            negative = _negated(right)
            if negative is not None:
                return ast.BinOp(left, ast.Add(), negative)
        # (x + 1) - 2 and the like: ints are exact, so the constants go together.
        if isinstance(left, ast.BinOp) and _step(node) is not None and _step(left) is not None:
            total = (_step(node) or 0) + (_step(left) or 0)
            if not total and isinstance(left.left, ast.Call) and _called(left.left) in ("len", "int"):
                return left.left
            if total:
                op: ast.operator = ast.Add() if total > 0 else ast.Sub()
                return ast.BinOp(left.left, op, ast.Constant(abs(total)))
        if isinstance(node.op, ast.Mult) and isinstance(right, ast.Name) and isinstance(left, ast.BinOp) is False and (
                isinstance(left, ast.Name) and left.id == right.id):
            return ast.BinOp(left, ast.Pow(), ast.Constant(2))
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if len(node.args) == 1 and _called(node) in _CONSUMERS:
            inner = node.args[0]
            if isinstance(inner, ast.ListComp):
                return self._consumed(node, inner)
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id in ("list", "tuple") and (
                    len(inner.args) == 1 and not inner.keywords):
                return ast.Call(node.func, inner.args, node.keywords)
        return node

    def _consumed(self, node: ast.Call, inner: ast.ListComp) -> ast.expr:
        name = _called(node)
        if name == "list" and not node.keywords:
            return inner
        if name == "set":
            return ast.SetComp(inner.elt, inner.generators)
        return ast.Call(node.func, [ast.GeneratorExp(inner.elt, inner.generators)], node.keywords)

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        self.generic_visit(node)
        body = node.body
        if isinstance(body, ast.Call) and isinstance(body.func, ast.Name) and len(body.args) == 1 and not body.keywords and (
                isinstance(body.args[0], ast.Name) and body.args[0].id == node.args.args[0].arg):
            return body.func  # `key=len`
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.slice, ast.Slice):
            lower, upper = node.slice.lower, node.slice.upper
            if isinstance(lower, ast.Constant) and lower.value == 0:
                return ast.Subscript(node.value, ast.Slice(None, upper, node.slice.step), node.ctx)
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        self.generic_visit(node)
        _unpack(node, [node.elt])
        first = node.generators[0]
        if len(node.generators) == 1 and not first.ifs and ast.unparse(node.elt) == ast.unparse(first.target):
            return ast.Call(ast.Name("list", ast.Load()), [first.iter], [])
        return node


def _unpack(node: ast.ListComp, places: list[ast.expr]) -> None:
    """`for a, b in pairs` in place of `x[0]` and `x[1]`, where nothing else is done with `x`."""
    first = node.generators[0]
    if len(node.generators) != 1 or not isinstance(first.target, ast.Name) or not _gives_pairs(first.iter):
        return
    name = first.target.id
    inside = [*places, *first.ifs]
    used = [n for part in inside for n in ast.walk(part) if isinstance(n, ast.Name) and n.id == name]
    items = [n for part in inside for n in ast.walk(part) if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)
             and n.value.id == name and isinstance(n.slice, ast.Constant) and n.slice.value in (0, 1)]
    if not used or len(used) != len(items):
        return
    taken = {n.id for part in [*inside, first.iter] for n in ast.walk(part) if isinstance(n, ast.Name) and n not in used}
    pair = next((p for p in _pair_names(first.iter) if not taken & set(p)), None)
    if pair is None:
        return
    replace = _Items(name, pair)
    node.elt = replace.visit(node.elt)
    first.ifs = [replace.visit(test) for test in first.ifs]
    first.target = ast.Tuple([ast.Name(p, ast.Store()) for p in pair], ast.Store())


def _gives_pairs(source: ast.expr) -> bool:
    """Whether every element is a pair, whatever the arguments."""
    return isinstance(source, ast.Call) and (_called(source) in ("enumerate", "items") or (
        _called(source) == "zip" and len(source.args) == 2))


def _pair_names(source: ast.expr) -> list[tuple[str, str]]:
    called = _called(source) if isinstance(source, ast.Call) else ""
    first = {"enumerate": ("i", "x"), "items": ("key", "value")}.get(called, ("x", "y"))
    return [first, ("left", "right"), ("p", "q")]


class _Items(ast.NodeTransformer):
    def __init__(self, name: str, pair: tuple[str, str]) -> None:
        self.name, self.pair = name, {0: pair[0], 1: pair[1]}

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id == self.name and isinstance(node.slice, ast.Constant):
            return ast.Name(self.pair[int(str(node.slice.value))], ast.Load())
        self.generic_visit(node)
        return node


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def _is_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or (isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant))


def _is_bool(node: ast.expr) -> bool:
    """Whether the expression's value is a bool, as its form says."""
    methods = ("startswith", "endswith", "isdigit", "isalpha", "isalnum", "isupper", "islower", "isspace", "isinstance",
               "any", "all")
    return isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)) or (
        isinstance(node, ast.Call) and _called(node) in methods) or (
        isinstance(node, ast.BoolOp) and all(_is_bool(value) for value in node.values))


def _negated(node: ast.expr) -> ast.expr | None:
    """`x` of `-x`, and 3 of -3."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return node.operand
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and node.value < 0:
        return ast.Constant(-node.value)
    return None


def _step(node: ast.BinOp) -> int | None:
    """What an addition or subtraction of a constant int adds."""
    sign: Callable[[int], int] | None = {ast.Add: lambda n: n, ast.Sub: lambda n: -n}.get(type(node.op))  # type: ignore[call-overload]
    if sign is None or not isinstance(node.right, ast.Constant) or type(node.right.value) is not int:
        return None
    return sign(node.right.value)
