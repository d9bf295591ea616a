"""Inputs to try a function on, sampled from its type hints and from the examples of the task.

Deterministic: the same task gives the same inputs on every machine. Smallest first, so that the first failing
input is also the smallest one, and a slow one cannot hide the quick ones.
"""

from __future__ import annotations

import ast
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ncg_ray import plain
from ncg_ray.protocols import Call
from ncg_ray.types import Example
from ncg_ray.verify.shapes import Shape, shape_of_hint, shape_of_values

MAX_LENGTH = 6
"Items in a sampled container or string that no example asks to be longer."
_INTS = (0, 1, -1, 2, 3, -2, 5, 10, -7, 16, 100)
_FLOATS = (0.0, 1.0, -1.0, 0.5, 2.5, -0.25, 3.0, 100.0, 1e-3)
_TEXTS = ("", "a", "A", "ab", "aba", " ", "a b", "Ab1", "0", "aa bb", "é")


def boundary(shape: Shape) -> list[Any]:
    """The values of this type that programs most often get wrong."""
    match shape.kind:
        case "int":
            return list(_INTS)
        case "float":
            return list(_FLOATS)
        case "bool":
            return [False, True]
        case "str":
            return list(_TEXTS)
        case "bytes":
            return [b"", b"a", b"\x00\xff"]
        case "complex":
            return [0j, 1 + 2j]
        case "none":
            return [None]
        case "literal":
            return list(shape.values)
        case "union":
            return [value for values in itertools.zip_longest(*map(boundary, shape.items)) for value in values
                    if value is not None] + ([None] if any(o.kind == "none" for o in shape.items) else [])
        case "tuple":
            columns = [boundary(item) for item in shape.items]
            return [tuple(c[(i + k) % len(c)] for k, c in enumerate(columns)) for i in range(4)] if columns else [()]
        case "dict":
            keys, values = boundary(shape.items[0])[:3], boundary(shape.items[1])[:3]
            return [{}, *({k: v} for k, v in zip(keys, values, strict=False)), dict(zip(keys, values, strict=False))]
    items = boundary(shape.items[0])
    lists = [[], items[:1], items[1:2] * 2, items[:2], items[2:5], items[:5][::-1]]
    return [_make(shape.kind, items) for items in lists]


def draw(shape: Shape, rng: random.Random) -> Any:
    """One random value: of the type, and in the range and alphabet of the examples where there are any."""
    match shape.kind:
        case "int":
            top = max((abs(v) for v in shape.values), default=20)
            low = 0 if shape.values and min(shape.values) >= 0 else -top - 2
            return rng.randint(low, min(2 * top + 2, 10**9))
        case "float":
            top = max((abs(v) for v in shape.values if v == v and abs(v) < 1e9), default=20.0)
            return round(rng.uniform(0.0 if shape.values and min(shape.values) >= 0 else -top, top + 1), 2)
        case "str":
            alphabet = sorted({c for v in shape.values for c in v}) or list("abcABC 012")
            longest = max((len(v) for v in shape.values), default=MAX_LENGTH)
            return "".join(rng.choice(alphabet) for _ in range(rng.randint(0, longest + 1)))
        case "union":
            return draw(rng.choice(shape.items), rng)
        case "tuple":
            return tuple(draw(item, rng) for item in shape.items)
        case "dict":
            return {draw(shape.items[0], rng): draw(shape.items[1], rng) for _ in range(rng.randint(0, 4))}
        case "list" | "set" | "frozenset":
            longest = min(max((len(v) for v in shape.values), default=MAX_LENGTH), 50)
            return _make(shape.kind, [draw(shape.items[0], rng) for _ in range(rng.randint(0, longest + 1))])
    return rng.choice(boundary(shape))


def _make(kind: str, items: list[Any]) -> Any:
    try:
        return {"list": list, "set": set, "frozenset": frozenset, "tuple": tuple}[kind](items)
    except TypeError:  # members that cannot be hashed
        return {"set": set, "frozenset": frozenset}[kind]()


