"""What a Python value is to the symbolic interpreter.

A host `int`, `bool`, `float`, `str` or `None` stands for itself, and a host tuple for a tuple of values. What is not
known is one of the classes below. A sequence is either `Fixed`, with a known number of elements, or `Lazy`, with a
length that is a term and elements that are a function of the index; the latter needs no array theory and no quantifier
until something asks about all of its elements.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import z3

from ncg_ray.verify.smt.paths import Formula, Guard, Unsupported

FP = z3.Float64()
RNE = z3.RNE()
EXACT_FLOAT = 1 << 53
"Integers up to here are floats without rounding."
MAX_BITS = 20_000
"Larger integers are outside the fragment: what they cost is no longer arithmetic."


class Symbol:
    """A scalar that depends on the input."""

    __slots__ = ("term",)

    def __init__(self, term: Any) -> None:
        self.term = term

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.term})"


class SInt(Symbol):
    __slots__ = ()


class SBool(Symbol):
    __slots__ = ()


class SFloat(Symbol):
    __slots__ = ()


class Opaque:
    """A value of which nothing is known but its identity, its type's name, and that it is not None."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


@dataclass(frozen=True, eq=False)
class Fixed:
    """Elements whose number is known."""

    items: tuple[Any, ...]

    @property
    def length(self) -> int:
        return len(self.items)


@dataclass(frozen=True, eq=False)
class Lazy:
    """Elements by index. `get` is asked for indices that are in range; what it gives must not be mutated."""

    length: Any
    "An int or a z3 term."
    get: Callable[[Any], Any]
    base: tuple[str, Any] | None = None
    "(name, offset) where the elements are those of an unknown input, from an offset on: sums over it are prefix sums."


Elements = Fixed | Lazy


class Mutable:
    """What has an identity."""

    __slots__ = ("birth", "frozen", "moves", "writes")

    def __init__(self) -> None:
        self.frozen = False
        "Seen through something that does not notice changes."
        self.birth = next(Guard.births)
        self.writes = 0
        "How often it changed."
        self.moves = 0
        "How often that was more than another value for a key of a dict."

    def touch(self, moves: bool = True) -> None:
        """Say that it is about to change."""
        if self.frozen:
            raise Unsupported("a change of what is an element of an unbounded sequence, a default or a global")
        for guard in Guard.active:
            if self.birth < guard.birth and id(self) not in guard.allowed:
                raise guard.error()
        self.writes += 1
        self.moves += moves
        if not isinstance(self, SIterator):  # taking from it is seen by `spent`
            Guard.note(self.birth)


class SList(Mutable):
    __slots__ = ("elements",)

    def __init__(self, elements: Elements) -> None:
        super().__init__()
        self.elements = elements


class STuple:
    """A tuple whose length is not known; all others are host tuples."""

    __slots__ = ("elements",)

    def __init__(self, elements: Lazy) -> None:
        self.elements = elements


class SStr:
    """A string as its code points, each a host int or an SInt in 0 .. 0x10FFFF; wholly known ones are host strings."""

    __slots__ = ("elements",)

    def __init__(self, elements: Elements) -> None:
        self.elements = elements


class SDict(Mutable):
    """Entries with keys that differ pairwise, in insertion order."""

    __slots__ = ("default", "entries", "has_default")

    def __init__(self, entries: list[tuple[Any, Any]], default: Any = None, has_default: bool = False) -> None:
        super().__init__()
        self.entries = entries
        self.default = default
        "The factory of a defaultdict."
        self.has_default = has_default or default is not None
        "Whether it is a defaultdict, with a factory or without."


class SView:
    """`d.keys()`, `d.values()` or `d.items()`: what the dict holds when it is looked at."""

    __slots__ = ("owner", "part")

    def __init__(self, owner: SDict, part: str) -> None:
        self.owner, self.part = owner, part

    def items(self) -> tuple[Any, ...]:
        entries = self.owner.entries
        return (
            tuple(k for k, _ in entries)
            if self.part == "keys"
            else tuple(v for _, v in entries)
            if self.part == "values"
            else tuple(entries)
        )


class SSet(Mutable):
    """Items that differ pairwise. Their order is not known."""

    __slots__ = ("is_frozenset", "items")

    def __init__(self, items: list[Any], is_frozenset: bool = False) -> None:
        super().__init__()
        self.items = items
        self.is_frozenset = is_frozenset


