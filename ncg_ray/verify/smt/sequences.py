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
    SStr,
    STuple,
    SView,
    Symbol,
    conj,
    disj,
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
    neg,
    wrap_bool,
    wrap_float,
    wrap_int,
)

MAX_ELEMENTS = 10_000


def truth(path: Path, value: Any) -> Formula:
    """Whether a value is true, as a condition."""
    if is_number(value):
        return scalars.truth(value)
    if value is None:
        return False
    elements = elements_of(value)
    if elements is not None:
        return _positive(elements.length)
    if isinstance(value, SDict):
        return bool(value.entries)
    if isinstance(value, SView):
        return bool(value.items())
    if isinstance(value, SSet):
        return bool(value.items)
    if isinstance(value, SLazySet):
        return value.size > 0
    if isinstance(value, SRange):
        return _positive(range_length(path, value))
    if isinstance(value, (Function, Class, Builtin, Module, SIterator)):
        return True
    if isinstance(value, Instance) and not {"__bool__", "__len__"} & value.kind.methods.keys():
        return True
    raise Unsupported(f"the truth of a {kind_of(value)}")


def _positive(length: Any) -> Formula:
    return length > 0


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


# -- equality


def equal(path: Path, a: Any, b: Any) -> Formula:
    """`a == b`."""
    if a is b and isinstance(a, (str, SStr, type(None), Class)):
        return True
    if isinstance(a, (Function, Builtin, Module)) or isinstance(b, (Function, Builtin, Module)):
        return _equal_names(a, b)
    if is_number(a) and is_number(b):
        return scalars.equal(a, b)
    if isinstance(a, Opaque) or isinstance(b, Opaque):
        raise Unsupported("a comparison of values of any type")
    if isinstance(a, Instance) or isinstance(b, Instance):
        return _equal_instances(path, a, b)
    if (is_string(a) and is_string(b)) or (_is_list(a) and _is_list(b)) or (_is_tuple(a) and _is_tuple(b)):
        left, right = elements_of(a), elements_of(b)
        assert left is not None and right is not None
        return _equal_elements(path, left, right)
    if isinstance(a, SDict) and isinstance(b, SDict):
        return _equal_dicts(path, a, b)
    if isinstance(a, SSet) and isinstance(b, SSet):
        return conj(len(a.items) == len(b.items), *(contains(path, b, item) for item in a.items))
    if isinstance(a, SRange) and isinstance(b, SRange):
        return _equal_elements(path, range_elements(path, a), range_elements(path, b))
    if {SLazySet, SIterator, SView} & {type(a), type(b)}:
        raise Unsupported(f"a comparison of a {kind_of(a)} with a {kind_of(b)}")
    if type(a) is type(b) and not isinstance(a, Class):
        return bool(a == b)
    return False


def _equal_names(a: Any, b: Any) -> Formula:
    """Types are the same where their names are; of functions and methods that is not so simple."""
    types = ("int", "bool", "float", "str", "list", "tuple", "dict", "set", "frozenset")
    if (
        isinstance(a, Builtin)
        and isinstance(b, Builtin)
        and a.owner is None
        and b.owner is None
        and a.name in types
        and b.name in types
    ):
        return a.name == b.name
    if (isinstance(a, Builtin) and a.name in types and isinstance(b, Class)) or (
        isinstance(b, Builtin) and b.name in types and isinstance(a, Class)
    ):
        return False
    raise Unsupported("a comparison of functions")


def _is_list(value: Any) -> bool:
    return isinstance(value, SList)


def _is_tuple(value: Any) -> bool:
    return isinstance(value, (tuple, STuple))


def _equal_elements(path: Path, a: Elements, b: Elements) -> Formula:
    if isinstance(a, Fixed) and isinstance(b, Fixed):
        if a.length != b.length:
            return False
        return conj(*(identical_or_equal(path, x, y) for x, y in zip(a.items, b.items, strict=True)))
    if isinstance(a, Fixed):
        a, b = b, a
    if isinstance(b, Fixed):
        same_length = a.length == b.length
        return conj(same_length, *(identical_or_equal(path, a.get(z3.IntVal(i)), item) for i, item in enumerate(b.items)))
    index = bound(path)
    inside = z3.And(index >= 0, index < a.length)
    return conj(
        a.length == b.length, for_all(path, index, inside, lambda: identical_or_equal(path, a.get(index), b.get(index)))
    )


