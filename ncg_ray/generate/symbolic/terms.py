"""`Term`: an expression with its values on the inputs at hand; its syntax tree, and its value elsewhere."""

from __future__ import annotations

import ast
import copy
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ncg_ray.generate.symbolic.kinds import ERROR
from ncg_ray.generate.symbolic.productions import Production

Compute = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Template:
    """A way to walk through a collection: `_0` is the collection, `_1` a value and `_2` a test for each element."""

    name: str
    source: str
    "An expression over `_0`, `_1`, `_2` and the element's variable `_x`."
    combine: Callable[[list[Any], list[Any], list[Any]], Any]
    "The result, of the elements, their values and their tests."


class Term:
    """An expression and what it is worth: `values` has one value for each input, ERROR where it raises.

    A leaf has a `leaf`: the name of a parameter or variable, or the source of a constant. With a Template the arguments are
    the collection, then what is computed for each element, whose name there is `variable`.
    """

    __slots__ = ("args", "constant", "cost", "kind", "leaf", "num_alike", "partial", "production", "values", "variable")

    def __init__(self, kind: str, values: Sequence[Any], cost: int, production: Production | Template | None = None,
                 args: tuple[Term | None, ...] = (), leaf: str = "", constant: bool = False, variable: str = "") -> None:
        self.kind, self.values, self.cost = kind, values, cost
        self.production, self.args, self.leaf, self.constant, self.variable = production, args, leaf, constant, variable
        self.partial, self.num_alike = ERROR in values, 1

    def tree(self) -> ast.expr:
        """The expression as a syntax tree."""
        if self.production is None:
            return _parsed(self.leaf)
        parts = {f"_{i}": arg.tree() for i, arg in enumerate(self.args) if arg is not None}
        if self.variable:
            parts["_x"] = ast.Name(self.variable, ast.Load())
        return _Filled(parts, self.variable).visit(_parsed(self.production.source))  # type: ignore[no-any-return]

    def text(self) -> str:
        """The expression as source."""
        return ast.unparse(self.tree())

    def compute(self) -> Compute:
        """A function from values by name to the expression's value; it raises where the expression does."""
        if self.production is None:
            if self.constant:
                value = self.values[0]
                return lambda names: value
            leaf = self.leaf
            return lambda names: names[leaf]
        if isinstance(self.production, Template):
            return self._walk(self.production)
        apply, parts = self.production.apply, [arg.compute() for arg in self.args if arg is not None]
        if len(parts) == 1:
            first, = parts
            return lambda names: apply(first(names))
        if len(parts) == 2:
            left, right = parts
            return lambda names: apply(left(names), right(names))
        if self.production.name == "choose":  # the branch that is not taken is not computed
            test, yes, no = parts
            return lambda names: yes(names) if test(names) else no(names)
        return lambda names: apply(*(part(names) for part in parts))

    def _walk(self, template: Template) -> Compute:
        source, *inner = (arg.compute() if arg is not None else None for arg in self.args)
        value, test = [*inner, None, None][:2]
        variable, combine = self.variable, template.combine
        assert source is not None

        def run(names: Mapping[str, Any]) -> Any:
            items = list(source(names))
            rows = [{**names, variable: item} for item in items]
            return combine(items, [value(row) for row in rows] if value else [],
                           [test(row) for row in rows] if test else [])

        return run

    def mentions(self, name: str) -> bool:
        """Whether the name is a leaf of this term."""
        if self.production is None:
            return not self.constant and self.leaf == name
        return any(arg is not None and arg.mentions(name) for arg in self.args)


@functools.cache
def _template(source: str) -> ast.expr:
    return ast.parse(source, mode="eval").body


def _parsed(source: str) -> ast.expr:
    return copy.deepcopy(_template(source))


class _Filled(ast.NodeTransformer):
    """Puts trees in the places of `_0`, `_1`, `_2`, and a variable in the place of `_x`."""

    def __init__(self, parts: Mapping[str, ast.expr], variable: str) -> None:
        self.parts, self.variable = parts, variable

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == "_x":
            return ast.Name(self.variable, node.ctx)
        part = self.parts.get(node.id)
        return node if part is None else copy.deepcopy(part)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self.variable) if node.arg == "_x" else node
