"""What SMT-LIB's operators mean: their sorts and their values.

Source: SMT-LIB 2.6, theories Core, Ints and Strings (UnicodeStrings). All functions here are total but for division by
zero, which the standard leaves open and which raises Undefined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ncg_ray.generate.symbolic.sygus.terms import BOOL, CONSTANT, INT, STRING, VARIABLE, Term, Value, postorder

ANY = "any"
"As the sort of an argument: any sort, the same for all arguments that say so."
MAX_LENGTH = 100_000
"Characters of a string value; a term whose value is longer is not computed."


class Undefined(Exception):
    """A value that the standard leaves open, or one too large to compute."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Sorts and meaning. `left`: a longer application is nested from the left; `chained`: it holds between neighbours."""

    args: tuple[str, ...]
    result: str
    apply: Callable[..., Any]
    left: bool = False
    chained: bool = False


def _divided(a: int, b: int) -> int:
    if b == 0:
        raise Undefined("division by zero")
    return a // b if b > 0 else -(a // -b)  # the remainder is never negative


def at(s: str, i: int) -> str:
    return s[i] if 0 <= i < len(s) else ""


def substr(s: str, i: int, n: int) -> str:
    return s[i:i + n] if 0 <= i < len(s) and n > 0 else ""


def indexof(s: str, t: str, i: int) -> int:
    return s.find(t, i) if 0 <= i <= len(s) else -1


def replace(s: str, old: str, new: str) -> str:
    return s.replace(old, new, 1) if old else new + s


def replace_all(s: str, old: str, new: str) -> str:
    return s.replace(old, new) if old else s


def to_int(s: str) -> int:
    return int(s) if s.isascii() and s.isdigit() else -1


def from_int(n: int) -> str:
    return str(n) if n >= 0 else ""


def _concat(a: str, b: str) -> str:
    if len(a) + len(b) > MAX_LENGTH:
        raise Undefined("a string too long to compute")
    return a + b


_INTS, _STRINGS = (INT, INT), (STRING, STRING)
OPERATORS: dict[str, Operator] = {
    "not": Operator((BOOL,), BOOL, lambda a: not a),
    "and": Operator((BOOL, BOOL), BOOL, lambda a, b: a and b, left=True),
    "or": Operator((BOOL, BOOL), BOOL, lambda a, b: a or b, left=True),
    "xor": Operator((BOOL, BOOL), BOOL, lambda a, b: a != b, left=True),
    "=>": Operator((BOOL, BOOL), BOOL, lambda a, b: not a or b),
    "=": Operator((ANY, ANY), BOOL, lambda a, b: a == b, chained=True),
    "distinct": Operator((ANY, ANY), BOOL, lambda a, b: a != b),
    "ite": Operator((BOOL, ANY, ANY), ANY, lambda c, a, b: a if c else b),
    "+": Operator(_INTS, INT, lambda a, b: a + b, left=True),
    "-": Operator(_INTS, INT, lambda a, b: a - b, left=True),
    "*": Operator(_INTS, INT, lambda a, b: a * b, left=True),
    "div": Operator(_INTS, INT, _divided, left=True),
    "mod": Operator(_INTS, INT, lambda a, b: a - b * _divided(a, b)),
    "abs": Operator((INT,), INT, abs),
    "<=": Operator(_INTS, BOOL, lambda a, b: a <= b, chained=True),
    "<": Operator(_INTS, BOOL, lambda a, b: a < b, chained=True),
    ">=": Operator(_INTS, BOOL, lambda a, b: a >= b, chained=True),
    ">": Operator(_INTS, BOOL, lambda a, b: a > b, chained=True),
    "str.++": Operator(_STRINGS, STRING, _concat, left=True),
    "str.len": Operator((STRING,), INT, len),
    "str.at": Operator((STRING, INT), STRING, at),
    "str.substr": Operator((STRING, INT, INT), STRING, substr),
    "str.indexof": Operator((STRING, STRING, INT), INT, indexof),
    "str.replace": Operator((STRING, STRING, STRING), STRING, replace),
    "str.replace_all": Operator((STRING, STRING, STRING), STRING, replace_all),
    "str.prefixof": Operator(_STRINGS, BOOL, lambda a, b: b.startswith(a)),
    "str.suffixof": Operator(_STRINGS, BOOL, lambda a, b: b.endswith(a)),
    "str.contains": Operator(_STRINGS, BOOL, lambda a, b: b in a),
    "str.to_int": Operator((STRING,), INT, to_int),
    "str.from_int": Operator((INT,), STRING, from_int),
    "str.<": Operator(_STRINGS, BOOL, lambda a, b: a < b, chained=True),
    "str.<=": Operator(_STRINGS, BOOL, lambda a, b: a <= b, chained=True),
    "str.is_digit": Operator((STRING,), BOOL, lambda s: len(s) == 1 and "0" <= s <= "9"),
    "str.to_code": Operator((STRING,), INT, lambda s: ord(s) if len(s) == 1 else -1),
    "str.from_code": Operator((INT,), STRING, lambda n: chr(n) if 0 <= n < 0x30000 else ""),
}
OLDER_NAMES = {"str.to.int": "str.to_int", "int.to.str": "str.from_int", "implies": "=>"}


def applied(op: str, values: list[Any]) -> Value:
    """The value of an operator on two or more arguments, also where it is nested from the left. Raises Undefined."""
    known = OPERATORS[op]
    if op == "-" and len(values) == 1:
        return -values[0]  # type: ignore[no-any-return]
    if op == "and":
        return all(values)
    if op == "or":
        return any(values)
    try:
        result = known.apply(*values[:len(known.args)])
        for value in values[len(known.args):]:
            result = known.apply(result, value)
    except ValueError as error:  # Python's own limit on the digits of a number
        raise Undefined(str(error)) from error
    return result  # type: ignore[no-any-return]


def evaluate(term: Term, names: Mapping[str, Value]) -> Value:
    """The value of a term whose variables are named. Raises Undefined; only the branch that is taken counts."""
    known: dict[Term, Value | Undefined] = {}
    for part in postorder(term):
        if part.op == CONSTANT:
            assert part.value is not None
            known[part] = part.value
        elif part.op == VARIABLE:
            known[part] = names[str(part.value)]
        else:
            known[part] = _value(part, known)
    result = known[term]
    if isinstance(result, Undefined):
        raise result
    return result


def _value(part: Term, known: Mapping[Term, Value | Undefined]) -> Value | Undefined:
    values = [known[arg] for arg in part.args]
    if part.op == "ite" and not isinstance(values[0], Undefined):
        return values[1] if values[0] else values[2]
    for value in values:
        if isinstance(value, Undefined):
            return value
    try:
        return applied(part.op, values)
    except Undefined as error:
        return error
