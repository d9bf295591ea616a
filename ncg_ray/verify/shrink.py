"""Making a counterexample small: numbers nearer to zero, containers and strings shorter, as long as it still fails.

Source: Zeller and Hildebrandt 2002 (delta debugging); the order of the attempts is Hypothesis's: shorter first, then
simpler.
"""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from ncg_ray.verify.replay import Replayed

MAX_ROUNDS, BATCH = 12, 40
Try = Callable[[Sequence[Sequence[str]]], Awaitable[list[Replayed]]]


async def shrink(args: Sequence[str], failed: Replayed, attempt: Try) -> tuple[list[str], Replayed]:
    """The smallest failing input that was found, and how it fails. Only what has a literal is made smaller."""
    best, last = list(args), failed
    for _ in range(MAX_ROUNDS):
        batch = list(_smaller_inputs(best))[:BATCH]
        if not batch:
            break
        done = await attempt(batch)
        found = next(
            (
                (inputs, result)
                for inputs, result in zip(batch, done, strict=True)
                if result.refutes and result.status == failed.status
            ),
            None,
        )
        if found is None:
            break
        best, last = found
    return best, last


def _smaller_inputs(args: Sequence[str]) -> Iterator[list[str]]:
    values: list[Any] = []
    for text in args:
        try:
            values.append((ast.literal_eval(text),))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            values.append(None)
    seen = {tuple(args)}
    for position, value in enumerate(values):
        if value is None:
            continue
        for smaller in smaller_values(value[0]):
            inputs = [*args[:position], repr(smaller), *args[position + 1 :]]
            if tuple(inputs) not in seen:
                seen.add(tuple(inputs))
                yield inputs


def smaller_values(value: Any) -> Iterator[Any]:
    """Values of the same type that are simpler, the simplest first."""
    if value is None or isinstance(value, bool):
        if value is True:
            yield False
    elif isinstance(value, int):
        if value:
            yield from dict.fromkeys(
                [
                    0,
                    *([-value] if value < 0 else []),
                    value // 2 if value > 0 else -(-value // 2),
                    value - 1 if value > 0 else value + 1,
                ]
            )
    elif isinstance(value, float):
        if value and value == value:
            yield from dict.fromkeys([0.0, 1.0, float(int(value)) if abs(value) < 1e15 else 1e15, abs(value)])
    elif isinstance(value, str):
        yield from _shorter(value)
        for position, char in enumerate(value[:8]):
            if char not in "a0 ":
                yield value[:position] + "a" + value[position + 1 :]
    elif isinstance(value, list):
        yield from _shorter(value)
        yield from _simpler_items(value)
    elif isinstance(value, tuple):
        for items in _simpler_items(list(value)):
            yield tuple(items)
    elif isinstance(value, dict):
        for key in value:
            yield {k: v for k, v in value.items() if k != key}
        for key, item in value.items():
            for smaller in smaller_values(item):
                yield value | {key: smaller}
    elif isinstance(value, (set, frozenset)):
        for item in value:
            yield type(value)(other for other in value if other != item)


def _shorter(value: Any) -> Iterator[Any]:
    size = len(value)
    if size:
        yield value[:0]
    if size > 3:
        yield value[: size // 2]
        yield value[size // 2 :]
    for position in range(min(size, 12)):
        yield value[:position] + value[position + 1 :]


def _simpler_items(value: list[Any]) -> Iterator[list[Any]]:
    for position, item in enumerate(value[:12]):
        for smaller in smaller_values(item):
            yield [*value[:position], smaller, *value[position + 1 :]]
