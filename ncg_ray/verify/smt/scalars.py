"""Numbers: arithmetic, comparison and truth as Python has them.

Integers are unbounded and divide towards minus infinity; bools count as integers; floats are IEEE 754 doubles, rounded
to nearest even. What would need a rounding from an unbounded integer is outside the fragment.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import z3

from ncg_ray.verify.smt import powers
from ncg_ray.verify.smt.paths import Formula, Path, Unsupported
from ncg_ray.verify.smt.raising import Raised, type_error
from ncg_ray.verify.smt.values import (
    EXACT_FLOAT,
    FP,
    MAX_BITS,
    RNE,
    SBool,
    SFloat,
    SInt,
    Symbol,
    conj,
    disj,
    float_term,
    int_term,
    is_integral,
    neg,
    wrap_bool,
    wrap_float,
    wrap_int,
)

BIT_WIDTHS = (8, 16, 32, 64)
HOST: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}
COMPARE: dict[str, Callable[[Any, Any], Any]] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def is_float(value: Any) -> bool:
    return isinstance(value, (float, SFloat))


def truth(value: Any) -> Formula:
    """Whether a number is true."""
    if isinstance(value, SBool):
        return value.term
    if isinstance(value, SInt):
        return value.term != 0
    if isinstance(value, SFloat):
        return z3.Not(z3.fpIsZero(value.term))
    return bool(value)


def equal(a: Any, b: Any) -> Formula:
    """Whether two numbers are equal."""
    if not isinstance(a, Symbol) and not isinstance(b, Symbol):
        return bool(a == b)
    if is_float(a) or is_float(b):
        return _float_compare(a, b, "==")
    if isinstance(a, (SBool, bool)) and isinstance(b, (SBool, bool)):
        return z3.simplify(_bool_term(a) == _bool_term(b))
    return int_term(a) == int_term(b)


def order(a: Any, b: Any, symbol: str) -> Formula:
    """`a < b` and its like for two numbers."""
    if not isinstance(a, Symbol) and not isinstance(b, Symbol):
        return bool(COMPARE[symbol](a, b))
    if is_float(a) or is_float(b):
        return _float_compare(a, b, symbol)
    return COMPARE[symbol](int_term(a), int_term(b))


def _bool_term(value: Any) -> Any:
    return value.term if isinstance(value, SBool) else z3.BoolVal(value)


def _float_compare(a: Any, b: Any, symbol: str) -> Formula:
    # Python compares an int with a float exactly. Where the float is known, that is a comparison of integers.
    for value, other, flipped in ((a, b, False), (b, a, True)):
        if is_integral(value) and isinstance(value, Symbol) and isinstance(other, float):
            return _int_against_float(value, other, _flip(symbol) if flipped else symbol)
    if (is_integral(a) and isinstance(a, SInt)) or (is_integral(b) and isinstance(b, SInt)):
        raise Unsupported("a comparison of an int with a float")
    left, right = float_term(a), float_term(b)
    if symbol == "==":
        return z3.fpEQ(left, right)
    return {"<": z3.fpLT, "<=": z3.fpLEQ, ">": z3.fpGT, ">=": z3.fpGEQ}[symbol](left, right)


def _flip(symbol: str) -> str:
    return {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}[symbol]


def _int_against_float(value: Any, other: float, symbol: str) -> Formula:
    term = int_term(value)
    if math.isnan(other):
        return False
    if math.isinf(other):
        return symbol in ("<", "<=") if other > 0 else symbol in (">", ">=")
    floor = math.floor(other)
    exact = floor == other
    if symbol == "==":
        return term == floor if exact else False
    if symbol == "<":
        return term < floor if exact else term <= floor
    if symbol == "<=":
        return term <= floor
    if symbol == ">":
        return term > floor
    return term >= floor if exact else term > floor


def negative(value: Any) -> Any:
    if isinstance(value, SFloat):
        return wrap_float(z3.fpNeg(value.term))
    return wrap_int(-int_term(value)) if isinstance(value, Symbol) else -value


def absolute(value: Any) -> Any:
    if isinstance(value, SFloat):
        return wrap_float(z3.fpAbs(value.term))
    if isinstance(value, Symbol):
        term = int_term(value)
        return wrap_int(z3.If(term < 0, -term, term))
    return abs(value)


def arithmetic(path: Path, a: Any, b: Any, symbol: str) -> Any:
    """`a + b` and its like for two numbers. Raises Raised: ZeroDivisionError, ValueError for a negative shift."""
    if not isinstance(a, Symbol) and not isinstance(b, Symbol):
        return _on_host(a, b, symbol)
    if is_float(a) or is_float(b):
        return _on_floats(path, a, b, symbol)
    if symbol in "&|^" and isinstance(a, (SBool, bool)) and isinstance(b, (SBool, bool)):
        left, right = _bool_term(a), _bool_term(b)
        return wrap_bool({"&": z3.And, "|": z3.Or, "^": z3.Xor}[symbol](left, right))
    left, right = int_term(a), int_term(b)
    if symbol in "+-*":
        return wrap_int(HOST[symbol](left, right))
    if symbol in ("//", "%"):
        return wrap_int(divided(path, left, right, symbol))
    if symbol == "**":
        return powers.power(path, left, right)
    if symbol in ("<<", ">>"):
        if path.decide(right < 0):
            raise Raised(ValueError, "negative shift count")
        factor = int_term(powers.power(path, z3.IntVal(2), right))
        return wrap_int(left * factor if symbol == "<<" else divided(path, left, factor, "//"))
    if symbol in ("&", "|", "^"):
        return _bitwise(path, left, right, symbol)
    raise Unsupported("a division of ints, which gives a float" if symbol == "/" else f"the operator {symbol}")


def divided(path: Path, left: Any, right: Any, symbol: str) -> Any:
    """Floor division or its rest. Z3 rounds so that the rest is not negative: the same where the divisor is positive."""
    if path.decide(right == 0):
        raise Raised(ZeroDivisionError, "integer division or modulo by zero")
    if not z3.is_int_value(z3.simplify(right)) and not path.quantified:
        quotient, rest = _quotient(path, left, right)
        return quotient if symbol == "//" else rest
    if path.decide(right > 0):
        return left / right if symbol == "//" else left % right
    return -left / -right if symbol == "//" else -(-left % -right)


def _quotient(path: Path, left: Any, right: Any) -> tuple[Any, Any]:
    """Quotient and rest by an unknown divisor, by name: their product form is what the solver is good at."""
    left, right = z3.simplify(left), z3.simplify(right)
    key = left.get_id(), right.get_id()
    if key not in path.quotients:
        name = path.name("quotient")
        quotient, rest = z3.Int(name), z3.Int(f"{name}.rest")
        whole = left == right * quotient + rest
        path.quotients[key] = quotient, rest, left, right  # the terms stay alive, so that their ids stay theirs
        up = z3.And(whole, rest >= 0, rest < right, quotient == left / right, rest == left % right)
        down = z3.And(whole, rest <= 0, rest > right, quotient == -left / -right, rest == -(-left % -right))
        path.axiom(z3.And(z3.Implies(right > 0, up), z3.Implies(right < 0, down)))
    return path.quotients[key][:2]


def _bitwise(path: Path, left: Any, right: Any, symbol: str) -> Any:
    """In two's complement of a width that is wide enough for both on this path; the result then fits as well."""
    for width in BIT_WIDTHS:
        low, high = -(1 << (width - 1)), 1 << (width - 1)
        if path.implied(z3.And(left >= low, left < high, right >= low, right < high)):
            bits = HOST[symbol](z3.Int2BV(left, width), z3.Int2BV(right, width))
            return wrap_int(z3.BV2Int(bits, is_signed=True))
    raise Unsupported(f"the operator {symbol} on ints without a bound")


