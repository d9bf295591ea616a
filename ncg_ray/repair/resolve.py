"""What names stand for, and how texts are put together: the part of data flow that a rewrite needs.

Covers: names of imports, variables with one value, strings by `+`, `%`, `.format`, f-strings and what is assigned to them.
Does not cover: flow between functions, attributes, containers.
"""

from __future__ import annotations

import ast
import builtins
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ncg_ray.repair.source import Function, Source

MAX_DEPTH = 6
_PERCENT = re.compile(r"%(?:\((?P<key>\w+)\))?(?P<spec>[-#0 +]*\d*(?:\.\d+)?)(?P<kind>[sdifrxXoeEgGc%])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that is put together: a constant, or a value."""

    text: str = ""
    node: ast.expr | None = None
    "The value; None for a constant."
    spec: str = ""
    "How the value is written: `!r`, `:05d`; empty: as `str` does."


class Names:
    """Looks things up in one module."""

    def __init__(self, source: Source) -> None:
        self.source = source

    @cached_property
    def imported(self) -> dict[str, str]:
        """Name in the module -> dotted name of what it stands for."""
        found = {}
        for node in ast.walk(self.source.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.split(".")[0]] = (
                        alias.name if alias.asname else alias.name.split(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{'.' * node.level}{node.module or ''}.{alias.name}"
        return found

    def qualified(self, node: ast.AST | None) -> str:
        """The dotted name of a name or attribute, with imports followed: `sp.run` is `subprocess.run`; else empty."""
        if isinstance(node, ast.Name):
            return f".{node.id}" if self._is_hidden(node) else self.imported.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            head = self.qualified(node.value)
            return f"{head}.{node.attr}" if head else ""
        return ""

    def _is_hidden(self, name: ast.Name) -> bool:
        """Whether a name of an import or a builtin is a variable, a parameter or a function of the module's own here."""
        if name.id not in self.imported and not hasattr(builtins, name.id):
            return False
        own = self.imported if name.id in self.imported else ()
        function = self.source.function_of(name)
        while function is not None:
            if name.id in parameters(function) or (function, name.id) in self._stores:
                return True
            function = self.source.function_of(function)
        return name.id not in own and ((None, name.id) in self._stores or any(
            isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == name.id for n in self.source.tree.body))

    def uses(self, *modules: str) -> bool:
        """Whether one of these packages is imported."""
        return any(name.split(".")[0] in modules for name in self.imported.values())

    @cached_property
    def _stores(self) -> dict[tuple[ast.AST | None, str], list[ast.stmt | None]]:
        """(function, name) -> the statements that give it a value; None for those that are no plain assignment."""
        found: dict[tuple[ast.AST | None, str], list[ast.stmt | None]] = {}
        shared = {(self.source.function_of(n), name) for n in ast.walk(self.source.tree) if isinstance(n, ast.Global)
                  for name in n.names}
        for node in ast.walk(self.source.tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                parent = self.source.parents.get(node)
                plain = (isinstance(parent, ast.Assign) and node in parent.targets) or isinstance(
                    parent, ast.AnnAssign | ast.AugAssign)
                owner = self.source.function_of(node)
                found.setdefault((None if (owner, node.id) in shared else owner, node.id), []).append(
                    parent if plain else None)  # type: ignore[arg-type]
        return found

    def assignments(self, name: ast.Name) -> list[ast.stmt | None]:
        """What gives a name its value, in the functions around it or in the module; None for loops, `with`, arguments."""
        up: ast.AST | None = name
        while (up := self.source.parents.get(up)) is not None:  # type: ignore[arg-type]
            if isinstance(up, ast.Lambda) and name.id in parameters(up):
                return [None]
            if isinstance(up, ast.FunctionDef | ast.AsyncFunctionDef):
                given = [None] if name.id in parameters(up) else []
                found = [*given, *self._stores.get((up, name.id), [])]
                if found:
                    return found
        return self._stores.get((None, name.id), [])

    def definition(self, node: ast.expr) -> ast.expr | None:
        """The one value of a variable; None where there are several, or none that can be seen."""
        if not isinstance(node, ast.Name):
            return None
        found = self.assignments(node)
        return value_of(found[0]) if len(found) == 1 and not isinstance(found[0], ast.AugAssign) else None

    def latest(self, node: ast.expr) -> ast.expr | None:
        """The value of a variable where it is used: of the last assignment above, where every way there goes through it."""
        if not isinstance(node, ast.Name):
            return None
        found = self.assignments(node)
        if len(found) == 1:
            return self.definition(node)
        around: list[ast.AST] = [node]
        while (up := self.source.parents.get(around[-1])) is not None:
            around.append(up)
        above = [s for s in found if s is not None and s.lineno < node.lineno]
        last = max(above, key=lambda s: s.lineno, default=None)
        parent = self.source.parents.get(last) if last is not None else None
        if parent not in around or None in found[1:] or isinstance(last, ast.AugAssign):
            return None
        block = next((b for name in ("body", "orelse", "finalbody") if last in (b := getattr(parent, name, None) or [])), [])
        between = around[:around.index(parent)]  # a loop there may come back with another value
        in_loop = any(isinstance(n, ast.For | ast.While | ast.AsyncFor) for n in between)
        return value_of(last) if not in_loop and any(s in around for s in block) else None

    def constant(self, node: ast.expr | None) -> object:
        """The value of a constant, or of a variable that holds one; None otherwise."""
        if isinstance(node, ast.Constant):
            return node.value
        value = self.definition(node) if node is not None else None
        return value.value if isinstance(value, ast.Constant) else None

    def pieces(self, node: ast.expr, follow: bool = False, depth: int = MAX_DEPTH) -> list[Piece] | None:
        """The parts of a text in order; None for what is put together in another way.

        Args:
            follow: whether variables that hold such a text are taken apart too.
        """
        found = self._pieces(node, follow, depth)
        return None if found is None else _joined(found)

    def _pieces(self, node: ast.expr, follow: bool, depth: int) -> list[Piece] | None:
        if isinstance(node, ast.Constant):
            return [Piece(node.value)] if isinstance(node.value, str) else None
        if isinstance(node, ast.JoinedStr):
            return [p for value in node.values for p in self._of_value(value, follow, depth)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self._pieces(node.left, follow, depth), self._pieces(node.right, follow, depth)
            if left is None and right is None:
                return None
            return [*(left or [Piece(node=node.left)]), *(right or [Piece(node=node.right)])]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            return self._of_percent(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            return self._of_format(node)
        if isinstance(node, ast.Name) and follow and depth:
            value = self.definition(node)
            return self._pieces(value, follow, depth - 1) if value is not None else None
        return None

    def _of_value(self, value: ast.expr, follow: bool, depth: int) -> Iterator[Piece]:
        if isinstance(value, ast.Constant):
            yield Piece(str(value.value))
        elif isinstance(value, ast.FormattedValue):
            inner = self._pieces(value.value, follow, depth) if value.conversion < 0 and not value.format_spec else None
            if inner is not None:
                yield from inner
                return
            spec = f"!{chr(value.conversion)}" if value.conversion >= 0 else ""
            if value.format_spec is not None:
                spec += ":" + "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in getattr(
                    value.format_spec, "values", []))
            yield Piece(node=value.value, spec=spec)

    def _of_percent(self, node: ast.BinOp) -> list[Piece] | None:
        template = self.constant(node.left)
        if not isinstance(template, str):
            return None
        values = list(node.right.elts) if isinstance(node.right, ast.Tuple) else [node.right]
        found, at, position = [], 0, 0
        for mark in _PERCENT.finditer(template):
            found.append(Piece(template[at:mark.start()]))
            at = mark.end()
            if mark["kind"] == "%":
                found.append(Piece("%"))
                continue
            if mark["key"] and isinstance(node.right, ast.Dict):
                keys = [k.value if isinstance(k, ast.Constant) else None for k in node.right.keys]
                if mark["key"] not in keys:
                    return None
                value = node.right.values[keys.index(mark["key"])]
            elif position < len(values) and not mark["key"]:
                value = values[position]
                position += 1
            else:
                return None
            if mark["spec"] and (mark["kind"] in "rsc" or "-" in mark["spec"]):
                return None  # the width of a text, which a format specification writes in another way
            kind = "d" if mark["kind"] == "i" else mark["kind"]
            spec = "!r" if kind == "r" else "" if kind == "s" else f":{mark['spec']}{kind}"
            found.append(Piece(node=value, spec=spec))
        return [*found, Piece(template[at:])]

    def _of_format(self, node: ast.Call) -> list[Piece] | None:
        assert isinstance(node.func, ast.Attribute)
        template = self.constant(node.func.value)
        if not isinstance(template, str):
            return None
        found, number = [], 0
        try:
            fields = list(string.Formatter().parse(template))
        except ValueError:
            return None
        for text, field, spec, conversion in fields:
            found.append(Piece(text))
            if field is None:
                continue
            if field == "" or field.isdecimal():
                index = int(field) if field else number
                number += not field
                value = node.args[index] if index < len(node.args) else None
            else:
                value = next((k.value for k in node.keywords if k.arg == field), None)
            if value is None or isinstance(value, ast.Starred) or "{" in (spec or ""):
                return None
            found.append(Piece(node=value, spec=(f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")))
        return found


def parameters(function: Function | ast.Lambda) -> list[str]:
    """The names of a function's parameters."""
    a = function.args
    return [p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs, *((a.vararg,) if a.vararg else ()),
                            *((a.kwarg,) if a.kwarg else ()))]


def value_of(statement: ast.stmt | None) -> ast.expr | None:
    """What a plain assignment of one name assigns."""
    return statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None


def literal(value: str, like: str = '"') -> str:
    """A string literal, in double quotes unless that needs escapes."""
    text = repr(value)
    return text if like == "'" or '"' in value or "'" in value or "\\" in text else f'"{text[1:-1]}"'


def fstring(parts: list[Piece], source: Source) -> str:
    """An f-string (or a plain one) of these parts."""
    if all(p.node is None for p in parts):
        return literal("".join(p.text for p in parts))
    code = [source.of(p.node) if p.node is not None else "" for p in parts]
    code = [f"({c})" if isinstance(p.node, ast.Lambda | ast.NamedExpr | ast.IfExp) else f" {c}" if c.startswith("{") else c
            for p, c in zip(parts, code, strict=True)]
    quote = '"' if not any('"' in c for c in code) else "'"
    if any("\\" in c or quote in c or "\n" in c for c in code):  # not allowed inside before Python 3.12
        return " + ".join(_as_text(c, p.spec) if p.node is not None else literal(p.text)
                          for p, c in zip(parts, code, strict=True) if p.node is not None or p.text)
    body = ""
    for p, c in zip(parts, code, strict=True):
        if p.node is not None:
            body += f"{{{c}{p.spec}}}"
        else:
            inner = repr(p.text.replace("{", "{{").replace("}", "}}") + "'\"")[1:-1]  # escaped for single quotes
            inner = inner[:-3] if inner.endswith("\\'\"") else inner[:-2]
            body += inner.replace("\\'", "'").replace(quote, "\\" + quote)
    return f"f{quote}{body}{quote}"


def _as_text(code: str, spec: str) -> str:
    """A value as text, the way an f-string would write it."""
    conversion, _, form = spec.partition(":")
    inner = {"!r": f"repr({code})", "!a": f"ascii({code})"}.get(conversion, f"str({code})" if not form else code)
    return f"format({inner}, {literal(form)})" if form else inner


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Constants that follow each other become one, and empty ones go."""
    found: list[Piece] = []
    for piece in pieces:
        if piece.node is None and found and found[-1].node is None:
            found[-1] = Piece(found[-1].text + piece.text)
        elif piece.node is not None or piece.text:
            found.append(piece)
    return found