class SLazySet(Mutable):
    """A set of any size, by its membership test."""

    __slots__ = ("has", "is_frozenset", "size")

    def __init__(self, has: Callable[[Any], Formula], size: Any, is_frozenset: bool = False) -> None:
        super().__init__()
        self.has, self.size, self.is_frozenset = has, size, is_frozenset


class SRange:
    """`range(start, stop, step)`; the step is a host int."""

    __slots__ = ("start", "step", "stop")

    def __init__(self, start: Any, stop: Any, step: int) -> None:
        self.start, self.stop, self.step = start, stop, step


class SIterator(Mutable):
    """What `iter`, `zip`, `map`, generators and their like give: elements that are consumed once, from the front.

    They are worked out at once. So the sources must be as they were when something is taken; and what computes its
    elements (`map`, `filter`, a generator, or `zip` of one) must be used up in the statement that makes it, before
    anything changes that it may read.
    """

    __slots__ = ("elements", "made_in", "position", "sources", "spent", "state")

    def __init__(self, elements: Elements, sources: tuple[Any, ...] = (), made_in: int | None = None) -> None:
        super().__init__()
        self.elements, self.sources = elements, sources
        "What it goes through, or reads."
        self.state = look(sources)
        inner = [s.made_in for s in sources if isinstance(s, SIterator) and s.made_in is not None]
        self.made_in = inner[0] if made_in is None and inner else made_in
        "The number of the statement that made it, where it computes its elements."
        self.position = 0
        self.spent = False
        "Something went through it, all the way or not."


def look(source: Any) -> Any:
    """What a container holds, to be compared with what it held before."""
    if isinstance(source, tuple):
        return tuple(map(look, source))
    if isinstance(source, SView):
        return source.owner.moves if source.part == "keys" else source.owner.writes
    if isinstance(source, (SDict, SSet)):
        return source.moves
    if isinstance(source, SList):
        return source.elements  # compared by identity
    if isinstance(source, SIterator):
        return look(source.sources)
    return None


class Instance(Mutable):
    """An object of a class of the module."""

    __slots__ = ("fields", "kind", "made_from")

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self.made_from: Any = None
        "The arguments of its constructor, where it is an input."
        self.fields: dict[str, Any] = {}


@dataclass
class Module:
    """A module that the program imports, or a builtin function, by name."""

    name: str


@dataclass(eq=False)
class Function:
    """A function of the module, or a lambda, with the names that it sees."""

    name: str
    node: Any
    scope: Any
    defaults: dict[str, Any] = field(default_factory=dict)
    bound: tuple[Any, ...] = ()
    "Arguments that come first: `self`."


@dataclass(eq=False)
class Class:
    """A class of the module."""

    name: str
    node: Any
    methods: dict[str, Function] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    bases: tuple[Any, ...] = ()
    is_dataclass: bool = False
    fields: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Builtin:
    """A builtin function, type or method: `len`, `int`, `math.gcd`, `list.append` with its object."""

    name: str
    owner: Any = None


# -- terms


def wrap_int(term: Any) -> Any:
    """An int value of a term: a host int where it is known."""
    if isinstance(term, int):
        return int(term)
    simple = z3.simplify(term)
    return simple.as_long() if z3.is_int_value(simple) else SInt(simple)


def wrap_bool(formula: Formula) -> Any:
    if isinstance(formula, bool):
        return formula
    simple = z3.simplify(formula)
    return True if z3.is_true(simple) else False if z3.is_false(simple) else SBool(simple)


def wrap_float(term: Any) -> Any:
    simple = z3.simplify(term)
    value = float_of(simple)
    return SFloat(simple) if value is None else value


def float_of(term: Any) -> float | None:
    """The host float of a literal term."""
    if not z3.is_fp_value(term):
        return None
    if term.isNaN():
        return math.nan
    if term.isInf():
        return -math.inf if term.isNegative() else math.inf
    if term.isZero():
        return -0.0 if term.isNegative() else 0.0
    bits = z3.simplify(z3.fpToIEEEBV(term)).as_long()
    return float_from_bits(bits)


def float_from_bits(bits: int) -> float:
    return float(struct.unpack("<d", struct.pack("<Q", bits))[0])


def int_term(value: Any) -> Any:
    """The integer term of an int or bool value."""
    if isinstance(value, SInt):
        return value.term
    if isinstance(value, SBool):
        return z3.If(value.term, z3.IntVal(1), z3.IntVal(0))
    return z3.IntVal(int(value))