def identical_or_equal(path: Path, a: Any, b: Any) -> Formula:
    """What containers compare by: the same object equals itself, even a NaN.

    Whether two NaNs are one object is not known where they came by different ways; that case is outside the fragment.
    """
    if a is b:
        return True
    if scalars.is_float(a) and scalars.is_float(b) and path.decide(z3.And(_is_nan(a), _is_nan(b))):
        raise Unsupported("containers that may hold the same NaN")
    return equal(path, a, b)


def _is_nan(value: Any) -> Formula:
    return z3.fpIsNaN(float_term(value))


def _equal_dicts(path: Path, a: SDict, b: SDict) -> Formula:
    if len(a.entries) != len(b.entries):
        return False
    return conj(
        *(
            disj(*(conj(identical_or_equal(path, k, other), identical_or_equal(path, v, w)) for other, w in b.entries))
            for k, v in a.entries
        )
    )


def _equal_instances(path: Path, a: Any, b: Any) -> Formula:
    for value in (a, b):
        if isinstance(value, Instance) and "__eq__" in value.kind.methods:
            raise Unsupported("a class with its own __eq__")
    if a is b:
        return True
    if isinstance(a, Instance) and isinstance(b, Instance) and a.kind is b.kind and a.kind.is_dataclass:
        fields = [(_field(a, name), _field(b, name)) for name, _ in a.kind.fields]
        return conj(*(identical_or_equal(path, left, right) for left, right in fields))
    return False


def _field(owner: Instance, name: str) -> Any:
    """A field as a dataclass compares it: what `__init__` leaves out is looked for in the class."""
    if name in owner.fields:
        return owner.fields[name]
    if name not in owner.kind.constants or name in owner.kind.methods:
        raise Unsupported(f"a comparison of objects without their field {name!r}")
    return owner.kind.constants[name]


def is_same(path: Path, a: Any, b: Any) -> Formula:
    """`a is b`, where Python's answer does not hang on how it stores small values."""
    if a is None or b is None:
        return a is b
    if isinstance(a, Opaque) or isinstance(b, Opaque):
        if a is b:
            return True
        raise Unsupported("`is` with a value of any type")
    if isinstance(a, (bool, SBool)) and isinstance(b, (bool, SBool)):
        return scalars.equal(a, b)
    if isinstance(a, (bool, SBool)) or isinstance(b, (bool, SBool)):
        return False
    if isinstance(a, (Function, Module)) or isinstance(b, (Function, Module)):
        raise Unsupported("`is` between functions")
    identities = (SList, SDict, SSet, SLazySet, Instance, Class, SIterator)
    if isinstance(a, identities) or isinstance(b, identities):
        if getattr(a, "frozen", False) or getattr(b, "frozen", False):
            raise Unsupported("`is` between elements of an input")
        return a is b
    if isinstance(a, Builtin) and isinstance(b, Builtin):
        return _equal_names(a, b)
    if kind_of(a) != kind_of(b):
        return False
    raise Unsupported(f"`is` between values of type {kind_of(a)}")


# -- order


def ordered(path: Path, a: Any, b: Any, symbol: str) -> Formula:
    """`a < b` and its like."""
    if is_number(a) and is_number(b):
        return scalars.order(a, b, symbol)
    if (is_string(a) and is_string(b)) or (_is_list(a) and _is_list(b)) or (_is_tuple(a) and _is_tuple(b)):
        left, right = elements_of(a), elements_of(b)
        assert left is not None and right is not None
        return _lexicographic(path, left, right, symbol)
    if isinstance(a, SSet) and isinstance(b, SSet):
        small, big = (a, b) if symbol in ("<", "<=") else (b, a)
        subset = conj(*(contains(path, big, item) for item in small.items))
        return subset if symbol in ("<=", ">=") else conj(subset, len(small.items) < len(big.items))
    if isinstance(a, (Opaque, Instance, SLazySet, SView)) or isinstance(b, (Opaque, Instance, SLazySet, SView)):
        raise Unsupported(f"an order between {kind_of(a)} and {kind_of(b)}")
    raise type_error(f"'{symbol}' not supported between instances of '{kind_of(a)}' and '{kind_of(b)}'")


def _lexicographic(path: Path, a: Elements, b: Elements, symbol: str) -> Formula:
    if not isinstance(a, Fixed) or not isinstance(b, Fixed):
        raise Unsupported("an order between sequences of unbounded length")
    return _from(path, a, b, symbol, 0)


