"""Lists, tuples, strings, sets and dicts: what Python does with them, on elements that may be unknown."""

from __future__ import annotations

import math
from typing import Any

import z3

from ncg_ray.verify.smt import scalars
from ncg_ray.verify.smt.paths import Formula, Guard, NeedsFork, Path, Unsupported
from ncg_ray.verify.smt.raising import Raised, type_error
from ncg_ray.verify.smt.values import (
    Builtin,
    Class,
    Elements,
    Fixed,
    Function,
    Instance,
    Lazy,
    Module,
    Mutable,
    Opaque,
    SBool,
    SDict,
    SInt,
    SIterator,
    SLazySet,
    SList,
    SRange,
    SSet,
    STuple,
    SView,
    Symbol,
    elements_of,
    float_term,
    holds_mutable,
    int_term,
    is_integral,
    is_number,
    is_string,
    kind_of,
    look,
    make_str,
    make_tuple,
    wrap_bool,
    wrap_float,
    wrap_int,
)

MAX_ELEMENTS = 10_000


def length(path: Path, value: Any) -> Any:
    """`len(value)` as an int or a term."""
    elements = elements_of(value)
    if elements is not None:
        return elements.length
    if isinstance(value, SDict):
        return len(value.entries)
    if isinstance(value, SView):
        return len(value.items())
    if isinstance(value, SSet):
        return len(value.items)
    if isinstance(value, SLazySet):
        return value.size
    if isinstance(value, SRange):
        return range_length(path, value)
    if isinstance(value, Opaque):
        raise Unsupported(f"the length of a {value.name}")
    raise type_error(f"object of type '{kind_of(value)}' has no len()")


def bound(path: Path) -> Any:
    """A variable for a quantifier."""
    path.quantifiers = getattr(path, "quantifiers", 0) + 1
    return z3.Int(f"i?{path.quantifiers}")


def for_all(path: Path, index: Any, inside: Formula, holds: Any) -> Formula:
    """Whether `holds()` is true for every index inside. It is evaluated once, for an unknown index, and must not fork."""
    body = below(path, inside, holds)
    return body if isinstance(body, bool) and body else z3.ForAll([index], z3.Implies(inside, body))


def exists(path: Path, index: Any, inside: Formula, holds: Any) -> Formula:
    """Whether `holds()` is true for some index inside."""
    body = below(path, inside, holds)
    return False if body is False else z3.Exists([index], z3.And(inside, body))


def below(path: Path, inside: Formula, holds: Any) -> Formula:
    with path.supposing(True if isinstance(inside, bool) else inside):
        path.quantified += 1
        try:
            return holds()
        finally:
            path.quantified -= 1


def any_element(path: Path, elements: Lazy) -> Any:
    """An element at an unknown place: what is true of its type is true of all. Raises Unsupported where they differ."""
    index = bound(path)
    try:
        return below(path, z3.And(index >= 0, index < elements.length), lambda: elements.get(index))
    except NeedsFork:
        raise Unsupported("elements of several types in a sequence of unbounded length") from None


def settled(path: Path, value: Any, since: float = math.inf, is_deep: bool = True) -> bool:
    """Whether nothing can change a value. What was made since a time is frozen for that.

    Elements of unknown number are of one kind, so that it is enough to look at them once, in the `is_deep` way.
    """
    if isinstance(value, tuple):
        return all([settled(path, item, since, is_deep) for item in value])
    if isinstance(value, Mutable):
        if isinstance(value, (SIterator, SLazySet)) or (value.birth < since and not value.frozen):
            return False
        if value.frozen:
            return True
        value.frozen = True
        parts: list[Any] = []
        if isinstance(value, SDict):
            parts = [part for entry in value.entries for part in entry]
        elif isinstance(value, SSet):
            parts = value.items
        elif isinstance(value, Instance):
            parts = list(value.fields.values())
        if not all([settled(path, part, since, is_deep) for part in parts]):
            return False
    elements = value.elements if isinstance(value, (SList, STuple)) else None
    if isinstance(elements, Fixed):
        return all([settled(path, item, since, is_deep) for item in elements.items])
    if elements is not None:
        return not is_deep or settled(path, any_element(path, elements))
    if isinstance(value, (Function, Builtin)):
        return not (value.bound if isinstance(value, Function) else value.owner is not None)
    plain = (Opaque, Class, Module, SRange, Mutable)
    return value is None or is_number(value) or is_string(value) or isinstance(value, plain)