def float_term(value: Any) -> Any:
    """The float term of a number, where it is exactly one."""
    if isinstance(value, SFloat):
        return value.term
    if isinstance(value, float):
        return z3.FPVal(value, FP)
    if isinstance(value, (bool, int)) and abs(value) <= EXACT_FLOAT:
        return z3.FPVal(float(value), FP)
    if isinstance(value, SBool):
        return z3.If(value.term, z3.FPVal(1.0, FP), z3.FPVal(0.0, FP))
    raise Unsupported("an int that becomes a float")


def conj(*formulas: Formula) -> Formula:
    if any(f is False for f in formulas):
        return False
    rest = [f for f in formulas if f is not True]
    return True if not rest else rest[0] if len(rest) == 1 else z3.And(*rest)


def disj(*formulas: Formula) -> Formula:
    if any(f is True for f in formulas):
        return True
    rest = [f for f in formulas if f is not False]
    return False if not rest else rest[0] if len(rest) == 1 else z3.Or(*rest)


def neg(formula: Formula) -> Formula:
    return (not formula) if isinstance(formula, bool) else z3.Not(formula)


def kind_of(value: Any) -> str:
    """The name of a value's type, as Python has it."""
    if isinstance(value, Symbol):
        return {SInt: "int", SBool: "bool", SFloat: "float"}[type(value)]
    if isinstance(value, (SSet, SLazySet)):
        return "frozenset" if value.is_frozenset else "set"
    if isinstance(value, Instance):
        return str(value.kind.name)
    if isinstance(value, Opaque):
        return value.name
    if isinstance(value, SView):
        return f"dict_{value.part}"
    names = {
        SList: "list",
        STuple: "tuple",
        SStr: "str",
        SDict: "dict",
        SLazySet: "set",
        SRange: "range",
        SIterator: "iterator",
        Function: "function",
        Class: "type",
        Builtin: "builtin",
        Module: "module",
    }
    return names.get(type(value)) or type(value).__name__


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Symbol))


def is_integral(value: Any) -> bool:
    return isinstance(value, (int, SInt, SBool))


def elements_of(value: Any) -> Elements | None:
    """The elements of a list, tuple or string; None for anything else."""
    if isinstance(value, (SList, STuple, SStr)):
        return value.elements
    if isinstance(value, tuple):
        return Fixed(value)
    if isinstance(value, str):
        return Fixed(tuple(map(ord, value)))
    return None


def holds_mutable(value: Any) -> bool:
    """Whether a change of something inside would change the value."""
    return isinstance(value, Mutable) or (isinstance(value, tuple) and any(map(holds_mutable, value)))


def make_str(elements: Elements) -> Any:
    """A string of code points: a host string where all are known."""
    if isinstance(elements, Fixed) and all(type(code) is int for code in elements.items):
        return "".join(map(chr, elements.items))
    return SStr(elements)


def make_tuple(elements: Elements) -> Any:
    return elements.items if isinstance(elements, Fixed) else STuple(elements)


def is_string(value: Any) -> bool:
    return isinstance(value, (str, SStr))


def copied(value: Any, memo: dict[int, Any] | None = None) -> Any:
    """A deep copy: what `old(x)` is a view of. Aliases stay aliases."""
    memo = {} if memo is None else memo
    if id(value) in memo:
        return memo[id(value)]
    result = _copied(value, memo)
    memo[id(value)] = result
    return result


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    if isinstance(value, tuple):
        return tuple(copied(item, memo) for item in value)
    if isinstance(value, SView):
        return SView(copied(value.owner, memo), value.part)
    if isinstance(value, SList):
        elements = value.elements
        twin = SList(Fixed(tuple(copied(i, memo) for i in elements.items)) if isinstance(elements, Fixed) else elements)
    elif isinstance(value, SDict):
        twin = SDict([(copied(k, memo), copied(v, memo)) for k, v in value.entries], value.default, value.has_default)
    elif isinstance(value, SSet):
        twin = SSet([copied(item, memo) for item in value.items], value.is_frozenset)
    elif isinstance(value, SLazySet):
        twin = SLazySet(value.has, value.size, value.is_frozenset)
    elif isinstance(value, Instance):
        twin = Instance(value.kind)
        memo[id(value)] = twin
        twin.made_from = None if value.made_from is None else [copied(item, memo) for item in value.made_from]
        twin.fields = {name: copied(item, memo) for name, item in value.fields.items()}
    else:
        return value
    twin.frozen = value.frozen
    return twin