def _on_host(a: Any, b: Any, symbol: str) -> Any:
    if isinstance(a, int) and isinstance(b, int):
        size = {"**": a.bit_length() * max(b, 0), "<<": a.bit_length() + max(b, 0)}.get(symbol, 0)
        if size > MAX_BITS or max(a.bit_length(), b.bit_length()) > MAX_BITS:
            raise Unsupported("an int of more than 20000 bits")
    try:
        result = HOST[symbol](a, b)
    except (ZeroDivisionError, ValueError, OverflowError) as error:
        raise Raised(type(error), str(error)) from None
    except TypeError as error:
        raise type_error(str(error)) from None
    if isinstance(result, complex):
        raise Unsupported("a complex number")
    return result


def _on_floats(path: Path, a: Any, b: Any, symbol: str) -> Any:
    left, right = float_term(a), float_term(b)
    if symbol in "+-*":
        make = {"+": z3.fpAdd, "-": z3.fpSub, "*": z3.fpMul}[symbol]
        return wrap_float(make(RNE, left, right))
    if symbol in ("/", "//", "%") and path.decide(z3.fpIsZero(right)):
        raise Raised(ZeroDivisionError, "float division by zero")
    if symbol == "/":
        return wrap_float(z3.fpDiv(RNE, left, right))
    raise Unsupported(f"the operator {symbol} on floats")


def to_float(value: Any) -> Any:
    """`float(value)` of a number."""
    if isinstance(value, Symbol):
        return value if isinstance(value, SFloat) else wrap_float(float_term(value))
    if isinstance(value, int) and abs(value) > EXACT_FLOAT:
        raise Unsupported("an int beyond 2**53 that becomes a float")
    return float(value)


def to_int(path: Path, value: Any) -> Any:
    """`int(value)` of a number."""
    if isinstance(value, SFloat):
        if path.decide(z3.fpIsNaN(value.term)):
            raise Raised(ValueError, "cannot convert float NaN to integer")
        if path.decide(z3.fpIsInf(value.term)):
            raise Raised(OverflowError, "cannot convert float infinity to integer")
        real = z3.fpToReal(value.term)
        return wrap_int(z3.If(real >= 0, z3.ToInt(real), -z3.ToInt(-real)))
    if isinstance(value, Symbol):
        return wrap_int(int_term(value))
    try:
        return int(value)
    except (ValueError, OverflowError) as error:
        raise Raised(type(error), str(error)) from None


def same(a: Any, b: Any) -> Formula:
    """Whether two floats are the same value, NaN being itself: for comparing states."""
    left, right = float_term(a), float_term(b)
    return disj(z3.fpEQ(left, right), conj(z3.fpIsNaN(left), z3.fpIsNaN(right)))


__all__ = [
    "FP",
    "absolute",
    "arithmetic",
    "divided",
    "equal",
    "is_float",
    "neg",
    "negative",
    "order",
    "same",
    "to_float",
    "to_int",
    "truth",
]
