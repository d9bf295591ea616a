"""Recursion over nested containers by a template: what a leaf gives, and how the results of a container's items are put
together.

    def f(xs, n):
        if isinstance(xs, list):
            return sum(f(x, n) for x in xs)
        return LEAF

Leaves are enumerated as the steps of loops are; there is a small fixed choice of ways to put results together. Recursion on
numbers and on the rest of a list is what the loops of `loops.py` are.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ncg_ray.generate.symbolic import operations as do
from ncg_ray.generate.symbolic.goal import Goal
from ncg_ray.generate.symbolic.kinds import ERROR
from ncg_ray.generate.symbolic.loops import NUM_SAMPLES, free_name, steps
from ncg_ray.generate.symbolic.simplify import simplified
from ncg_ray.generate.symbolic.space import Space
from ncg_ray.generate.symbolic.terms import Term

MAX_LEAVES, MAX_LEAF_COST, MAX_DEPTH = 300, 11, 50
_CONTAINERS: tuple[type, ...] = (list, tuple, dict)

Join = Callable[[list[Any]], Any]


def _joined_lists(parts: list[Any]) -> list[Any]:
    return [item for part in parts for item in part]


JOINS: dict[str, tuple[Join, int]] = {
    "sum({call} for {item} in {items})": (sum, 2),
    "[{part} for {item} in {items} for {part} in {call}]": (_joined_lists, 3),
    "[{call} for {item} in {items}]": (list, 2),
    "max({call} for {item} in {items})": (max, 3),
    "min({call} for {item} in {items})": (min, 3),
    "1 + max(({call} for {item} in {items}), default=0)": (lambda parts: 1 + max(parts, default=0), 5),
    "1 + sum({call} for {item} in {items})": (lambda parts: 1 + sum(parts), 5),
    "''.join({call} for {item} in {items})": ("".join, 4),
    "any({call} for {item} in {items})": (any, 4),
    "all({call} for {item} in {items})": (all, 4),
    "[{call} for {item} in {items}][::-1]": (lambda parts: parts[::-1], 5),
    "tuple({call} for {item} in {items})": (tuple, 4),
}
"Source and meaning, and its bits."


@dataclass(frozen=True, slots=True)
class Recursion:
    """A recursive function that meets the goal."""

    parameters: tuple[str, ...]
    walked: str
    "The parameter that is walked through."
    containers: tuple[type, ...]
    "Those of its values that are walked through."
    join: str
    "One of JOINS."
    leaf: Term
    is_listed: bool
    "Whether a leaf's value is put into a list."
    cost: int


def recursions(space: Space, goal: Goal, parameters: Sequence[Term], constants: Sequence[Term]) -> Iterator[Recursion]:
    """The recursions that meet the goal, the cheapest leaves first; none where no input is nested unevenly: what is
    nested evenly, such as a matrix, is for comprehensions. Raises Spent."""
    names = tuple(p.leaf for p in parameters)
    for walked in parameters:
        if not any(_is_uneven(value) for value in walked.values):
            continue
        containers = tuple(t for t in _CONTAINERS if any(_holds(value, t) for value in walked.values))
        leaves = [leaf for value in walked.values for leaf in _leaves(value, containers)]
        if not leaves:
            continue
        for leaf in _terms(space, walked, leaves, parameters, constants):
            for join, (_, bits) in JOINS.items():
                for is_listed in (False, True) if "{part}" in join else (False,):
                    space.budget.spend()
                    cost = space.grammar.cost("loop") + bits + leaf.cost + is_listed
                    found = Recursion(names, walked.leaf, containers, join, leaf, is_listed, cost)
                    if goal.met([value_of(found, row.values) for row in goal.rows]):
                        yield found


def _terms(space: Space, walked: Term, leaves: Sequence[Any], parameters: Sequence[Term], constants: Sequence[Term],
           ) -> Iterator[Term]:
    """What a leaf may give: a small constant, or a term over it."""
    rng = random.Random(len(leaves))
    samples = [{p.leaf: rng.choice(p.values) for p in parameters} | {walked.leaf: rng.choice(leaves)}
               for _ in range(NUM_SAMPLES)]
    others = [p.leaf for p in parameters if p is not walked]
    yield from (c for c in constants if c.kind == "int" and c.values[0] in (0, 1))
    yield from steps(space, samples, (walked.leaf,), others, constants, None, (walked.leaf,), MAX_LEAF_COST, MAX_LEAVES)


def value_of(found: Recursion, names: Mapping[str, Any]) -> Any:
    """What the function gives for one input; ERROR where it raises or the input is too deep."""
    join, leaf = JOINS[found.join][0], found.leaf.compute()

    def walk(value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise RecursionError
        if isinstance(value, found.containers):
            items = value.values() if isinstance(value, dict) else value
            return do.bounded(join([walk(item, depth + 1) for item in items]))
        given = leaf({**names, found.walked: value})
        return [given] if found.is_listed else given

    try:
        return walk(names[found.walked], 0)
    except Exception:
        return ERROR


def source_of(found: Recursion, name: str) -> str:
    """The body of the function of that name."""
    taken = set(found.parameters)
    item, part = free_name("item", taken), free_name("part", taken)
    call = f"{name}({', '.join(item if p == found.walked else p for p in found.parameters)})"
    items = f"{found.walked}.values()" if found.containers == (dict,) else found.walked
    kinds = ", ".join(t.__name__ for t in found.containers)
    leaf = ast.unparse(simplified(found.leaf.tree()))
    text = ""
    if dict in found.containers and len(found.containers) > 1:
        text = f"if isinstance({found.walked}, dict):\n    {found.walked} = list({found.walked}.values())\n"
        kinds = ", ".join(t.__name__ for t in found.containers if t is not dict)
        kinds = kinds if "list" in kinds else f"{kinds}, list"
    test = f"isinstance({found.walked}, {f'({kinds})' if ',' in kinds else kinds})"
    joined = found.join.format(call=call, item=item, items=items, part=part)
    return f"{text}if {test}:\n    return {joined}\nreturn {f'[{leaf}]' if found.is_listed else leaf}"


def _holds(value: Any, kind: type) -> bool:
    """Whether the value is of this kind, or something in it is."""
    if isinstance(value, kind):
        return True
    return isinstance(value, _CONTAINERS) and any(_holds(item, kind) for item in _items(value))


def _items(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)


def _is_uneven(value: Any) -> bool:
    """Whether there are items at different depths, or at three or more."""
    depths = _depths(value)
    return len(depths) > 1 or max(depths) >= 3


def _depths(value: Any) -> set[int]:
    if not isinstance(value, _CONTAINERS):
        return {0}
    return {1 + depth for item in _items(value) for depth in _depths(item)} or {1}


def _leaves(value: Any, containers: tuple[type, ...]) -> list[Any]:
    if not isinstance(value, containers):
        return [value]
    return [leaf for item in _items(value) for leaf in _leaves(item, containers)]
