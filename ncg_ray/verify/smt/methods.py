"""Attributes, and the methods of lists, tuples, strings, dicts, sets and the objects of the module's classes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import z3

from ncg_ray.verify.smt import sequences
from ncg_ray.verify.smt.calls import CONSTANTS, sort
from ncg_ray.verify.smt.modules import decorator_kinds
from ncg_ray.verify.smt.paths import Formula, Unsupported
from ncg_ray.verify.smt.raising import Raised, type_error
from ncg_ray.verify.smt.values import (
    Builtin,
    Class,
    Fixed,
    Function,
    Instance,
    Module,
    SDict,
    SLazySet,
    SList,
    SSet,
    SView,
    conj,
    disj,
    elements_of,
    int_term,
    is_string,
    kind_of,
    make_str,
    neg,
    wrap_bool,
    wrap_int,
)

ASCII_END = 128


def attribute(run: Any, holder: Any, name: str) -> Any:
    """`holder.name`."""
    if isinstance(holder, Module):
        full = f"{holder.name}.{name}"
        return CONSTANTS[full] if full in CONSTANTS else Builtin(full)
    if isinstance(holder, Instance):
        return _of_instance(run, holder, name)
    if isinstance(holder, Class):
        if name in holder.constants:
            return holder.constants[name]
        if name in holder.methods and not decorator_kinds(holder.methods[name]):
            return holder.methods[name]
        if name in holder.methods and decorator_kinds(holder.methods[name]) == {"staticmethod"}:
            return holder.methods[name]
        raise Unsupported(f"the attribute {holder.name}.{name}")
    if isinstance(holder, SDict) and holder.has_default and name == "default_factory":
        return holder.default
    if name in METHODS.get(_family(holder), {}) and not (kind_of(holder) == "frozenset" and not hasattr(frozenset, name)):
        return Builtin(name, holder)
    host = {
        "list": list,
        "tuple": tuple,
        "str": str,
        "dict": dict,
        "set": set,
        "frozenset": frozenset,
        "int": int,
        "float": float,
        "bool": bool,
        "range": range,
        "NoneType": type(None),
    }.get(kind_of(holder))
    if host is not None and not hasattr(host, name):
        raise Raised(AttributeError, f"'{kind_of(holder)}' object has no attribute '{name}'")
    raise Unsupported(f"the attribute `{name}` of a {kind_of(holder)}")


def _of_instance(run: Any, holder: Instance, name: str) -> Any:
    if name in holder.kind.methods:
        method = holder.kind.methods[name]
        kinds = decorator_kinds(method)
        if "property" in kinds:
            return run.call_function(method, [holder], {})
        first = () if "staticmethod" in kinds else (holder.kind,) if "classmethod" in kinds else (holder,)
        return Function(method.name, method.node, method.scope, method.defaults, first)
    if name in holder.fields:
        return holder.fields[name]
    if name in holder.kind.constants:
        return holder.kind.constants[name]
    if name.startswith("__"):
        raise Unsupported(f"the attribute `{name}`")
    raise Raised(AttributeError, f"'{holder.kind.name}' object has no attribute '{name}'")


def _family(value: Any) -> str:
    return "set" if isinstance(value, (SSet, SLazySet)) else kind_of(value)


def call_method(run: Any, owner: Any, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Call a method of a builtin type."""
    if kwargs and name not in ("sort", "split"):
        raise Unsupported(f"keyword arguments of `{name}`")
    try:
        return METHODS[_family(owner)][name](run, owner, *args, **kwargs)
    except TypeError as error:
        if "positional argument" in str(error) or "keyword argument" in str(error):
            raise type_error(f"{name}() got a wrong number of arguments") from None
        raise


# -- lists and tuples


def _append(run: Any, owner: SList, item: Any) -> None:
    owner.touch()
    owner.elements = sequences.joined(run.path, owner.elements, Fixed((item,)))


def _extend(run: Any, owner: SList, other: Any) -> None:
    added = sequences.iterated(run.path, other)
    owner.touch()
    owner.elements = sequences.joined(run.path, owner.elements, added)


