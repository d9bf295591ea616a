"""The state of a run: the types that its names have, unknown values of those, and whether it was here before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import z3

from ncg_ray.verify.smt import sequences
from ncg_ray.verify.smt.paths import Path, Unsupported
from ncg_ray.verify.smt.values import (
    FP,
    Builtin,
    Class,
    Fixed,
    Function,
    Instance,
    Lazy,
    Module,
    Mutable,
    SBool,
    SDict,
    SFloat,
    SInt,
    SList,
    SRange,
    SSet,
    SStr,
    SView,
    Symbol,
    is_string,
    kind_of,
)


def snapshot(value: Any) -> Any:
    return SList(value.elements) if isinstance(value, SList) else value


def shape_of(path: Path, value: Any) -> Any:
    """The type of a value as far as unknown values are made by it."""
    if value is None or isinstance(value, (bool, SBool)):
        return kind_of(value)
    if isinstance(value, (int, SInt, float, SFloat)):
        return kind_of(value)
    if is_string(value):
        return "str"
    if isinstance(value, tuple):
        return ("tuple", *(shape_of(path, item) for item in value))
    if isinstance(value, SList):
        elements = value.elements
        if isinstance(elements, Fixed):
            kinds = list(dict.fromkeys(shape_of(path, item) for item in elements.items))
            if len(kinds) > 1:
                raise Unsupported("a loop that changes a list of several types")
            return ("list", kinds[0] if kinds else None)
        return ("list", shape_of(path, sequences.any_element(path, elements)))
    return kind_of(value)


def without_empty(kinds: list[Any]) -> list[Any]:
    full = [k for k in kinds if isinstance(k, tuple) and k[0] == "list" and k[1] is not None]
    return [k for k in kinds if k != ("list", None)] if full else kinds


def unknown_value(run: Any, kind: Any, name: str, index: tuple[Any, ...] = ()) -> Any:
    """An unknown value of a type."""

    def constant(sort: Any) -> Any:
        return z3.Function(name, *(z3.IntSort() for _ in index), sort)(*index) if index else z3.Const(name, sort)

    if kind == "NoneType":
        return None
    if kind in ("int", "bool", "float"):
        made = {"int": (SInt, z3.IntSort()), "bool": (SBool, z3.BoolSort()), "float": (SFloat, FP)}[kind]
        return made[0](constant(made[1]))
    if isinstance(kind, tuple) and kind[0] == "tuple":
        return tuple(unknown_value(run, part, f"{name}.{i}", index) for i, part in enumerate(kind[1:]))
    if kind == "str" or (isinstance(kind, tuple) and kind[0] == "list" and kind[1] is not None and not index):
        size = (
            z3.Function(f"{name}.len", *(z3.IntSort() for _ in index), z3.IntSort())(*index)
            if index
            else z3.Int(f"{name}.len")
        )
        if not index:
            run.path.assume(size >= 0)
        inner = "int" if kind == "str" else kind[1]
        elements = Lazy(size, lambda i: unknown_value(run, inner, f"{name}.item", (*index, i)))
        return SStr(elements) if kind == "str" else SList(elements)
    if kind == ("list", None):
        return SList(Fixed(()))
    raise Unsupported(f"a loop that changes a {kind if isinstance(kind, str) else kind[0]}")


def state_of(frame: Any) -> Any:
    """All that a frame and those around it hold, as something to compare. Raises Unsupported for what is not known.

    Objects count with what they hold and with which of them are the same.
    """
    numbers: dict[int, int] = {}

    def again(value: Any) -> Any:
        if id(value) in numbers:
            return "again", numbers[id(value)]
        numbers[id(value)] = len(numbers)
        return None

    def of(value: Any) -> Any:
        if value is None or isinstance(value, (bool, int, str)):
            return type(value).__name__, value
        if isinstance(value, float):
            return "float", value.hex()
        if isinstance(value, tuple):
            return ("tuple", *map(of, value))
        if isinstance(value, Mutable):
            return again(value) or (type(value).__name__, _parts(value, of))
        if isinstance(value, (Symbol, SStr)):
            raise Unsupported("an unknown value in a run on a known input")
        if isinstance(value, Function):
            return again(value) or (
                "function",
                id(value.node),
                tuple(map(of, value.bound)),
                tuple((name, of(item)) for name, item in sorted(value.defaults.items())),
                of_frame(value.scope),
            )
        if isinstance(value, SView):
            return "view", value.part, of(value.owner)
        if isinstance(value, SRange):
            return "range", of(value.start), of(value.stop), value.step
        if isinstance(value, Builtin):
            return "builtin", value.name, of(value.owner)
        if isinstance(value, (Class, Module)):
            return "constant", value.name  # they stay as they are
        raise Unsupported(f"the state of a {kind_of(value)}")

    def of_frame(frame: Any) -> Any:
        """What a function sees: its names and those of the functions around it, up to the module."""
        if not hasattr(frame, "assigned"):
            return "module"
        return again(frame) or (
            "frame",
            tuple((name, of(value)) for name, value in sorted(frame.names.items())),
            of_frame(frame.outer),
        )

    return of_frame(frame)


def _parts(value: Mutable, of: Callable[[Any], Any]) -> Any:
    if isinstance(value, SList) and isinstance(value.elements, Fixed):
        return tuple(map(of, value.elements.items))
    if isinstance(value, SDict):
        return tuple((of(k), of(v)) for k, v in value.entries)
    if isinstance(value, SSet):
        return tuple(map(of, value.items))
    if isinstance(value, Instance):
        return tuple((name, of(item)) for name, item in sorted(value.fields.items()))
    raise Unsupported(f"the state of a {kind_of(value)}")
