"""Builtin functions, on values that may be unknown."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import z3

from ncg_ray.verify.smt import aggregates, comparison, containers, library, scalars, sequences
from ncg_ray.verify.smt.arguments import on_host, take, wrong_type
from ncg_ray.verify.smt.paths import Unsupported
from ncg_ray.verify.smt.raising import Raised, made_exception, type_error
from ncg_ray.verify.smt.values import (
    Builtin,
    Class,
    Fixed,
    Function,
    Instance,
    Lazy,
    Opaque,
    SBool,
    SDict,
    SInt,
    SIterator,
    SList,
    SRange,
    SSet,
    SStr,
    STuple,
    Symbol,
    disj,
    elements_of,
    int_term,
    is_integral,
    is_number,
    is_string,
    kind_of,
    make_str,
    neg,
    wrap_bool,
    wrap_int,
)

MAX_DIGITS = 4300
"CPython refuses longer conversions between int and str."
MAX_CODE = 0x10FFFF
C_INT = 1 << 31
"The least int that is too large for an int of C."


def call_builtin(run: Any, function: Builtin, args: list[Any], kwargs: dict[str, Any], line: int = 0) -> Any:
    """Call a builtin function, type or method. `run` is the Interpreter."""
    if function.owner is not None:
        from ncg_ray.verify.smt.methods import call_method

        return call_method(run, function.owner, function.name, args, kwargs)
    handler = TABLE.get(function.name)
    if handler is not None:
        return handler(run, args, kwargs)
    kind = getattr(builtins, function.name, None)
    if isinstance(kind, type) and issubclass(kind, BaseException):
        return made_exception(kind, len(args), bool(kwargs))
    raise Unsupported(f"a call of `{function.name}`", line)


def _len(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 1, 1, "len")
    if isinstance(args[0], Instance):
        if "__len__" in args[0].kind.methods:
            raise Unsupported("a class with its own __len__")
        raise type_error(f"object of type '{kind_of(args[0])}' has no len()")
    return wrap_int(sequences.length(run.path, args[0]))


def _abs(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 1, 1, "abs")
    if not is_number(args[0]):
        raise wrong_type("abs", args[0])
    return scalars.absolute(args[0])


def _bool(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 0, 1, "bool")
    return wrap_bool(run.truth(args[0])) if args else False


def _int(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 0, 2, "int")
    if not args:
        return 0
    if len(args) == 1 and is_number(args[0]):
        return scalars.to_int(run.path, args[0])
    if all(isinstance(a, (str, int)) and not isinstance(a, bool) for a in args) and isinstance(args[0], str):
        if len(args[0]) > MAX_DIGITS:
            raise Unsupported("an int of more than 4300 digits")
        return on_host(int, *args)
    if is_string(args[0]):
        raise Unsupported("`int` of an unknown string")
    raise wrong_type("int", args[0])


def _float(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 0, 1, "float")
    if not args:
        return 0.0
    if is_number(args[0]):
        return scalars.to_float(args[0])
    if isinstance(args[0], str):
        return on_host(float, args[0])
    raise Unsupported(f"`float` of a {kind_of(args[0])}")


def _str(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 0, 1, "str")
    if not args:
        return ""
    value = args[0]
    if is_string(value):
        return value
    return _text(run, value, str)


def _repr(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 1, 1, "repr")
    return _text(run, args[0], repr)


def _text(run: Any, value: Any, function: Callable[[Any], str]) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 3 * MAX_DIGITS:
        raise Unsupported("an int of more than 4300 digits")
    if value is None or type(value) in (int, bool, float, str):
        return function(value)
    if isinstance(value, SBool):
        return "True" if run.path.decide(value.term) else "False"
    if isinstance(value, SInt):
        low, high = -(10 ** (MAX_DIGITS - 1)), 10 ** (MAX_DIGITS - 1)
        if not run.path.decide(z3.And(value.term > low, value.term < high)):
            raise Unsupported("an int of more than 4300 digits")
        for size in range(1, 4):  # the digits of small numbers are known
            if run.path.decide(
                z3.And(value.term >= 0 if size == 1 else value.term >= 10 ** (size - 1), value.term < 10**size)
            ):
                digits = [wrap_int(48 + (value.term / 10**place) % 10) for place in range(size - 1, -1, -1)]
                return make_str(Fixed(tuple(digits)))
        return unknown_text(run, 2)
    raise Unsupported(f"the text of a {kind_of(value)}")


def unknown_text(run: Any, least: int) -> Any:
    """A string of which no more is known than its least length."""
    name = run.path.name("text")
    size, code = z3.Int(f"{name}.len"), z3.Function(f"{name}.code", z3.IntSort(), z3.IntSort())
    run.path.axiom(size >= least)
    return SStr(Lazy(size, lambda i: SInt(code(i))))


def _ord(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 1, 1, "ord")
    elements = elements_of(args[0])
    if not is_string(args[0]) or elements is None:
        raise wrong_type("ord", args[0])
    if run.path.decide(neg(elements.length == 1)):
        raise type_error("ord() expected a character")
    return sequences.at(run.path, elements, 0)


def _chr(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 1, 1, "chr")
    if not is_integral(args[0]):
        raise wrong_type("chr", args[0])
    code = int_term(args[0])
    if run.path.decide(z3.Or(code < -C_INT, code >= C_INT)):
        on_host(chr, C_INT)
    if run.path.decide(z3.Or(code < 0, code > MAX_CODE)):
        raise Raised(ValueError, "chr() arg not in range(0x110000)")
    return make_str(Fixed((wrap_int(code),)))


def _divmod(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 2, 2, "divmod")
    return run.binary(args[0], args[1], "//"), run.binary(args[0], args[1], "%")


def _pow(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 2, 3, "pow")
    if len(args) == 2:
        return run.binary(args[0], args[1], "**")
    if all(type(a) is int for a in args) and max(a.bit_length() for a in args) < 512:
        return on_host(pow, *args)
    raise Unsupported("`pow` with a modulus")


def _round(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 1, 2, "round")
    if all(type(a) in (int, float) or a is None for a in args):
        return on_host(round, *args)
    if len(args) == 1 and is_integral(args[0]):
        return scalars.to_int(run.path, args[0])
    raise Unsupported("`round` of an unknown float")


def _isinstance(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 2, 2, "isinstance")
    kinds = args[1] if isinstance(args[1], tuple) else (args[1],)
    return any(_is_a(args[0], kind) for kind in kinds)


def _is_a(value: Any, kind: Any) -> bool:
    if isinstance(value, (Opaque, Function, Builtin, Class, SIterator, Raised)):
        raise Unsupported(f"`isinstance` of a {kind_of(value)}")
    if isinstance(kind, Class):
        return isinstance(value, Instance) and _inherits(value.kind, kind)
    host = getattr(builtins, kind.name, None) if isinstance(kind, Builtin) else None
    if not isinstance(host, type):
        raise Unsupported("`isinstance` with a type that is not builtin")
    if isinstance(value, Instance):
        return host is object
    own = getattr(builtins, kind_of(value), None) or type(value)
    return issubclass(own, host)


def _inherits(kind: Class, base: Class) -> bool:
    return kind is base or any(isinstance(b, Class) and _inherits(b, base) for b in kind.bases)


def _type(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 1, 1, "type")
    if isinstance(args[0], Instance):
        return args[0].kind
    if isinstance(args[0], SDict) and args[0].has_default:
        raise Unsupported("the type of a defaultdict")
    if isinstance(args[0], (Symbol, int, float, str, SStr, SList, tuple, SDict, SSet)):
        return Builtin(kind_of(args[0]))
    raise Unsupported(f"the type of a {kind_of(args[0])}")


def _hash(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Some int, the same for the same object. That equal values hash alike is not used."""
    take(args, kwargs, 1, 1, "hash")
    comparison.hashable(run.path, args[0])
    if isinstance(args[0], (tuple, STuple)):
        raise Unsupported(f"the hash of a {kind_of(args[0])}")
    known = run.hashes.get(id(args[0]))
    if known is None:
        known = args[0], SInt(z3.Int(run.path.name("hash")))
        run.hashes[id(args[0])] = known
    return known[1]


