"""Python exceptions of the program under verification, as the interpreter throws them."""

from __future__ import annotations

import builtins
from typing import Any

from ncg_ray.verify.smt.paths import Unsupported
from ncg_ray.verify.smt.values import Builtin, Class, Opaque


class Raised(Exception):
    """The program raised. `kind` is a builtin exception class of the host, or a Class of the module."""

    def __init__(self, kind: Any, message: str = "", line: int = 0, value: Any = None) -> None:
        super().__init__(message)
        self.kind, self.message, self.line, self.value = kind, message, line, value

    @property
    def name(self) -> str:
        return str(self.kind.__name__ if isinstance(self.kind, type) else self.kind.name)


def type_error(what: str, *values: Any) -> Exception:
    """What to raise where these values do not go together; of a value of any type nobody knows that they do not."""
    if any(isinstance(value, Opaque) for value in values):
        return Unsupported("an operation on a value of any type")
    return Raised(TypeError, what)


def host_exception(name: str) -> type[BaseException] | None:
    kind = getattr(builtins, name, None)
    return kind if isinstance(kind, type) and issubclass(kind, BaseException) else None


EXACT = (UnicodeError, BaseExceptionGroup, SyntaxError)
"Exceptions that are particular about their arguments."


def made_exception(kind: Any, num_args: int, keywords: bool) -> Raised:
    """The exception that a call of its class makes. Raises Unsupported where it may make another, or refuse."""
    if isinstance(kind, Class):
        hosts, methods = host_bases(kind), bool(kind.methods)
    else:
        hosts, methods = [kind], False
    if methods or keywords or any(issubclass(host, EXACT) for host in hosts):
        raise Unsupported("an exception with a constructor of its own")
    if num_args > 1 and any(issubclass(host, OSError) for host in hosts):  # the number decides which it is
        raise Unsupported("an OSError with a number")
    return Raised(kind, "")


def host_bases(kind: Class) -> list[type[BaseException]]:
    """The builtin exceptions that a class of the module comes from."""
    found: list[type[BaseException]] = []
    for base in kind.bases:
        host = host_exception(base.name) if isinstance(base, Builtin) else None
        found += host_bases(base) if isinstance(base, Class) else [host] if host is not None else []
    return found


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
