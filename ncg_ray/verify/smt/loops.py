"""Loops: unrolled up to a bound, or cut by an inductive invariant.

The second replaces what the loop changes by unknown values that meet the invariant, once, and shows that one turn keeps
it. Candidates for invariants and measures are guesses; what does not hold is thrown out and the proof begins again, until
what is left is inductive. No guess is ever taken for granted.

Source: Hoare 1969; Flanagan and Leino 2001 (Houdini).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import z3

from ncg_ray.verify.smt import sequences
from ncg_ray.verify.smt.frames import FORGOTTEN, Broke, Continued, Frame
from ncg_ray.verify.smt.paths import Cut, Formula, NeedsFork, PathEnd, Unsupported
from ncg_ray.verify.smt.raising import Raised
from ncg_ray.verify.smt.values import (
    FP,
    Fixed,
    Instance,
    Lazy,
    Mutable,
    SBool,
    SDict,
    SFloat,
    SInt,
    SList,
    SSet,
    SStr,
    Symbol,
    conj,
    holds_mutable,
    int_term,
    is_integral,
    is_string,
    kind_of,
    neg,
    wrap_int,
)

CHECK_S = 1.2
"Seconds for the solver to see whether a turn keeps the invariant."
MAX_UNROLLED = 64
"Turns of a loop whose condition is known, while others are cut by invariants."
INDEX = "_k"
"The name that candidates have for the number of elements that a `for` loop has done."
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


class Refine(Exception):
    """A guess turned out wrong, and is gone: begin again."""


@dataclass
class Guesses:
    """What is supposed of one loop until it is found wrong."""

    invariants: list[ast.expr]
    measures: list[ast.expr]
    kinds: dict[str, list[Any]] = field(default_factory=dict)
    "The types that a changed name was seen to have at the loop's head."
    given: list[ast.expr] = field(default_factory=list)
    "Invariants that the user wrote and that turned out not to be inductive."


Key = tuple[int, int]
Propose = Callable[[Any, ast.While | ast.For, Any, dict[str, Any]], Guesses]


class Loops:
    """How loops are run on every path of one exploration."""

    def __init__(self, limit: int, propose: Propose | None = None) -> None:
        self.limit, self.propose = limit, propose
        self.guesses: dict[Key, Guesses] = {}
        self.watch: Callable[[Key, object, Any, Any], None] | None = None
        "Told of each turn of a `while`, with what stands for this run of the loop."

    # -- entry points

    def run_while(self, run: Any, node: ast.While, frame: Any) -> None:
        activation = object()
        turns, always = 0, isinstance(node.test, ast.Constant) and bool(node.test.value)
        while True:
            if self.watch is not None:
                self.watch((node.lineno, node.col_offset), activation, run, frame)
            if self.propose is not None and (always or turns >= MAX_UNROLLED):
                self._inductive(run, node, frame, WhileHead(run, node, frame))
                return
            test = run.condition(node.test, frame)
            if self.propose is not None and not isinstance(test, bool) and not run.path.implied(neg(test)):
                self._inductive(run, node, frame, WhileHead(run, node, frame))
                return
            if not run.path.decide(test):
                break
            turns += 1
            if turns > self.limit and self.propose is None:
                raise Cut
            try:
                run.execute_all(node.body, frame)
            except Broke:
                return
            except Continued:
                pass
        run.execute_all(node.orelse, frame)

    def run_for(self, run: Any, node: ast.For, frame: Any) -> None:
        source = run.evaluate(node.iter, frame)
        if isinstance(source, SList):
            changing = any(
                isinstance(n, ast.Name) and n.id in _changed_objects(node.body) and frame.names.get(n.id) is source
                for n in ast.walk(node)
            )
            if changing:
                self._live(run, node, frame, source)
                return
        elements = sequences.iterated(run.path, source)
        if isinstance(elements, Lazy):
            if self.propose is not None:
                self._inductive(run, node, frame, ForHead(run, node, frame, elements))
                return
            elements = self._unrolled(run, elements)
        guard = _Unchanged(source)
        for item in elements.items:
            run.path.step()
            guard.check()
            run.assign(node.target, item, frame)
            try:
                run.execute_all(node.body, frame)
            except Broke:
                return
            except Continued:
                pass
        guard.check()
        run.execute_all(node.orelse, frame)

    def _unrolled(self, run: Any, elements: Lazy) -> Fixed:
        """The elements of `range(n)` with an unknown n, up to the limit."""
        size = elements.length
        for number in range(self.limit + 1):
            if run.path.decide(size <= number):
                return Fixed(tuple(elements.get(z3.IntVal(i)) for i in range(number)))
        raise Cut

    def _live(self, run: Any, node: ast.For, frame: Any, source: SList) -> None:
        """A loop over a list that its body changes: by index, for as long as there are elements."""
        if not isinstance(source.elements, Fixed) or self.propose is not None:
            raise Unsupported("a loop over a list that it changes", node.lineno)
        place = 0
        while True:
            elements = source.elements
            if not isinstance(elements, Fixed) or place > max(self.limit, MAX_UNROLLED):
                raise Cut
            if place >= elements.length:
                break
            run.path.step()
            run.assign(node.target, elements.items[place], frame)
            place += 1
            try:
                run.execute_all(node.body, frame)
            except Broke:
                return
            except Continued:
                pass
        run.execute_all(node.orelse, frame)

    # -- by an invariant

    def _inductive(self, run: Any, node: ast.While | ast.For, frame: Any, head: Head) -> None:
        if run.module.source.has_nonlocal:
            raise Unsupported("`nonlocal` beside a loop of unknown length", node.lineno)
        path, key = run.path, (node.lineno, node.col_offset)
        entry = {name: value for name, value in frame.names.items() if not name.startswith("*")}
        entry = {name: _snapshot(value) for name, value in entry.items()}
        head.begin()
        if key not in self.guesses:
            assert self.propose is not None
            self.guesses[key] = self.propose(run, node, frame, {**entry, **head.names()})
        guesses = self.guesses[key]
        self._hold(run, guesses, frame, head, entry)
        changes = Changes(node, frame)
        with _guarded(frozenset()) as guard:
            guard.allowed = self._forget(run, guesses, changes, frame, node)
            head.forget()
            self._suppose(run, guesses, frame, head, entry)
            before = [(m, self._measure(run, m, frame, head, entry)) for m in guesses.measures] if head.needs_measure else []
            if not path.decide(head.goes_on()):
                head.leave()
                broke = False
            else:
                head.enter()
                broke = self._turn(run, node, frame)
                if not broke:
                    head.turn()
                    changes.check(frame, guard.birth)
                    self._same_kinds(guesses, changes.names, frame, node)
                    self._hold(run, guesses, frame, head, entry)
                    if head.needs_measure:
                        self._decreases(run, guesses, before, frame, head, entry, node)
                    raise PathEnd
            changes.check(frame, guard.birth)
        if not broke:
            run.execute_all(node.orelse, frame)

    def _turn(self, run: Any, node: ast.While | ast.For, frame: Any) -> bool:
        """One turn of the body; whether it left the loop by `break`."""
        try:
            run.execute_all(node.body, frame)
        except Continued:
            return False
        except Broke:
            return True
        return False

    def _formula(self, run: Any, candidate: ast.expr, frame: Any, head: Head, entry: dict[str, Any]) -> Formula:
        names = {f"_entry_{name}": value for name, value in entry.items()} | head.names()
        inner = Frame(names, frame, frozenset())
        with run.path.supposing(True):
            return run.condition(candidate, inner)

    def _measure(self, run: Any, measure: ast.expr, frame: Any, head: Head, entry: dict[str, Any]) -> Any:
        names = {f"_entry_{name}": value for name, value in entry.items()} | head.names()
        try:
            with run.path.supposing(True):
                value = run.evaluate(measure, Frame(names, frame, frozenset()))
        except (Raised, NeedsFork, Unsupported, PathEnd):
            return None
        return int_term(value) if is_integral(value) else None

    def _hold(self, run: Any, guesses: Guesses, frame: Any, head: Head, entry: dict[str, Any]) -> None:
        """See that all candidates hold here; throw out those that do not, and begin again.

        What one candidate needs to be evaluated, such as an index in range, may be what another says; so those that
        hold are taken as facts, and the rest is tried again.
        """
        rest, kept = list(guesses.invariants), []
        while rest:
            formulas = [(c, self._tried(run, c, frame, head, entry)) for c in rest]
            ready = [(c, f) for c, f in formulas if f is not None]
            if not ready:
                break
            rest = [c for c, f in formulas if f is None]
            if not run.path.implied(conj(*(f for _, f in ready)), CHECK_S):
                ready = [(c, f) for c, f in ready if self._implied_alone(run, f)]
            for candidate, formula in ready:
                run.path.assume(formula)
                kept.append(candidate)
        if len(kept) < len(guesses.invariants):
            guesses.invariants[:] = [c for c in guesses.invariants if any(c is k for k in kept)]
            raise Refine

    def _suppose(self, run: Any, guesses: Guesses, frame: Any, head: Head, entry: dict[str, Any]) -> None:
        """Take all candidates for granted, those first that the others need to be evaluated."""
        rest = list(guesses.invariants)
        while rest:
            formulas = [(c, self._tried(run, c, frame, head, entry)) for c in rest]
            ready = [f for _, f in formulas if f is not None]
            if not ready:
                guesses.invariants[:] = [c for c in guesses.invariants if not any(c is r for r in rest)]
                raise Refine
            rest = [c for c, f in formulas if f is None]
            for formula in ready:
                run.path.assume(formula)

    def _tried(self, run: Any, candidate: ast.expr, frame: Any, head: Head, entry: dict[str, Any]) -> Formula | None:
        try:
            return self._formula(run, candidate, frame, head, entry)
        except (Raised, NeedsFork, Unsupported, PathEnd):
            return None

    def _implied_alone(self, run: Any, formula: Formula) -> bool:
        return run.path.implied(formula, CHECK_S / 3)

    def _decreases(
        self,
        run: Any,
        guesses: Guesses,
        before: list[tuple[ast.expr, Any]],
        frame: Any,
        head: Head,
        entry: dict[str, Any],
        node: ast.AST,
    ) -> None:
        """Keep the measures that are not negative where a turn begins, and smaller after it."""
        kept = []
        for measure, start in before:
            end = self._measure(run, measure, frame, head, entry)
            if start is not None and end is not None and run.path.implied(z3.And(start >= 0, end < start), CHECK_S / 3):
                kept.append(measure)
        if len(kept) < len(guesses.measures):
            guesses.measures[:] = kept
            if not kept:
                raise Unsupported("a loop that is not known to end", getattr(node, "lineno", 0))

    # -- what a loop changes

    def _forget(self, run: Any, guesses: Guesses, changes: Changes, frame: Any, node: ast.AST) -> frozenset[int]:
        """Put unknown values in place of what the loop changes; gives the objects that it may change."""
        allowed: set[int] = set()
        for name in changes.names:
            value = frame.names[name]
            kinds = guesses.kinds.setdefault(name, [])
            if _kind(value) not in kinds:
                kinds.append(_kind(value))
            kinds[:] = _without_empty(kinds)
            kind = kinds[run.path.pick(len(kinds))]
            fresh = _unknown(run, kind, run.path.name(name))
            if name not in changes.in_place:
                frame.names[name] = fresh
                continue
            if not isinstance(value, SList) or not isinstance(fresh, SList) or value.frozen:
                raise Unsupported(f"a loop that changes a {kind_of(value)}", getattr(node, "lineno", 0))
            value.elements = fresh.elements
            allowed.add(id(value))
        for name in changes.new:
            frame.names[name] = FORGOTTEN
        return frozenset(allowed)

    def _same_kinds(self, guesses: Guesses, changed: list[str], frame: Any, node: ast.AST) -> None:
        for name in changed:
            if name not in frame.names:
                raise Unsupported("a name that a loop deletes", getattr(node, "lineno", 0))
            kind, kinds = _kind(frame.names[name]), guesses.kinds[name]
            if kind not in kinds and not (
                kind == ("list", None) and any(isinstance(k, tuple) and k[0] == "list" for k in kinds)
            ):
                kinds.append(kind)
                if len(kinds) > 4:
                    raise Unsupported("a name that has many types in a loop", getattr(node, "lineno", 0))
                raise Refine


class Changes:
    """What a loop changes: names that it binds anew, and lists that it changes in place. All else must stay as it is."""

    def __init__(self, node: ast.While | ast.For, frame: Any) -> None:
        parts = [*node.body, *([ast.Expr(node.test)] if isinstance(node, ast.While) else [])]
        bound, augmented = _assigned_in(parts), _augmented(parts)
        targets = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)} if isinstance(node, ast.For) else set()
        known = {name for name in frame.names if not name.startswith("*")} - targets
        lists = {name for name in known if isinstance(frame.names[name], Mutable)}
        self.in_place = (_changed_objects(parts) | augmented) & lists
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


class Head:
    """What stands at the head of a loop, as the invariant sees it."""

    needs_measure = True

    def __init__(self, run: Any, node: Any, frame: Any) -> None:
        self.run, self.node, self.frame = run, node, frame

    def begin(self) -> None: ...

    def names(self) -> dict[str, Any]:
        return {}

    def forget(self) -> None: ...

    def goes_on(self) -> Formula:
        raise NotImplementedError

    def enter(self) -> None: ...

    def turn(self) -> None: ...

    def leave(self) -> None: ...


class WhileHead(Head):
    def goes_on(self) -> Formula:
        return self.run.condition(self.node.test, self.frame)


class ForHead(Head):
    """A `for` loop over elements by index: it ends by itself."""

    needs_measure = False

    def __init__(self, run: Any, node: ast.For, frame: Any, elements: Lazy) -> None:
        super().__init__(run, node, frame)
        self.elements = elements
        self.size = elements.length if isinstance(elements.length, z3.ExprRef) else z3.IntVal(elements.length)
        self.index: Any = z3.IntVal(0)
        self.before: Any = None
        self.targets = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}

    def begin(self) -> None:
        if self.targets & _assigned_in(self.node.body):
            raise Unsupported("a loop that assigns its own target", self.node.lineno)
        self.before = {name: self.frame.names[name] for name in self.targets if name in self.frame.names}

    def names(self) -> dict[str, Any]:
        names = {INDEX: wrap_int(self.index), f"{INDEX}_size": wrap_int(self.size)}
        if isinstance(self.node.target, ast.Name) and isinstance(self.elements.get(self.index), SInt) and self._counts():
            names[self.node.target.id] = self.elements.get(self.index)  # of `range`: the next value, also after the last
        return names

    def _counts(self) -> bool:
        return (
            isinstance(self.node.iter, ast.Call)
            and isinstance(self.node.iter.func, ast.Name)
            and (self.node.iter.func.id == "range")
        )

    def forget(self) -> None:
        self.index = z3.Int(self.run.path.name(INDEX))
        self.run.path.assume(z3.And(self.index >= 0, z3.Or(self.index <= self.size, self.index == 0)))

    def goes_on(self) -> Formula:
        return self.index < self.size

    def enter(self) -> None:
        self.run.assign(self.node.target, self.elements.get(self.index), self.frame)

    def turn(self) -> None:
        self.index = z3.simplify(self.index + 1)

    def leave(self) -> None:
        if self.run.path.decide(self.size > 0):
            self.run.assign(self.node.target, self.elements.get(z3.simplify(self.size - 1)), self.frame)
            return
        for name in self.targets:
            self.frame.names.pop(name, None)
        self.frame.names |= self.before


class _Unchanged:
    """Sees that a dict or set keeps its size while a loop goes through it, as Python does; a list that changes under
    another name is outside the fragment."""

    def __init__(self, source: Any) -> None:
        self.source, self.state = source, self._look(source)

    def _look(self, source: Any) -> Any:
        if isinstance(source, sequences.SView):
            source = source.owner
        if isinstance(source, SDict):
            return tuple(id(key) for key, _ in source.entries)
        if isinstance(source, SSet):
            return tuple(map(id, source.items))
        return source.elements if isinstance(source, SList) else None

    def check(self) -> None:
        if self._look(self.source) != self.state:
            raise Unsupported("a loop over what it changes")


class Guard:
    """Keeps objects that are older than it from changing, but for some."""

    def __init__(self) -> None:
        self.birth, self.allowed = next(Mutable.births), frozenset[int]()


@contextmanager
def _guarded(allowed: frozenset[int]) -> Iterator[Guard]:
    guard = Guard()
    guard.allowed = allowed
    Mutable.guards.append(guard)
    try:
        yield guard
    finally:
        Mutable.guards.remove(guard)


def _assigned_in(body: list[ast.stmt]) -> set[str]:
    return {
        n.id
        for statement in body
        for n in ast.walk(statement)
        if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    }


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


def _changed_objects(body: list[ast.stmt]) -> set[str]:
    """Names whose objects the body changes, as far as that can be seen."""
    names: set[str] = set()
    for statement in body:
        for node in ast.walk(statement):
            holder = None
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGERS:
                holder = node.func.value
            elif isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
                holder = node.value
            if isinstance(holder, ast.Name):
                names.add(holder.id)
    return names


def _snapshot(value: Any) -> Any:
    return SList(value.elements) if isinstance(value, SList) else value


def _kind(value: Any) -> Any:
    """The type of a value as far as unknown values are made by it."""
    if value is None or isinstance(value, (bool, SBool)):
        return kind_of(value)
    if isinstance(value, (int, SInt, float, SFloat)):
        return kind_of(value)
    if is_string(value):
        return "str"
    if isinstance(value, tuple):
        return ("tuple", *map(_kind, value))
    if isinstance(value, SList):
        elements = value.elements
        if isinstance(elements, Fixed):
            kinds = list(dict.fromkeys(map(_kind, elements.items)))
            if len(kinds) > 1:
                raise Unsupported("a loop that changes a list of several types")
            return ("list", kinds[0] if kinds else None)
        return ("list", _kind(elements.get(z3.IntVal(0))))
    return kind_of(value)


def _without_empty(kinds: list[Any]) -> list[Any]:
    full = [k for k in kinds if isinstance(k, tuple) and k[0] == "list" and k[1] is not None]
    return [k for k in kinds if k != ("list", None)] if full else kinds


def _unknown(run: Any, kind: Any, name: str, index: tuple[Any, ...] = ()) -> Any:
    """An unknown value of a type."""

    def constant(sort: Any) -> Any:
        return z3.Function(name, *(z3.IntSort() for _ in index), sort)(*index) if index else z3.Const(name, sort)

    if kind == "NoneType":
        return None
    if kind in ("int", "bool", "float"):
        made = {"int": (SInt, z3.IntSort()), "bool": (SBool, z3.BoolSort()), "float": (SFloat, FP)}[kind]
        return made[0](constant(made[1]))
    if isinstance(kind, tuple) and kind[0] == "tuple":
        return tuple(_unknown(run, part, f"{name}.{i}", index) for i, part in enumerate(kind[1:]))
    if kind == "str" or (isinstance(kind, tuple) and kind[0] == "list" and kind[1] is not None and not index):
        size = (
            z3.Function(f"{name}.len", *(z3.IntSort() for _ in index), z3.IntSort())(*index)
            if index
            else z3.Int(f"{name}.len")
        )
        if not index:
            run.path.assume(size >= 0)
        inner = "int" if kind == "str" else kind[1]
        elements = Lazy(size, lambda i: _unknown(run, inner, f"{name}.item", (*index, i)))
        return SStr(elements) if kind == "str" else SList(elements)
    if kind == ("list", None):
        return SList(Fixed(()))
    raise Unsupported(f"a loop that changes a {kind if isinstance(kind, str) else kind[0]}")


def state_of(frame: Any) -> Any:
    """All that a frame and those around it hold, as something to compare. Raises Unsupported for what is not known.

    Objects count with what they hold and with which of them are the same.
    """
    numbers: dict[int, int] = {}
    kept: list[Any] = []

    def of(value: Any) -> Any:
        if value is None or isinstance(value, (bool, int, str)):
            return type(value).__name__, value
        if isinstance(value, float):
            return "float", value.hex()
        if isinstance(value, tuple):
            return ("tuple", *map(of, value))
        if isinstance(value, Mutable):
            if id(value) in numbers:
                return "again", numbers[id(value)]
            numbers[id(value)] = len(numbers)
            kept.append(value)
            return type(value).__name__, _parts(value, of)
        if isinstance(value, (Symbol, SStr)):
            raise Unsupported("an unknown value in a run on a known input")
        return "constant", id(value)  # functions, classes and modules stay as they are

    levels = []
    while hasattr(frame, "assigned"):
        levels.append(tuple((name, of(value)) for name, value in sorted(frame.names.items())))
        frame = frame.outer
    return tuple(levels)


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
