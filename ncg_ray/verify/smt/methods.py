"""Attributes, and the methods of builtin types and of the classes of the module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ncg_ray.verify.smt.keyed_methods import DICT, SET
from ncg_ray.verify.smt.library import named
from ncg_ray.verify.smt.list_methods import LIST, TUPLE
from ncg_ray.verify.smt.modules import decorator_kinds
from ncg_ray.verify.smt.paths import Unsupported
from ncg_ray.verify.smt.raising import Raised
from ncg_ray.verify.smt.text_methods import STR
from ncg_ray.verify.smt.values import (
    Builtin,
    Class,
    Function,
    Instance,
    Module,
    SDict,
    SLazySet,
    SSet,
    kind_of,
)


def attribute(run: Any, holder: Any, name: str) -> Any:
    """`holder.name`."""
    if isinstance(holder, Module):
        return named(holder.name, name)
    if isinstance(holder, Instance):
        return _of_instance(run, holder, name)
    if isinstance(holder, Class):
        if name in holder.constants:
            return holder.constants[name]
        if name in holder.methods and not decorator_kinds(holder.methods[name]):
            return holder.methods[name]
        if name in holder.methods and decorator_kinds(holder.methods[name]) == {"staticmethod"}:
            return holder.methods[name]
        raise Unsupported(f"the attribute {holder.name}.{name}")
    if isinstance(holder, SDict) and holder.has_default and name == "default_factory":
        return holder.default
    if name in METHODS.get(_family(holder), {}) and not (kind_of(holder) == "frozenset" and not hasattr(frozenset, name)):
        return Builtin(name, holder)
    host = {
        "list": list,
        "tuple": tuple,
        "str": str,
        "dict": dict,
        "set": set,
        "frozenset": frozenset,
        "int": int,
        "float": float,
        "bool": bool,
        "range": range,
        "NoneType": type(None),
    }.get(kind_of(holder))
    if host is not None and not hasattr(host, name):
        raise Raised(AttributeError, f"'{kind_of(holder)}' object has no attribute '{name}'")
    raise Unsupported(f"the attribute `{name}` of a {kind_of(holder)}")


def _of_instance(run: Any, holder: Instance, name: str) -> Any:
    if name in holder.kind.methods:
        method = holder.kind.methods[name]
        kinds = decorator_kinds(method)
        if "property" in kinds:
            return run.call_function(method, [holder], {})
        first = () if "staticmethod" in kinds else (holder.kind,) if "classmethod" in kinds else (holder,)
        return Function(method.name, method.node, method.scope, method.defaults, first)
    if name in holder.fields:
        return holder.fields[name]
    if name in holder.kind.constants:
        return holder.kind.constants[name]
    if name.startswith("__"):
        raise Unsupported(f"the attribute `{name}`")
    raise Raised(AttributeError, f"'{holder.kind.name}' object has no attribute '{name}'")


def _family(value: Any) -> str:
    return "set" if isinstance(value, (SSet, SLazySet)) else kind_of(value)


def call_method(run: Any, owner: Any, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Call a method of a builtin type."""
    if kwargs and name not in ("sort", "split"):
        raise Unsupported(f"keyword arguments of `{name}`")
    try:
        return METHODS[_family(owner)][name](run, owner, *args, **kwargs)
    except TypeError as error:
        if "positional argument" in str(error) or "keyword argument" in str(error):
            raise Unsupported(f"`{name}` with these arguments") from None
        raise


def _bit_length(run: Any, owner: Any) -> Any:
    if isinstance(owner, int):
        return int(owner).bit_length()
    raise Unsupported("`bit_length` of an unknown int")


METHODS: dict[str, dict[str, Callable[..., Any]]] = {
    "list": LIST,
    "tuple": TUPLE,
    "str": STR,
    "dict": DICT,
    "set": SET,
    "int": {"bit_length": _bit_length},
}
