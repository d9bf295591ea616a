"""Names of one call, and the ways in which a statement ends it."""

from __future__ import annotations

import ast
import sys
from typing import Any

from ncg_ray.verify.smt.paths import Guard, Unsupported
from ncg_ray.verify.smt.raising import Raised

FORGOTTEN = object()
"The value of a name that only a loop binds, as its invariant sees it: whether it is bound is not known."


COMPREHENSION = "<comprehension>"
"What the frame of a comprehension says of its function."


class Frame:
    """The local names of one call."""

    __slots__ = ("assigned", "birth", "function", "names", "nonlocal_names", "outer")

    def __init__(self, names: dict[str, Any], outer: Any, assigned: frozenset[str], function: str = "") -> None:
        self.names, self.outer, self.assigned, self.function = names, outer, assigned, function
        self.nonlocal_names: set[str] = set()
        self.birth = next(Guard.births)

    def lookup(self, name: str, line: int) -> Any:
        if name in self.names:
            if self.names[name] is FORGOTTEN:
                raise Unsupported(f"the name {name!r}, which only the loop before binds", line)
            return self.names[name]
        if name in self.assigned and name not in self.nonlocal_names:
            raise Raised(UnboundLocalError, f"cannot access local variable '{name}'", line)
        return self._free(name, line)

    def _free(self, name: str, line: int) -> Any:
        """The value of a name that a function around this one binds, or the module."""
        outer = self.outer
        if not isinstance(outer, Frame):
            return outer.lookup(name, line)
        if name in outer.names:
            return outer.lookup(name, line)
        if name in outer.assigned and name not in outer.nonlocal_names:
            if self.function == COMPREHENSION and sys.version_info >= (3, 12):  # there it is part of its function
                raise Unsupported(f"the name {name!r} in a comprehension, where it may be unbound", line)
            raise Raised(NameError, f"cannot access free variable '{name}'", line)
        return outer._free(name, line)

    def store(self, name: str, value: Any) -> None:
        frame = self
        if name in self.nonlocal_names:
            frame = self.outer
            while isinstance(frame, Frame) and name not in frame.assigned:
                frame = frame.outer
            if not isinstance(frame, Frame):
                raise Unsupported("a nonlocal name that no function has")
        Guard.note(frame.birth)
        frame.names[name] = value


class Both:
    """Names as they were before the call, and where there is none of that name, as they are."""

    def __init__(self, first: Any, second: Any) -> None:
        self.first, self.second = first, second

    def lookup(self, name: str, line: int) -> Any:
        return self.first.names[name] if name in self.first.names else self.second.lookup(name, line)


class Returned(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


class Broke(Exception):
    pass


class Continued(Exception):
    pass


def targets_of(node: Any) -> frozenset[str]:
    return frozenset(n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name))


def frozen(value: Any) -> Any:
    """A value that a default or a global keeps between calls: what would change it is outside the fragment."""
    if hasattr(value, "frozen"):
        value.frozen = True
        inner = [i for i in getattr(getattr(value, "elements", None), "items", ())]
        inner += [part for entry in getattr(value, "entries", ()) for part in entry]
        inner += list(getattr(value, "fields", {}).values())
        for item in inner:
            frozen(item)
    elif isinstance(value, tuple):
        for item in value:
            frozen(item)
    return value