def _insert(run: Any, owner: SList, index: Any, item: Any) -> None:
    start, _ = sequences.slice_bounds(run.path, index, None, owner.elements.length)
    before = sequences.sliced(run.path, owner.elements, None, wrap_int(start), None)
    after = sequences.sliced(run.path, owner.elements, wrap_int(start), None, None)
    owner.touch()
    owner.elements = sequences.joined(run.path, sequences.joined(run.path, before, Fixed((item,))), after)


def _pop(run: Any, owner: SList, index: Any = -1) -> Any:
    if run.path.decide(owner.elements.length <= 0):
        raise Raised(IndexError, "pop from empty list")
    place = sequences.normal_index(run.path, index, owner.elements.length, "pop")
    item = sequences.at(run.path, owner.elements, place)
    before = sequences.sliced(run.path, owner.elements, None, wrap_int(place), None)
    after = sequences.sliced(run.path, owner.elements, wrap_int(place + 1), None, None)
    owner.touch()
    owner.elements = sequences.joined(run.path, before, after)
    return item


def _fixed(value: Any, what: str) -> Fixed:
    elements = elements_of(value)
    if not isinstance(elements, Fixed):
        raise Unsupported(f"`{what}` of a sequence of unbounded length")
    return elements


def _position(run: Any, owner: Any, item: Any, what: str) -> int:
    for place, member in enumerate(_fixed(owner, what).items):
        if run.path.decide(sequences.identical_or_equal(run.path, member, item)):
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
    for member in _fixed(owner, "count").items:
        same = sequences.identical_or_equal(run.path, member, item)
        total = run.binary(total, wrap_bool(same), "+")
    return total if not isinstance(total, bool) else int(total)


def _reverse(run: Any, owner: SList) -> None:
    owner.touch()
    owner.elements = sequences.sliced(run.path, owner.elements, None, None, -1)


def _sort(run: Any, owner: SList, **kwargs: Any) -> None:
    items = _fixed(owner, "sort").items
    result = sort(run, items, kwargs)
    owner.touch()
    owner.elements = Fixed(result)


def _copy(run: Any, owner: SList) -> SList:
    return SList(owner.elements)


def _clear(run: Any, owner: SList) -> None:
    owner.touch()
    owner.elements = Fixed(())


# -- strings


def _text_elements(value: Any, what: str) -> Any:
    if not is_string(value):
        raise type_error(f"{what} must be str, not {kind_of(value)}")
    return elements_of(value)


def _affix(at_end: bool) -> Callable[..., Any]:
    def handler(run: Any, owner: Any, affix: Any, start: Any = None, stop: Any = None) -> Any:
        if start is not None or stop is not None:
            raise Unsupported("`startswith` or `endswith` with limits")
        if isinstance(affix, tuple):
            return wrap_bool(disj(*(_as_formula(handler(run, owner, part)) for part in affix)))
        whole, piece = elements_of(owner), _text_elements(affix, "affix")
        if not isinstance(piece, Fixed):
            raise Unsupported("an affix of unbounded length")
        size = whole.length
        if isinstance(whole, Fixed):
            return wrap_bool(sequences.matches_at(run.path, whole, piece, size - piece.length if at_end else 0))
        first = size - piece.length if at_end else z3.IntVal(0)
        return wrap_bool(
            conj(
                size >= piece.length,
                *(sequences.equal(run.path, whole.get(first + i), item) for i, item in enumerate(piece.items)),
            )
        )

    return handler


def _as_formula(value: Any) -> Formula:
    return value if isinstance(value, bool) else value.term


def _find(backwards: bool, missing: Any) -> Callable[..., Any]:
    def handler(run: Any, owner: Any, part: Any, start: Any = None, stop: Any = None) -> Any:
        path, whole, piece = run.path, elements_of(owner), _text_elements(part, "argument")
        if not isinstance(piece, Fixed):
            raise Unsupported("a search for a string of unbounded length")
        if not piece.items:
            raise Unsupported("a search for the empty string")
        low, high = sequences.slice_bounds(path, start, stop, whole.length)
        if path.decide(high - low < piece.length):
            return _missing(missing)
        if not isinstance(whole, Fixed):
            raise Unsupported("a search in a string of unbounded length")
        first, last = sequences.known_int(path, low, whole.length), sequences.known_int(path, high, whole.length)
        places = range(first, last - piece.length + 1)
        for place in reversed(places) if backwards else places:
            if path.decide(sequences.matches_at(path, whole, piece, place)):
                return place
        return _missing(missing)

    return handler


