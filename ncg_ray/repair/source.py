"""A module as text, tree and tokens at once, so that an edit changes a few characters and leaves the rest as it is."""

from __future__ import annotations

import ast
import bisect
import io
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

Function = ast.FunctionDef | ast.AsyncFunctionDef
_ATOMS = (ast.Name, ast.Constant, ast.Call, ast.Attribute, ast.Subscript, ast.List, ast.Dict, ast.Set, ast.ListComp,
          ast.SetComp, ast.DictComp, ast.JoinedStr, ast.Tuple)
_TIGHT = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.Attribute, ast.Subscript, ast.Starred, ast.Await)


@dataclass(frozen=True, slots=True)
class Edit:
    """A small change of the text, and what speaks for it."""

    changes: tuple[tuple[int, int, str], ...]
    "(start, end, new text), in characters of the source, ascending and without overlap."
    template: str
    "The kind of change, in a few words: `comparison`, `constant`, ..."
    line: int
    "Where it is, from 1."
    prior: float
    "How often defects of this kind are met, relative to the others, in (0, 1]."
    score: float = 0.0
    "`prior` times the suspicion of the place; the order of the search."

    def overlaps(self, other: Edit) -> bool:
        """Whether the two cannot be made together."""
        return any((a < d and c < b) or (a, b) == (c, d) for a, b, _ in self.changes for c, d, _ in other.changes)

    def apply(self, text: str) -> str:
        """The text with the change made."""
        parts, at = [], 0
        for start, end, new in self.changes:
            parts += [text[at:start], new]
            at = end
        return "".join([*parts, text[at:]])


def joined(one: Edit, other: Edit) -> Edit:
    """Both edits in one; they must not overlap."""
    return Edit(tuple(sorted(one.changes + other.changes)), f"{one.template} + {other.template}", min(one.line, other.line),
                one.prior * other.prior, one.score * other.score)


