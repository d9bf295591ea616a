"""What the productions compute: builtin operations on plain data, with guards against large results.

Nothing of a user's code runs here. An operation that is undefined on its arguments, or that would give more than the limits
allow, raises: the term has no value on that input.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import Any

MAX_ITEMS = 2000
"Items of one container, characters of one text."
MAX_BITS = 512
"Bits of one int."


class TooLarge(ValueError):
    """A result beyond the limits."""


def _fits(size: float) -> None:
    if size > MAX_ITEMS:
        raise TooLarge("too many items")


def bounded(value: Any) -> Any:
    """The value, where all that it holds, at any depth, is within the limits; else TooLarge."""
    waiting, num = [value], 0
    while waiting:
        item = waiting.pop()
        kind = type(item)
        num += 1
        if kind in (list, tuple, set):
            waiting += item
        elif kind is dict:
            waiting += item.keys()
            waiting += item.values()
        elif kind is str:
            num += len(item)
        elif kind is int and item.bit_length() > 2 * MAX_BITS:
            raise TooLarge("a huge number")
        _fits(num + len(waiting))
    return value


def power(base: Any, exponent: Any) -> Any:
    if type(base) is int and base.bit_length() * abs(exponent) > MAX_BITS:
        raise TooLarge("a huge power")
    value = base ** exponent
    if type(value) is complex:
        raise ValueError("a complex number")
    return value


def multiply(a: Any, b: Any) -> Any:
    if type(a) is int and type(b) is int and a.bit_length() + b.bit_length() > MAX_BITS:
        raise TooLarge("a huge product")
    return a * b


def repeat(a: Any, times: int) -> Any:
    nested = [len(item) for item in a if type(item) in (list, tuple, dict, set)]
    _fits(len(a) * max(times, 0) * max(nested, default=1))
    return a * times


def join(a: Any, b: Any) -> Any:
    _fits(len(a) + len(b))
    return a + b


def numbers(*bounds: int) -> list[int]:
    """`range(...)` as a list."""
    found = range(*bounds)
    _fits(len(found))
    return list(found)


def numbers_through(start: int, last: int) -> list[int]:
    return numbers(start, last + 1)


def factorial(n: int) -> int:
    _fits(n * 20)
    return math.factorial(n)


def binomial(n: int, k: int) -> int:
    _fits(n * 8)
    return math.comb(n, k)


def to_text(value: Any) -> str:
    return str(value)


def to_int(value: Any) -> int:
    if type(value) is str:
        _fits(len(value) * 10)
    return int(value)


def replace(text: str, old: str, new: str) -> str:
    _fits(len(text) + text.count(old) * len(new))
    return text.replace(old, new)


def counted(items: Any) -> dict[Any, int]:
    return dict(Counter(items))


def most_common(items: Any, num: int) -> list[tuple[Any, int]]:
    return Counter(items).most_common(num)


def choices(items: Any, num: int) -> list[tuple[Any, ...]]:
    """All combinations of `num` items."""
    items = list(items)
    if num < 0 or num > len(items):
        raise ValueError("no such choice")
    _fits(math.comb(len(items), num))
    return list(itertools.combinations(items, num))


def pairs(a: Any, b: Any) -> list[tuple[Any, Any]]:
    return list(zip(a, b, strict=False))


def numbered(items: Any) -> list[tuple[int, Any]]:
    return list(enumerate(items))


def flattened(parts: Any) -> list[Any]:
    found = [x for part in parts for x in part]
    _fits(len(found))
    return found


def total(items: Any) -> Any:
    return sum(items)


def product(items: Any) -> Any:
    value: Any = 1
    for item in items:
        value = multiply(value, item)
    return value


def transposed(rows: Any) -> list[list[Any]]:
    return [list(row) for row in zip(*rows, strict=False)]


def distinct(items: Any) -> list[Any]:
    """Without repetitions, in the order of first sight."""
    return list(dict.fromkeys(items))


def index_of(items: Any, item: Any) -> int:
    return int(items.index(item))


def merged(a: dict[Any, Any], b: dict[Any, Any]) -> dict[Any, Any]:
    return {**a, **b}


def largest(items: Any, num: int) -> list[Any]:
    return sorted(items, reverse=True)[:_count(num)]


def smallest(items: Any, num: int) -> list[Any]:
    return sorted(items)[:_count(num)]


def _count(num: int) -> int:
    if num < 0:
        raise ValueError("a negative count")
    return num


def by_key(values: dict[Any, Any], key: Any) -> Any:
    return values[key]


def rounded(value: float, places: int) -> float:
    if abs(places) > 15:
        raise TooLarge("too many places")
    return round(value, places)
