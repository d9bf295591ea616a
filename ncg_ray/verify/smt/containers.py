"""Builtin functions that make or go through containers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import z3

from ncg_ray.verify.smt import comparison, scalars, sequences
from ncg_ray.verify.smt.arguments import take, wrong_type
from ncg_ray.verify.smt.keyed_methods import entry_of
from ncg_ray.verify.smt.paths import Guard, NeedsFork, Unsupported
from ncg_ray.verify.smt.raising import Raised, type_error
from ncg_ray.verify.smt.values import (
    Builtin,
    Class,
    Fixed,
    Function,
    Lazy,
    SDict,
    SIterator,
    SList,
    SRange,
    SSet,
    int_term,
    is_integral,
    is_number,
    is_string,
    kind_of,
    make_tuple,
    wrap_int,
)


def _range(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 1, 3, "range")
    if not all(is_integral(a) for a in args):
        raise type_error("'float' object cannot be interpreted as an integer", *args)
    start, stop = (0, args[0]) if len(args) == 1 else args[:2]
    step = args[2] if len(args) == 3 else 1
    if not isinstance(step, int):
        raise Unsupported("`range` with an unknown step")
    if step == 0:
        raise Raised(ValueError, "range() arg 3 must not be zero")
    known = [int(v) if isinstance(v, bool) else v for v in (start, stop)]
    return SRange(known[0], known[1], int(step))


def _enumerate(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    if len(args) > 1 and "start" in kwargs:
        raise type_error("enumerate() takes at most 2 arguments")
    start = kwargs.pop("start", args[1] if len(args) > 1 else 0)
    take(args, kwargs, 1, 2, "enumerate")
    if not is_integral(start):
        raise Unsupported("`enumerate` from what is no int")
    elements = sequences.iterated(run.path, args[0])
    if isinstance(elements, Fixed):
        pairs = tuple((scalars.arithmetic(run.path, start, i, "+"), item) for i, item in enumerate(elements.items))
        return SIterator(Fixed(pairs), (args[0],))
    first, get = int_term(start), elements.get
    return SIterator(Lazy(elements.length, lambda i: (wrap_int(first + i), get(i))), (args[0],))


def _zip(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    if kwargs:
        raise Unsupported("`zip` with strict")
    parts = [sequences.iterated(run.path, value) for value in args]
    if all(isinstance(part, Fixed) for part in parts):
        return SIterator(Fixed(tuple(zip(*(part.items for part in parts), strict=False))), tuple(args))  # type: ignore[union-attr]
    size = z3.IntVal(0) + parts[0].length
    for part in parts[1:]:
        size = z3.If(part.length < size, z3.IntVal(0) + part.length, size)
    made = Lazy(z3.simplify(size), lambda i: tuple(sequences.at_or_any(run.path, part, i) for part in parts))
    return SIterator(made, tuple(args))


def _reversed(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 1, 1, "reversed")
    if isinstance(args[0], (SSet, SIterator)):
        raise type_error(f"'{kind_of(args[0])}' object is not reversible")
    elements = sequences.iterated(run.path, args[0])
    return SIterator(sequences.sliced(run.path, elements, None, None, -1), (args[0],))


def _list(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 0, 1, "list")
    return SList(sequences.iterated(run.path, args[0]) if args else Fixed(()))


def _tuple(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 0, 1, "tuple")
    return make_tuple(sequences.iterated(run.path, args[0])) if args else ()


def _set(is_frozenset: bool) -> Callable[..., Any]:
    def handler(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        take(args, kwargs, 0, 1, "set")
        if args and isinstance(args[0], SSet):
            return SSet(list(args[0].items), is_frozenset)
        items: list[Any] = []
        for item in sequences.listed(run.path, args[0]) if args else ():
            comparison.add_to_set(run.path, items, item)
        return SSet(items, is_frozenset)

    return handler


def _dict(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    made = SDict([])
    if len(args) > 1:
        raise type_error(f"dict expected at most 1 argument, got {len(args)}")
    if args and isinstance(args[0], SDict):
        made.entries = list(args[0].entries)
    elif args:
        for pair in sequences.listed(run.path, args[0]):
            run.store_item(made, *entry_of(run, pair))
    for name, value in kwargs.items():
        run.store_item(made, name, value)
    return made


def _defaultdict(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 0, 1, "defaultdict")
    if args and not (args[0] is None or isinstance(args[0], (Builtin, Function, Class))):
        if is_number(args[0]) or is_string(args[0]) or isinstance(args[0], (SList, SDict, SSet, tuple)):
            raise type_error("first argument must be callable or None")
        raise Unsupported(f"a defaultdict of a {kind_of(args[0])}")
    return SDict([], args[0] if args else None, True)


def _no_effects() -> Exception:
    return Unsupported("`map` or `filter` with a function that changes something")


def _map(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    parts = [sequences.listed(run.path, value) for value in args[1:]]
    try:
        with Guard.over(_no_effects):
            made = Fixed(tuple(run.call(args[0], list(items), {}) for items in zip(*parts, strict=False)))
        return SIterator(made, tuple(args), run.path.statement)
    except Raised:
        raise Unsupported("`map` with a function that raises") from None


def _filter(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 2, 2, "filter")
    test = args[0]
    try:
        with Guard.over(_no_effects):
            kept = [
                item
                for item in sequences.listed(run.path, args[1])
                if run.path.decide(run.truth(item if test is None else run.call(test, [item], {})))
            ]
    except Raised:
        raise Unsupported("`filter` with a function that raises") from None
    return SIterator(Fixed(tuple(kept)), tuple(args), run.path.statement)


def _iter(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 1, 1, "iter")
    return args[0] if isinstance(args[0], SIterator) else SIterator(sequences.iterated(run.path, args[0]), (args[0],))


def _next(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 1, 2, "next")
    iterator = args[0]
    if not isinstance(iterator, SIterator):
        raise wrong_type("next", iterator)
    sequences.use_iterator(run.path, iterator)
    if run.path.no_fork:
        raise NeedsFork
    if run.path.decide(iterator.elements.length <= iterator.position):
        if len(args) == 2:
            return args[1]
        raise Raised(StopIteration, "")
    iterator.touch()
    iterator.position += 1
    return sequences.at(run.path, iterator.elements, iterator.position - 1)


TABLE: dict[str, Callable[..., Any]] = {
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "reversed": _reversed,
    "list": _list,
    "tuple": _tuple,
    "set": _set(False),
    "frozenset": _set(True),
    "dict": _dict,
    "collections.defaultdict": _defaultdict,
    "map": _map,
    "filter": _filter,
    "iter": _iter,
    "next": _next,
}
