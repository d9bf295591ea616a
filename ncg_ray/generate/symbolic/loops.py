"""Loops by templates, for what no comprehension says: folds, recurrences over two values, and Euclid's kind of loop.

    fold         result = START; for x in ITEMS: result = STEP         (also recursion on n - 1 or on xs[1:], unrolled)
    recurrence   a, b = START, START; for i in range(N): a, b = b, STEP        (f(n - 1) and f(n - 2))
    descent      while b: a, b = b, STEP

A step is enumerated over sampled values of the loop's variables, one for each behaviour on them; every loop is then run on
the inputs at hand, for a bounded number of turns.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ncg_ray.generate.symbolic import operations as do
from ncg_ray.generate.symbolic.goal import Goal
from ncg_ray.generate.symbolic.grammar import OUTER, VARIABLE
from ncg_ray.generate.symbolic.kinds import ERROR, kind_of, matches, outer
from ncg_ray.generate.symbolic.space import Space
from ncg_ray.generate.symbolic.terms import Term

MAX_TURNS, MAX_STEPS, MAX_STEP_COST = 300, 2500, 13
"Turns of one loop; steps that are tried, and their bits."
NUM_SAMPLES = 14
RESULT, ITEM, FIRST, SECOND, INDEX = "result", "item", "a", "b", "i"

_STARTS: dict[str, tuple[tuple[str, Any], ...]] = {
    "int": (("0", 0), ("1", 1)), "float": (("0.0", 0.0), ("1.0", 1.0)), "str": (("''", ""),), "list": (("[]", []),),
    "bool": (("True", True), ("False", False))}


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop that meets the goal; which of the fields count depends on `form`."""

    form: Literal["fold", "recurrence", "descent"]
    starts: tuple[str, ...]
    "Sources of the first values."
    source: Term | None
    "What is walked through, or the number of turns."
    step: Term
    variables: tuple[str, ...]
    "Result and item; or the two values and the index."
    cost: int


def folds(space: Space, goal: Goal, parameters: Sequence[Term], constants: Sequence[Term]) -> Iterator[Loop]:
    """The folds that meet the goal, the cheapest steps first. Raises Spent."""
    kind = outer(goal.kind)
    if kind not in _STARTS:
        return
    names = {p.leaf for p in parameters}
    result, item = free_name(RESULT, names), free_name(ITEM, names)
    for source in _sources(space):
        elements = [x for value in source.values for x in value]
        rng = random.Random(len(elements))
        samples = [dict(zip([result, item], (_sample(kind, rng, goal), rng.choice(elements)), strict=True)) |
                   {p.leaf: rng.choice(p.values) for p in parameters} for _ in range(NUM_SAMPLES)]
        for step in steps(space, samples, (result, item), [p.leaf for p in parameters], constants, kind, (result, item)):
            run = step.compute()
            for text, start in _STARTS[kind]:
                space.budget.num_tried += 1
                space.budget.look()  # one run may take long
                if _folds_to(goal, source.values, start, run, (result, item)):
                    yield Loop("fold", (text,), source, step, (result, item),
                               space.grammar.cost("fold") + source.cost + step.cost)


def _folds_to(goal: Goal, sources: Sequence[Any], start: Any, run: Any, variables: tuple[str, str]) -> bool:
    return all(goal.meets(number, _fold(run, row.values, sources[number], start, variables))
               for number, row in enumerate(goal.rows))


def _fold(run: Any, row: Mapping[str, Any], items: Any, value: Any, variables: tuple[str, str]) -> Any:
    names = dict(row)
    try:
        for x in list(items)[:MAX_TURNS]:
            names[variables[0]], names[variables[1]] = value, x
            value = do.bounded(run(names))
    except Exception:
        return ERROR
    return value


