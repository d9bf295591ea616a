"""Statements."""

from __future__ import annotations

import ast
import builtins
import collections.abc
import typing
from typing import Any

from ncg_ray.verify.smt import sequences
from ncg_ray.verify.smt.arguments import wrong_type
from ncg_ray.verify.smt.frames import Broke, Continued, Frame, Returned
from ncg_ray.verify.smt.library import has_module, named
from ncg_ray.verify.smt.list_methods import grow
from ncg_ray.verify.smt.methods import attribute
from ncg_ray.verify.smt.operators import BINARY, construct
from ncg_ray.verify.smt.paths import Path, Unsupported
from ncg_ray.verify.smt.raising import Raised, exception_is, host_exception, is_exception, made_exception
from ncg_ray.verify.smt.values import (
    Builtin,
    Class,
    Fixed,
    Instance,
    Lazy,
    Module,
    SDict,
    SList,
    SSet,
    is_integral,
    kind_of,
)

PLAIN_ANNOTATION = (ast.Attribute, ast.Subscript, ast.BinOp, ast.BitOr, ast.Constant, ast.Tuple, ast.List, ast.Load)
TYPE_MODULES = {"": builtins, "typing": typing, "collections.abc": collections.abc}
"Where the types of plain annotations come from."


def _are_annotations_late(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and node.module == "__future__" and any(a.name == "annotations" for a in node.names)
        for node in tree.body
    )


