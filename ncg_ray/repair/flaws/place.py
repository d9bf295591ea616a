"""Where a finding is: the calls, expressions and statements that a rewrite may change."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.resolve import Names, Piece, parameters
from ncg_ray.repair.source import Edit, Function, Source
from ncg_ray.types import Finding

Rewrite = Callable[["Place"], Iterator[Edit | None]]
"Gives edits for one finding, the most faithful first; None where one does not apply."

REQUEST_FIELDS = frozenset({"args", "form", "values", "GET", "POST", "query_params", "cookies", "COOKIES", "headers",
                            "path_params", "json", "data", "body", "files", "FILES", "META", "params", "match_info"})


@dataclass(frozen=True)
class Place:
    """A finding on its module."""

    source: Source
    names: Names
    finding: Finding

    @property
    def draft(self) -> Draft:
        """A new edit in the making."""
        return Draft(self.source)

    def done(self, draft: Draft, template: str) -> Edit | None:
        """The edit, under the name of the kind of rewrite."""
        return draft.edit(template, self.finding.line or 1)

    @cached_property
    def lines(self) -> range:
        """The lines that the finding is about."""
        return range(self.finding.line, max(self.finding.line, self.finding.end_line) + 1)

    def touches(self, node: ast.AST) -> bool:
        """Whether a node stands on these lines."""
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0) or 0
        return first < self.lines.stop and last >= self.lines.start and first > 0

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Everything on these lines, smallest first."""
        found = [n for n in ast.walk(self.source.tree) if isinstance(n, ast.expr | ast.stmt) and self.touches(n)]
        return sorted(found, key=lambda n: ((n.end_lineno or 0) - n.lineno, _length(self.source, n)))

    def calls(self, anywhere: bool = False) -> list[ast.Call]:
        """The calls that begin or stand on these lines (or all of the module), outermost first."""
        nodes = ast.walk(self.source.tree) if anywhere else reversed(self.nodes)
        return [n for n in nodes if isinstance(n, ast.Call)]

    def called(self, *names: str, anywhere: bool = False) -> list[ast.Call]:
        """The calls of one of these functions: dotted names, or `.method` for a method of anything."""
        found = []
        for call in self.calls(anywhere):
            name = self.names.qualified(call.func)
            method = f".{call.func.attr}" if isinstance(call.func, ast.Attribute) else ""
            if (
                name in names
                or (method and method in names)
                or any(n.endswith("*") and name.startswith(n[:-1]) for n in names)
            ):
                found.append(call)
        return found

    @cached_property
    def focus(self) -> ast.expr | None:
        """The outermost expression that begins where the finding points to."""
        found = [n for n in self.nodes if isinstance(n, ast.expr) and n.lineno == self.finding.line
                 and n.col_offset + 1 == self.finding.column]
        return found[-1] if found else None

    @cached_property
    def pointed(self) -> list[ast.expr]:
        """All values that begin where the finding points to, outermost first: nothing assigned to or called, no module."""
        found = [n for n in reversed(self.nodes) if isinstance(n, ast.expr) and n.lineno == self.finding.line
                 and n.col_offset + 1 == self.finding.column]
        targets = {n for n in found if isinstance(getattr(n, "ctx", None), ast.Store | ast.Del)}
        for node in found:
            if self.source.parents.get(node) in targets:
                targets.add(node)  # `a` of `a["b"] = ...`
        called = {n for n in found if isinstance(p := self.source.parents.get(n), ast.Call) and p.func is n}
        modules = {n for n in found if self.names.qualified(n).split(".")[0] in sys.stdlib_module_names}
        return [n for n in found if n not in targets | called | modules]

    @cached_property
    def statement(self) -> ast.stmt | None:
        """The innermost statement at the place that the finding points to."""
        if self.focus is not None:
            return self.source.statement_of(self.focus)
        statements = [n for n in self.nodes if isinstance(n, ast.stmt)]
        return statements[0] if statements else None

    @cached_property
    def function(self) -> Function | None:
        """The function around it."""
        node = self.focus or self.statement
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return node
        return self.source.function_of(node) if node is not None else None

    # -- what is known of values

    def is_outside(self, node: ast.expr, depth: int = 4) -> bool:
        """Whether a value comes from a request, from input, or from a parameter of the function."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Attribute) and inner.attr in REQUEST_FIELDS:
                return True
            if isinstance(inner, ast.Call) and self.names.qualified(inner.func) in ("input", "getpass.getpass"):
                return True
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
                function = self.source.function_of(inner)
                if function is not None and inner.id in parameters(function) and inner.id not in ("self", "cls"):
                    return True
                if inner.id == "request":
                    return True
                if depth and any(
                    value is not None and self.is_outside(value, depth - 1)
                    for s in self.names.assignments(inner)
                    if (value := getattr(s, "value", None)) is not None and isinstance(value, ast.expr)
                ):
                    return True
        return False

    def is_str(self, node: ast.expr) -> bool:
        """Whether a value is surely a text."""
        if isinstance(node, ast.JoinedStr):
            return True
        if isinstance(node, ast.Constant):
            return isinstance(node.value, str)
        if isinstance(node, ast.Call):
            name = self.names.qualified(node.func)
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if name == "str" or method in (
                "strip",
                "lower",
                "upper",
                "format",
                "join",
                "title",
                "decode",
                "lstrip",
            ):
                return True
            if method == "replace" and len(node.args) == 2:  # a date has such a method too
                return True
            return method == "get" and len(node.args) == 2 and _is_request(node.func) and self.is_str(node.args[1])
        if isinstance(node, ast.Subscript):
            return _is_request(node.value)
        if isinstance(node, ast.BinOp):
            return isinstance(node.op, ast.Add | ast.Mod) and (self.is_str(node.left) or self.is_str(node.right))
        if isinstance(node, ast.Name):
            function = self.source.function_of(node)
            if function is not None and len(self.names.assignments(node)) <= 1:
                for arg in (*function.args.args, *function.args.kwonlyargs):
                    if arg.arg == node.id:
                        return isinstance(arg.annotation, ast.Name) and arg.annotation.id == "str"
            value = self.names.definition(node)
            return value is not None and self.is_str(value)
        return False

    # -- texts that are put together

    def texts(self, node: ast.AST, follow: bool = True) -> list[tuple[ast.expr, list[Piece]]]:
        """The outermost texts with values in a tree, and those that its variables hold."""
        found: list[tuple[ast.expr, list[Piece]]] = []
        seen: set[ast.AST] = set()

        def visit(tree: ast.AST, depth: int) -> None:
            if tree in seen:
                return
            seen.add(tree)
            if isinstance(tree, ast.expr):
                pieces = self.names.pieces(tree)
                if pieces is not None and any(p.node is not None for p in pieces):
                    found.append((tree, pieces))
                    for piece in pieces:
                        if piece.node is not None:
                            visit(piece.node, depth)
                    return
            if isinstance(tree, ast.Name) and isinstance(tree.ctx, ast.Load) and follow and depth:
                for statement in self.names.assignments(tree):
                    value = getattr(statement, "value", None)
                    if isinstance(value, ast.expr):
                        visit(value, depth - 1)
                return
            for child in ast.iter_child_nodes(tree):
                visit(child, depth)
        visit(node, 4)
        return found

    def refusal(self, draft: Draft, message: str, status: int = 400) -> str:
        """The statement that refuses a request in the manner of the module's web framework, else a ValueError."""
        if self.names.uses("flask") and not self.names.uses("fastapi"):
            return f"{draft.need('flask', 'abort')}({status})"
        if self.names.uses("fastapi"):
            return f'raise {draft.need("fastapi", "HTTPException")}(status_code={status}, detail="{message}")'
        if self.names.uses("django"):
            return f'raise {draft.need("django.core.exceptions", "SuspiciousOperation")}("{message}")'
        return f'raise ValueError("{message}")'


def _is_request(node: ast.expr) -> bool:
    """Whether a field of a request is read whose values are texts: `request.args`, `self.request.GET`."""
    return any(isinstance(n, ast.Attribute) and n.attr in REQUEST_FIELDS - {"json", "data", "body", "files", "FILES"}
               and (getattr(n.value, "id", "") or getattr(n.value, "attr", "")) in ("request", "req")
               for n in ast.walk(node))


def _length(source: Source, node: ast.AST) -> int:
    start, end = source.span(node)  # type: ignore[arg-type]
    return end - start


def is_value(node: ast.expr, *values: object) -> bool:
    """Whether it is a constant that is one of the values, of the same type."""
    return isinstance(node, ast.Constant) and any(node.value is v or (node.value == v and type(node.value) is type(v))
                                                  for v in values)
