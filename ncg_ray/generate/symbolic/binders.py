"""Terms that walk through a collection: comprehensions, sorting and choosing by a key.

What is computed for each element is enumerated in a space of its own, whose inputs are the elements that the examples show:
so `[x * 2 for x in xs if x > 0]` is found by what `x * 2` and `x > 0` do to those elements.

Source: Feser, Chaudhuri, Dillig, "Synthesizing Data Structure Transformations from Input-Output Examples", PLDI 2015, for
the inner search; here it is bottom-up as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ncg_ray.generate.symbolic.grammar import OUTER, PART, VARIABLE
from ncg_ray.generate.symbolic.kinds import ERROR, kind_of, matches
from ncg_ray.generate.symbolic.operations import MAX_ITEMS
from ncg_ray.generate.symbolic.productions import PRODUCTIONS
from ncg_ray.generate.symbolic.space import Space
from ncg_ray.generate.symbolic.terms import Template, Term

MAX_SOURCES, MAX_SOURCE_COST = 24, 9
"Collections that are walked through, the cheapest first; inside a comprehension a quarter of them."
MAX_ELEMENTS = 240
"Elements over all inputs."
MAX_DEPTH = 2
"Comprehensions inside one another."
VARIABLES = ("x", "y", "z", "item", "other", *(f"item{number}" for number in range(20)))


def _sorted_by(items: list[Any], keys: list[Any], _: list[Any]) -> list[Any]:
    order = sorted(range(len(items)), key=keys.__getitem__)
    return [items[i] for i in order]


def _chosen_by(choose: Callable[..., int]) -> Callable[[list[Any], list[Any], list[Any]], Any]:
    return lambda items, keys, _: items[choose(range(len(items)), key=keys.__getitem__)]


_ITEM = next(p for p in PRODUCTIONS if p.name == "item")

MAP = Template("map", "[_1 for _x in _0]", lambda items, values, tests: values)
FILTER = Template("filter", "[_x for _x in _0 if _2]",
                  lambda items, values, tests: [item for item, kept in zip(items, tests, strict=True) if kept])
MAP_FILTER = Template("map_filter", "[_1 for _x in _0 if _2]",
                      lambda items, values, tests: [v for v, kept in zip(values, tests, strict=True) if kept])
SORT_BY = Template("sort_by", "sorted(_0, key=lambda _x: _1)", _sorted_by)
MAX_BY = Template("max_by", "max(_0, key=lambda _x: _1)", _chosen_by(max))
MIN_BY = Template("min_by", "min(_0, key=lambda _x: _1)", _chosen_by(min))
DICT_BY = Template("dict_by", "{_x: _1 for _x in _0}", lambda items, values, tests: dict(zip(items, values, strict=True)))


def _parts(element: Term, constants: Sequence[Term]) -> list[Term]:
    """`x[0]`, `x[1]`: the parts of elements that are all tuples of the same length, two or three."""
    lengths = {len(value) if type(value) is tuple else 0 for value in element.values}
    if len(lengths) != 1 or not 2 <= min(lengths) <= 3:
        return []
    found = []
    for number in range(min(lengths)):
        at = next((c for c in constants if c.leaf == str(number)), None)
        values = [value[number] for value in element.values]
        if at is not None:
            found.append(Term(kind_of(values), values, PART, _ITEM, (element, at)))
    return found


@dataclass(slots=True)
class _Walk:
    """One collection and the space of what can be computed for its elements."""

    source: Term
    variable: str
    space: Space
    lengths: list[int]
    items: list[list[Any]]
    binders: Binders | None
    grown: int = 0

    def grow(self, cost: int) -> None:
        while self.grown < cost:
            self.grown += 1
            self.space.grow(self.grown)
            if self.binders is not None:
                self.binders.grow(self.grown)
            self.space.take()

    def parts(self, term: Term | None) -> list[list[Any]]:
        """A term's values, one list for each input."""
        if term is None:
            return [[] for _ in self.lengths]
        found, at = [], 0
        for length in self.lengths:
            found.append(list(term.values[at:at + length]))
            at += length
        return found


