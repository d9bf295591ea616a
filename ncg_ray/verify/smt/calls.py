"""Builtin functions and those of `math`, `random` and `time`, on values that may be unknown."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

import z3

from ncg_ray.verify.smt import powers, scalars, sequences
from ncg_ray.verify.smt.paths import Unsupported
from ncg_ray.verify.smt.raising import Raised, type_error
from ncg_ray.verify.smt.values import (
    FP,
    Builtin,
    Class,
    Fixed,
    Function,
    Instance,
    Lazy,
    Opaque,
    SBool,
    SDict,
    SFloat,
    SInt,
    SIterator,
    SLazySet,
    SList,
    SRange,
    SSet,
    SStr,
    Symbol,
    conj,
    disj,
    elements_of,
    float_term,
    int_term,
    is_integral,
    is_number,
    is_string,
    kind_of,
    make_str,
    make_tuple,
    neg,
    wrap_bool,
    wrap_float,
    wrap_int,
)

MAX_DIGITS = 4300
"CPython refuses longer conversions between int and str."
MAX_CODE = 0x10FFFF
NETWORK_SIZE = 10
MAX_SORTED = 6


def call_builtin(run: Any, function: Builtin, args: list[Any], kwargs: dict[str, Any], line: int = 0) -> Any:
    """Call a builtin function, type or method. `run` is the Interpreter."""
    if function.owner is not None:
        from ncg_ray.verify.smt.methods import call_method

        return call_method(run, function.owner, function.name, args, kwargs)
    handler = TABLE.get(function.name)
    if handler is not None:
        return handler(run, args, kwargs)
    kind = getattr(builtins, function.name, None)
    if isinstance(kind, type) and issubclass(kind, BaseException):
        return Raised(kind, "")
    raise Unsupported(f"a call of `{function.name}`", line)


def _plain(args: list[Any], kwargs: dict[str, Any], low: int, high: int, name: str) -> None:
    if kwargs:
        raise Unsupported(f"keyword arguments of `{name}`")
    if not low <= len(args) <= high:
        raise type_error(f"{name}() takes from {low} to {high} arguments but {len(args)} were given")


def _len(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 1, 1, "len")
    if isinstance(args[0], Instance):
        if "__len__" in args[0].kind.methods:
            raise Unsupported("a class with its own __len__")
        raise type_error(f"object of type '{kind_of(args[0])}' has no len()")
    return wrap_int(sequences.length(run.path, args[0]))


def _abs(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 1, 1, "abs")
    if not is_number(args[0]):
        raise _wrong_type("abs", args[0])
    return scalars.absolute(args[0])


def _wrong_type(name: str, value: Any) -> Exception:
    if isinstance(value, (Opaque, Instance)):
        return Unsupported(f"`{name}` of a {kind_of(value)}")
    return type_error(f"bad operand type for {name}(): '{kind_of(value)}'")


def _bool(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 0, 1, "bool")
    return wrap_bool(run.truth(args[0])) if args else False


def _int(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 0, 2, "int")
    if not args:
        return 0
    if len(args) == 1 and is_number(args[0]):
        return scalars.to_int(run.path, args[0])
    if all(isinstance(a, (str, int)) and not isinstance(a, bool) for a in args) and isinstance(args[0], str):
        if len(args[0]) > MAX_DIGITS:
            raise Unsupported("an int of more than 4300 digits")
        return _on_host(int, *args)
    if is_string(args[0]):
        raise Unsupported("`int` of an unknown string")
    raise _wrong_type("int", args[0])


def _on_host(function: Callable[..., Any], *args: Any) -> Any:
    try:
        return function(*args)
    except (ValueError, TypeError, OverflowError, ZeroDivisionError) as error:
        raise Raised(type(error), str(error)) from None


def _float(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 0, 1, "float")
    if not args:
        return 0.0
    if is_number(args[0]):
        return scalars.to_float(args[0])
    if isinstance(args[0], str):
        return _on_host(float, args[0])
    raise Unsupported(f"`float` of a {kind_of(args[0])}")


def _str(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 0, 1, "str")
    if not args:
        return ""
    value = args[0]
    if is_string(value):
        return value
    return _text(run, value, str)


def _repr(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 1, 1, "repr")
    return _text(run, args[0], repr)


def _text(run: Any, value: Any, function: Callable[[Any], str]) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 3 * MAX_DIGITS:
        raise Unsupported("an int of more than 4300 digits")
    if value is None or type(value) in (int, bool, float, str):
        return function(value)
    if isinstance(value, SBool):
        return "True" if run.path.decide(value.term) else "False"
    if isinstance(value, SInt):
        low, high = -(10 ** (MAX_DIGITS - 1)), 10 ** (MAX_DIGITS - 1)
        if not run.path.decide(z3.And(value.term > low, value.term < high)):
            raise Unsupported("an int of more than 4300 digits")
        for size in range(1, 4):  # the digits of small numbers are known
            if run.path.decide(
                z3.And(value.term >= 0 if size == 1 else value.term >= 10 ** (size - 1), value.term < 10**size)
            ):
                digits = [wrap_int(48 + (value.term / 10**place) % 10) for place in range(size - 1, -1, -1)]
                return make_str(Fixed(tuple(digits)))
        return unknown_text(run, 2)
    raise Unsupported(f"the text of a {kind_of(value)}")


def unknown_text(run: Any, least: int) -> Any:
    """A string of which no more is known than its least length."""
    name = run.path.name("text")
    size, code = z3.Int(f"{name}.len"), z3.Function(f"{name}.code", z3.IntSort(), z3.IntSort())
    run.path.axiom(size >= least)
    return SStr(Lazy(size, lambda i: SInt(code(i))))


def _ord(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 1, 1, "ord")
    elements = elements_of(args[0])
    if not is_string(args[0]) or elements is None:
        raise _wrong_type("ord", args[0])
    if run.path.decide(neg(elements.length == 1)):
        raise type_error("ord() expected a character")
    return sequences.at(run.path, elements, 0)


def _chr(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 1, 1, "chr")
    if not is_integral(args[0]):
        raise _wrong_type("chr", args[0])
    code = int_term(args[0])
    if run.path.decide(z3.Or(code < 0, code > MAX_CODE)):
        raise Raised(ValueError, "chr() arg not in range(0x110000)")
    return make_str(Fixed((wrap_int(code),)))


def _divmod(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 2, 2, "divmod")
    return run.binary(args[0], args[1], "//"), run.binary(args[0], args[1], "%")


def _pow(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 2, 3, "pow")
    if len(args) == 2:
        return run.binary(args[0], args[1], "**")
    if all(type(a) is int for a in args) and max(a.bit_length() for a in args) < 512:
        return _on_host(pow, *args)
    raise Unsupported("`pow` with a modulus")


def _round(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 1, 2, "round")
    if all(type(a) in (int, float) or a is None for a in args):
        return _on_host(round, *args)
    if len(args) == 1 and is_integral(args[0]):
        return scalars.to_int(run.path, args[0])
    raise Unsupported("`round` of an unknown float")


def _extreme(symbol: str, name: str) -> Callable[..., Any]:
    def handler(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        key = kwargs.pop("key", None)
        default = kwargs.pop("default", handler)
        if kwargs or not args:
            raise type_error(f"{name} expected at least 1 argument")
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
        best, rank = items[0], _ranked(run, key, items[0])
        for item in items[1:]:
            other = _ranked(run, key, item)
            better = sequences.ordered(run.path, other, rank, symbol)
            merged = sequences.merge(better, item, best) if key is None and not isinstance(better, bool) else None
            if merged is not None:
                best = rank = merged
            elif run.path.decide(better):
                best, rank = item, other
        return best

    return handler


def _ranked(run: Any, key: Any, item: Any) -> Any:
    return item if key is None else run.call(key, [item], {})


def _lazy_extreme(run: Any, elements: Lazy, symbol: str, name: str, key: Any, default: Any) -> Any:
    path = run.path
    if path.decide(z3.IntVal(0) + elements.length <= 0):
        if callable(default):
            raise Raised(ValueError, f"{name}() iterable argument is empty")
        return default
    if key is not None or not isinstance(elements.get(z3.IntVal(0)), (SInt, int)):
        raise Unsupported(f"`{name}` of a sequence of unbounded length")
    best, place = z3.Int(path.name(name)), z3.Int(path.name(f"{name}.place"))
    index = sequences.bound(path)
    some = elements.length > 0
    path.axiom(z3.Implies(some, z3.And(place >= 0, place < elements.length, int_term(elements.get(place)) == best)))
    item = int_term(elements.get(index))
    inside = z3.And(index >= 0, index < elements.length)
    path.axiom(z3.ForAll([index], z3.Implies(inside, item >= best if symbol == "<" else item <= best)))
    return SInt(best)


def _sum(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    start = kwargs.pop("start", args[1] if len(args) > 1 else 0)
    _plain(args, kwargs, 1, 2, "sum")
    elements = sequences.iterated(run.path, args[0])
    if isinstance(elements, Lazy):
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
    probe = z3.Int("i?sum")
    body = elements.get(probe)
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
        _plain(args, kwargs, 1, 1, name)
        elements = sequences.iterated(run.path, args[0])
        if isinstance(elements, Fixed):
            join = conj if universal else disj
            return wrap_bool(join(*(run.truth(item) for item in elements.items)))
        index = sequences.bound(run.path)
        inside = z3.And(index >= 0, index < elements.length)
        quantify = sequences.for_all if universal else sequences.exists
        return wrap_bool(quantify(run.path, index, inside, lambda: run.truth(elements.get(index))))

    return handler


def _range(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 1, 3, "range")
    if not all(is_integral(a) for a in args):
        raise type_error("'float' object cannot be interpreted as an integer")
    start, stop = (0, args[0]) if len(args) == 1 else args[:2]
    step = args[2] if len(args) == 3 else 1
    if not isinstance(step, int):
        raise Unsupported("`range` with an unknown step")
    if step == 0:
        raise Raised(ValueError, "range() arg 3 must not be zero")
    known = [int(v) if isinstance(v, bool) else v for v in (start, stop)]
    return SRange(known[0], known[1], int(step))


def _enumerate(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    start = kwargs.pop("start", args[1] if len(args) > 1 else 0)
    _plain(args, kwargs, 1, 2, "enumerate")
    elements = sequences.iterated(run.path, args[0])
    if isinstance(elements, Fixed):
        pairs = tuple((scalars.arithmetic(run.path, start, i, "+"), item) for i, item in enumerate(elements.items))
        return SIterator(Fixed(pairs))
    first, get = int_term(start), elements.get
    return SIterator(Lazy(elements.length, lambda i: (wrap_int(first + i), get(i))))


def _zip(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    if kwargs:
        raise Unsupported("`zip` with strict")
    parts = [sequences.iterated(run.path, value) for value in args]
    if all(isinstance(part, Fixed) for part in parts):
        return SIterator(Fixed(tuple(zip(*(part.items for part in parts), strict=False))))  # type: ignore[union-attr]
    size = z3.IntVal(0) + parts[0].length
    for part in parts[1:]:
        size = z3.If(part.length < size, z3.IntVal(0) + part.length, size)
    return SIterator(Lazy(z3.simplify(size), lambda i: tuple(sequences.at_or_any(run.path, part, i) for part in parts)))


def _reversed(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 1, 1, "reversed")
    if isinstance(args[0], (SSet, SIterator)):
        raise type_error(f"'{kind_of(args[0])}' object is not reversible")
    elements = sequences.iterated(run.path, args[0])
    return SIterator(sequences.sliced(run.path, elements, None, None, -1))


def _sorted(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    return SList(Fixed(sort(run, sequences.listed(run.path, args[0]), kwargs)))


def sort(run: Any, items: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """The items in order, equal ones as they were."""
    options = dict(kwargs)
    key, backwards = options.pop("key", None), options.pop("reverse", False)
    if options or not isinstance(backwards, (bool, int)):
        raise Unsupported("an unknown way to sort")
    symbol = ">" if backwards else "<"
    if key is None and all(type(i) is int or isinstance(i, SInt) for i in items):
        if all(type(i) is int for i in items):
            return tuple(sorted(items, reverse=bool(backwards)))
        if len(items) <= NETWORK_SIZE:
            return _network(items, bool(backwards))
    if len(items) > MAX_SORTED:
        raise Unsupported(f"sorting more than {MAX_SORTED} unknown items")
    ranked: list[tuple[Any, Any]] = []
    for item in items:
        rank, place = _ranked(run, key, item), len(ranked)
        while place and run.path.decide(sequences.ordered(run.path, rank, ranked[place - 1][0], symbol)):
            place -= 1
        ranked.insert(place, (rank, item))
    return tuple(item for _, item in ranked)


def _network(items: tuple[Any, ...], backwards: bool) -> tuple[Any, ...]:
    """Odd-even transposition: n rounds of exchanges, each two terms; equal ints cannot be told apart."""
    terms = [int_term(item) for item in items]
    for turn in range(len(terms)):
        for i in range(turn % 2, len(terms) - 1, 2):
            a, b = terms[i], terms[i + 1]
            low, high = z3.If(a <= b, a, b), z3.If(a <= b, b, a)
            terms[i], terms[i + 1] = (high, low) if backwards else (low, high)
    return tuple(wrap_int(term) for term in terms)


def _list(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 0, 1, "list")
    return SList(sequences.iterated(run.path, args[0]) if args else Fixed(()))


def _tuple(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 0, 1, "tuple")
    return make_tuple(sequences.iterated(run.path, args[0])) if args else ()


def _set(is_frozenset: bool) -> Callable[..., Any]:
    def handler(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        _plain(args, kwargs, 0, 1, "set")
        if args and isinstance(args[0], SSet):
            return SSet(list(args[0].items), is_frozenset)
        items: list[Any] = []
        for item in sequences.listed(run.path, args[0]) if args else ():
            sequences.add_to_set(run.path, items, item)
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
            entry = sequences.listed(run.path, pair)
            if len(entry) != 2:
                raise Raised(ValueError, "dictionary update sequence element has the wrong length")
            run.store_item(made, *entry)
    for name, value in kwargs.items():
        run.store_item(made, name, value)
    return made


def _defaultdict(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 0, 1, "defaultdict")
    return SDict([], args[0] if args else None, True)


def _map(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    parts = [sequences.listed(run.path, value) for value in args[1:]]
    try:
        return SIterator(Fixed(tuple(run.call(args[0], list(items), {}) for items in zip(*parts, strict=False))))
    except Raised:
        raise Unsupported("`map` with a function that raises") from None


def _filter(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 2, 2, "filter")
    test = args[0]
    try:
        kept = [
            item
            for item in sequences.listed(run.path, args[1])
            if run.path.decide(run.truth(item if test is None else run.call(test, [item], {})))
        ]
    except Raised:
        raise Unsupported("`filter` with a function that raises") from None
    return SIterator(Fixed(tuple(kept)))


def _iter(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 1, 1, "iter")
    return args[0] if isinstance(args[0], SIterator) else SIterator(sequences.iterated(run.path, args[0]))


def _next(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 1, 2, "next")
    iterator = args[0]
    if not isinstance(iterator, SIterator):
        raise _wrong_type("next", iterator)
    if run.path.decide(iterator.elements.length <= iterator.position):
        if len(args) == 2:
            return args[1]
        raise Raised(StopIteration, "")
    iterator.touch()
    iterator.position += 1
    return sequences.at(run.path, iterator.elements, iterator.position - 1)


def _isinstance(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 2, 2, "isinstance")
    kinds = args[1] if isinstance(args[1], tuple) else (args[1],)
    return any(_is_a(args[0], kind) for kind in kinds)


def _is_a(value: Any, kind: Any) -> bool:
    if isinstance(value, (Opaque, Function, Builtin, Class, SIterator, Raised)):
        raise Unsupported(f"`isinstance` of a {kind_of(value)}")
    if isinstance(kind, Class):
        return isinstance(value, Instance) and _inherits(value.kind, kind)
    host = getattr(builtins, kind.name, None) if isinstance(kind, Builtin) else None
    if not isinstance(host, type):
        raise Unsupported("`isinstance` with a type that is not builtin")
    if isinstance(value, Instance):
        return host is object
    own = getattr(builtins, kind_of(value), None) or type(value)
    return issubclass(own, host)


def _inherits(kind: Class, base: Class) -> bool:
    return kind is base or any(isinstance(b, Class) and _inherits(b, base) for b in kind.bases)


def _type(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 1, 1, "type")
    if isinstance(args[0], Instance):
        return args[0].kind
    if isinstance(args[0], SDict) and args[0].has_default:
        raise Unsupported("the type of a defaultdict")
    if isinstance(args[0], (Symbol, int, float, str, SStr, SList, tuple, SDict, SSet)):
        return Builtin(kind_of(args[0]))
    raise Unsupported(f"the type of a {kind_of(args[0])}")


def _hash(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Some int, the same for the same object. That equal values hash alike is not used."""
    _plain(args, kwargs, 1, 1, "hash")
    if isinstance(args[0], (SList, SDict, SLazySet)) or (isinstance(args[0], SSet) and not args[0].is_frozenset):
        raise type_error(f"unhashable type: '{kind_of(args[0])}'")
    if isinstance(args[0], (tuple, Instance)):
        raise Unsupported(f"the hash of a {kind_of(args[0])}")
    known = run.hashes.get(id(args[0]))
    if known is None:
        known = args[0], SInt(z3.Int(run.path.name("hash")))
        run.hashes[id(args[0])] = known
    return known[1]