def _print(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Nothing, where every text can be made and written; else it is outside."""
    for name, value in kwargs.items():
        if name not in ("sep", "end", "flush") or (name == "flush" and type(value) is not bool):
            raise Unsupported(f"`print` with {name}")
        if name != "flush" and value is not None:
            if not is_string(value):
                raise type_error(f"{name} must be None or a string, not {kind_of(value)}", value)
            _writable(run, value)
    for value in args:
        if is_string(value):
            _writable(run, value)
        else:
            _printable(run, value, [])
    return None


def _writable(run: Any, value: Any) -> None:
    """See that a text has no lone surrogate, which no output takes."""
    elements = elements_of(value)
    if not isinstance(elements, Fixed):
        raise Unsupported("printing a string of unbounded length")
    for code in elements.items:
        term = int_term(code)
        if run.path.decide(z3.And(term >= 0xD800, term <= 0xDFFF)):
            raise Unsupported("printing lone surrogates, which are beyond ASCII")


def _printable(run: Any, value: Any, around: list[int]) -> None:
    """See that `repr` of a value goes well."""
    if value is None or is_string(value) or id(value) in around:
        return
    around = [*around, id(value)]
    if is_integral(value):
        limit = 10 ** (MAX_DIGITS - 1)
        small = abs(value) < limit if isinstance(value, int) else z3.And(int_term(value) > -limit, int_term(value) < limit)
        if not run.path.decide(small):
            raise Unsupported("printing an int of more than 4300 digits")
        return
    if is_number(value) or isinstance(value, (Function, SIterator)):
        return
    elements = elements_of(value)
    if isinstance(value, SRange):
        inner: tuple[Any, ...] = (value.start, value.stop, value.step)
    elif isinstance(elements, Fixed):
        inner = elements.items
    elif isinstance(value, SDict):
        inner = tuple(part for entry in value.entries for part in entry)
    elif isinstance(value, SSet):
        inner = tuple(value.items)
    else:
        raise Unsupported(f"printing a {kind_of(value)}")
    for item in inner:
        _printable(run, item, around)


def _implies(run: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    take(args, kwargs, 2, 2, "implies")
    return wrap_bool(disj(neg(run.truth(args[0])), run.truth(args[1])))


TABLE: dict[str, Callable[..., Any]] = {
    "len": _len,
    "abs": _abs,
    "bool": _bool,
    "int": _int,
    "float": _float,
    "str": _str,
    "repr": _repr,
    "ord": _ord,
    "chr": _chr,
    "divmod": _divmod,
    "pow": _pow,
    "round": _round,
    "isinstance": _isinstance,
    "type": _type,
    "hash": _hash,
    "print": _print,
    "crosshair.util.implies": _implies,
    "crosshair.implies": _implies,
    **aggregates.TABLE,
    **containers.TABLE,
    **library.TABLE,
}
