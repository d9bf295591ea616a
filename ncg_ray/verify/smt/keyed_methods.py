"""Methods of dicts and sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import z3

from ncg_ray.verify.smt import comparison, sequences
from ncg_ray.verify.smt.paths import Unsupported
from ncg_ray.verify.smt.raising import Raised
from ncg_ray.verify.smt.values import (
    SDict,
    SIterator,
    SLazySet,
    SSet,
    SView,
    disj,
    wrap_bool,
)


def _get(run: Any, owner: SDict, key: Any, default: Any = None) -> Any:
    place = comparison.find_key(run.path, owner, key)
    return owner.entries[place][1] if place >= 0 else default


def _setdefault(run: Any, owner: SDict, key: Any, default: Any = None) -> Any:
    place = comparison.find_key(run.path, owner, key)
    if place >= 0:
        return owner.entries[place][1]
    owner.touch()
    owner.entries.append((key, default))
    return default


_NOTHING = object()


def _pop_key(run: Any, owner: SDict, key: Any, default: Any = _NOTHING) -> Any:
    if not owner.entries:
        comparison.refuse_unhashable(run.path, key)
    place = comparison.find_key(run.path, owner, key)
    if place < 0:
        if default is _NOTHING:
            raise Raised(KeyError, "")
        return default
    owner.touch()
    return owner.entries.pop(place)[1]


def _view(part: str) -> Callable[..., Any]:
    return lambda run, owner: SView(owner, part)


def _update(run: Any, owner: SDict, other: Any) -> None:
    if isinstance(other, SDict):
        for key, value in list(other.entries):
            run.store_item(owner, key, value)
        return
    if isinstance(other, (SIterator, SView)) and sequences.reaches(run.path, other, owner):
        raise Unsupported("a dict that grows by an iterator that may read it")
    for pair in sequences.listed(run.path, other):
        run.store_item(owner, *entry_of(run, pair))


def entry_of(run: Any, pair: Any) -> tuple[Any, ...]:
    """Key and value of what a dict is made from."""
    entry = sequences.listed(run.path, pair)
    if len(entry) != 2:
        raise Raised(ValueError, "dictionary update sequence element has the wrong length")
    return entry


def _clear_dict(run: Any, owner: SDict) -> None:
    owner.touch()
    owner.entries = []


def _copy_dict(run: Any, owner: SDict) -> SDict:
    return SDict(list(owner.entries), owner.default, owner.has_default)


def _add(run: Any, owner: Any, item: Any) -> None:
    if isinstance(owner, SLazySet):
        has, there = owner.has, owner.has(item)
        path = run.path
        owner.touch()
        owner.has = lambda other: disj(has(other), comparison.equal(path, other, item))
        owner.size = z3.If(there, owner.size, owner.size + 1) if not isinstance(there, bool) else owner.size + (not there)
        return
    items = list(owner.items)
    comparison.add_to_set(run.path, items, item)
    if len(items) > len(owner.items):
        owner.touch()
        owner.items = items


def _discard(strict: bool) -> Callable[..., Any]:
    def handler(run: Any, owner: Any, item: Any) -> None:
        if isinstance(owner, SLazySet):
            raise Unsupported("taking from a set of unbounded size")
        if not isinstance(item, SSet):  # which is looked for as if it were frozen
            comparison.hashable(run.path, item)
        for place, member in enumerate(owner.items):
            if run.path.decide(comparison.identical_or_equal(run.path, member, item)):
                owner.touch()
                owner.items = [*owner.items[:place], *owner.items[place + 1 :]]
                return
        if strict:
            raise Raised(KeyError, "")

    return handler


def _combine(symbol: str) -> Callable[..., Any]:
    def handler(run: Any, owner: Any, other: Any) -> Any:
        if not isinstance(owner, SSet):
            raise Unsupported("a set operation on a set of unbounded size")
        if not isinstance(other, SSet):
            items: list[Any] = []
            for item in sequences.listed(run.path, other):
                comparison.add_to_set(run.path, items, item)
            other = SSet(items)
        return run.binary(owner, other, symbol)

    return handler


def _compare_sets(symbol: str) -> Callable[..., Any]:
    def handler(run: Any, owner: Any, other: Any) -> Any:
        if not isinstance(owner, SSet) or not isinstance(other, SSet):
            raise Unsupported("a comparison of sets that are not both bounded")
        return wrap_bool(comparison.ordered(run.path, owner, other, symbol))

    return handler


def _copy_set(run: Any, owner: Any) -> Any:
    if not isinstance(owner, SSet):
        raise Unsupported("a copy of a set of unbounded size")
    return SSet(list(owner.items), owner.is_frozenset)


DICT: dict[str, Callable[..., Any]] = {
    "get": _get,
    "setdefault": _setdefault,
    "pop": _pop_key,
    "keys": _view("keys"),
    "values": _view("values"),
    "items": _view("items"),
    "update": _update,
    "clear": _clear_dict,
    "copy": _copy_dict,
}


SET: dict[str, Callable[..., Any]] = {
    "add": _add,
    "discard": _discard(False),
    "remove": _discard(True),
    "union": _combine("|"),
    "intersection": _combine("&"),
    "difference": _combine("-"),
    "symmetric_difference": _combine("^"),
    "issubset": _compare_sets("<="),
    "issuperset": _compare_sets(">="),
    "copy": _copy_set,
}
