"""What is said of all elements together: least, greatest, sum, all, any, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import z3

from ncg_ray.verify.smt import comparison, scalars, sequences
from ncg_ray.verify.smt.arguments import take
from ncg_ray.verify.smt.changes import Unchanged
from ncg_ray.verify.smt.paths import NeedsFork, Unsupported
from ncg_ray.verify.smt.raising import Raised, type_error
from ncg_ray.verify.smt.values import (
    Fixed,
    Instance,
    Lazy,
    SInt,
    SLazySet,
    SList,
    SSet,
    conj,
    disj,
    elements_of,
    float_term,
    int_term,
    is_integral,
    is_number,
    is_string,
    kind_of,
    wrap_bool,
    wrap_int,
)

NETWORK_SIZE = 10
MAX_SORTED = 6


def _extreme(symbol: str, name: str) -> Callable[..., Any]:
    def handler(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        key = kwargs.pop("key", None)
        default = kwargs.pop("default", handler)
        if kwargs or not args:
            raise type_error(f"{name} expected at least 1 argument")
        if len(args) > 1 and default is not handler:
            raise type_error(f"Cannot specify a default for {name}() with multiple positional arguments")
        if len(args) == 1:
            elements = sequences.iterated(run.path, args[0])
            if isinstance(elements, Lazy):
                return _lazy_extreme(run, elements, symbol, name, key, default)
            items = list(elements.items)
        else:
            items = list(args)
        if not items:
            if default is handler:
                raise Raised(ValueError, f"{name}() iterable argument is empty")
            return default
        unchanged = Unchanged(args[0] if len(args) == 1 else None)
        best, rank = items[0], ranked(run, key, items[0])
        for item in items[1:]:
            unchanged.check()
            other = ranked(run, key, item)
            better = comparison.ordered(run.path, other, rank, symbol)
            merged = sequences.merge(better, item, best) if key is None and not isinstance(better, bool) else None
            if merged is not None:
                best = rank = merged
            elif run.path.decide(better):
                best, rank = item, other
        unchanged.check()
        return best

    return handler


def ranked(run: Any, key: Any, item: Any) -> Any:
    return item if key is None else run.call(key, [item], {})


def _lazy_extreme(run: Any, elements: Lazy, symbol: str, name: str, key: Any, default: Any) -> Any:
    path = run.path
    if path.decide(z3.IntVal(0) + elements.length <= 0):
        if callable(default):
            raise Raised(ValueError, f"{name}() iterable argument is empty")
        return default
    if key is not None or not _is_int(sequences.any_element(path, elements)):
        raise Unsupported(f"`{name}` of a sequence of unbounded length")
    best, place = z3.Int(path.name(name)), z3.Int(path.name(f"{name}.place"))
    index = sequences.bound(path)
    some = elements.length > 0
    path.axiom(z3.Implies(some, z3.And(place >= 0, place < elements.length, int_term(elements.get(place)) == best)))
    item = int_term(elements.get(index))
    inside = z3.And(index >= 0, index < elements.length)
    path.axiom(z3.ForAll([index], z3.Implies(inside, item >= best if symbol == "<" else item <= best)))
    return SInt(best)


def _is_int(value: Any) -> bool:
    return isinstance(value, SInt) or type(value) is int


def _sum(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    if len(args) > 1 and "start" in kwargs:
        raise type_error("sum() takes at most 2 arguments")
    start = kwargs.pop("start", args[1] if len(args) > 1 else 0)
    take(args, kwargs, 1, 2, "sum")
    elements = sequences.iterated(run.path, args[0])
    if isinstance(elements, Lazy):
        if not is_number(start):  # of no elements it is the sum
            raise Unsupported(f"`sum` that starts from a {kind_of(start)}, of a sequence of unbounded length")
        return run.binary(start, _lazy_sum(run, elements), "+")
    if is_string(start):
        raise type_error("sum() can't sum strings")
    if any(scalars.is_float(item) for item in elements.items):
        # Since 3.12 CPython adds floats with a compensation, so that the result is not that of `+`.
        if not all(type(item) in (int, float) for item in [start, *elements.items]):
            raise Unsupported("`sum` of unknown floats")
        raise Unsupported("`sum` of floats")
    for item in elements.items:
        start = run.binary(start, item, "+")
    return start


def _lazy_sum(run: Any, elements: Lazy) -> Any:
    """By a prefix sum of the elements, with its step before and after the end as facts."""
    path, size = run.path, elements.length
    if path.quantified:
        raise NeedsFork  # one prefix sum for all values of a bound variable would be no sum
    probe = z3.Int("i?sum")
    if not is_integral(sequences.any_element(path, elements)):
        raise Unsupported("`sum` of a sequence of unbounded length")
    inside = z3.And(probe >= 0, probe < elements.length)
    body = sequences.below(path, inside, lambda: elements.get(probe))
    if not is_integral(body):
        raise Unsupported("`sum` of a sequence of unbounded length")
    if elements.base is not None:
        name, offset = elements.base
        get = elements.get
        item: Callable[[Any], Any] = lambda i: int_term(get(i - offset))  # noqa: E731
    else:
        name, offset = int_term(body).sexpr(), z3.IntVal(0)
        item = lambda i: int_term(elements.get(i))  # noqa: E731
    prefix = z3.Function(f"sum of {name}", z3.IntSort(), z3.IntSort())
    low, high = z3.IntVal(0) + offset, z3.simplify(z3.IntVal(0) + offset + size)
    path.axiom(prefix(0) == 0)
    for end in (low, high):
        path.axiom(z3.Implies(end > 0, prefix(end) == prefix(end - 1) + item(end - 1)))
        path.axiom(z3.Implies(end >= 0, prefix(end + 1) == prefix(end) + item(end)))
    return SInt(z3.simplify(prefix(high) - prefix(low)))


def _quantifier(universal: bool, name: str) -> Callable[..., Any]:
    def handler(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        take(args, kwargs, 1, 1, name)
        elements = sequences.iterated(run.path, args[0])
        if isinstance(elements, Fixed):
            join = conj if universal else disj
            return wrap_bool(join(*(run.truth(item) for item in elements.items)))
        index = sequences.bound(run.path)
        inside = z3.And(index >= 0, index < elements.length)
        quantify = sequences.for_all if universal else sequences.exists
        return wrap_bool(quantify(run.path, index, inside, lambda: run.truth(elements.get(index))))

    return handler


def _sorted(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, {}, 1, 1, "sorted")
    return SList(Fixed(sort(run, ranked_all(run, sequences.listed(run.path, args[0]), kwargs), kwargs)))


def ranked_all(run: Any, items: tuple[Any, ...], kwargs: dict[str, Any]) -> list[tuple[Any, Any]]:
    """What each item is sorted by, and the item: all of that is made before the first comparison."""
    key = kwargs.get("key")
    if key is not None and len(items) > MAX_SORTED:
        raise Unsupported(f"sorting more than {MAX_SORTED} items by a key")
    return [(ranked(run, key, item), item) for item in items]


def sort(run: Any, pairs: list[tuple[Any, Any]], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """The items in order, equal ones as they were."""
    options = dict(kwargs)
    key, backwards = options.pop("key", None), options.pop("reverse", False)
    if options or not isinstance(backwards, (bool, int)):
        raise Unsupported("an unknown way to sort")
    symbol = ">" if backwards else "<"
    items = tuple(item for _, item in pairs)
    if key is None and all(type(i) is int or isinstance(i, SInt) for i in items):
        if all(type(i) is int for i in items):
            return tuple(sorted(items, reverse=bool(backwards)))
        if len(items) <= NETWORK_SIZE:
            return _network(items, bool(backwards))
    if len(items) > MAX_SORTED:
        raise Unsupported(f"sorting more than {MAX_SORTED} unknown items")
    done: list[tuple[Any, Any]] = []
    for rank, item in pairs:
        place = len(done)
        _refuse_partial(run, rank)
        while place and run.path.decide(comparison.ordered(run.path, rank, done[place - 1][0], symbol)):
            place -= 1
        done.insert(place, (rank, item))
    return tuple(item for _, item in done)


def _refuse_partial(run: Any, value: Any) -> None:
    """What CPython makes of items that have no total order hangs on its algorithm."""
    if isinstance(value, (SSet, SLazySet, Instance)):
        raise Unsupported(f"sorting items of type {kind_of(value)}")
    if scalars.is_float(value) and run.path.decide(z3.fpIsNaN(float_term(value))):
        raise Unsupported("sorting floats that may be NaN")
    elements = elements_of(value)
    if isinstance(elements, Fixed) and not is_string(value):
        for item in elements.items:
            _refuse_partial(run, item)


def _network(items: tuple[Any, ...], backwards: bool) -> tuple[Any, ...]:
    """Odd-even transposition: n rounds of exchanges, each two terms; equal ints cannot be told apart."""
    terms = [int_term(item) for item in items]
    for turn in range(len(terms)):
        for i in range(turn % 2, len(terms) - 1, 2):
            a, b = terms[i], terms[i + 1]
            low, high = z3.If(a <= b, a, b), z3.If(a <= b, b, a)
            terms[i], terms[i + 1] = (high, low) if backwards else (low, high)
    return tuple(wrap_int(term) for term in terms)


TABLE: dict[str, Callable[..., Any]] = {
    "min": _extreme("<", "min"),
    "max": _extreme(">", "max"),
    "sum": _sum,
    "all": _quantifier(True, "all"),
    "any": _quantifier(False, "any"),
    "sorted": _sorted,
}
