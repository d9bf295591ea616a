"""`math`, `random` and `time`. Chance and the clock give any value that they may give."""

from __future__ import annotations

import importlib
import importlib.util
import math
import sys
import types
from abc import ABCMeta
from collections.abc import Callable
from typing import Any

import z3

from ncg_ray.verify.smt import powers, scalars, sequences
from ncg_ray.verify.smt.arguments import on_host, take
from ncg_ray.verify.smt.containers import TABLE as CONTAINERS
from ncg_ray.verify.smt.paths import Unsupported
from ncg_ray.verify.smt.raising import Raised, type_error
from ncg_ray.verify.smt.values import (
    FP,
    Builtin,
    Module,
    SFloat,
    float_term,
    int_term,
    is_integral,
    is_number,
    wrap_bool,
    wrap_float,
    wrap_int,
)

NO_FLOAT = (1 << 1024) - (1 << 970)
"The least int that rounds to no float."


def _float_test(make: Callable[[Any], Any], of_int: bool) -> Callable[..., Any]:
    def handler(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        take(args, kwargs, 1, 1, "math function")
        if is_integral(args[0]):
            term = int_term(args[0])
            if run.path.decide(z3.Or(term >= NO_FLOAT, term <= -NO_FLOAT)):
                raise Raised(OverflowError, "int too large to convert to float")
            return of_int
        if not is_number(args[0]):
            raise type_error("must be real number", args[0])
        return wrap_bool(make(float_term(args[0])))

    return handler


def _gcd(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 2, 2, "gcd")
    if not all(is_integral(a) for a in args):
        raise type_error("object cannot be interpreted as an integer", *args)
    if all(isinstance(a, int) for a in args):
        return math.gcd(*args)
    return powers.gcd(run.path, int_term(args[0]), int_term(args[1]))


def _isqrt(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 1, 1, "isqrt")
    if not is_integral(args[0]):
        raise type_error("object cannot be interpreted as an integer", args[0])
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
            return on_host(getattr(math, name), *args)
        if name in ("floor", "ceil", "trunc") and len(args) == 1 and is_integral(args[0]):
            return scalars.to_int(run.path, args[0])
        raise Unsupported(f"`math.{name}` of an unknown number")

    return handler


def _copysign(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 2, 2, "copysign")
    if not all(is_number(a) for a in args):
        raise type_error("must be real number", *args)
    size, sign = z3.fpAbs(float_term(args[0])), float_term(args[1])
    if run.path.decide(z3.fpIsNaN(sign)):
        raise Unsupported("the sign of a NaN")
    return wrap_float(z3.If(z3.fpIsNegative(sign), z3.fpNeg(size), size))


def _randrange(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    chosen = CONTAINERS["range"](run, args, kwargs)
    elements = sequences.range_elements(run.path, chosen)
    if run.path.decide(elements.length <= 0):
        raise Raised(ValueError, "empty range for randrange()")
    place = z3.Int(run.path.name("random"))
    run.path.assume(z3.And(place >= 0, place < elements.length))
    return sequences.at(run.path, elements, place)


def _randint(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 2, 2, "randint")
    return _randrange(run, [args[0], run.binary(args[1], 1, "+")], {})


def _getrandbits(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 1, 1, "getrandbits")
    if type(args[0]) is not int or not 0 <= args[0] <= 1000:
        raise Unsupported("`getrandbits` of an unknown number")
    return _randrange(run, [1 << args[0]], {})


def _random(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 0, 0, "random")
    made = z3.FP(run.path.name("random"), FP)
    run.path.assume(z3.And(z3.fpLEQ(z3.FPVal(0.0, FP), made), z3.fpLT(made, z3.FPVal(1.0, FP))))
    return SFloat(made)


def _uniform(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 2, 2, "uniform")
    width = run.binary(args[1], args[0], "-")
    return run.binary(args[0], run.binary(scalars.to_float(width), _random(run, [], {}), "*"), "+")


def _monotonic(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 0, 0, "monotonic")
    made = z3.FP(run.path.name("clock"), FP)
    run.path.assume(z3.And(z3.fpLEQ(float_term(run.clock), made), z3.fpLEQ(made, z3.FPVal(1e15, FP))))
    run.clock = SFloat(made)
    return run.clock


TABLE: dict[str, Callable[..., Any]] = {
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


CONSTANTS = {"sys.maxsize": (1 << 63) - 1}
"Names that are values, beside those of the modules whose values are the same everywhere."
CONSTANT_MODULES = frozenset({"math", "string", "typing"})
HOST_MODULES = CONSTANT_MODULES | {
    "abc",
    "bisect",
    "collections",
    "collections.abc",
    "copy",
    "dataclasses",
    "enum",
    "functools",
    "heapq",
    "itertools",
    "json",
    "operator",
    "os",
    "os.path",
    "random",
    "re",
    "sys",
    "time",
}
"Modules that are looked into for what their names are."
OURS = frozenset({"crosshair.util.implies", "crosshair.implies"})


def named(module: str, name: str, line: int = 0) -> Any:
    """What `module.name` is. A value that differs from place to place, or is no function and no plain type, is outside."""
    full = f"{module}.{name}"
    if full in CONSTANTS:
        return CONSTANTS[full]
    if full in OURS:
        return Builtin(full)
    if module not in HOST_MODULES or name.startswith("__"):
        raise Unsupported(f"`{full}`", line)
    host = importlib.import_module(module)
    value = getattr(host, name, host)
    if value is host:
        raise Unsupported(f"`{full}`, which is not there", line)
    if type(value) in (int, bool, float, str) and module in CONSTANT_MODULES:
        return value
    if isinstance(value, types.ModuleType):
        return Module(full)
    functions = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
    if isinstance(value, functions) or type(value) in (type, ABCMeta):
        return Builtin(full)
    raise Unsupported(f"`{full}`", line)


def has_module(name: str) -> bool:
    """Whether an import of a module of the standard library goes well everywhere."""
    if "." in name:
        return name in HOST_MODULES
    return name in sys.stdlib_module_names and importlib.util.find_spec(name) is not None