def _missing(missing: Any) -> Any:
    if missing is None:
        raise Raised(ValueError, "substring not found")
    return missing


def _count_text(run: Any, owner: Any, part: Any) -> Any:
    whole, piece = _fixed(owner, "count"), _fixed(part, "count")
    if piece.length == 0:
        return whole.length + 1
    if piece.length == 1:
        return _count(run, SList(whole), piece.items[0])
    total = place = 0
    while place + piece.length <= whole.length:
        found = run.path.decide(sequences.matches_at(run.path, whole, piece, place))
        total, place = total + found, place + (piece.length if found else 1)
    return total


def _split_at(run: Any, whole: Fixed, piece: Fixed, limit: int = -1) -> list[Fixed]:
    parts, begin, place = [], 0, 0
    while place + piece.length <= whole.length and limit != len(parts):
        if run.path.decide(sequences.matches_at(run.path, whole, piece, place)):
            parts.append(Fixed(whole.items[begin:place]))
            begin = place = place + piece.length
        else:
            place += 1
    return [*parts, Fixed(whole.items[begin:])]


def _split(run: Any, owner: Any, sep: Any = None, maxsplit: Any = -1) -> Any:
    whole = _fixed(owner, "split")
    if type(maxsplit) is not int:
        raise Unsupported("`split` with an unknown limit")
    if sep is None:
        if maxsplit != -1:
            raise Unsupported("`split` at spaces with a limit")
        words: list[list[Any]] = [[]]
        for code in whole.items:
            if run.path.decide(_class_of(run, code, "isspace")):
                words.append([])
            else:
                words[-1].append(code)
        return SList(Fixed(tuple(make_str(Fixed(tuple(w))) for w in words if w)))
    piece = _fixed(sep, "split")
    if not piece.items:
        raise Raised(ValueError, "empty separator")
    return SList(Fixed(tuple(make_str(part) for part in _split_at(run, whole, piece, maxsplit))))


def _partition(backwards: bool) -> Callable[..., Any]:
    def handler(run: Any, owner: Any, sep: Any) -> Any:
        whole, piece = _fixed(owner, "partition"), _fixed(sep, "partition")
        if not piece.items:
            raise Raised(ValueError, "empty separator")
        places = range(whole.length - piece.length + 1)
        for place in reversed(places) if backwards else places:
            if run.path.decide(sequences.matches_at(run.path, whole, piece, place)):
                rest = whole.items[place + piece.length :]
                return make_str(Fixed(whole.items[:place])), sep, make_str(Fixed(rest))
        return ("", "", owner) if backwards else (owner, "", "")

    return handler


def _join(run: Any, owner: Any, parts: Any) -> Any:
    result: Any = ""
    for number, part in enumerate(sequences.listed(run.path, parts)):
        if not is_string(part):
            raise type_error(f"sequence item {number}: expected str instance, {kind_of(part)} found")
        result = run.binary(run.binary(result, owner, "+") if number else result, part, "+")
    return result


def _replace(run: Any, owner: Any, old: Any, new: Any) -> Any:
    whole, piece, _ = _fixed(owner, "replace"), _fixed(old, "replace"), _fixed(new, "replace")
    if not piece.items:
        raise Unsupported("`replace` of the empty string")
    return _join(run, new, SList(Fixed(tuple(make_str(part) for part in _split_at(run, whole, piece)))))


def _strip(left: bool, right: bool) -> Callable[..., Any]:
    def handler(run: Any, owner: Any, chars: Any = None) -> Any:
        items = _fixed(owner, "strip").items
        chosen = None if chars is None else _fixed(chars, "strip")

        def goes(code: Any) -> bool:
            if chosen is None:
                return run.path.decide(_class_of(run, code, "isspace"))
            return run.path.decide(disj(*(sequences.equal(run.path, code, other) for other in chosen.items)))

        low, high = 0, len(items)
        while left and low < high and goes(items[low]):
            low += 1
        while right and low < high and goes(items[high - 1]):
            high -= 1
        return make_str(Fixed(items[low:high]))

    return handler


