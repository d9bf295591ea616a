"""Loops: unrolled up to a bound, or cut by an inductive invariant.

The second replaces what the loop changes by unknown values that meet the invariant, once, and shows that one turn keeps
it. Candidates for invariants and measures are guesses; what does not hold is thrown out and the proof begins again, until
what is left is inductive. No guess is ever taken for granted.

Source: Hoare 1969; Flanagan and Leino 2001 (Houdini).
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import z3

from ncg_ray.verify.smt import sequences
from ncg_ray.verify.smt.changes import Changes, Unchanged, changed_objects, guarded
from ncg_ray.verify.smt.frames import FORGOTTEN, Broke, Continued, Frame
from ncg_ray.verify.smt.heads import ForHead, Head, WhileHead
from ncg_ray.verify.smt.paths import Cut, Formula, Guard, NeedsFork, PathEnd, Unsupported
from ncg_ray.verify.smt.raising import Raised
from ncg_ray.verify.smt.states import shape_of, snapshot, unknown_value, without_empty
from ncg_ray.verify.smt.values import (
    Fixed,
    Lazy,
    SIterator,
    SList,
    conj,
    int_term,
    is_integral,
    kind_of,
    neg,
)

CHECK_S = 1.2
"Seconds for the solver to see whether a turn keeps the invariant."


MAX_UNROLLED = 64
"Turns of a loop whose condition is known, while others are cut by invariants."


class Refine(Exception):
    """A guess turned out wrong, and is gone: begin again."""


@dataclass
class Guesses:
    """What is supposed of one loop until it is found wrong."""

    invariants: list[ast.expr]
    measures: list[ast.expr]
    kinds: dict[str, list[Any]] = field(default_factory=dict)
    "The types that a changed name was seen to have at the loop's head."


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
            if self.propose is not None and (always or turns >= MAX_UNROLLED or not run.pure(node.test, frame)):
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
            if self._turn(run, node, frame):
                return
        run.execute_all(node.orelse, frame)

    def run_for(self, run: Any, node: ast.For, frame: Any) -> None:
        source = run.evaluate(node.iter, frame)
        if isinstance(source, SIterator) and source.made_in is not None:
            raise Unsupported("a loop over a generator, `map` or `filter`", node.lineno)
        if isinstance(source, SList):
            changing = any(
                isinstance(n, ast.Name) and n.id in changed_objects(node.body) and frame.names.get(n.id) is source
                for n in ast.walk(node)
            )
            if changing:
                self._live(run, node, frame, source)
                return
        elements = sequences.iterated(run.path, source)
        if isinstance(elements, Lazy):
            if self.propose is not None:
                self._inductive(run, node, frame, ForHead(run, node, frame, elements, source))
                return
            elements = self.unrolled(run, elements)
        guard = Unchanged(source)
        for item in elements.items:
            run.path.step()
            guard.check()
            run.assign(node.target, item, frame)
            if self._turn(run, node, frame):
                return
        guard.check()
        run.execute_all(node.orelse, frame)

    def unrolled(self, run: Any, elements: Lazy) -> Fixed:
        """The elements of `range(n)` with an unknown n, up to the limit."""
        size = elements.length
        if z3.is_int_value(z3.simplify(z3.IntVal(0) + size)):
            raise Unsupported("a loop of more than 10000 turns")
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
            if self._turn(run, node, frame):
                return
        run.execute_all(node.orelse, frame)

    # -- by an invariant

    def _inductive(self, run: Any, node: ast.While | ast.For, frame: Any, head: Head) -> None:
        if run.module.source.has_nonlocal:
            raise Unsupported("`nonlocal` beside a loop of unknown length", node.lineno)
        path, key = run.path, (node.lineno, node.col_offset)
        entry = {name: value for name, value in frame.names.items() if not name.startswith("*")}
        entry = {name: snapshot(value) for name, value in entry.items()}
        head.begin()
        if key not in self.guesses:
            assert self.propose is not None
            self.guesses[key] = self.propose(run, node, frame, {**entry, **head.names()})
        guesses = self.guesses[key]
        self._hold(run, guesses, frame, head, entry)
        changes = Changes(node, frame)
        with guarded() as guard:
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
                    self._same_kinds(run, guesses, changes.names, frame, node)
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
            return run.condition_of_contract(candidate, inner)

    def _measure(self, run: Any, measure: ast.expr, frame: Any, head: Head, entry: dict[str, Any]) -> Any:
        names = {f"_entry_{name}": value for name, value in entry.items()} | head.names()
        if not run.pure(measure, Frame(names, frame, frozenset())):
            return None
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
        if not run.pure(candidate, Frame(head.names(), frame, frozenset())):
            return None
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
        guesses.measures[:] = kept
        if not kept:  # also where another path left none, in an exploration before this one
            raise Unsupported("a loop that is not known to end", getattr(node, "lineno", 0))

    # -- what a loop changes

    def _forget(self, run: Any, guesses: Guesses, changes: Changes, frame: Any, node: ast.AST) -> frozenset[int]:
        """Put unknown values in place of what the loop changes; gives the objects that it may change."""
        allowed: set[int] = set()
        for name in changes.names:
            value = frame.names[name]
            kinds = guesses.kinds.setdefault(name, [])
            shape = shape_of(run.path, value)
            if shape not in kinds:
                kinds.append(shape)
            kinds[:] = without_empty(kinds)
            kind = kinds[run.path.pick(len(kinds))]
            fresh = unknown_value(run, kind, run.path.name(name))
            if name not in changes.in_place:
                frame.names[name] = fresh
                continue
            if not isinstance(value, SList) or not isinstance(fresh, SList) or value.frozen:
                raise Unsupported(f"a loop that changes a {kind_of(value)}", getattr(node, "lineno", 0))
            Guard.note(value.birth)
            value.elements = fresh.elements
            allowed.add(id(value))
        for name in changes.new:
            frame.names[name] = FORGOTTEN
        return frozenset(allowed)

    def _same_kinds(self, run: Any, guesses: Guesses, changed: list[str], frame: Any, node: ast.AST) -> None:
        for name in changed:
            if name not in frame.names:
                raise Unsupported("a name that a loop deletes", getattr(node, "lineno", 0))
            kind, kinds = shape_of(run.path, frame.names[name]), guesses.kinds[name]
            if kind not in kinds and not (
                kind == ("list", None) and any(isinstance(k, tuple) and k[0] == "list" for k in kinds)
            ):
                kinds.append(kind)
                if len(kinds) > 4:
                    raise Unsupported("a name that has many types in a loop", getattr(node, "lineno", 0))
                raise Refine