def reaches(path: Path, value: Any, target: Any) -> bool:
    """Whether an object may be got at from a value. A function may get at any."""
    todo, seen = [value], {}
    while todo:
        part = todo.pop()
        if part is target or isinstance(part, Function):
            return True
        if id(part) in seen:
            continue
        seen[id(part)] = part
        elements = part.elements if isinstance(part, (SList, STuple, SIterator)) else None
        if isinstance(part, tuple):
            todo += part
        elif isinstance(elements, Fixed):
            todo += elements.items
        elif elements is not None:
            todo.append(any_element(path, elements))
        if isinstance(part, SIterator):
            todo += part.sources
        elif isinstance(part, SView) or (isinstance(part, Builtin) and part.owner is not None):
            todo.append(part.owner)
        elif isinstance(part, SDict):
            todo += [item for entry in part.entries for item in entry]
        elif isinstance(part, Instance):
            todo += part.fields.values()
    return False


def normal_index(path: Path, index: Any, size: Any, what: str) -> Any:
    """The index from the front, as an int or a term. Raises Raised(IndexError)."""
    if not is_integral(index):
        raise type_error(f"{what} indices must be integers or slices, not {kind_of(index)}", index)
    if isinstance(index, int) and isinstance(size, int):
        if not -size <= index < size:
            raise Raised(IndexError, f"{what} index out of range")
        return index + size if index < 0 else int(index)
    term = int_term(index)
    if path.decide(z3.Or(term < -size, term >= size)):
        raise Raised(IndexError, f"{what} index out of range")
    return term + size if path.decide(term < 0) else term


def at(path: Path, elements: Elements, index: Any) -> Any:
    """The element at an index that is in range."""
    if isinstance(elements, Lazy):
        return elements.get(index if isinstance(index, z3.ExprRef) else z3.IntVal(index))
    if isinstance(index, int):
        return elements.items[index]
    simple = z3.simplify(index)
    if z3.is_int_value(simple):
        return elements.items[simple.as_long()]
    chosen = choose(simple, elements.items)
    if chosen is not None:
        return chosen
    for position in range(elements.length - 1):
        if path.decide(simple == position):
            return elements.items[position]
    return elements.items[-1]


def choose(index: Any, items: tuple[Any, ...]) -> Any:
    """items[index] as one term, where all items are ints, or all bools; else None."""
    if not items:
        return None
    if all(isinstance(item, (SBool, bool)) for item in items):
        term = z3.BoolVal(items[-1]) if isinstance(items[-1], bool) else items[-1].term
        for position in range(len(items) - 2, -1, -1):
            item = items[position]
            term = z3.If(index == position, item if isinstance(item, bool) else item.term, term)
        return wrap_bool(term)
    if all(type(item) is int or isinstance(item, SInt) for item in items):
        term = int_term(items[-1])
        for position in range(len(items) - 2, -1, -1):
            term = z3.If(index == position, int_term(items[position]), term)
        return wrap_int(term)
    return None


def slice_bounds(path: Path, low: Any, high: Any, size: Any) -> tuple[Any, Any]:
    """Start and stop of `[low:high]`, cut to the sequence, as ints or terms; stop is not before start."""
    start, stop = _clamped(path, low, size, 0), _clamped(path, high, size, size)
    if isinstance(start, int) and isinstance(stop, int):
        return start, max(start, stop)
    if isinstance(size, int):
        return (start, stop) if path.decide(start <= stop) else (start, start)
    return start, stop if path.implied(start <= stop) else z3.If(start <= stop, stop, start)


def _clamped(path: Path, index: Any, size: Any, default: Any) -> Any:
    if index is None:
        return default
    if not is_integral(index):
        raise type_error("slice indices must be integers or None or have an __index__ method", index)
    if isinstance(index, int) and isinstance(size, int):
        return min(max(index + size if index < 0 else index, 0), size)
    term = int_term(index)
    if isinstance(size, int):
        if path.decide(term < 0):
            return 0 if path.decide(term + size <= 0) else term + size
        return size if path.decide(term >= size) else term
    # Where the length is not known a term serves as well as a fork.
    if not path.implied(term >= 0):
        term = z3.If(term < 0, z3.If(term + size <= 0, 0, term + size), term)
    return term if path.implied(term <= size) else z3.If(term >= size, size, term)


def sliced(path: Path, elements: Elements, low: Any, high: Any, step: Any) -> Elements:
    """`[low:high:step]`."""
    if step is not None and not (isinstance(step, int) and not isinstance(step, bool)):
        raise Unsupported("a slice with an unknown step")
    if step == 0:
        raise Raised(ValueError, "slice step cannot be zero")
    if step not in (None, 1):
        known = all(part is None or isinstance(part, int) for part in (low, high))
        if isinstance(elements, Fixed) and known:
            return Fixed(elements.items[low:high:step])
        if step == -1 and low is None and high is None and isinstance(elements, Lazy):
            size, get = elements.length, elements.get
            return Lazy(size, lambda i: get(size - 1 - i))
        raise Unsupported("a slice with a step and unknown ends")
    start, stop = slice_bounds(path, low, high, elements.length)
    if isinstance(elements, Fixed):
        return Fixed(elements.items[known_int(path, start, elements.length) : known_int(path, stop, elements.length)])
    base = None if elements.base is None else (elements.base[0], elements.base[1] + start)
    get = elements.get
    size = z3.simplify(z3.IntVal(0) + stop - start)
    return Lazy(size.as_long() if z3.is_int_value(size) else size, lambda i: get(i + start), base)


