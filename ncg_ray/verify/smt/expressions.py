"""Expressions."""

from __future__ import annotations

import ast
from typing import Any

from ncg_ray.verify.smt import comparison, scalars, sequences
from ncg_ray.verify.smt.calls import call_builtin
from ncg_ray.verify.smt.frames import COMPREHENSION, Both, Frame
from ncg_ray.verify.smt.methods import attribute
from ncg_ray.verify.smt.modules import is_private
from ncg_ray.verify.smt.operators import BINARY, construct
from ncg_ray.verify.smt.paths import Path, Unsupported
from ncg_ray.verify.smt.raising import type_error
from ncg_ray.verify.smt.values import (
    Builtin,
    Fixed,
    Instance,
    SDict,
    SList,
    SSet,
    STuple,
    elements_of,
    is_integral,
    is_number,
    is_string,
    kind_of,
    make_str,
    make_tuple,
    neg,
    wrap_bool,
)


class Expressions:
    """Evaluates expressions along one path."""

    path: Path

    def evaluate(self, node: ast.expr, frame: Any) -> Any:
        handler = getattr(self, f"_value_{type(node).__name__}", None)
        if handler is None:
            raise Unsupported(construct(node), getattr(node, "lineno", 0))
        return handler(node, frame)

    def _value_Constant(self, node: ast.Constant, frame: Any) -> Any:
        if node.value is None or type(node.value) in (int, bool, float, str):
            return node.value
        raise Unsupported(f"a literal of type {type(node.value).__name__}", node.lineno)

    def _value_Name(self, node: ast.Name, frame: Any) -> Any:
        if node.id in self.module.source.private_names:
            raise Unsupported(f"the private name {node.id!r}", node.lineno)
        return frame.lookup(node.id, getattr(node, "lineno", 0))

    def _value_NamedExpr(self, node: ast.NamedExpr, frame: Any) -> Any:
        if getattr(frame, "function", "") == COMPREHENSION:
            raise Unsupported("`:=` in a comprehension", node.lineno)
        value = self.evaluate(node.value, frame)
        self.assign(node.target, value, frame)
        return value

    def _value_Tuple(self, node: ast.Tuple, frame: Any) -> Any:
        return self._display(node.elts, frame)

    def _value_List(self, node: ast.List, frame: Any) -> Any:
        return SList(Fixed(self._display(node.elts, frame)))

    def _display(self, nodes: list[ast.expr], frame: Any) -> tuple[Any, ...]:
        items: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                items += sequences.listed(self.path, self.evaluate(node.value, frame))
            else:
                items.append(self.evaluate(node, frame))
        return tuple(items)

    def _value_Set(self, node: ast.Set, frame: Any) -> Any:
        items: list[Any] = []
        for item in self._display(node.elts, frame):
            comparison.add_to_set(self.path, items, item)
        return SSet(items)

    def _value_Dict(self, node: ast.Dict, frame: Any) -> Any:
        made = SDict([])
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                raise Unsupported("`**` in a dict display", node.lineno)
            self.store_item(made, self.evaluate(key, frame), self.evaluate(value, frame))
        return made

    def _value_UnaryOp(self, node: ast.UnaryOp, frame: Any) -> Any:
        if isinstance(node.op, ast.Not):
            return wrap_bool(neg(self.condition(node.operand, frame)))
        value = self.evaluate(node.operand, frame)
        if not is_number(value):
            if isinstance(value, Instance):
                raise Unsupported("a unary operator on an object of a class", node.lineno)
            raise type_error(f"bad operand type for unary operator: '{kind_of(value)}'", value)
        if isinstance(node.op, ast.USub):
            return scalars.negative(value)
        if isinstance(node.op, ast.UAdd):
            return scalars.to_int(self.path, value) if is_integral(value) else value
        if not is_integral(value):
            raise type_error("bad operand type for unary ~")
        return scalars.arithmetic(self.path, scalars.negative(value), 1, "-")

    def _value_BinOp(self, node: ast.BinOp, frame: Any) -> Any:
        symbol = BINARY.get(type(node.op))
        if symbol is None:
            raise Unsupported("matrix multiplication", node.lineno)
        return self.binary(self.evaluate(node.left, frame), self.evaluate(node.right, frame), symbol)

    def binary(self, a: Any, b: Any, symbol: str) -> Any:
        path = self.path
        if is_number(a) and is_number(b):
            return scalars.arithmetic(path, a, b, symbol)
        if isinstance(a, Instance) or isinstance(b, Instance):
            raise Unsupported(f"the operator {symbol} on objects of a class")
        left, right = elements_of(a), elements_of(b)
        if symbol == "+" and left is not None and right is not None:
            if is_string(a) and is_string(b):
                return make_str(sequences.joined(path, left, right))
            if isinstance(a, SList) and isinstance(b, SList):
                return SList(sequences.joined(path, left, right))
            if isinstance(a, (tuple, STuple)) and isinstance(b, (tuple, STuple)):
                return make_tuple(sequences.joined(path, left, right))
        if symbol == "*" and left is not None and is_integral(b):
            return sequences.repeated(path, a, b)
        if symbol == "*" and right is not None and is_integral(a):
            return sequences.repeated(path, b, a)
        if isinstance(a, SSet) and isinstance(b, SSet) and symbol in "|&-^":
            return self._combine_sets(a, b, symbol)
        if symbol == "%" and is_string(a):
            raise Unsupported("formatting with %")
        known = (tuple, STuple, SList, SDict, SSet, type(None))
        if all(is_number(v) or is_string(v) or isinstance(v, known) for v in (a, b)) and not (
            isinstance(a, SDict) and isinstance(b, SDict)
        ):
            raise type_error(f"unsupported operand type(s) for {symbol}: '{kind_of(a)}' and '{kind_of(b)}'")
        raise Unsupported(f"the operator {symbol} on {kind_of(a)} and {kind_of(b)}")

    def _combine_sets(self, a: SSet, b: SSet, symbol: str) -> SSet:
        def inside(other: SSet, item: Any) -> bool:
            return self.path.decide(comparison.contains(self.path, other, item))

        if len({kind_of(item) for item in [*a.items, *b.items]}) > 1:
            raise Unsupported("an operation on sets of several types, where equal items may differ in type")
        if symbol == "|":
            items = list(a.items)
            items += [item for item in b.items if not inside(a, item)]
        elif symbol == "&":
            if any(type(item) is not int and kind_of(item) not in ("int", "bool", "str", "NoneType") for item in a.items):
                raise Unsupported("`&` of sets whose equal items may differ")
            items = [item for item in a.items if inside(b, item)]
        else:
            items = [item for item in a.items if not inside(b, item)]
            if symbol == "^":
                items += [item for item in b.items if not inside(a, item)]
        return SSet(items, a.is_frozenset)

    def _value_Lambda(self, node: ast.Lambda, frame: Any) -> Any:
        return self.define("<lambda>", node, frame)

    def _value_JoinedStr(self, node: ast.JoinedStr, frame: Any) -> Any:
        result: Any = ""
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                if part.format_spec is not None or part.conversion not in (-1, 115):
                    raise Unsupported("a format in an f-string", node.lineno)
                text = call_builtin(self, Builtin("str"), [self.evaluate(part.value, frame)], {}, node.lineno)
            else:
                text = self.evaluate(part, frame)
            result = self.binary(result, text, "+")
        return result

    def _value_Attribute(self, node: ast.Attribute, frame: Any) -> Any:
        return attribute(self, self.evaluate(node.value, frame), self.attribute_name(node))

    def attribute_name(self, node: ast.Attribute) -> str:
        """The name of an attribute, where a class makes no other of it: `__x` is `_C__x`, also from outside."""
        source = self.module.source
        mangled = source.has_private_names and node.attr.startswith("_") and "__" in node.attr[1:]
        if (is_private(node.attr) and id(node) not in source.own_private) or (mangled and not node.attr.startswith("__")):
            raise Unsupported(f"the private name {node.attr!r}", getattr(node, "lineno", 0))
        return node.attr

    def _value_Call(self, node: ast.Call, frame: Any) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == "old" and self.old is not None and self.contract:
            return self.evaluate(node.args[0], Frame({}, Both(self.old, frame), frozenset()))
        function = self.evaluate(node.func, frame)
        if (
            isinstance(function, Builtin)
            and function.name in ("all", "any", "sum", "min", "max")
            and len(node.args) == 1
            and isinstance(node.args[0], ast.GeneratorExp)
            and not any(k.arg in (None, "key") or function.name in ("all", "any") for k in node.keywords)
        ):
            return self._aggregate(function, node, node.args[0], frame)
        args = list(self._display(node.args, frame))
        kwargs: dict[str, Any] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise Unsupported("`**` in a call", node.lineno)
            if is_private(keyword.arg):
                raise Unsupported(f"the private name {keyword.arg!r}", node.lineno)
            kwargs[keyword.arg] = self.evaluate(keyword.value, frame)
        return self.call(function, args, kwargs, node.lineno)
