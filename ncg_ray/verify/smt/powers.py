"""Powers and greatest common divisors with unknown arguments: functions that Z3 does not know, by true facts about them.

A fact is added where a term appears, not as an axiom for all, so that the solver has nothing to instantiate for ever.
"""

from __future__ import annotations

from typing import Any

import z3

from ncg_ray.verify.smt.paths import Path, Unsupported
from ncg_ray.verify.smt.raising import Raised
from ncg_ray.verify.smt.values import MAX_BITS, SInt, wrap_int

INT = z3.IntSort()
POWER = z3.Function("power", INT, INT, INT)
GCD = z3.Function("gcd", INT, INT, INT)
MAX_UNROLLED = 16


def power(path: Path, base: Any, exponent: Any) -> Any:
    """base ** exponent for two integer terms. Outside the fragment where the exponent may be negative: that is a float."""
    exponent = z3.simplify(exponent)
    base = z3.simplify(base)
    exponent = _known(path, exponent)
    if z3.is_int_value(exponent):
        number = exponent.as_long()
        if number < 0:
            raise Unsupported("an int to a negative power, which is a float")
        if number <= MAX_UNROLLED:
            result = z3.IntVal(1)
            for _ in range(number):
                result = result * base
            return wrap_int(result)
    if path.decide(exponent < 0):
        if path.decide(base == 0):
            raise Raised(ZeroDivisionError, "0 to a negative power")
        raise Unsupported("an int to a negative power, which is a float")
    if z3.is_int_value(exponent) and exponent.as_long() > MAX_BITS:
        raise Unsupported("an int of more than 20000 bits")
    _power_facts(path, base, exponent)
    return SInt(POWER(base, exponent))


def _known(path: Path, exponent: Any) -> Any:
    """The exponent as a number, where the path leaves only one."""
    model = None if z3.is_int_value(exponent) else path.possible()
    if model is None:
        return exponent
    value = model.eval(exponent, model_completion=True)
    return value if z3.is_int_value(value) and path.implied(exponent == value) else exponent


def _power_facts(path: Path, base: Any, exponent: Any) -> None:
    half, square = exponent / 2, z3.simplify(base * base)
    whole = POWER(base, exponent)
    path.axiom(
        z3.And(
            z3.Implies(exponent == 0, whole == 1),
            z3.Implies(exponent == 1, whole == base),
            z3.Implies(exponent > 0, whole == base * POWER(base, exponent - 1)),
            z3.Implies(exponent >= 0, POWER(base, exponent + 1) == base * whole),
            z3.Implies(z3.And(exponent >= 0, exponent % 2 == 0), whole == POWER(square, half)),
            z3.Implies(z3.And(exponent >= 0, exponent % 2 == 1), whole == base * POWER(square, half)),
            z3.Implies(half == 0, POWER(square, half) == 1),
            z3.Implies(z3.And(base > 0, exponent >= 0), whole > 0),
        )
    )


def gcd(path: Path, a: Any, b: Any) -> Any:
    """math.gcd of two integer terms: Euclid's step, and that it divides both."""
    left, right = z3.simplify(z3.If(a < 0, -a, a)), z3.simplify(z3.If(b < 0, -b, b))
    whole = GCD(a, b)
    path.axiom(
        z3.And(
            whole >= 0,
            whole == GCD(b, a),
            whole == GCD(left, right),
            z3.Implies(b == 0, whole == left),
            z3.Implies(a == 0, whole == right),
            z3.Implies(b > 0, whole == GCD(b, a % b)),
            z3.Implies(b < 0, whole == GCD(b, -(-a % -b))),
            z3.Implies(z3.Or(a != 0, b != 0), whole > 0),
            z3.Implies(whole > 0, z3.And(a % whole == 0, b % whole == 0)),
        )
    )
    return SInt(whole)
