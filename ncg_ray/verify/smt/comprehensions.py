"""Comprehensions, generators and what is said of all elements: `all`, `any`, `sum` and their like."""

from __future__ import annotations

import ast
import contextlib
from typing import Any

from ncg_ray.verify.smt import sequences
from ncg_ray.verify.smt.frames import COMPREHENSION, Frame, targets_of
from ncg_ray.verify.smt.paths import Formula, NeedsFork, Path, PathEnd, Unsupported
from ncg_ray.verify.smt.raising import Raised
from ncg_ray.verify.smt.values import (
    Builtin,
    Fixed,
    Lazy,
    SDict,
    SIterator,
    SList,
    SSet,
    conj,
    copied,
    disj,
    neg,
    wrap_bool,
)


class Comprehensions:
    """Makes sequences out of sequences, also of unbounded length."""

    path: Path

    def _value_ListComp(self, node: ast.ListComp, frame: Any) -> Any:
        return SList(self.comprehension(node, lambda inner: self.evaluate(node.elt, inner), frame))

    def _value_GeneratorExp(self, node: ast.GeneratorExp, frame: Any) -> Any:
        # Evaluated at once. That differs from Python only where what it reads changes before it is used up.
        if not self.pure(node, frame):
            raise Unsupported("a generator with effects", node.lineno)
        try:
            made = self.comprehension(node, lambda inner: self.evaluate(node.elt, inner), frame)
            return SIterator(made, (), self.path.statement)
        except Raised:
            raise Unsupported("a generator that raises", node.lineno) from None

    def _value_SetComp(self, node: ast.SetComp, frame: Any) -> Any:
        items: list[Any] = []
        for item in sequences.listed(
            self.path, SList(self.comprehension(node, lambda inner: self.evaluate(node.elt, inner), frame))
        ):
            sequences.add_to_set(self.path, items, item)
        return SSet(items)

    def _value_DictComp(self, node: ast.DictComp, frame: Any) -> Any:
        made = SDict([])
        pairs = self.comprehension(
            node, lambda inner: (self.evaluate(node.key, inner), self.evaluate(node.value, inner)), frame
        )
        if isinstance(pairs, Lazy):
            raise Unsupported("a dict comprehension over a sequence of unbounded length", node.lineno)
        for key, value in pairs.items:
            self.store_item(made, key, value)
        return made

    def comprehension(self, node: Any, element: Any, frame: Any) -> Fixed | Lazy:
        """The elements that a comprehension makes."""
        outer = sequences.iterated(self.path, self.evaluate(node.generators[0].iter, frame))
        if isinstance(outer, Lazy):
            return self._mapped(node, element, outer, frame)
        made: list[Any] = []
        inner = Frame({}, frame, targets_of(node), COMPREHENSION)
        self._generate(node.generators, 0, outer, element, inner, made)
        return Fixed(tuple(made))

    def _generate(
        self, generators: list[ast.comprehension], depth: int, elements: Fixed, element: Any, inner: Frame, made: list[Any]
    ) -> None:
        generator = generators[depth]
        if generator.is_async:
            raise Unsupported("an async comprehension")
        for item in elements.items:
            self.path.step()
            self.assign(generator.target, item, inner)
            if not all(self.path.decide(self.condition(test, inner)) for test in generator.ifs):
                continue
            if depth + 1 == len(generators):
                made.append(element(inner))
                continue
            deeper = sequences.iterated(self.path, self.evaluate(generators[depth + 1].iter, inner))
            if isinstance(deeper, Lazy):
                raise Unsupported("a comprehension over an inner sequence of unbounded length")
            self._generate(generators, depth + 1, deeper, element, inner, made)

    def _mapped(self, node: Any, element: Any, outer: Lazy, frame: Any) -> Lazy:
        """[f(x) for x in xs] of any length, where f can be a term; that f does not raise is shown once for all."""
        generator = node.generators[0]
        if len(node.generators) > 1 or generator.ifs or not self.pure(node, frame):
            raise Unsupported("a comprehension with conditions over a sequence of unbounded length", node.lineno)
        names = Frame(self._captured(node, frame), self.module, frozenset())

        def get(index: Any) -> Any:
            inner = Frame({}, names, targets_of(node), COMPREHENSION)
            self.assign(generator.target, outer.get(index), inner)
            return element(inner)

        index = sequences.bound(self.path)
        inside = conj(index >= 0, index < outer.length)

        def probe() -> Formula:
            try:
                get(index)
            except Raised:
                raise Unsupported(
                    "a comprehension that may raise, over a sequence of unbounded length", node.lineno
                ) from None
            return True

        sequences.below(self.path, inside, probe)
        return Lazy(outer.length, get)

    def _captured(self, node: ast.AST, frame: Any) -> dict[str, Any]:
        """The values that an expression reads, as they are now: it will be evaluated later, when they may have changed."""
        captured = {}
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
                with contextlib.suppress(Raised):
                    captured[part.id] = copied(frame.lookup(part.id, part.lineno))
        return captured

    def _aggregate(self, function: Builtin, node: ast.Call, generator: ast.GeneratorExp, frame: Any) -> Any:
        """`all(P(x) for x in xs)` and its like, without making the list where that is not needed."""
        first = generator.generators[0]
        outer = sequences.iterated(self.path, self.evaluate(first.iter, frame))
        if isinstance(outer, Fixed):
            return self._aggregate_fixed(function, node, generator, outer, frame)
        if function.name not in ("all", "any"):
            if first.ifs or node.keywords:
                raise Unsupported(f"`{function.name}` with conditions over a sequence of unbounded length", node.lineno)
            made = self._mapped(generator, lambda inner: self.evaluate(generator.elt, inner), outer, frame)
            return self.call(function, [SList(made)], {}, node.lineno)
        if not self.pure(generator, frame):
            raise Unsupported(f"`{function.name}` of a call for elements of unbounded number", node.lineno)
        return wrap_bool(self._quantified(function.name == "all", generator, 0, outer, frame))

    def _quantified(self, universal: bool, node: ast.GeneratorExp, depth: int, outer: Fixed | Lazy, frame: Any) -> Formula:
        generator = node.generators[depth]
        if isinstance(outer, Fixed):
            parts = [self._quantified_body(universal, node, depth, item, frame) for item in outer.items]
            return conj(*parts) if universal else disj(*parts)
        index = sequences.bound(self.path)
        inside = conj(index >= 0, index < outer.length)
        join = sequences.for_all if universal else sequences.exists

        def body() -> Formula:
            try:
                return self._quantified_body(universal, node, depth, outer.get(index), frame)
            except Raised:
                raise Unsupported(
                    "a condition that may raise, for elements of unbounded number", generator.target.lineno
                ) from None

        return join(self.path, index, inside, body)

    def _quantified_body(self, universal: bool, node: ast.GeneratorExp, depth: int, item: Any, frame: Any) -> Formula:
        generator = node.generators[depth]
        inner = Frame({}, frame, targets_of(node), COMPREHENSION)
        self.assign(generator.target, item, inner)
        test = conj(*(self.condition(part, inner) for part in generator.ifs))
        if test is False:
            return universal

        def rest() -> Formula:
            if depth + 1 == len(node.generators):
                return self.condition(node.elt, inner)
            deeper = sequences.iterated(self.path, self.evaluate(node.generators[depth + 1].iter, inner))
            return self._quantified(universal, node, depth + 1, deeper, inner)

        if test is True:
            return rest()
        with self.path.supposing(test):
            holds = rest()
        return disj(neg(test), holds) if universal else conj(test, holds)

    def _aggregate_fixed(
        self, function: Builtin, node: ast.Call, generator: ast.GeneratorExp, outer: Fixed, frame: Any
    ) -> Any:
        if function.name not in ("all", "any"):
            inner, made = Frame({}, frame, targets_of(generator), COMPREHENSION), []
            self._generate(generator.generators, 0, outer, lambda f: self.evaluate(generator.elt, f), inner, made)
            kwargs = {k.arg: self.evaluate(k.value, frame) for k in node.keywords if k.arg}
            return self.call(function, [SList(Fixed(tuple(made)))], kwargs, node.lineno)
        return wrap_bool(self._all_or_any(function.name == "all", generator, outer, 0, frame))

    def _all_or_any(self, universal: bool, generator: ast.GeneratorExp, outer: Fixed, start: int, frame: Any) -> Formula:
        """One element after the other, since the first that decides spares the rest, and what they would raise."""
        if start == outer.length:
            return universal
        if self.pure(generator, frame):
            try:
                with self.path.supposing(True):
                    one = self._quantified_body(universal, generator, 0, outer.items[start], frame)
            except (NeedsFork, Raised, Unsupported, PathEnd):
                one = self._forked_body(universal, generator, outer.items[start], frame)
        else:
            one = self._forked_body(universal, generator, outer.items[start], frame)
        goes_on = one if universal else neg(one)
        return self._and_then(
            goes_on, [generator], lambda: self._all_or_any(universal, generator, outer, start + 1, frame), universal, frame
        )

    def _forked_body(self, universal: bool, generator: ast.GeneratorExp, item: Any, frame: Any) -> Formula:
        inner, found = Frame({}, frame, targets_of(generator), COMPREHENSION), []

        def test(f: Frame) -> None:
            if not found and self.path.decide(self.condition(generator.elt, f)) != universal:
                found.append(True)

        if len(generator.generators) > 1:
            raise Unsupported("nested generators with a condition that may raise", generator.lineno)
        self._generate(generator.generators, 0, Fixed((item,)), test, inner, [])
        return (not found) if universal else bool(found)