def _print(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    for value in args:
        if isinstance(value, (Instance, Opaque)):
            raise Unsupported(f"printing a {kind_of(value)}")
    return None


def _float_test(make: Callable[[Any], Any], of_int: bool) -> Callable[..., Any]:
    def handler(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        _plain(args, kwargs, 1, 1, "math function")
        if is_integral(args[0]):
            return of_int
        if not is_number(args[0]):
            raise type_error("must be real number")
        return wrap_bool(make(float_term(args[0])))

    return handler


def _gcd(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 2, 2, "gcd")
    if not all(is_integral(a) for a in args):
        raise type_error("object cannot be interpreted as an integer")
    if all(isinstance(a, int) for a in args):
        return math.gcd(*args)
    return powers.gcd(run.path, int_term(args[0]), int_term(args[1]))


def _isqrt(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 1, 1, "isqrt")
    if not is_integral(args[0]):
        raise type_error("object cannot be interpreted as an integer")
    square = int_term(args[0])
    if run.path.decide(square < 0):
        raise Raised(ValueError, "isqrt() argument must be nonnegative")
    root = z3.Int(run.path.name("isqrt"))
    run.path.axiom(z3.Implies(square >= 0, z3.And(root >= 0, root * root <= square, square < (root + 1) * (root + 1))))
    return wrap_int(root)


def _known_math(name: str) -> Callable[..., Any]:
    def handler(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if all(type(a) in (int, float, bool) for a in args) and not kwargs:
            if any(isinstance(a, int) and a.bit_length() > 1000 for a in args) or (
                name in ("factorial", "comb", "perm") and any(a > 500 for a in args)
            ):
                raise Unsupported(f"`math.{name}` of a large number")
            return _on_host(getattr(math, name), *args)
        if name in ("floor", "ceil", "trunc") and len(args) == 1 and is_integral(args[0]):
            return scalars.to_int(run.path, args[0])
        raise Unsupported(f"`math.{name}` of an unknown number")

    return handler


def _copysign(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 2, 2, "copysign")
    if not all(is_number(a) for a in args):
        raise type_error("must be real number")
    size, sign = z3.fpAbs(float_term(args[0])), float_term(args[1])
    if run.path.decide(z3.fpIsNaN(sign)):
        raise Unsupported("the sign of a NaN")
    return wrap_float(z3.If(z3.fpIsNegative(sign), z3.fpNeg(size), size))


# -- chance and time: any value that they may give


def _randrange(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    chosen = _range(run, args, kwargs)
    elements = sequences.range_elements(run.path, chosen)
    if run.path.decide(elements.length <= 0):
        raise Raised(ValueError, "empty range for randrange()")
    place = z3.Int(run.path.name("random"))
    run.path.assume(z3.And(place >= 0, place < elements.length))
    return sequences.at(run.path, elements, place)


def _randint(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 2, 2, "randint")
    return _randrange(run, [args[0], run.binary(args[1], 1, "+")], {})


def _getrandbits(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 1, 1, "getrandbits")
    if type(args[0]) is not int or not 0 <= args[0] <= 1000:
        raise Unsupported("`getrandbits` of an unknown number")
    return _randrange(run, [1 << args[0]], {})


def _random(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 0, 0, "random")
    made = z3.FP(run.path.name("random"), FP)
    run.path.assume(z3.And(z3.fpLEQ(z3.FPVal(0.0, FP), made), z3.fpLT(made, z3.FPVal(1.0, FP))))
    return SFloat(made)


def _uniform(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 2, 2, "uniform")
    width = run.binary(args[1], args[0], "-")
    return run.binary(args[0], run.binary(scalars.to_float(width), _random(run, [], {}), "*"), "+")


def _monotonic(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 0, 0, "monotonic")
    made = z3.FP(run.path.name("clock"), FP)
    run.path.assume(z3.And(z3.fpLEQ(float_term(run.clock), made), z3.fpLEQ(made, z3.FPVal(1e15, FP))))
    run.clock = SFloat(made)
    return run.clock


def _implies(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    _plain(args, kwargs, 2, 2, "implies")
    return wrap_bool(disj(neg(run.truth(args[0])), run.truth(args[1])))


TABLE: dict[str, Callable[..., Any]] = {
    "len": _len,
    "abs": _abs,
    "bool": _bool,
    "int": _int,
    "float": _float,
    "str": _str,
    "repr": _repr,
    "ord": _ord,
    "chr": _chr,
    "divmod": _divmod,
    "pow": _pow,
    "round": _round,
    "min": _extreme("<", "min"),
    "max": _extreme(">", "max"),
    "sum": _sum,
    "all": _quantifier(True, "all"),
    "any": _quantifier(False, "any"),
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "reversed": _reversed,
    "sorted": _sorted,
    "list": _list,
    "tuple": _tuple,
    "set": _set(False),
    "frozenset": _set(True),
    "dict": _dict,
    "map": _map,
    "filter": _filter,
    "iter": _iter,
    "next": _next,
    "isinstance": _isinstance,
    "type": _type,
    "hash": _hash,
    "print": _print,
    "collections.defaultdict": _defaultdict,
    "math.gcd": _gcd,
    "math.isqrt": _isqrt,
    "math.isnan": _float_test(z3.fpIsNaN, False),
    "math.isinf": _float_test(z3.fpIsInf, False),
    "math.isfinite": _float_test(lambda t: z3.Not(z3.Or(z3.fpIsNaN(t), z3.fpIsInf(t))), True),
    "math.copysign": _copysign,
    "random.randrange": _randrange,
    "random.randint": _randint,
    "random.uniform": _uniform,
    "random.random": _random,
    "random.getrandbits": _getrandbits,
    "time.monotonic": _monotonic,
    "crosshair.util.implies": _implies,
    "crosshair.implies": _implies,
    **{
        f"math.{name}": _known_math(name)
        for name in (
            "floor",
            "ceil",
            "trunc",
            "sqrt",
            "factorial",
            "comb",
            "perm",
            "log",
            "log2",
            "log10",
            "exp",
            "pow",
            "hypot",
            "fabs",
            "prod",
        )
    },
}
CONSTANTS = {"math.inf": math.inf, "math.nan": math.nan, "math.pi": math.pi, "math.e": math.e, "sys.maxsize": (1 << 63) - 1}
"Names that are values."