def recurrences(space: Space, goal: Goal, parameters: Sequence[Term], constants: Sequence[Term]) -> Iterator[Loop]:
    """The loops over two ints that meet the goal, the cheapest steps first. Raises Spent."""
    names = {p.leaf for p in parameters}
    a, b, i = (free_name(name, names) for name in (FIRST, SECOND, INDEX))
    whole = [p for p in parameters if p.kind == "int"]
    if not whole or goal.kind != "int":
        return
    rng = random.Random(7)
    samples = [{a: rng.randint(0, 30), b: rng.randint(1, 30), i: rng.randint(0, 9)} |
               {p.leaf: rng.choice(p.values) for p in parameters} for _ in range(NUM_SAMPLES)]
    cost = space.grammar.cost("loop")
    firsts = [(repr(n), n) for n in (0, 1, 2, 3)]
    for step in steps(space, samples, (a, b, i), [], constants, "int", (b,)):
        run = step.compute()
        if not step.mentions(i):
            for x, y in ((x, y) for x in whole for y in whole if x is not y):
                space.budget.spend()
                if all(goal.meets(n, _descend(run, row, (x.leaf, y.leaf), (a, b))) for n, row in enumerate(
                        [row.values for row in goal.rows])):
                    yield Loop("descent", (x.leaf, y.leaf), None, step, (a, b), cost + step.cost)
        if not step.mentions(a):
            continue
        for turns in whole:
            for (text, first), (other, second) in ((p, q) for p in firsts for q in firsts):
                space.budget.spend()
                if all(goal.meets(n, _recur(run, row.values[turns.leaf], first, second, (a, b, i)))
                       for n, row in enumerate(goal.rows)):
                    yield Loop("recurrence", (text, other), turns, step, (a, b, i), cost + step.cost + 2)


def value_of(loop: Loop, names: Mapping[str, Any]) -> Any:
    """What the loop gives for one input; ERROR where it raises or takes too many turns."""
    run = loop.step.compute()
    if loop.form == "descent":
        return _descend(run, names, (loop.starts[0], loop.starts[1]), (loop.variables[0], loop.variables[1]))
    assert loop.source is not None
    try:
        source = loop.source.compute()(names)
    except Exception:
        return ERROR
    starts = [ast.literal_eval(text) for text in loop.starts]
    if loop.form == "recurrence":
        return _recur(run, source, starts[0], starts[1], (loop.variables[0], loop.variables[1], loop.variables[2]))
    return _fold(run, names, source, starts[0], (loop.variables[0], loop.variables[1]))


def _descend(run: Any, row: Mapping[str, Any], starts: tuple[str, str], variables: tuple[str, str]) -> Any:
    first, second = row[starts[0]], row[starts[1]]
    try:
        for _ in range(MAX_TURNS):
            if not second:
                return first
            first, second = second, run({variables[0]: first, variables[1]: second})
    except Exception:
        return ERROR
    return ERROR


def _recur(run: Any, turns: Any, first: Any, second: Any, variables: tuple[str, str, str]) -> Any:
    a, b, i = variables
    if not 0 <= turns <= MAX_TURNS:
        return ERROR
    try:
        for index in range(turns):
            first, second = second, run({a: first, b: second, i: index})
            if second.bit_length() > 1024:
                return ERROR
    except Exception:
        return ERROR
    return first


def steps(space: Space, samples: Sequence[Mapping[str, Any]], variables: Sequence[str], others: Sequence[str],
          constants: Sequence[Term], kind: str | None, needed: Sequence[str], max_cost: int = MAX_STEP_COST,
          max_steps: int = MAX_STEPS) -> Iterator[Term]:
    """Terms of a kind, or any, over the variables that behave differently on the samples, the cheapest first."""
    leaves = [Term(kind_of(column), column, VARIABLE if name in variables else OUTER, leaf=name)
              for name in [*variables, *others] for column in [[row[name] for row in samples]]]
    fixed = [Term(c.kind, [c.values[0]] * len(samples), c.cost, leaf=c.leaf, constant=True) for c in constants]
    inner = Space(space.grammar, [*leaves, *fixed], space.budget)
    number = 0
    for cost in range(1, max_cost + 1):
        inner.grow(cost)
        for term in inner.take():
            if kind in (None, outer(term.kind)) and all(term.mentions(name) for name in needed):
                number += 1
                yield term
                if number == max_steps:
                    return


def _sources(space: Space) -> list[Term]:
    """The cheapest collections: parameters and ranges."""
    found = [term for cost in range(1, 9) for term in space.at(cost)
             if matches("collection", term.kind) and not term.partial and any(term.values)]
    return found[:4]


def _sample(kind: str, rng: random.Random, goal: Goal) -> Any:
    if kind in ("int", "float"):
        return rng.randint(-3, 40) if kind == "int" else rng.uniform(-3.0, 40.0)
    if kind == "bool":
        return rng.random() < 0.5
    known = [value for value in goal.expected if value is not ERROR]
    value = rng.choice(known)
    return value[:rng.randint(0, len(value))]


def free_name(name: str, taken: set[str]) -> str:
    """The name, with underscores where it is taken."""
    while name in taken:
        name += "_"
    return name

