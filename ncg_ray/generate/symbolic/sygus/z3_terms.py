"""Terms as Z3's; loaded only in processes of their own and by the check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import z3

from ncg_ray.generate.symbolic.sygus.terms import BOOL, CONSTANT, INT, VARIABLE, Term, Value, postorder

_SORTS: dict[str, Callable[[], Any]] = {INT: z3.IntSort, BOOL: z3.BoolSort}


def _folded(apply: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def run(*args: Any) -> Any:
        result = args[0]
        for arg in args[1:]:
            result = apply(result, arg)
        return result
    return run


def _minus(*args: Any) -> Any:
    return -args[0] if len(args) == 1 else _folded(lambda a, b: a - b)(*args)


_OPERATORS: dict[str, Callable[..., Any]] = {
    "not": z3.Not, "and": z3.And, "or": z3.Or, "xor": _folded(z3.Xor), "=>": z3.Implies,
    "=": lambda a, b: a == b, "distinct": lambda a, b: a != b, "ite": z3.If,
    "+": z3.Sum, "-": _minus, "*": _folded(lambda a, b: a * b), "div": _folded(lambda a, b: a / b),
    "mod": lambda a, b: a % b, "abs": lambda a: z3.If(a < 0, -a, a),
    "<=": lambda a, b: a <= b, "<": lambda a, b: a < b, ">=": lambda a, b: a >= b, ">": lambda a, b: a > b,
    "str.++": z3.Concat, "str.len": z3.Length, "str.at": lambda s, i: s.at(i), "str.substr": z3.SubString,
    "str.indexof": z3.IndexOf, "str.replace": z3.Replace, "str.prefixof": z3.PrefixOf, "str.suffixof": z3.SuffixOf,
    "str.contains": z3.Contains, "str.to_int": z3.StrToInt, "str.from_int": z3.IntToStr,
    "str.to_code": z3.StrToCode, "str.from_code": z3.StrFromCode,
    "str.<": lambda a, b: a < b, "str.<=": lambda a, b: a <= b,
}


class Unknown(Exception):
    """An operator that Z3 is not asked about here."""


def z3_value(value: Value) -> Any:
    if isinstance(value, bool):
        return z3.BoolVal(value)
    return z3.IntVal(value) if isinstance(value, int) else z3.StringVal(value)


def z3_term(term: Term, names: Mapping[str, Any] | None = None,
            functions: Mapping[str, Callable[..., Any]] | None = None, done: dict[Term, Any] | None = None) -> Any:
    """The term for Z3. Raises Unknown.

    Args:
        term: its variables are Z3's of the same name.
        names: what stands for variables instead.
        functions: what applications of functions to find become.
        done: parts that were made before with the same names and functions; it grows.
    """
    done = {} if done is None else done
    made = {**_OPERATORS, **(functions or {})}
    for part in postorder(term):
        if part in done:
            continue
        if part.op == CONSTANT:
            assert part.value is not None
            done[part] = z3_value(part.value)
        elif part.op == VARIABLE:
            sort = _SORTS.get(part.sort, z3.StringSort)()
            own = (names or {}).get(str(part.value))
            done[part] = own if own is not None else z3.Const(str(part.value), sort)
        else:
            make = made.get(part.op)
            if make is None:
                raise Unknown(part.op)
            args = [done[arg] for arg in part.args]
            done[part] = args[0] if len(args) == 1 and part.op in ("and", "or", "+", "*", "str.++") else make(*args)
    return done[term]


def model_values(model: Any, variables: tuple[tuple[str, str], ...]) -> dict[str, Value]:
    """The values of Int and Bool variables in a model; 0 and false where it says nothing."""
    found: dict[str, Value] = {}
    for name, sort in variables:
        if sort == INT:
            found[name] = model.eval(z3.Int(name), model_completion=True).as_long()
        elif sort == BOOL:
            found[name] = z3.is_true(model.eval(z3.Bool(name), model_completion=True))
        else:
            raise Unknown(sort)
    return found