@functools.cache
def _ranges(test: str) -> tuple[tuple[int, int], ...]:
    """The code points for which a str method is true, as (first, last)."""
    found: list[tuple[int, int]] = []
    begin = None
    for code in range(sys.maxunicode + 2):
        inside = code <= sys.maxunicode and getattr(chr(code), test)()
        if inside and begin is None:
            begin = code
        elif not inside and begin is not None:
            found.append((begin, code - 1))
            begin = None
    return tuple(found)


def _class_of(run: Any, code: Any, test: str) -> Formula:
    """Whether `chr(code).test()`; exact, over all of Unicode of the interpreter that verifies."""
    if isinstance(code, int):
        return bool(getattr(chr(code), test)())
    term = int_term(code)
    if run.path.decide(term < ASCII_END):
        return _inside(term, tuple((a, min(b, ASCII_END - 1)) for a, b in _ascii_ranges(test)))
    return _inside(term, _ranges(test))


@functools.cache
def _ascii_ranges(test: str) -> tuple[tuple[int, int], ...]:
    codes = [c for c in range(ASCII_END) if getattr(chr(c), test)()]
    found: list[tuple[int, int]] = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1] = found[-1][0], code
        else:
            found.append((code, code))
    return tuple(found)


def _inside(term: Any, ranges: tuple[tuple[int, int], ...]) -> Formula:
    return disj(*(z3.And(term >= a, term <= b) if a < b else term == a for a, b in ranges))


def _all_of(test: str) -> Callable[..., Any]:
    def handler(run: Any, owner: Any) -> Any:
        items = _fixed(owner, test).items
        if not items:
            return False
        return wrap_bool(conj(*(_class_of(run, code, test) for code in items)))

    return handler


def _is_case(test: str, other: str) -> Callable[..., Any]:
    """`isupper`: some cased character, and none of the other case."""

    def handler(run: Any, owner: Any) -> Any:
        items = _fixed(owner, test).items
        some = disj(*(_class_of(run, code, test) for code in items))
        none = conj(*(neg(_class_of(run, code, other)) for code in items))
        titles = conj(*(neg(_title(run, code)) for code in items))
        return wrap_bool(conj(some, none, titles))

    return handler


def _title(run: Any, code: Any) -> Formula:
    """The few characters that are titlecase, and neither upper nor lower."""
    term = int_term(code)
    return False if run.path.decide(term < ASCII_END) else _inside(term, _titles())


@functools.cache
def _titles() -> tuple[tuple[int, int], ...]:
    return tuple((c, c) for c in range(0x1C4, 0x2000) if chr(c).istitle() and not chr(c).isupper())


def _cased(method: str, low: int, high: int, shift: int) -> Callable[..., Any]:
    def handler(run: Any, owner: Any) -> Any:
        made: list[Any] = []
        for code in _fixed(owner, method).items:
            if isinstance(code, int):
                made += map(ord, getattr(chr(code), method)())
                if code == 0x3A3 and method == "lower":
                    raise Unsupported("the lower case of a final sigma")
                continue
            term = int_term(code)
            if not run.path.decide(term < ASCII_END):
                raise Unsupported(f"`{method}` of characters beyond ASCII")
            made.append(wrap_int(z3.If(z3.And(term >= low, term <= high), term + shift, term)))
        return make_str(Fixed(tuple(made)))

    return handler


# -- dicts and sets


def _get(run: Any, owner: SDict, key: Any, default: Any = None) -> Any:
    place = sequences.find_key(run.path, owner, key)
    return owner.entries[place][1] if place >= 0 else default


def _setdefault(run: Any, owner: SDict, key: Any, default: Any = None) -> Any:
    place = sequences.find_key(run.path, owner, key)
    if place >= 0:
        return owner.entries[place][1]
    owner.touch()
    owner.entries.append((key, default))
    return default


