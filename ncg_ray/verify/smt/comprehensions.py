"""Comprehensions, generators and what is said of all elements: `all`, `any`, `sum` and their like."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from ncg_ray.verify.smt import comparison, sequences
from ncg_ray.verify.smt.changes import Unchanged
from ncg_ray.verify.smt.frames import COMPREHENSION, Frame, targets_of
from ncg_ray.verify.smt.paths import Formula, Guard, NeedsFork, Path, PathEnd, Unsupported
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
    holds_mutable,
    is_integral,
    is_number,
    is_string,
    neg,
    wrap_bool,
)


class Comprehensions:
    """Makes sequences out of sequences, also of unbounded length."""

    path: Path

    def _value_ListComp(self, node: ast.ListComp, frame: Any) -> Any:
        return SList(
            self.comprehension(node, lambda inner: self.evaluate(node.elt, inner), frame, self._source(node, frame))
        )

    def _value_GeneratorExp(self, node: ast.GeneratorExp, frame: Any) -> Any:
        # Evaluated at once. That differs from Python only where what it reads changes before it is used up.
        if not self.pure(node, frame):
            raise Unsupported("a generator with effects", node.lineno)
        source = self._source(node, frame)
        reads, _ = self._captured(node, frame, lambda value: value)
        try:
            with Guard.over(lambda: Unsupported("a generator with effects", node.lineno)):
                made = self.comprehension(node, lambda inner: self.evaluate(node.elt, inner), frame, source)
            return SIterator(made, (source[0], *reads.values()), self.path.statement)
        except Raised:
            raise Unsupported("a generator that raises", node.lineno) from None

    def _value_SetComp(self, node: ast.SetComp, frame: Any) -> Any:
        items: list[Any] = []
        source = self._source(node, frame, is_finite=True)
        self.comprehension(
            node, lambda inner: comparison.add_to_set(self.path, items, self.evaluate(node.elt, inner)), frame, source
        )
        return SSet(items)

    def _value_DictComp(self, node: ast.DictComp, frame: Any) -> Any:
        source = self._source(node, frame, is_finite=True)
        made = SDict([])
        self.comprehension(
            node,
            lambda inner: self.store_item(made, self.evaluate(node.key, inner), self.evaluate(node.value, inner)),
            frame,
            source,
        )
        return made

    def _source(self, node: Any, frame: Any, is_finite: bool = False) -> tuple[Any, Fixed | Lazy]:
        """What a comprehension goes through, and its elements."""
        source = self.evaluate(node.generators[0].iter, frame)
        if is_finite:
            return source, Fixed(sequences.listed(self.path, source))
        return source, sequences.iterated(self.path, source)

    def comprehension(self, node: Any, element: Any, frame: Any, source: tuple[Any, Fixed | Lazy]) -> Fixed | Lazy:
        """The elements that a comprehension makes."""
        if isinstance(source[1], Lazy):
            return self._mapped(node, element, source[1], frame)
        made: list[Any] = []
        inner = Frame({}, frame, targets_of(node), COMPREHENSION)
        if not any(isinstance(part, (ast.Lambda, ast.GeneratorExp)) for part in ast.walk(node) if part is not node):
            inner.birth = 1 << 62  # nothing that is worked out later reads its names: see Guard.since
        self._generate(node.generators, 0, source[1], element, inner, made, Unchanged(source[0]))
        return Fixed(tuple(made))

    def _generate(
        self,
        generators: list[ast.comprehension],
        depth: int,
        elements: Fixed,
        element: Any,
        inner: Frame,
        made: list[Any],
        unchanged: Unchanged,
    ) -> None:
        generator = generators[depth]
        if generator.is_async:
            raise Unsupported("an async comprehension")
        for item in elements.items:
            self.path.step()
            unchanged.check()
            self.assign(generator.target, item, inner)
            if not all(self.path.decide(self.condition(test, inner)) for test in generator.ifs):
                continue
            if depth + 1 == len(generators):
                made.append(element(inner))
                continue
            source = self.evaluate(generators[depth + 1].iter, inner)
            deeper = sequences.iterated(self.path, source)
            if isinstance(deeper, Lazy):
                raise Unsupported("a comprehension over an inner sequence of unbounded length")
            self._generate(generators, depth + 1, deeper, element, inner, made, Unchanged(source))
        unchanged.check()

    def _mapped(self, node: Any, element: Any, outer: Lazy, frame: Any) -> Fixed | Lazy:
        """[f(x) for x in xs] of any length, where f can be a term; that f does not raise is shown once for all.

        Each look at an element makes it anew, so nothing may change it, nor what it is made of.
        """
        generator = node.generators[0]
        if len(node.generators) > 1 or generator.ifs or not self.pure(node, frame):
            raise Unsupported("a comprehension with conditions over a sequence of unbounded length", node.lineno)
        names = Frame(*self._lasting(node, frame))
        is_bounded, unrolled = self.loops.propose is None, []

        def get(index: Any, is_first: bool = False) -> Any:
            inner, since = Frame({}, names, targets_of(node), COMPREHENSION), next(Guard.births)
            item = outer.get(index)
            self.assign(generator.target, item, inner)
            made = element(inner)
            if is_first and is_bounded and (holds_mutable(made) or holds_mutable(item)):
                unrolled.append(True)
            elif not sequences.settled(self.path, made, since, is_first) or (
                is_first and not sequences.settled(self.path, item)
            ):
                raise Unsupported("mutable elements in a comprehension of unbounded length", node.lineno)
            return made

        index = sequences.bound(self.path)
        inside = conj(index >= 0, index < outer.length)

        def probe() -> Formula:
            try:
                get(index, is_first=True)
            except Raised:
                raise Unsupported(
                    "a comprehension that may raise, over a sequence of unbounded length", node.lineno
                ) from None
            return True

        sequences.below(self.path, inside, probe)
        if not unrolled:
            return Lazy(outer.length, get)
        items: list[Any] = []
        inner = Frame({}, frame, targets_of(node), COMPREHENSION)
        self._generate(node.generators, 0, self.loops.unrolled(self, outer), element, inner, items, Unchanged(None))
        return Fixed(tuple(items))

    def _lasting(self, node: ast.AST, frame: Any) -> tuple[dict[str, Any], Any, frozenset[str]]:
        """What an expression reads, as it is now: it will be evaluated later, when that may have changed."""
        captured, missing = self._captured(node, frame, copied)
        return captured, self.module, missing

    def _captured(self, node: ast.AST, frame: Any, take: Callable[[Any], Any]) -> tuple[dict[str, Any], frozenset[str]]:
        """The values that an expression reads by name, and the names that have none."""
        captured, missing = {}, set()
        bound = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
                try:
                    captured[part.id] = take(frame.lookup(part.id, part.lineno))
                except (Raised, Unsupported) as gap:
                    if isinstance(gap, Unsupported) and part.id not in bound:
                        raise
                    missing.add(part.id)
        return captured, frozenset(missing)

    def _aggregate(self, function: Builtin, node: ast.Call, generator: ast.GeneratorExp, frame: Any) -> Any:
        """`all(P(x) for x in xs)` and its like, without making the list where that is not needed."""
        first = generator.generators[0]
        source, outer = self._source(generator, frame)
        unchanged = Unchanged(source)
        kwargs = {k.arg: self.evaluate(k.value, frame) for k in node.keywords if k.arg}
        if isinstance(outer, Fixed):
            return self._aggregate_fixed(function, node, generator, outer, frame, kwargs, unchanged)
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
        self,
        function: Builtin,
        node: ast.Call,
        generator: ast.GeneratorExp,
        outer: Fixed,
        frame: Any,
        kwargs: dict[str, Any],
        unchanged: Unchanged,
    ) -> Any:
        name, made = function.name, []
        if name in ("all", "any"):
            return wrap_bool(self._all_or_any(name == "all", generator, outer, 0, frame, unchanged))
        if is_string(kwargs.get("start")):
            raise Unsupported("`sum` of strings", node.lineno)
        inner = Frame({}, frame, targets_of(generator), COMPREHENSION)
        # CPython adds or compares before it asks for the next element: what raises first is what is seen.
        try:
            self._generate(generator.generators, 0, outer, lambda f: self.evaluate(generator.elt, f), inner, made, unchanged)
        except Raised:
            alike = [is_integral] if name == "sum" else [is_number, is_string]
            if not any(all(map(test, made)) for test in alike):
                raise Unsupported(f"`{name}` of what raises", node.lineno) from None
            raise
        try:
            return self.call(function, [SList(Fixed(tuple(made)))], kwargs, node.lineno)
        except Raised:
            if made and not self.pure(generator, frame):
                raise Unsupported(f"`{name}` that raises, of elements that have effects", node.lineno) from None
            raise

    def _all_or_any(
        self, universal: bool, generator: ast.GeneratorExp, outer: Fixed, start: int, frame: Any, unchanged: Unchanged
    ) -> Formula:
        """One element after the other, since the first that decides spares the rest, and what they would raise."""
        unchanged.check()
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
            goes_on,
            [generator],
            lambda: self._all_or_any(universal, generator, outer, start + 1, frame, unchanged),
            universal,
            frame,
        )

    def _forked_body(self, universal: bool, generator: ast.GeneratorExp, item: Any, frame: Any) -> Formula:
        inner, found = Frame({}, frame, targets_of(generator), COMPREHENSION), []

        def test(f: Frame) -> None:
            if not found and self.path.decide(self.condition(generator.elt, f)) != universal:
                found.append(True)

        if len(generator.generators) > 1:
            raise Unsupported("nested generators with a condition that may raise", generator.lineno)
        self._generate(generator.generators, 0, Fixed((item,)), test, inner, [], Unchanged(None))
        return (not found) if universal else bool(found)