class Binders:
    """Makes the terms of a space that walk through its collections.

    Args:
        space: whose collections, and where the terms go.
        scope: leaves that may be used for each element: parameters, and variables of walks around this one.
        constants: leaves that stand for constants.
    """

    def __init__(self, space: Space, scope: Sequence[Term], constants: Sequence[Term], depth: int = 1) -> None:
        self.space, self.scope, self.constants, self.depth = space, scope, constants, depth
        self.by_key = [t for t in (SORT_BY, MAX_BY, MIN_BY) if space.grammar.may_use(t.source)]
        self.walks: list[_Walk] = []
        self._looked = 0

    def grow(self, cost: int) -> None:
        """Make all terms of this cost that walk; the space has all others of it. Raises Spent."""
        self._find(cost)
        price = self.space.grammar.cost
        for walk in self.walks:
            left = cost - walk.source.cost
            if left < 2:
                continue
            walk.grow(left - min(price("map"), price("filter")))
            if (at := left - price("map")) >= 1:
                for term in walk.space.at(at):
                    self._add(MAP, walk, cost, term)
            if (at := left - price("filter")) >= 1:
                for term in self._tests(walk, at):
                    self._add(FILTER, walk, cost, None, term)
            for first in range(1, left - price("map_filter")):
                for test in self._tests(walk, left - price("map_filter") - first):
                    for term in walk.space.at(first):
                        if not term.constant and term.leaf != walk.variable:
                            self._add(MAP_FILTER, walk, cost, term, test)
            for template in self.by_key:
                for _, terms in walk.space.pick("ordered", left - price(template.name)):
                    for term in terms:
                        if term.leaf != walk.variable:
                            self._add(template, walk, cost, term)
            for term in walk.space.at(left - price("dict_by")):
                self._add(DICT_BY, walk, cost, term)

    def _tests(self, walk: _Walk, at: int) -> list[Term]:
        return [term for _, terms in walk.space.pick("bool", at) for term in terms if not term.constant]

    def _add(self, template: Template, walk: _Walk, cost: int, value: Term | None, test: Term | None = None) -> None:
        self.space.budget.spend()
        try:
            values = list(map(template.combine, walk.items, walk.parts(value), walk.parts(test)))
        except Exception:
            return
        args = (walk.source, value, test)
        self.space.keep(Term(kind_of(values), values, cost, template, args, variable=walk.variable))

    def _find(self, cost: int) -> None:
        """Take note of the collections that came to the space."""
        most = MAX_SOURCES if self.depth == 1 else MAX_SOURCES // 4
        while self._looked < cost and len(self.walks) < most:
            if self._looked > MAX_SOURCE_COST:
                return
            for term in self.space.at(self._looked):
                if matches("collection", term.kind) and not term.partial and len(self.walks) < most:
                    self._open(term)
            self._looked += 1

    def _open(self, source: Term) -> None:
        items = [list(value) for value in source.values]
        lengths = [len(part) for part in items]
        total = sum(lengths)
        if not 1 <= total <= MAX_ELEMENTS or max(lengths) > MAX_ITEMS or source.constant:
            return
        variable = [name for name in VARIABLES if name not in self.space.grammar.taken][self.depth - 1]
        elements = [item for part in items for item in part]
        leaves = [Term(kind_of(elements), elements, VARIABLE, leaf=variable)]
        scope = []
        for leaf in self.scope:
            if any(value is ERROR for value in leaf.values):
                continue
            spread = [v for v, length in zip(leaf.values, lengths, strict=True) for _ in range(length)]
            scope.append(Term(leaf.kind, spread, max(OUTER, leaf.cost), leaf=leaf.leaf))
        constants = [Term(c.kind, [c.values[0]] * total, c.cost, leaf=c.leaf, constant=True) for c in self.constants]
        leaves += _parts(leaves[0], constants)
        space = Space(self.space.grammar, [*leaves, *scope, *constants], self.space.budget)
        nested = self.depth < MAX_DEPTH
        binders = Binders(space, [leaves[0], *scope], constants, self.depth + 1) if nested else None
        self.walks.append(_Walk(source, variable, space, lengths, items, binders))