def known_int(path: Path, value: Any, limit: int) -> int:
    """A term in 0 .. limit as a host int; forks over what it may be."""
    if isinstance(value, int):
        return value
    simple = z3.simplify(value)
    if z3.is_int_value(simple):
        return int(simple.as_long())
    for number in range(limit):
        if path.decide(simple == number):
            return number
    return limit


def joined(path: Path, a: Elements, b: Elements) -> Elements:
    """`a + b` of two sequences."""
    if isinstance(a, Fixed) and isinstance(b, Fixed):
        if a.length + b.length > MAX_ELEMENTS:
            raise Unsupported("a sequence of more than 10000 elements")
        return Fixed(a.items + b.items)
    if isinstance(b, Fixed) and not b.items:
        return a
    if isinstance(a, Fixed) and not a.items:
        return b
    for part in (a, b):
        if isinstance(part, Fixed) and any(map(holds_mutable, part.items)):
            raise Unsupported("mutable elements in a sequence of unbounded length")
    size = a.length

    def get(index: Any) -> Any:
        # In range of the whole; each part is asked only for what it has, so a merged term is needed.
        return either(path, index < size, lambda: at_or_any(path, a, index), lambda: at_or_any(path, b, index - size))

    return Lazy(a.length + b.length, get)


def at_or_any(path: Path, elements: Elements, index: Any) -> Any:
    """The element at an index; any at all where the index is out of range."""
    if isinstance(elements, Lazy):
        return elements.get(index)
    simple = z3.simplify(index)
    if z3.is_int_value(simple):
        number = simple.as_long()
        if not elements.items:
            raise Unsupported("an index into an empty sequence")
        return elements.items[number if 0 <= number < elements.length else 0]
    if not elements.items:
        raise Unsupported("an unknown index into an empty sequence")
    if elements.length == 1:
        return elements.items[0]
    chosen = choose(simple, elements.items)
    if chosen is None:
        raise Unsupported("an unknown index into elements of several types")
    return chosen


def either(path: Path, condition: Formula, yes: Any, no: Any) -> Any:
    """`yes() if condition else no()` as one value where both are scalars of one kind, else by a fork."""
    simple = condition if isinstance(condition, bool) else z3.simplify(condition)
    if isinstance(simple, bool) or z3.is_true(simple) or z3.is_false(simple):
        return yes() if simple is True or (not isinstance(simple, bool) and z3.is_true(simple)) else no()
    a, b = yes(), no()
    merged = merge(simple, a, b)
    if merged is not None:
        return merged
    return a if path.decide(simple) else b


def merge(condition: Any, a: Any, b: Any) -> Any:
    """If(condition, a, b) of two scalars of one kind; None where they are not."""
    if isinstance(a, (bool, SBool)) and isinstance(b, (bool, SBool)):
        left, right = (v if isinstance(v, bool) else v.term for v in (a, b))
        return wrap_bool(
            z3.If(condition, left, right)
            if not (isinstance(left, bool) and isinstance(right, bool))
            else left
            if left == right
            else condition
            if left
            else z3.Not(condition)
        )
    if (type(a) is int or isinstance(a, SInt)) and (type(b) is int or isinstance(b, SInt)):
        return wrap_int(z3.If(condition, int_term(a), int_term(b)))
    if scalars.is_float(a) and scalars.is_float(b):
        return wrap_float(z3.If(condition, float_term(a), float_term(b)))
    if is_string(a) and is_string(b) and isinstance(a, str) and a == b:
        return a
    return None


def repeated(path: Path, value: Any, count: Any) -> Any:
    """`value * count`."""
    elements = elements_of(value)
    assert elements is not None
    if isinstance(count, Symbol):
        term = int_term(count)
        if path.decide(term <= 0):
            return rebuilt(value, Fixed(()))
        if isinstance(elements, Fixed) and elements.length == 1:
            only = elements.items[0]
            if isinstance(only, (SList, SDict, SSet)):
                raise Unsupported("copies of one mutable element, of unknown number")
            return rebuilt(value, Lazy(term, lambda i: only))
        raise Unsupported("a sequence times an unknown number")
    number = max(int(count), 0)
    if isinstance(elements, Fixed):
        if elements.length * number > MAX_ELEMENTS:
            raise Unsupported("a sequence of more than 10000 elements")
        return rebuilt(value, Fixed(elements.items * number))
    if number > 8:
        raise Unsupported("a sequence of unbounded length, many times")
    result: Elements = Fixed(())
    for _ in range(number):
        result = joined(path, result, elements)
    return rebuilt(value, result)


