"""Methods of strings. Tests of characters are exact over all of Unicode; changes of case go as far as ASCII."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import z3

from ncg_ray.verify.smt import comparison, sequences
from ncg_ray.verify.smt.list_methods import TUPLE
from ncg_ray.verify.smt.list_methods import fixed as fixed_elements
from ncg_ray.verify.smt.paths import Formula, Unsupported
from ncg_ray.verify.smt.raising import Raised, type_error
from ncg_ray.verify.smt.values import (
    Fixed,
    SList,
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


def _text_elements(value: Any, what: str) -> Any:
    if not is_string(value):
        raise type_error(f"{what} must be str, not {kind_of(value)}", value)
    return elements_of(value)


def fixed(value: Any, what: str) -> Fixed:
    _text_elements(value, what)
    return fixed_elements(value, what)


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
            return wrap_bool(comparison.matches_at(run.path, whole, piece, size - piece.length if at_end else 0))
        first = size - piece.length if at_end else z3.IntVal(0)
        return wrap_bool(
            conj(
                size >= piece.length,
                *(comparison.equal(run.path, whole.get(first + i), item) for i, item in enumerate(piece.items)),
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
            if path.decide(comparison.matches_at(path, whole, piece, place)):
                return place
        return _missing(missing)

    return handler


def _missing(missing: Any) -> Any:
    if missing is None:
        raise Raised(ValueError, "substring not found")
    return missing


def _count_text(run: Any, owner: Any, part: Any) -> Any:
    whole, piece = fixed(owner, "count"), fixed(part, "count")
    if piece.length == 0:
        return whole.length + 1
    if piece.length == 1:
        return TUPLE["count"](run, SList(whole), piece.items[0])
    total = place = 0
    while place + piece.length <= whole.length:
        found = run.path.decide(comparison.matches_at(run.path, whole, piece, place))
        total, place = total + found, place + (piece.length if found else 1)
    return total


def _split_at(run: Any, whole: Fixed, piece: Fixed, limit: int = -1) -> list[Fixed]:
    parts, begin, place = [], 0, 0
    while place + piece.length <= whole.length and limit != len(parts):
        if run.path.decide(comparison.matches_at(run.path, whole, piece, place)):
            parts.append(Fixed(whole.items[begin:place]))
            begin = place = place + piece.length
        else:
            place += 1
    return [*parts, Fixed(whole.items[begin:])]


def _split(run: Any, owner: Any, sep: Any = None, maxsplit: Any = -1) -> Any:
    whole = fixed(owner, "split")
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
    piece = fixed(sep, "split")
    if not piece.items:
        raise Raised(ValueError, "empty separator")
    return SList(Fixed(tuple(make_str(part) for part in _split_at(run, whole, piece, maxsplit))))


def _partition(backwards: bool) -> Callable[..., Any]:
    def handler(run: Any, owner: Any, sep: Any) -> Any:
        whole, piece = fixed(owner, "partition"), fixed(sep, "partition")
        if not piece.items:
            raise Raised(ValueError, "empty separator")
        places = range(whole.length - piece.length + 1)
        for place in reversed(places) if backwards else places:
            if run.path.decide(comparison.matches_at(run.path, whole, piece, place)):
                rest = whole.items[place + piece.length :]
                return make_str(Fixed(whole.items[:place])), sep, make_str(Fixed(rest))
        return ("", "", owner) if backwards else (owner, "", "")

    return handler


def _join(run: Any, owner: Any, parts: Any) -> Any:
    result: Any = ""
    for number, part in enumerate(sequences.listed(run.path, parts)):
        if not is_string(part):
            raise type_error(f"sequence item {number}: expected str instance, {kind_of(part)} found", part)
        result = run.binary(run.binary(result, owner, "+") if number else result, part, "+")
    return result


def _replace(run: Any, owner: Any, old: Any, new: Any) -> Any:
    whole, piece, _ = fixed(owner, "replace"), fixed(old, "replace"), fixed(new, "replace")
    if not piece.items:
        raise Unsupported("`replace` of the empty string")
    return _join(run, new, SList(Fixed(tuple(make_str(part) for part in _split_at(run, whole, piece)))))


def _strip(left: bool, right: bool) -> Callable[..., Any]:
    def handler(run: Any, owner: Any, chars: Any = None) -> Any:
        items = fixed(owner, "strip").items
        chosen = None if chars is None else fixed(chars, "strip")

        def goes(code: Any) -> bool:
            if chosen is None:
                return run.path.decide(_class_of(run, code, "isspace"))
            return run.path.decide(disj(*(comparison.equal(run.path, code, other) for other in chosen.items)))

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
        items = fixed(owner, test).items
        if not items:
            return False
        return wrap_bool(conj(*(_class_of(run, code, test) for code in items)))

    return handler


def _is_case(test: str, other: str) -> Callable[..., Any]:
    """`isupper`: some cased character, and none of the other case."""

    def handler(run: Any, owner: Any) -> Any:
        items = fixed(owner, test).items
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
        for code in fixed(owner, method).items:
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


STR: dict[str, Callable[..., Any]] = {
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
}
