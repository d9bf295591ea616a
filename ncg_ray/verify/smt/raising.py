"""Python exceptions of the program under verification, as the interpreter throws them."""

from __future__ import annotations

import builtins
from typing import Any

from ncg_ray.verify.smt.values import Builtin, Class


class Raised(Exception):
    """The program raised. `kind` is a builtin exception class of the host, or a Class of the module."""

    def __init__(self, kind: Any, message: str = "", line: int = 0, value: Any = None) -> None:
        super().__init__(message)
        self.kind, self.message, self.line, self.value = kind, message, line, value

    @property
    def name(self) -> str:
        return str(self.kind.__name__ if isinstance(self.kind, type) else self.kind.name)


def type_error(what: str) -> Raised:
    return Raised(TypeError, what)


def host_exception(name: str) -> type[BaseException] | None:
    kind = getattr(builtins, name, None)
    return kind if isinstance(kind, type) and issubclass(kind, BaseException) else None


def is_exception(kind: Class) -> bool:
    return any(
        (isinstance(b, Builtin) and host_exception(b.name)) or (isinstance(b, Class) and is_exception(b)) for b in kind.bases
    )


def exception_is(kind: Any, base: Any) -> bool:
    """Whether an exception class is a subclass of another; either a host class or a Class of the module."""
    if isinstance(kind, type):
        return isinstance(base, type) and issubclass(kind, base)
    if kind is base:
        return True
    parents = [host_exception(b.name) if isinstance(b, Builtin) else b for b in kind.bases]
    return any(exception_is(parent, base) for parent in parents if parent is not None)