def _from(path: Path, a: Fixed, b: Fixed, symbol: str, start: int) -> Formula:
    """The order by what begins at a place, where all before it is equal: CPython looks no further than the first
    difference, so that what would raise behind it does not."""
    if start >= min(len(a.items), len(b.items)):
        return bool(scalars.COMPARE[symbol](len(a.items), len(b.items)))
    x, y = a.items[start], b.items[start]
    same = identical_or_equal(path, x, y)
    if isinstance(same, bool):
        return _from(path, a, b, symbol, start + 1) if same else ordered(path, x, y, symbol[0])
    try:
        rest = _from(path, a, b, symbol, start + 1)
    except Raised:
        raise Unsupported("an order that raises where the first elements are equal") from None
    return disj(conj(neg(same), ordered(path, x, y, symbol[0])), conj(same, rest))


# -- elements


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


def contains(path: Path, container: Any, item: Any) -> Formula:
    """`item in container`."""
    if is_string(container):
        if not is_string(item):
            raise type_error(f"'in <string>' requires string as left operand, not {kind_of(item)}", item)
        return _contains_string(path, container, item)
    elements = elements_of(container)
    if isinstance(container, SDict):
        hashable(path, item)
        return disj(*(identical_or_equal(path, key, item) for key, _ in container.entries))
    if isinstance(container, SView):
        elements = Fixed(container.items())
        if container.part == "keys":
            hashable(path, item)
        elif container.part == "items" and isinstance(item, (tuple, STuple)):
            first = elements_of(item)
            assert first is not None
            if path.decide(first.length == 2):
                hashable(path, at(path, first, 0))
    if isinstance(container, SSet):
        if not isinstance(item, SSet):  # which is looked for as if it were frozen
            hashable(path, item)
        return disj(*(identical_or_equal(path, member, item) for member in container.items))
    if isinstance(container, SLazySet):
        return container.has(item)
    if isinstance(container, SRange):
        elements = range_elements(path, container)
    if elements is None:
        if isinstance(container, (Opaque, SIterator, Instance)):
            raise Unsupported(f"`in` of a {kind_of(container)}")
        raise type_error(f"argument of type '{kind_of(container)}' is not iterable")
    if isinstance(elements, Fixed):
        return disj(*(identical_or_equal(path, member, item) for member in elements.items))
    index = bound(path)
    lazy = elements
    inside = z3.And(index >= 0, index < lazy.length)
    return exists(path, index, inside, lambda: identical_or_equal(path, lazy.get(index), item))


def _contains_string(path: Path, text: Any, part: Any) -> Formula:
    whole, piece = elements_of(text), elements_of(part)
    if not isinstance(piece, Fixed) or not isinstance(whole, Fixed):
        if isinstance(piece, Fixed) and piece.length == 0:
            return True
        if isinstance(piece, Fixed) and piece.length == 1 and isinstance(whole, Lazy):
            index = bound(path)
            inside = z3.And(index >= 0, index < whole.length)
            return exists(path, index, inside, lambda: equal(path, whole.get(index), piece.items[0]))
        raise Unsupported("`in` of a string of unbounded length")
    return disj(*(matches_at(path, whole, piece, i) for i in range(whole.length - piece.length + 1)))


def matches_at(path: Path, whole: Fixed, piece: Fixed, start: int) -> Formula:
    """Whether the piece stands at that place."""
    if start < 0 or start + piece.length > whole.length:
        return False
    return conj(*(equal(path, whole.items[start + i], item) for i, item in enumerate(piece.items)))


def hashable(path: Path, value: Any) -> None:
    """See that a value may be a key. Raises Raised(TypeError) where CPython does."""
    if isinstance(value, SList | SDict) or (kind_of(value) in ("set", "dict_keys", "dict_items")):
        raise type_error(f"unhashable type: '{kind_of(value)}'")
    if isinstance(value, tuple):
        for item in value:
            hashable(path, item)
    if isinstance(value, STuple):
        item = any_element(path, value.elements)
        if not (is_number(item) or is_string(item)):
            raise Unsupported("a tuple of unbounded length as a key, of what is no number or string")
    if isinstance(value, (Instance, Opaque, SView, slice)):
        raise Unsupported(f"a {kind_of(value)} as a key")


def refuse_unhashable(path: Path, value: Any) -> None:
    """For what looks at no key where there is none."""
    try:
        hashable(path, value)
    except Raised:
        raise Unsupported("a key that is not hashable, of what is empty") from None


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


# -- ranges and iteration


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


def add_to_set(path: Path, items: list[Any], item: Any) -> None:
    """Put it in unless an equal one is there."""
    hashable(path, item)
    if not any(path.decide(identical_or_equal(path, member, item)) for member in items):
        items.append(item)


def find_key(path: Path, value: SDict, key: Any) -> int:
    """Position of the entry with that key, or -1."""
    hashable(path, key)
    for position, (known, _) in enumerate(value.entries):
        if path.decide(identical_or_equal(path, known, key)):
            return position
    return -1
