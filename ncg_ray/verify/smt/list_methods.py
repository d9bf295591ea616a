"""Methods of lists and tuples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import z3

from ncg_ray.verify.smt import comparison, sequences
from ncg_ray.verify.smt.aggregates import ranked_all, sort
from ncg_ray.verify.smt.arguments import wrong_type
from ncg_ray.verify.smt.paths import Unsupported
from ncg_ray.verify.smt.raising import Raised
from ncg_ray.verify.smt.values import (
    Fixed,
    SIterator,
    SList,
    elements_of,
    int_term,
    is_integral,
    wrap_bool,
    wrap_int,
)

WORD = 1 << 63
"The least int that is too large for an index of C."


def _as_index(run: Any, index: Any) -> None:
    """Raises Raised(OverflowError) for an int that no machine word holds."""
    if is_integral(index):
        term = int_term(index)
        if run.path.decide(z3.Or(term < -WORD, term >= WORD)):
            raise Raised(OverflowError, "Python int too large to convert to C ssize_t")


def _append(run: Any, owner: SList, item: Any) -> None:
    owner.touch()
    owner.elements = sequences.joined(run.path, owner.elements, Fixed((item,)))


def _extend(run: Any, owner: SList, other: Any) -> None:
    grow(run, owner, other)


def grow(run: Any, owner: SList, other: Any) -> None:
    """`owner += other`. An iterator is asked for each element after the one before it was appended."""
    if isinstance(other, SIterator) and sequences.reaches(run.path, other, owner):
        raise Unsupported("a list that grows by an iterator that may read it")
    added = sequences.iterated(run.path, other)
    owner.touch()
    owner.elements = sequences.joined(run.path, owner.elements, added)


def _insert(run: Any, owner: SList, index: Any, item: Any) -> None:
    if not is_integral(index):
        raise wrong_type("insert", index)
    _as_index(run, index)
    start, _ = sequences.slice_bounds(run.path, index, None, owner.elements.length)
    before = sequences.sliced(run.path, owner.elements, None, wrap_int(start), None)
    after = sequences.sliced(run.path, owner.elements, wrap_int(start), None, None)
    owner.touch()
    owner.elements = sequences.joined(run.path, sequences.joined(run.path, before, Fixed((item,))), after)


def _pop(run: Any, owner: SList, index: Any = -1) -> Any:
    if not is_integral(index):
        raise wrong_type("pop", index)
    _as_index(run, index)
    if run.path.decide(owner.elements.length <= 0):
        raise Raised(IndexError, "pop from empty list")
    place = sequences.normal_index(run.path, index, owner.elements.length, "pop")
    item = sequences.at(run.path, owner.elements, place)
    before = sequences.sliced(run.path, owner.elements, None, wrap_int(place), None)
    after = sequences.sliced(run.path, owner.elements, wrap_int(place + 1), None, None)
    owner.touch()
    owner.elements = sequences.joined(run.path, before, after)
    return item


def fixed(value: Any, what: str) -> Fixed:
    elements = elements_of(value)
    if not isinstance(elements, Fixed):
        raise Unsupported(f"`{what}` of a sequence of unbounded length")
    return elements


def _position(run: Any, owner: Any, item: Any, what: str) -> int:
    for place, member in enumerate(fixed(owner, what).items):
        if run.path.decide(comparison.identical_or_equal(run.path, member, item)):
            return place
    return -1


def _remove(run: Any, owner: SList, item: Any) -> None:
    place = _position(run, owner, item, "remove")
    if place < 0:
        raise Raised(ValueError, "list.remove(x): x not in list")
    owner.touch()
    items = owner.elements.items  # type: ignore[union-attr]
    owner.elements = Fixed((*items[:place], *items[place + 1 :]))


def _index(run: Any, owner: Any, item: Any, start: Any = None, stop: Any = None) -> Any:
    if start is not None or stop is not None:
        raise Unsupported("`index` with limits")
    place = _position(run, owner, item, "index")
    if place < 0:
        raise Raised(ValueError, "value not in sequence")
    return place


def _count(run: Any, owner: Any, item: Any) -> Any:
    total: Any = 0
    for member in fixed(owner, "count").items:
        same = comparison.identical_or_equal(run.path, member, item)
        total = run.binary(total, wrap_bool(same), "+")
    return total if not isinstance(total, bool) else int(total)


def _reverse(run: Any, owner: SList) -> None:
    owner.touch()
    owner.elements = sequences.sliced(run.path, owner.elements, None, None, -1)


def _sort(run: Any, owner: SList, **kwargs: Any) -> None:
    whole = fixed(owner, "sort")
    owner.touch()
    writes, owner.elements = owner.writes, Fixed(())  # it is empty while the keys are made
    try:
        items = ranked_all(run, whole.items, kwargs)
        if owner.writes != writes:
            raise Unsupported("a list that its own `sort` changes")
    finally:
        owner.elements = whole
    try:
        owner.elements = Fixed(sort(run, items, kwargs))
    except Raised:
        raise Unsupported("`sort` that raises, which leaves the list half sorted") from None


def _copy(run: Any, owner: SList) -> SList:
    return SList(owner.elements)


def _clear(run: Any, owner: SList) -> None:
    owner.touch()
    owner.elements = Fixed(())


TUPLE: dict[str, Callable[..., Any]] = {"index": _index, "count": _count}
LIST: dict[str, Callable[..., Any]] = {
    **TUPLE,
    "append": _append,
    "extend": _extend,
    "insert": _insert,
    "pop": _pop,
    "remove": _remove,
    "reverse": _reverse,
    "sort": _sort,
    "copy": _copy,
    "clear": _clear,
}
