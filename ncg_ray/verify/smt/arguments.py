"""What builtin functions do with their arguments before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ncg_ray.verify.smt.paths import Unsupported
from ncg_ray.verify.smt.raising import Raised, type_error
from ncg_ray.verify.smt.values import (
    Instance,
    Opaque,
    kind_of,
)


def take(args: list[Any], kwargs: dict[str, Any], low: int, high: int, name: str) -> None:
    if kwargs:
        raise Unsupported(f"keyword arguments of `{name}`")
    if not low <= len(args) <= high:  # CPython may take more than is known here, so that it is no TypeError
        raise Unsupported(f"`{name}` with {len(args)} arguments")


def wrong_type(name: str, value: Any) -> Exception:
    if isinstance(value, (Opaque, Instance)):
        return Unsupported(f"`{name}` of a {kind_of(value)}")
    return type_error(f"bad operand type for {name}(): '{kind_of(value)}'")


def on_host(function: Callable[..., Any], *args: Any) -> Any:
    try:
        return function(*args)
    except (ValueError, TypeError, OverflowError, ZeroDivisionError) as error:
        raise Raised(type(error), str(error)) from None
