"""The last step backwards: which two known terms make the goal together.

For each new term `a` the `b` with `a + b`, `b - a`, `a * b`, or two texts or lists joined, equal to the goal is looked up
by its values. That finds sums of two terms at a depth which enumeration reaches for one of them only.

Source: the witness functions of Polozov and Gulwani, "FlashMeta", OOPSLA 2015, against a table of values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ncg_ray.generate.symbolic.goal import Goal
from ncg_ray.generate.symbolic.kinds import outer
from ncg_ray.generate.symbolic.productions import PRODUCTIONS
from ncg_ray.generate.symbolic.space import Space, key_of
from ncg_ray.generate.symbolic.terms import Term

_BY_NAME = {p.name: p for p in PRODUCTIONS}
_GROUPS = {("list", 2): "two", ("tuple", 2): "pair", ("tuple", 3): "triple"}
DIGITS = 9
"Significant digits by which floats are found."


class Deducer:
    """Completes new terms of a space to the goal."""

    def __init__(self, space: Space, goal: Goal) -> None:
        self.space, self.goal = space, goal
        self.wrapped = [*self._wrapped()]
        "(values, production): terms with those values give the goal by that production."
        self._floats: dict[tuple[str, ...], Term] = {}
        self._is_float = goal.kind == "float"
        self._parts = self._components()

    def complete(self, fresh: Sequence[Term]) -> Iterator[Term]:
        """Terms that meet the goal, made of a fresh one and another. They are checked by the caller."""
        if not self.goal.by_value:
            return
        if self._is_float:
            for term in fresh:
                if term.kind in ("int", "float") and not term.partial:
                    self._floats.setdefault(_rounded(term.values), term)
        for values, name in self.wrapped:
            inner = self.space.by_key.get(key_of(values))
            if inner is not None and not inner.constant:
                yield self._made(name, inner)
        parts = [part for key in self._parts if (part := self.space.by_key.get(key)) is not None]
        if parts and len(parts) == len(self._parts):
            yield self._made(_GROUPS[outer(self.goal.kind), len(parts)], *parts)
        for term in fresh:
            if term.partial or term.constant or term.values == self.goal.expected:
                continue
            if term.kind in ("int", "float") and self.goal.kind in ("int", "float"):
                yield from self._numbers(term)
            elif outer(term.kind) in ("str", "list", "tuple") and outer(term.kind) == outer(self.goal.kind):
                yield from self._joined(term)

    def _numbers(self, a: Term) -> Iterator[Term]:
        wanted, values = self.goal.expected, a.values
        pairs = list(zip(wanted, values, strict=True))
        yield from self._pair("add", a, lambda: [w - v for w, v in pairs])
        yield from self._pair("subtract", a, lambda: [v - w for w, v in pairs])
        yield from self._pair("subtract", a, lambda: [w + v for w, v in pairs], swapped=True)
        if all(values):
            if self._is_float:
                yield from self._pair("multiply", a, lambda: [w / v for w, v in pairs])
                yield from self._pair("divide", a, lambda: [w * v for w, v in pairs], swapped=True)
                if all(wanted):
                    yield from self._pair("divide", a, lambda: [v / w for w, v in pairs])
            elif all(w % v == 0 for w, v in pairs):
                yield from self._pair("multiply", a, lambda: [w // v for w, v in pairs])

    def _pair(self, name: str, a: Term, needed: Callable[[], list[Any]], swapped: bool = False) -> Iterator[Term]:
        self.space.budget.spend()
        try:
            values = needed()
            b = self._floats.get(_rounded(values)) if self._is_float else self.space.by_key.get(key_of(values))
        except (ArithmeticError, TypeError, ValueError):
            return
        if b is not None and b.values != self.goal.expected and any(b.values) and not b.partial and outer(b.kind) != "iter":
            yield self._made(name, b, a) if swapped else self._made(name, a, b)

    def _joined(self, a: Term) -> Iterator[Term]:
        kind = outer(a.kind)
        name = "join_texts" if kind == "str" else "join_lists"
        ends = [(w[len(v):] if w[:len(v)] == v else None, w[:len(w) - len(v)] if len(v) <= len(w) and
                 w[len(w) - len(v):] == v else None) for w, v in zip(self.goal.expected, a.values, strict=True)]
        for which in (0, 1):
            rest = [end[which] for end in ends]
            if all(part is not None for part in rest) and any(rest) and any(a.values):
                self.space.budget.spend()
                b = self.space.by_key.get(key_of(rest))
                if b is not None and outer(b.kind) == kind and not (a.constant and b.constant):
                    yield self._made(name, a, b) if which == 0 else self._made(name, b, a)

    def _wrapped(self) -> Iterator[tuple[list[Any], str]]:
        values, kind = self.goal.expected, outer(self.goal.kind)
        if not self.goal.by_value:
            return
        if kind == "bool":
            yield [not v for v in values], "not"
        elif kind == "tuple":
            yield [list(v) for v in values], "tuple"
        elif kind == "str" and all(v.lstrip("-").isdecimal() and str(int(v)) == v for v in values):
            yield [int(v) for v in values], "text"

    def _components(self) -> list[int]:
        """The keys of the goal's first, second ... items, where it always has the same two or three."""
        if not self.goal.by_value or outer(self.goal.kind) not in ("list", "tuple"):
            return []
        lengths = {len(v) for v in self.goal.expected}
        most = 3 if outer(self.goal.kind) == "tuple" else 2
        if len(lengths) != 1 or not 1 < min(lengths) <= most:
            return []
        return [key_of(list(column)) for column in zip(*self.goal.expected, strict=True)]

    def _made(self, name: str, *args: Term) -> Term:
        production = _BY_NAME[name]
        cost = self.space.grammar.cost(name) + sum(a.cost for a in args)
        values = list(map(production.apply, *(a.values for a in args)))  # not the goal's: floats were found by few digits
        return Term(self.goal.kind, values, cost, production, args)


def _rounded(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(f"{value:.{DIGITS}g}" for value in values)