_NOTHING = object()


def _pop_key(run: Any, owner: SDict, key: Any, default: Any = _NOTHING) -> Any:
    place = sequences.find_key(run.path, owner, key)
    if place < 0:
        if default is _NOTHING:
            raise Raised(KeyError, "")
        return default
    owner.touch()
    return owner.entries.pop(place)[1]


def _view(part: str) -> Callable[..., Any]:
    return lambda run, owner: SView(owner, part)


def _update(run: Any, owner: SDict, other: Any) -> None:
    pairs = (
        other.entries
        if isinstance(other, SDict)
        else [sequences.listed(run.path, pair) for pair in sequences.listed(run.path, other)]
    )
    for key, value in list(pairs):
        run.store_item(owner, key, value)


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
        owner.has = lambda other: disj(has(other), sequences.equal(path, other, item))
        owner.size = z3.If(there, owner.size, owner.size + 1) if not isinstance(there, bool) else owner.size + (not there)
        return
    items = list(owner.items)
    sequences.add_to_set(run.path, items, item)
    owner.touch()
    owner.items = items


def _discard(strict: bool) -> Callable[..., Any]:
    def handler(run: Any, owner: Any, item: Any) -> None:
        if isinstance(owner, SLazySet):
            raise Unsupported("taking from a set of unbounded size")
        for place, member in enumerate(owner.items):
            if run.path.decide(sequences.identical_or_equal(run.path, member, item)):
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
                sequences.add_to_set(run.path, items, item)
            other = SSet(items)
        return run.binary(owner, other, symbol)

    return handler


def _compare_sets(symbol: str) -> Callable[..., Any]:
    def handler(run: Any, owner: Any, other: Any) -> Any:
        if not isinstance(owner, SSet) or not isinstance(other, SSet):
            raise Unsupported("a comparison of sets that are not both bounded")
        return wrap_bool(sequences.ordered(run.path, owner, other, symbol))

    return handler


def _copy_set(run: Any, owner: Any) -> Any:
    if not isinstance(owner, SSet):
        raise Unsupported("a copy of a set of unbounded size")
    return SSet(list(owner.items), owner.is_frozenset)


def _bit_length(run: Any, owner: Any) -> Any:
    if isinstance(owner, int):
        return int(owner).bit_length()
    raise Unsupported("`bit_length` of an unknown int")


SEQUENCE = {"index": _index, "count": _count}
METHODS: dict[str, dict[str, Callable[..., Any]]] = {
    "list": {
        **SEQUENCE,
        "append": _append,
        "extend": _extend,
        "insert": _insert,
        "pop": _pop,
        "remove": _remove,
        "reverse": _reverse,
        "sort": _sort,
        "copy": _copy,
        "clear": _clear,
    },
    "tuple": SEQUENCE,
    "str": {
        "startswith": _affix(False),
        "endswith": _affix(True),
        "find": _find(False, -1),
        "rfind": _find(True, -1),
        "index": _find(False, None),
        "rindex": _find(True, None),
        "count": _count_text,
        "split": _split,
        "partition": _partition(False),
        "rpartition": _partition(True),
        "join": _join,
        "replace": _replace,
        "strip": _strip(True, True),
        "lstrip": _strip(True, False),
        "rstrip": _strip(False, True),
        "isdigit": _all_of("isdigit"),
        "isalpha": _all_of("isalpha"),
        "isalnum": _all_of("isalnum"),
        "isspace": _all_of("isspace"),
        "isdecimal": _all_of("isdecimal"),
        "isnumeric": _all_of("isnumeric"),
        "isupper": _is_case("isupper", "islower"),
        "islower": _is_case("islower", "isupper"),
        "upper": _cased("upper", 97, 122, -32),
        "lower": _cased("lower", 65, 90, 32),
    },
    "dict": {
        "get": _get,
        "setdefault": _setdefault,
        "pop": _pop_key,
        "keys": _view("keys"),
        "values": _view("values"),
        "items": _view("items"),
        "update": _update,
        "clear": _clear_dict,
        "copy": _copy_dict,
    },
    "set": {
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
    },
    "int": {"bit_length": _bit_length},
}