def rebuilt(like: Any, elements: Elements) -> Any:
    """A sequence of the same type with other elements."""
    if is_string(like):
        return make_str(elements)
    return SList(elements) if isinstance(like, SList) else make_tuple(elements)


def range_length(path: Path, value: SRange) -> Any:
    if all(isinstance(part, int) for part in (value.start, value.stop)):
        return len(range(value.start, value.stop, value.step))
    start, stop, step = int_term(value.start), int_term(value.stop), value.step
    distance = stop - start if step > 0 else start - stop
    size = distance if abs(step) == 1 else (distance + (abs(step) - 1)) / abs(step)
    return z3.simplify(z3.If(distance > 0, size, 0))


def range_elements(path: Path, value: SRange) -> Elements:
    size = range_length(path, value)
    if isinstance(size, int) and isinstance(value.start, int):
        if size > MAX_ELEMENTS:
            start, step = value.start, value.step
            return Lazy(z3.IntVal(size), lambda i: wrap_int(start + i * step))
        return Fixed(tuple(range(value.start, value.start + size * value.step, value.step)))
    start, step = int_term(value.start), value.step
    simple = z3.simplify(size) if not isinstance(size, int) else z3.IntVal(size)
    if z3.is_int_value(simple) and simple.as_long() <= MAX_ELEMENTS:
        return Fixed(tuple(wrap_int(start + i * step) for i in range(simple.as_long())))
    return Lazy(simple, lambda i: wrap_int(start + i * step))


def iterated(path: Path, value: Any) -> Elements:
    """What `for x in value` goes through; an iterator is used up by it."""
    elements = elements_of(value)
    if elements is not None:
        if is_string(value):
            if isinstance(elements, Fixed):
                return Fixed(tuple(make_str(Fixed((code,))) for code in elements.items))
            get = elements.get
            return Lazy(elements.length, lambda i: make_str(Fixed((get(i),))))
        return elements
    if isinstance(value, SDict):
        return Fixed(tuple(key for key, _ in value.entries))
    if isinstance(value, SView):
        return Fixed(value.items())
    if isinstance(value, SSet):
        return Fixed(any_order(path, value.items))
    if isinstance(value, SRange):
        return range_elements(path, value)
    if isinstance(value, SIterator):
        if path.no_fork:
            raise NeedsFork  # what is tried below a supposition may be tried again
        use_iterator(path, value)
        value.spent = True
        rest = value.elements
        if isinstance(rest, Lazy):
            if value.position:
                raise Unsupported("the rest of an iterator of unbounded length")
            value.touch()
            value.elements = Fixed(())
            return rest
        value.touch()
        taken, value.position = rest.items[value.position :], len(rest.items)
        return Fixed(taken)
    if isinstance(value, (SLazySet, Opaque, Instance)):
        raise Unsupported(f"a loop over a {kind_of(value)}")
    raise type_error(f"'{kind_of(value)}' object is not iterable")


def use_iterator(path: Path, value: SIterator) -> None:
    """See that taking from an iterator gives what CPython would give."""
    if value.spent:
        raise Unsupported("an iterator that something went through before")
    if look(value.sources) != value.state:
        raise Unsupported("an iterator over what has changed since")
    if value.made_in is not None and value.made_in != path.statement:
        raise Unsupported("a generator, `map` or `filter` that is used later than in the statement that makes it")
    if value.made_in is not None and Guard.since(value.birth):
        raise Unsupported("a generator, `map` or `filter` that is used after something has changed")


def any_order(path: Path, items: list[Any]) -> tuple[Any, ...]:
    """Python does not say in which order a set is gone through, so each order is a path."""
    rest, result = list(items), []
    if len(rest) > 4:
        raise Unsupported("a loop over a set of more than 4 items")
    while rest:
        result.append(rest.pop(path.pick(len(rest))))
    return tuple(result)


def listed(path: Path, value: Any) -> tuple[Any, ...]:
    """The elements of an iterable, where their number is known."""
    elements = iterated(path, value)
    if isinstance(elements, Lazy):
        size = elements.length if isinstance(elements.length, z3.ExprRef) else z3.IntVal(elements.length)
        simple = z3.simplify(size)
        if not z3.is_int_value(simple):
            raise Unsupported("all elements of a sequence of unbounded length")
        return tuple(elements.get(z3.IntVal(i)) for i in range(simple.as_long()))
    return elements.items