class Statements:
    """Runs statements, one after the other, along one path."""

    path: Path

    def execute_all(self, body: list[ast.stmt], frame: Frame) -> None:
        for statement in body:
            self.execute(statement, frame)

    def execute(self, node: ast.stmt, frame: Frame) -> None:
        self.path.step()
        self.path.statement += 1
        self.line = node.lineno
        handler = getattr(self, f"_do_{type(node).__name__}", None)
        if handler is None:
            raise Unsupported(construct(node), node.lineno)
        try:
            handler(node, frame)
        except Raised as raised:
            raised.line = raised.line or node.lineno
            raise
        except Unsupported as gap:
            gap.line = gap.line or node.lineno
            raise

    def _do_Expr(self, node: ast.Expr, frame: Frame) -> None:
        if not isinstance(node.value, ast.Constant):
            self.evaluate(node.value, frame)

    def _do_Pass(self, node: ast.Pass, frame: Frame) -> None:
        pass

    def _do_Assign(self, node: ast.Assign, frame: Frame) -> None:
        value = self.evaluate(node.value, frame)
        for target in node.targets:
            self.assign(target, value, frame)

    def _do_AnnAssign(self, node: ast.AnnAssign, frame: Frame) -> None:
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value, frame), frame)
        elif not isinstance(node.target, ast.Name):
            raise Unsupported("an annotation of what is no name", node.lineno)

    def _do_AugAssign(self, node: ast.AugAssign, frame: Frame) -> None:
        target, symbol = node.target, BINARY.get(type(node.op))
        if symbol is None:
            raise Unsupported("matrix multiplication", node.lineno)
        if isinstance(target, ast.Name):
            before = frame.lookup(target.id, node.lineno)
            frame.store(target.id, self._augmented(before, self.evaluate(node.value, frame), symbol))
        elif isinstance(target, ast.Subscript):
            holder, key = self.evaluate(target.value, frame), self._key(target.slice, frame)
            before = self.item(holder, key)
            self.store_item(holder, key, self._augmented(before, self.evaluate(node.value, frame), symbol))
        elif isinstance(target, ast.Attribute):
            holder = self.evaluate(target.value, frame)
            name = self.attribute_name(target)
            before = attribute(self, holder, name)
            self._store_attribute(holder, name, self._augmented(before, self.evaluate(node.value, frame), symbol))

    def _augmented(self, before: Any, value: Any, symbol: str) -> Any:
        if isinstance(before, SList) and symbol == "+":
            grow(self, before, value)
            return before
        if isinstance(before, SList) and symbol == "*":
            if not is_integral(value):
                raise wrong_type("*=", value)
            grown = sequences.repeated(self.path, before, value)
            before.touch()
            before.elements = grown.elements
            return before
        if isinstance(before, SSet) and not before.is_frozenset and symbol in "|&-^":
            made = self.binary(before, value, symbol)
            before.touch()
            before.items = made.items
            return before
        if isinstance(before, Instance):
            raise Unsupported("an augmented assignment to an object of a class")
        if isinstance(before, SDict) and symbol == "|":
            raise Unsupported("`|=` of a dict")
        return self.binary(before, value, symbol)

    def assign(self, target: ast.expr, value: Any, frame: Frame) -> None:
        if isinstance(target, ast.Name):
            frame.store(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value, frame)
        elif isinstance(target, ast.Subscript):
            self.store_item(self.evaluate(target.value, frame), self._key(target.slice, frame), value)
        elif isinstance(target, ast.Attribute):
            self._store_attribute(self.evaluate(target.value, frame), self.attribute_name(target), value)
        else:
            raise Unsupported(construct(target), target.lineno)

    def _unpack(self, target: ast.Tuple | ast.List, value: Any, frame: Frame) -> None:
        elements = sequences.iterated(self.path, value)
        num = len(target.elts)
        starred = next((i for i, t in enumerate(target.elts) if isinstance(t, ast.Starred)), None)
        if isinstance(elements, Lazy):
            wrong = elements.length != num if starred is None else elements.length < num - 1
            if self.path.decide(wrong):
                raise Raised(ValueError, "wrong number of values to unpack")
            if starred is not None:
                raise Unsupported("a starred target for a sequence of unbounded length", target.lineno)
            items = tuple(sequences.at(self.path, elements, i) for i in range(num))
        else:
            items = elements.items
        if starred is None:
            if len(items) != num:
                raise Raised(ValueError, f"wrong number of values to unpack (expected {num}, got {len(items)})")
        else:
            if len(items) < num - 1:
                raise Raised(ValueError, "not enough values to unpack")
            stop = len(items) - (num - 1 - starred)
            items = (*items[:starred], SList(Fixed(items[starred:stop])), *items[stop:])
        for part, item in zip(target.elts, items, strict=True):
            self.assign(part.value if isinstance(part, ast.Starred) else part, item, frame)

    def _store_attribute(self, holder: Any, name: str, value: Any) -> None:
        if not isinstance(holder, Instance):
            raise Unsupported(f"setting an attribute of a {kind_of(holder)}")
        if name in holder.kind.methods:
            raise Unsupported("setting what the class defines as a method or property")
        holder.touch()
        holder.fields[name] = value

    def _do_Delete(self, node: ast.Delete, frame: Frame) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                frame.lookup(target.id, node.lineno)
                if target.id not in frame.names:
                    raise Unsupported("`del` of a name from outside", node.lineno)
                del frame.names[target.id]
            elif isinstance(target, ast.Subscript):
                self._delete_item(self.evaluate(target.value, frame), self._key(target.slice, frame))
            else:
                raise Unsupported("`del` of an attribute", node.lineno)

    def _do_If(self, node: ast.If, frame: Frame) -> None:
        self.execute_all(node.body if self.path.decide(self.condition(node.test, frame)) else node.orelse, frame)

    def _do_While(self, node: ast.While, frame: Frame) -> None:
        self.loops.run_while(self, node, frame)

    def _do_For(self, node: ast.For, frame: Frame) -> None:
        self.loops.run_for(self, node, frame)

    def _do_Return(self, node: ast.Return, frame: Frame) -> None:
        raise Returned(None if node.value is None else self.evaluate(node.value, frame))

    def _do_Break(self, node: ast.Break, frame: Frame) -> None:
        raise Broke

    def _do_Continue(self, node: ast.Continue, frame: Frame) -> None:
        raise Continued

    def _do_Assert(self, node: ast.Assert, frame: Frame) -> None:
        if not self.path.decide(self.condition(node.test, frame)):
            if node.msg is not None:
                self.evaluate(node.msg, frame)
            raise Raised(AssertionError, "" if node.msg is None else ast.unparse(node.msg)[:80], node.lineno)

    def _do_Raise(self, node: ast.Raise, frame: Frame) -> None:
        if node.exc is None:
            current = getattr(frame, "names", {}).get("*current")
            if current is None:
                raise Unsupported("a bare `raise`", node.lineno)
            raise current
        call = node.exc if isinstance(node.exc, ast.Call) else None
        kind = self.evaluate(node.exc if call is None else call.func, frame)
        for argument in [] if call is None else [*call.args, *(keyword.value for keyword in call.keywords)]:
            self.evaluate(argument, frame)
        if call is not None and isinstance(kind, Raised):
            raise Unsupported("a call of an exception", node.lineno)
        raised = self._exception(kind, 0 if call is None else len(call.args), call is not None and bool(call.keywords))
        if node.cause is not None:
            cause = self.evaluate(node.cause, frame)
            if cause is not None:
                self._exception(cause, 0, False)
        raised.line = raised.line or node.lineno
        raise raised

    def _exception(self, value: Any, num_args: int, keywords: bool) -> Raised:
        """The exception that `raise` makes of a value."""
        if isinstance(value, Raised):
            return value
        host = host_exception(value.name) if isinstance(value, Builtin) and value.owner is None else None
        if host is not None:
            return made_exception(host, num_args, keywords)
        if isinstance(value, Class) and is_exception(value):
            return made_exception(value, num_args, keywords)
        raise Unsupported("raising what is not plainly an exception")

    def _do_Try(self, node: ast.Try, frame: Frame) -> None:
        try:
            self._try_handlers(node, frame)
        except (Raised, Returned, Broke, Continued):
            self.execute_all(node.finalbody, frame)
            raise
        self.execute_all(node.finalbody, frame)

    def _try_handlers(self, node: ast.Try, frame: Frame) -> None:
        try:
            self.execute_all(node.body, frame)
        except Raised as raised:
            for handler in node.handlers:
                if handler.type is None or self._catches(self.evaluate(handler.type, frame), raised):
                    self._handle(handler, raised, frame)
                    return
            raise
        self.execute_all(node.orelse, frame)

    def _handle(self, handler: ast.ExceptHandler, raised: Raised, frame: Frame) -> None:
        before = frame.names.get("*current")
        frame.names["*current"] = raised
        if handler.name:
            frame.store(handler.name, raised)
        try:
            self.execute_all(handler.body, frame)
        finally:
            frame.names["*current"] = before
            if handler.name:
                frame.names.pop(handler.name, None)

    def _catches(self, kind: Any, raised: Raised) -> bool:
        if isinstance(kind, tuple):
            if any(isinstance(item, tuple) for item in kind):
                raise Unsupported("`except` with a tuple in a tuple")
            return any([self._catches(item, raised) for item in kind])  # all are looked at before one is taken
        if isinstance(kind, Builtin):
            host = host_exception(kind.name)
            if host is None:
                raise Unsupported("`except` with something that is no exception")
            return exception_is(raised.kind, host)
        if isinstance(kind, Class) and is_exception(kind):
            return exception_is(raised.kind, kind)
        raise Unsupported("`except` with something that is no exception")

    def _do_FunctionDef(self, node: ast.FunctionDef, frame: Frame) -> None:
        if node.decorator_list:
            raise Unsupported("a decorated inner function", node.lineno)
        annotations = [*(p.annotation for p in ast.walk(node.args) if isinstance(p, ast.arg)), node.returns]
        if not _are_annotations_late(self.module.source.tree):
            for part in filter(None, annotations):
                self._annotation(part, frame)
        frame.store(node.name, self.define(node.name, node, frame))

    def _annotation(self, node: ast.expr, frame: Frame) -> None:
        """See that evaluating an annotation neither raises nor does anything, by doing so with the host's own types."""
        names: dict[str, Any] = {"__builtins__": {}}
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                names[part.id] = self._host_type(frame, part)
            elif not isinstance(part, PLAIN_ANNOTATION) or (
                isinstance(part, ast.Attribute) and not isinstance(part.value, ast.Name)
            ):
                raise Unsupported("an inner function with an unknown annotation", node.lineno)
        try:
            eval(compile(ast.Expression(node), "<annotation>", "eval"), names)
        except Exception:
            raise Unsupported("an inner function with an annotation that raises", node.lineno) from None

    def _host_type(self, frame: Frame, node: ast.Name) -> Any:
        try:
            value = self._imported_type(frame, node.id) or frame.lookup(node.id, node.lineno)
        except Raised:
            value = None
        if isinstance(value, Class):
            return type(value.name, (), {})
        home, _, name = value.name.rpartition(".") if isinstance(value, Builtin) else ("", "", "")
        if name and home in TYPE_MODULES and hasattr(TYPE_MODULES[home], name):
            return getattr(TYPE_MODULES[home], name)
        if isinstance(value, Module) and value.name in TYPE_MODULES:
            return TYPE_MODULES[value.name]
        raise Unsupported("an inner function with an unknown annotation", node.lineno)

    def _imported_type(self, frame: Any, name: str) -> Builtin | None:
        """What the module takes from `typing`, of which not all can be a value here."""
        while isinstance(frame, Frame):
            if name in frame.names or name in frame.assigned:
                return None
            frame = frame.outer
        nodes = self.module.source.definitions.get(name, [])
        if len(nodes) != 1 or not isinstance(nodes[0], ast.ImportFrom) or nodes[0].level:
            return None
        original = next((a.name for a in nodes[0].names if (a.asname or a.name) == name), "")
        return Builtin(f"{nodes[0].module}.{original}") if nodes[0].module in TYPE_MODULES else None

    def _do_Nonlocal(self, node: ast.Nonlocal, frame: Frame) -> None:
        frame.nonlocal_names |= set(node.names)

    def _do_Import(self, node: ast.Import, frame: Frame) -> None:
        for alias in node.names:
            if not has_module(alias.name):
                raise Unsupported(f"an import of {alias.name}", node.lineno)
            frame.store(
                alias.asname or alias.name.split(".")[0], Module(alias.name if alias.asname else alias.name.split(".")[0])
            )

    def _do_ImportFrom(self, node: ast.ImportFrom, frame: Frame) -> None:
        for alias in node.names:
            if node.level:
                raise Unsupported("an import from the own package", node.lineno)
            frame.store(alias.asname or alias.name, named(str(node.module), alias.name, node.lineno))