class Source:
    """One module that parses.

    Raises SyntaxError (or ValueError, RecursionError, MemoryError, as `ast.parse` does) where it does not.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._skipped: frozenset[ast.AST] = frozenset()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.tree = ast.parse(text)
        self.lines = io.StringIO(text, newline="").readlines()
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line))
        self.parents: dict[ast.AST, ast.AST] = {child: node for node in ast.walk(self.tree)
                                                for child in ast.iter_child_nodes(node)}

    @cached_property
    def tokens(self) -> list[tuple[int, int, str]]:
        """(start, end, text) of every operator, name and literal."""
        found = []
        for token in tokenize.generate_tokens(io.StringIO(self.text, newline="").readline):
            if token.type in (tokenize.OP, tokenize.NAME, tokenize.NUMBER, tokenize.STRING):
                start, end = (self._starts[row - 1] + column for row, column in (token.start, token.end))
                found.append((start, end, token.string))
        return found

    def offset(self, line: int, column: int) -> int:
        """The character at a line (from 1) and a column in UTF-8 bytes, as trees count."""
        row = self.lines[line - 1]
        return self._starts[line - 1] + (column if row.isascii() else len(row.encode()[:column].decode()))

    def span(self, node: ast.expr | ast.stmt | ast.arg) -> tuple[int, int]:
        """Where a node stands: (start, end) in characters, without parentheses around it."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def of(self, node: ast.expr | ast.stmt) -> str:
        """The source of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def operator(self, left: ast.expr, right: ast.expr) -> tuple[int, int, str]:
        """(start, end, text) of the operator between two operands; `not in` and `is not` are one."""
        begin, end = self.span(left)[1], self.span(right)[0]
        first = bisect.bisect_left(self.tokens, (begin, 0, ""))
        found = []
        for token in self.tokens[first:]:
            if token[0] >= end:
                break
            if token[2] not in ("(", ")"):
                found.append(token)
        return found[0][0], found[-1][1], " ".join(text for _, _, text in found)

    def replacement(self, node: ast.expr, new: str, atomic: bool = True) -> tuple[int, int, str]:
        """The change that puts `new` in the place of an expression, in parentheses where its surroundings need them."""
        start, end = self.span(node)
        parent = self.parents.get(node)
        bound = (isinstance(parent, _TIGHT) and getattr(parent, "slice", None) is not node) or (
            isinstance(parent, ast.Call) and parent.func is node)
        if not atomic and bound and not self._enclosed(start, end):
            new = f"({new})"
        return start, end, new

    def operand(self, node: ast.expr) -> str:
        """The source of an expression, in parentheses unless it binds tightly."""
        return self.of(node) if isinstance(node, _ATOMS) and not self.is_bare_tuple(node) else f"({self.of(node)})"

    def is_bare_tuple(self, node: ast.AST) -> bool:
        """Whether this is a tuple without parentheses."""
        return isinstance(node, ast.Tuple) and not self.of(node).startswith("(")

    def _enclosed(self, start: int, end: int) -> bool:
        return self.text[:start].rstrip().endswith("(") and self.text[end:].lstrip().startswith(")")

    def lines_span(self, statements: Sequence[ast.stmt]) -> tuple[int, int]:
        """The whole lines of statements that follow each other, with the last line's end."""
        first, last = statements[0], statements[-1]
        line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
        return self._starts[line - 1], min(self._starts[last.end_lineno or last.lineno], len(self.text))

    def is_alone(self, statement: ast.stmt) -> bool:
        """Whether no other statement shares its lines: nothing stands before it, and no `;` after it."""
        start, end = self.span(statement)
        first, last = self.lines_span([statement])
        after = self.text[end:last].strip()
        return not self.text[first:start].strip() and (not after or after.startswith("#"))

    def has_long_string(self, start: int, end: int) -> bool:
        """Whether a string goes over several lines there, so that another indentation would change it."""
        return any(mark in self.text[start:end] for mark in ('"""', "'''"))

    def indent(self, statement: ast.stmt) -> str:
        """The blanks before a statement."""
        line = self.lines[statement.lineno - 1]
        return line[: len(line) - len(line.lstrip())]

    def line_text(self, number: int) -> str:
        """A line, from 1, without blanks around it; empty beyond the end."""
        return self.lines[number - 1].strip() if 0 < number <= len(self.lines) else ""

    def functions(self) -> list[Function]:
        """Every function, also those inside others and methods, in the order of the text."""
        return [f for f in self._functions if f not in self._skipped]

    @cached_property
    def _functions(self) -> list[Function]:
        return [n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]

    def focus(self, lines: set[int]) -> None:
        """From now on go only through functions that have one of these lines, and through the top level."""
        hot = {f for f in self._functions if not lines.isdisjoint(range(f.lineno, (f.end_lineno or f.lineno) + 1))}
        self._skipped = frozenset(f for f in self._functions if f not in hot) if hot else frozenset()

    def _walk(self, tree: ast.AST) -> Iterator[ast.AST]:
        todo = [tree]
        for node in todo:  # grows while it is gone through
            yield node
            todo += [child for child in ast.iter_child_nodes(node) if child not in self._skipped]

    def function_of(self, node: ast.AST) -> Function | None:
        """The innermost function around a node."""
        up: ast.AST | None = self.parents.get(node)
        while up is not None and not isinstance(up, ast.FunctionDef | ast.AsyncFunctionDef):
            up = self.parents.get(up)
        return up

    def statement_of(self, node: ast.AST) -> ast.stmt | None:
        """The innermost statement that holds a node (the node itself, where it is one)."""
        up: ast.AST | None = node
        while up is not None and not isinstance(up, ast.stmt):
            up = self.parents.get(up)
        return up

    def expressions(self) -> Iterator[ast.expr]:
        """All expressions that are computed at run time: no type hints, decorators, docstrings or parts of f-strings."""
        def walk(node: ast.AST) -> Iterator[ast.expr]:
            for name, value in ast.iter_fields(node):
                if name in ("annotation", "returns", "decorator_list", "type_comment", "bases"):
                    continue
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                        continue
                    if child in self._skipped:
                        continue
                    if isinstance(child, ast.expr):
                        yield child
                    if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                        yield from walk(child)
        yield from walk(self.tree)

    def bodies(self) -> Iterator[list[ast.stmt]]:
        """Every list of statements inside a function."""
        for node in self._walk(self.tree):
            for name in ("body", "orelse", "finalbody"):
                body = getattr(node, name, None)
                if isinstance(body, list) and body and isinstance(body[0], ast.stmt) and (
                        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or self.function_of(node)):
                    yield body


def swap(source: Source, node: ast.expr, new: str, template: str, prior: float, atomic: bool = True) -> Edit:
    """The edit that puts `new` in the place of an expression; `atomic`: it needs no parentheses anywhere."""
    return Edit((source.replacement(node, new, atomic),), template, node.lineno, prior)


def tree_of(text: str) -> ast.Module | None:
    """The syntax tree; None for a text that does not parse."""
    try:
        return Source(text).tree
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def is_docstring(statement: ast.stmt) -> bool:
    """Whether a statement is nothing but a constant."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