def mutate(value: Any, rng: random.Random) -> Any:
    """The value with one small change: an item dropped, doubled, swapped, negated, one character altered ..."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice([value + 1, value - 1, -value, 0, value * 2])
    if isinstance(value, float):
        return rng.choice([value + 1, value - 1, -value, 0.0, value / 2])
    if isinstance(value, str):
        if not value:
            return "a"
        i, other = rng.randrange(len(value)), rng.choice(value)
        return rng.choice(["", value[:i] + value[i + 1:], value[:i] + value[i] + value[i:], value[::-1],
                           value[:i] + other + value[i + 1:], value.swapcase()])
    if isinstance(value, dict):
        keys = list(value)
        if not keys:
            return value
        key, draw = rng.choice(keys), rng.random()
        if draw < 0.4:
            return {k: v for k, v in value.items() if k != key}
        if draw < 0.6 and len(keys) > 1:  # the values in another order
            values = list(value.values())
            return dict(zip(keys, values[1:] + values[:1], strict=True))
        return value | {key: mutate(value[key], rng)}
    if isinstance(value, (set, frozenset)):
        members = plain.sorted_by_repr(value)
        return type(value)(members[1:]) if members else value
    if isinstance(value, tuple):  # its length is part of its type
        return value and _replaced(value, rng.randrange(len(value)), rng)
    return _mutate_list(value, rng) if isinstance(value, list) else value


def _mutate_list(items: list[Any], rng: random.Random) -> list[Any]:
    if not items:
        return items
    i, j = rng.randrange(len(items)), rng.randrange(len(items))
    swapped = list(items)
    swapped[i], swapped[j] = swapped[j], swapped[i]
    return rng.choice([[], items[:i] + items[i + 1:], items[:i + 1] + items[i:], swapped, items[::-1],
                       _replaced(items, i, rng), _replaced(items, j, rng)])


def _replaced(items: Any, i: int, rng: random.Random) -> Any:
    return items[:i] + type(items)([mutate(items[i], rng)]) + items[i + 1:]


def sample(parameters: ast.arguments | None, examples: Sequence[Example], num: int, seed: str,
           literals: Sequence[Any] = ()) -> list[Call]:
    """Up to `num` distinct calls, none of them an example's, smallest first.

    `literals` are constants worth trying, such as those in the contract. Without hints and without examples
    nothing is known of what the function takes, and there are none.
    """
    rng = random.Random(seed)
    calls: dict[str, Call] = {}
    known = {_key(Call(e.args, e.kwargs)) for e in examples}
    sources = [s for s in (_from_shapes(parameters, examples, literals, rng), _from_examples(examples, rng)) if s]
    for _ in range(num * 4):
        for source in sources:
            call = next(source, None)
            if call is None or len(calls) >= num:
                continue
            key = _key(call)
            if key is not None and key not in known:
                calls.setdefault(key, call)
        if len(calls) >= num:
            break
    return sorted(calls.values(), key=size)


def size(call: Call) -> tuple[int, float, str]:
    """Orders calls from small to large: how much there is to read, then how big the numbers are."""
    numbers = [min(abs(v), 1e300) for v in _leaves([call.args, call.kwargs]) if isinstance(v, (int, float)) and v == v]
    text = repr(plain.encode([list(call.args), call.kwargs]))  # plain `repr` refuses very long ints
    return len(text), float(sum(numbers)), text


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _key(call: Call) -> str | None:
    try:
        return repr(plain.encode([list(call.args), call.kwargs]))
    except plain.NotPlain:
        return None


def _from_examples(examples: Sequence[Example], rng: random.Random) -> Iterator[Call] | None:
    """Endless: an example with one argument changed."""
    usable = [e for e in examples if e.args]
    if not usable:
        return None

    def generate() -> Iterator[Call]:
        while True:
            example = rng.choice(usable)
            args = list(example.args)
            i = rng.randrange(len(args))
            args[i] = mutate(args[i], rng)
            yield Call(tuple(args), example.kwargs)
    return generate()


def _from_shapes(parameters: ast.arguments | None, examples: Sequence[Example], literals: Sequence[Any],
                 rng: random.Random) -> Iterator[Call] | None:
    """Boundary values first, then endless random ones. None where a parameter's type is not known."""
    if parameters is None:
        return None
    positional = [*parameters.posonlyargs, *parameters.args]
    required = len(positional) - len(parameters.defaults)
    shapes: list[Shape] = []
    for i, parameter in enumerate(positional):
        seen = [e.args[i] if i < len(e.args) else e.kwargs[parameter.arg] for e in examples
                if i < len(e.args) or parameter.arg in e.kwargs]
        hinted, shown = shape_of_hint(parameter.annotation), shape_of_values(seen)
        # The hint says which values are allowed; the examples, which are likely.
        if hinted is None or (shown is not None and hinted.kind == shown.kind):
            hinted = shown
        if hinted is None:
            if i >= required:
                break  # keeps its default
            return None
        shapes.append(hinted)
    if any(d is None for d in parameters.kw_defaults):
        return None
    return _calls(shapes, min(required, len(shapes)), literals, rng)


def _calls(shapes: list[Shape], required: int, literals: Sequence[Any], rng: random.Random) -> Iterator[Call]:
    """Parameters beyond the first `required` have a default, and now and then are left to it."""
    if not shapes:
        yield Call()
        return
    columns = []
    for shape in shapes:
        columns.append([v for v in literals if type(v).__name__ == shape.kind] + boundary(shape))
    for i in range(max(map(len, columns))):
        args = tuple(column[(i * (k + 1)) % len(column)] for k, column in enumerate(columns))
        yield Call(args)
        if i < 2 and required < len(shapes):
            yield Call(args[:required])
    shapes = [replace(shape, values=shape.values + tuple(v for v in literals if type(v).__name__ == shape.kind))
              if shape.values and shape.kind in ("int", "float") else shape for shape in shapes]
    while True:
        args = tuple(draw(shape, rng) for shape in shapes)
        yield Call(args if required == len(shapes) or rng.random() < 0.75 else args[:required])
