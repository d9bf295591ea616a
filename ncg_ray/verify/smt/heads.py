"""What stands at the head of a loop, as its invariant sees it."""

from __future__ import annotations

import ast
from typing import Any

import z3

from ncg_ray.verify.smt.changes import Unchanged, assigned_in
from ncg_ray.verify.smt.paths import Formula, Unsupported
from ncg_ray.verify.smt.values import (
    Lazy,
    SInt,
    wrap_int,
)

INDEX = "_k"
"The name that candidates have for the number of elements that a `for` loop has done."


class Head:
    """What stands at the head of a loop, as the invariant sees it."""

    needs_measure = True

    def __init__(self, run: Any, node: Any, frame: Any) -> None:
        self.run, self.node, self.frame = run, node, frame

    def begin(self) -> None: ...

    def names(self) -> dict[str, Any]:
        return {}

    def forget(self) -> None: ...

    def goes_on(self) -> Formula:
        raise NotImplementedError

    def enter(self) -> None: ...

    def turn(self) -> None: ...

    def leave(self) -> None: ...


class WhileHead(Head):
    def goes_on(self) -> Formula:
        return self.run.condition(self.node.test, self.frame)


class ForHead(Head):
    """A `for` loop over elements by index: it ends by itself."""

    needs_measure = False

    def __init__(self, run: Any, node: ast.For, frame: Any, elements: Lazy, source: Any) -> None:
        super().__init__(run, node, frame)
        self.elements, self.unchanged = elements, Unchanged(source)
        self.size = elements.length if isinstance(elements.length, z3.ExprRef) else z3.IntVal(elements.length)
        self.index: Any = z3.IntVal(0)
        self.before: Any = None
        self.targets = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}

    def begin(self) -> None:
        if self.targets & assigned_in(self.node.body):
            raise Unsupported("a loop that assigns its own target", self.node.lineno)
        self.before = {name: self.frame.names[name] for name in self.targets if name in self.frame.names}

    def names(self) -> dict[str, Any]:
        names = {INDEX: wrap_int(self.index), f"{INDEX}_size": wrap_int(self.size)}
        if isinstance(self.node.target, ast.Name) and isinstance(self.elements.get(self.index), SInt) and self._counts():
            names[self.node.target.id] = self.elements.get(self.index)  # of `range`: the next value, also after the last
        return names

    def _counts(self) -> bool:
        return (
            isinstance(self.node.iter, ast.Call)
            and isinstance(self.node.iter.func, ast.Name)
            and (self.node.iter.func.id == "range")
        )

    def forget(self) -> None:
        self.index = z3.Int(self.run.path.name(INDEX))
        self.run.path.assume(z3.And(self.index >= 0, z3.Or(self.index <= self.size, self.index == 0)))

    def goes_on(self) -> Formula:
        return self.index < self.size

    def enter(self) -> None:
        self.run.assign(self.node.target, self.elements.get(self.index), self.frame)

    def turn(self) -> None:
        self.unchanged.check()
        self.index = z3.simplify(self.index + 1)

    def leave(self) -> None:
        self.unchanged.check()
        if self.run.path.decide(self.size > 0):
            self.run.assign(self.node.target, self.elements.get(z3.simplify(self.size - 1)), self.frame)
            return
        for name in self.targets:
            self.frame.names.pop(name, None)
        self.frame.names |= self.before
