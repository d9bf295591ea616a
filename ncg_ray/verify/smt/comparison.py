"""Truth, equality, identity, order, membership and hashing, on values whose parts may be unknown."""

from __future__ import annotations

from typing import Any

import z3

from ncg_ray.verify.smt import scalars
from ncg_ray.verify.smt.paths import Formula, Path, Unsupported
from ncg_ray.verify.smt.raising import Raised, type_error
from ncg_ray.verify.smt.sequences import any_element, at, bound, exists, for_all, range_elements, range_length
from ncg_ray.verify.smt.values import (
    Builtin,
    Class,
    Elements,
    Fixed,
    Function,
    Instance,
    Lazy,
    Module,
    Opaque,
    SBool,
    SDict,
    SIterator,
    SLazySet,
    SList,
    SRange,
    SSet,
    SStr,
    STuple,
    SView,
    conj,
    disj,
    elements_of,
    float_term,
    is_number,
    is_string,
    kind_of,
    neg,
)


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
