"""Records (`ncg_ray.types`) as JSON and back, without loss, and their stable hash.

Python values inside a record (arguments, results) are encoded by `ncg_ray.plain`.
"""

from __future__ import annotations

import enum
import functools
import hashlib
import json
import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, TypeVar

from ncg_ray import plain
from ncg_ray.errors import InputError
from ncg_ray.types import Level

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """Turn a record (or a container of records) into JSON-ready data."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in fields(value) if f.name not in _PLAIN} | {
            f.name: plain.encode(getattr(value, f.name)) for f in fields(value) if f.name in _PLAIN}
    if isinstance(value, Level):
        return value.name
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return value


# Fields that hold the program's values rather than records; `plain` keeps tuples, sets and NaN apart.
_PLAIN = frozenset({"args", "kwargs", "returns", "value", "args_after", "kwargs_after"})


def from_json(kind: type[T], data: Any) -> T:
    """Read back what `to_json` wrote. Raises InputError naming the field that does not fit."""
    return _read(kind, data, kind.__name__)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _read(hint: Any, data: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(data, dict):
            raise InputError(f"{where}: expected an object, got {type(data).__name__}")
        known = {f.name: f for f in fields(hint)}
        if unknown := sorted(set(data) - set(known)):
            raise InputError(f"{where}: unknown key {unknown[0]!r}; known: {', '.join(known)}")
        for name, f in known.items():
            if name not in data and f.default is MISSING and f.default_factory is MISSING:
                raise InputError(f"{where}: the key {name!r} is missing")
        hints = _hints(hint)
        return hint(**{name: plain.decode(item) if name in _PLAIN else _read(hints[name], item, f"{where}.{name}")
                       for name, item in data.items()})
    if origin in (typing.Union, types.UnionType):
        options = typing.get_args(hint)
        if data is None and type(None) in options:
            return None
        return _read(next(o for o in options if o is not type(None)), data, where)
    if origin is tuple:
        return tuple(_read(typing.get_args(hint)[0], item, where) for item in data)
    if origin is list:
        return [_read(typing.get_args(hint)[0], item, where) for item in data]
    if origin is dict:
        return {key: _read(typing.get_args(hint)[1], item, where) for key, item in data.items()}
    if origin is Literal:
        if data not in typing.get_args(hint):
            raise InputError(f"{where}: {data!r} is not one of {', '.join(map(repr, typing.get_args(hint)))}")
        return data
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint[data] if hint is Level else hint(data)
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if isinstance(hint, type) and not isinstance(data, hint):
        raise InputError(f"{where}: expected {hint.__name__}, got {data!r}")
    return data


def stable_hash(value: Any) -> str:
    """The first 16 hex digits of the SHA-256 of the record's canonical JSON."""
    text = json.dumps(to_json(value), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
