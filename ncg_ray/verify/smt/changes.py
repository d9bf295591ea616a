"""What a loop changes, as far as its text says, and guards that see that it changes nothing else."""

from __future__ import annotations

import ast
from typing import Any

from ncg_ray.verify.smt.paths import Guard, Unsupported
from ncg_ray.verify.smt.values import (
    Mutable,
    SIterator,
    holds_mutable,
    look,
)

CHANGERS = frozenset(
    {
        "append",
        "extend",
        "insert",
        "pop",
        "remove",
        "reverse",
        "sort",
        "clear",
        "add",
        "discard",
        "update",
        "setdefault",
        "popitem",
    }
)


class Changes:
    """What a loop changes: names that it binds anew, and lists that it changes in place. All else must stay as it is."""

    def __init__(self, node: ast.While | ast.For, frame: Any) -> None:
        parts = [*node.body, *([ast.Expr(node.test)] if isinstance(node, ast.While) else [])]
        bound, augmented = assigned_in(parts), _augmented(parts)
        targets = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)} if isinstance(node, ast.For) else set()
        known = {name for name in frame.names if not name.startswith("*")} - targets
        lists = {name for name in known if isinstance(frame.names[name], Mutable)}
        self.in_place = (changed_objects(parts) | augmented) & lists
        self.names = sorted((bound & known) | self.in_place)
        self.new = sorted(bound - known - targets)
        if self.in_place & (bound - augmented):
            raise Unsupported("a loop that changes a list and binds its name anew", node.lineno)
        if len({id(frame.names[name]) for name in self.in_place}) < len(self.in_place):
            raise Unsupported("a loop that changes one list under two names", node.lineno)
        self.line = node.lineno
        self.others = {name: frame.names[name] for name in known - set(self.names)}

    def check(self, frame: Any, birth: int) -> None:
        """After a turn: nothing else changed, and what is bound anew is nobody else's."""
        for name, value in self.others.items():
            if frame.names.get(name) is not value:
                raise Unsupported(f"a loop that changes {name!r} from elsewhere", self.line)
        bound = [frame.names[name] for name in self.names if name not in self.in_place and name in frame.names]
        fresh = [value for value in bound if holds_mutable(value)]
        if any(not isinstance(value, Mutable) or value.birth < birth for value in fresh) or len(set(map(id, fresh))) < len(
            fresh
        ):
            raise Unsupported("a loop that binds a name to a list that has another name", self.line)


def guarded() -> Any:
    """While this is open, what is older changes only where the guard allows it."""
    return Guard.over(lambda: Unsupported("a change in a loop that its invariant does not cover"))


class Unchanged:
    """Sees that a dict or set keeps its keys while something goes through it, which Python sees in part; a list that
    changes meanwhile, or what a generator reads, is outside the fragment."""

    def __init__(self, source: Any) -> None:
        self.source, self.state = source, look(source)

    def check(self) -> None:
        computed = isinstance(self.source, SIterator) and self.source.made_in is not None
        if look(self.source) != self.state or (computed and Guard.since(self.source.birth)):
            raise Unsupported("a loop over what it changes")


def assigned_in(body: list[ast.stmt]) -> set[str]:
    """Every name that some statements bind."""
    names: set[str] = set()
    for node in (n for statement in body for n in ast.walk(statement)):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
    return names


def _augmented(body: list[ast.stmt]) -> set[str]:
    """Names that are only ever assigned by `+=` and its like."""
    augmented = [
        n.target for s in body for n in ast.walk(s) if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name)
    ]
    plain = {id(n) for n in augmented}
    others = {
        n.id
        for s in body
        for n in ast.walk(s)
        if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load) and id(n) not in plain
    }
    return {n.id for n in augmented} - others


def changed_objects(body: list[ast.stmt]) -> set[str]:
    """Names whose objects the body changes, as far as that can be seen."""
    names: set[str] = set()
    for statement in body:
        for node in ast.walk(statement):
            holder = None
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGERS:
                holder = node.func.value
            elif isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
                holder = node.value
            elif isinstance(node, ast.AugAssign):
                holder = node.target
            if isinstance(holder, ast.Name):
                names.add(holder.id)
    return names
