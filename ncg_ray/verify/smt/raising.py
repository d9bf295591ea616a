"""Python exceptions of the program under verification, as the interpreter throws them."""

from __future__ import annotations

from typing import Any


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
