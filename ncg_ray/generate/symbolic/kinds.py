"""Kinds: the types of values as short texts, such as `int`, `list[str]`, `dict[str]` (of its keys) or `iter[int]`.

A kind is read off the values that a term has, so it is exact on the inputs at hand and nothing is inferred. `any` stands for
mixed values, `?` for the elements of containers that are all empty, and `iter` for what can only be walked through, such as
`range(n)`: its values are kept as lists.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

ERROR: Any = ...
"The value of a term on an input where it raises; no program of ours has Ellipsis for a value."
MAX_LOOKED_AT = 64

_SCALARS = {int: "int", bool: "bool", str: "str", float: "float", type(None): "none"}
_CONTAINERS = {list: "list", tuple: "tuple", set: "set", frozenset: "set", dict: "dict"}


def kind_of(values: Iterable[Any]) -> str:
    """The one kind of these values; those that are ERROR do not count."""
    types = set(map(type, values))
    types.discard(type(ERROR))
    if len(types) != 1:
        return "float" if types == {int, float} else "any"
    found = types.pop()
    if found in _SCALARS:
        return _SCALARS[found]
    if found not in _CONTAINERS:
        return "any"
    inside = list(itertools.islice(itertools.chain.from_iterable(v for v in values if v is not ERROR), MAX_LOOKED_AT))
    return f"{_CONTAINERS[found]}[{kind_of(inside) if inside else '?'}]"


@functools.cache
def outer(kind: str) -> str:
    """`list` of `list[int]`."""
    return kind.partition("[")[0]


@functools.cache
def element(kind: str) -> str:
    """What walking through a value of this kind gives: `int` of `list[int]`, `str` of `str`; empty for a scalar."""
    if kind == "str":
        return "str"
    return kind.partition("[")[2][:-1]


_NUMBERS = ("int", "float", "bool", "?")
_ORDERED = ("int", "float", "bool", "str", "?")

PATTERNS: dict[str, Callable[[str], bool]] = {
    "number": lambda k: k in ("int", "float"),
    "scalar": lambda k: k in ("int", "float", "bool", "str", "none", "any"),
    "any": lambda k: outer(k) != "iter",
    "mixed": lambda k: k == "any",
    "ordered": lambda k: k in ("int", "float", "str") or outer(k) == "tuple",
    "truthy": lambda k: k == "str" or outer(k) in ("list", "tuple", "dict", "set"),
    "list": lambda k: outer(k) == "list",
    "row": lambda k: outer(k) in ("list", "tuple"),
    "sequence": lambda k: outer(k) in ("list", "tuple", "str"),
    "sized": lambda k: outer(k) in ("list", "tuple", "str", "dict", "set"),
    "collection": lambda k: outer(k) in ("list", "tuple", "str", "set", "iter", "dict"),
    "unlisted": lambda k: outer(k) in ("tuple", "str", "set", "iter", "dict"),
    "untupled": lambda k: outer(k) in ("list", "str", "set", "iter"),
    "group": lambda k: outer(k) in ("list", "tuple", "set"),
    "numbers": lambda k: outer(k) in ("list", "tuple", "set", "iter") and element(k) in _NUMBERS,
    "comparables": lambda k: outer(k) in ("list", "tuple", "set", "iter", "str", "dict") and (
        element(k) in _ORDERED or outer(element(k)) in ("list", "tuple")),
    "hashables": lambda k: outer(k) in ("list", "tuple", "str", "iter") and (
        element(k) in (*_ORDERED, "any") or outer(element(k)) == "tuple"),
    "texts": lambda k: outer(k) in ("list", "tuple", "set", "iter") and element(k) in ("str", "?"),
    "nested": lambda k: outer(k) in ("list", "tuple") and outer(element(k)) in ("list", "tuple"),
    "set": lambda k: outer(k) == "set",
    "dict": lambda k: outer(k) == "dict",
    "iter": lambda k: outer(k) == "iter",
}


@functools.cache
def matches(pattern: str, kind: str) -> bool:
    """Whether a kind fits a pattern: one of PATTERNS, or the kind itself."""
    test = PATTERNS.get(pattern)
    return test(kind) if test is not None else kind == pattern


def related(relation: str, kinds: Sequence[str]) -> bool:
    """Whether the kinds of a production's arguments go together.

    `same`: the first two are alike. `member`: the first can be an element of the second. `key`: the second can be a key of
    the first. `branches`: the second and third are alike.
    """
    if relation == "same":
        return _alike(kinds[0], kinds[1])
    if relation == "member":
        return _alike(kinds[0], element(kinds[1]))
    if relation == "key":
        return _alike(element(kinds[0]), kinds[1])
    if relation == "branches":
        return _alike(kinds[1], kinds[2])
    return True


def _alike(a: str, b: str) -> bool:
    if a == b or "any" in (a, b):
        return True
    numbers = ("int", "float")
    return (a in numbers and b in numbers) or (outer(a) == outer(b) and "?" in (element(a), element(b)))
