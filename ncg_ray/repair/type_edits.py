"""Messages of the type checker as edits: guards against None, wider annotations, conversions, returns, misspelt names.

Covers: mypy's `union-attr`, `index`, `operator`, `arg-type`, `assignment`, `return-value`, `return`, `attr-defined`,
`name-defined`, `var-annotated`. Does not cover: generics, overloads, protocols.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.source import Edit, Function, Source
from ncg_ray.types import Finding

_QUOTED = re.compile(r'"([^"]+)"')
_CONVERSIONS = ("str", "int", "float", "list", "tuple", "set", "bytes")


def type_edits(code: str, finding: Finding) -> list[Edit]:
    """The edits that may mend one message, most faithful first. Raises SyntaxError where the code does not parse."""
    source = Source(code)
    found: dict[str, Edit] = {}
    for edit in _Message(source, finding).edits():
        if edit is None:
            continue
        text = edit.apply(code)
        try:
            Source(text)
        except (SyntaxError, ValueError):
            continue
        if text != code:
            found.setdefault(text, edit)
    return list(found.values())


class _Message:
    """One message at its place."""

    def __init__(self, source: Source, finding: Finding) -> None:
        self.source, self.finding, self.words = source, finding, finding.message
        self.quoted = _QUOTED.findall(finding.message)
        on_line = [n for n in ast.walk(source.tree) if isinstance(n, ast.expr | ast.stmt)
                   and n.lineno <= finding.line <= (n.end_lineno or 0)]
        self.at = [n for n in on_line if n.lineno == finding.line and n.col_offset + 1 == finding.column]
        self.nodes = sorted(on_line, key=lambda n: (n.end_lineno or 0) - n.lineno)
        statements = [n for n in self.nodes if isinstance(n, ast.stmt)]
        self.statement = min(statements, key=lambda n: ((n.end_lineno or 0) - n.lineno, -n.col_offset), default=None)

    def edits(self) -> Iterator[Edit | None]:
        suggestion = re.search(r'maybe ((?:"\w+"(?: or |, )?)+)', self.words)
        if suggestion:
            for name in _QUOTED.findall(suggestion[1]):
                yield self._renamed(self.quoted, name)
            return
        code = self.finding.rule
        if code in ("union-attr", "index", "operator", "arg-type", "call-overload", "return-value", "assignment"):
            yield from self._guarded()
        if code == "return-value":
            yield from self._returned()
        elif code == "assignment":
            yield from self._assigned()
        elif code in ("arg-type", "operator"):
            yield from self._converted()
        elif code == "return":
            yield from self._missing_return()
        elif code == "var-annotated":
            yield from self._annotated()

    # -- guards

    def _guarded(self) -> Iterator[Edit | None]:
        """The value is kept in a variable, and its absence is an error of its own."""
        if "None" not in self.words:
            return
        attribute = self.quoted[-1] if self.finding.rule == "union-attr" and self.quoted else ""
        for node in self.nodes:
            value: ast.expr | None = None
            if isinstance(node, ast.Attribute) and attribute and node.attr == attribute:
                value = node.value
            elif isinstance(node, ast.Subscript) and self.finding.rule == "index":
                value = node.value
            elif self.finding.rule == "operator" and isinstance(node, ast.BinOp | ast.Compare):
                for side in (node.left, *([node.right] if isinstance(node, ast.BinOp) else node.comparators)):
                    yield self._guard(side)
            elif self.finding.rule == "arg-type" and isinstance(node, ast.Call):
                argument = self._argument(node)
                value = argument
            elif self.finding.rule == "return-value" and isinstance(node, ast.Return) and not self.words.startswith(
                    'Incompatible return value type (got "None"'):
                value = node.value
            if value is not None:
                yield self._guard(value)

    def _guard(self, value: ast.expr) -> Edit | None:
        statement = self.statement
        if statement is None or isinstance(value, ast.Constant) or not isinstance(statement, ast.Assign | ast.AnnAssign
                                                                                 | ast.Expr | ast.Return | ast.AugAssign
                                                                                 | ast.If | ast.For | ast.With):
            return None
        draft, code = Draft(self.source), self.source.of(value)
        if isinstance(value, ast.Name):
            draft.before(statement, f'if {code} is None:\n    raise ValueError("{code} is None")')
        elif isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
            draft.before(statement, f'if {code} is None:\n    raise ValueError("{code} is None")')
        else:
            name = "found"
            function = self.source.function_of(value)
            if name in {n.id for n in ast.walk(function or self.source.tree) if isinstance(n, ast.Name)}:
                return None
            draft.before(statement, f'{name} = {code}\nif {name} is None:\n    raise ValueError("nothing was found")')
            draft.put(value, name)
        return draft.edit("guard against None", self.finding.line)

    # -- annotations and conversions

    def _returned(self) -> Iterator[Edit | None]:
        got, expected = [*self.quoted, "", ""][:2]
        returned = next((n for n in self.nodes if isinstance(n, ast.Return)), None)
        function = self.source.function_of(returned) if returned is not None else None
        if returned is None or function is None or function.returns is None:
            return
        if returned.value is not None and expected in _CONVERSIONS and got.partition("[")[0] in (*_CONVERSIONS, "bool"):
            yield self._wrapped(returned.value, expected)
        yield self._wider(function.returns, got, expected)

    def _assigned(self) -> Iterator[Edit | None]:
        got = self.quoted[-2] if len(self.quoted) > 1 else ""
        expected = self.quoted[-1] if self.quoted else ""
        for arg, default in self._defaults():
            if default in self.nodes and arg.annotation is not None and arg.arg in self.quoted:
                yield self._wider(arg.annotation, got, expected)
                return
        for node in self.nodes:
            if isinstance(node, ast.AnnAssign):
                if node.value is not None and expected in _CONVERSIONS and got.partition("[")[0] in (*_CONVERSIONS, "bool"):
                    yield self._wrapped(node.value, expected)
                yield self._wider(node.annotation, got, expected)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                declared = next((n for n in ast.walk(self.source.tree) if isinstance(n, ast.AnnAssign) and isinstance(
                    n.target, ast.Name) and n.target.id == node.targets[0].id), None)  # type: ignore[attr-defined]
                arg = next((a for f in ast.walk(self.source.tree) if isinstance(f, ast.FunctionDef) for a in f.args.args
                            if a.arg == node.targets[0].id and f is self.source.function_of(node)), None)  # type: ignore[attr-defined]
                if expected in _CONVERSIONS and got.partition("[")[0] in (*_CONVERSIONS, "bool"):
                    yield self._wrapped(node.value, expected)
                if declared is not None:
                    yield self._wider(declared.annotation, got, expected)
                elif arg is not None and arg.annotation is not None:
                    yield self._wider(arg.annotation, got, expected)

    def _defaults(self) -> Iterator[tuple[ast.arg, ast.expr]]:
        for function in self.source.functions():
            a = function.args
            plain = [*a.posonlyargs, *a.args]
            yield from zip(plain[::-1], a.defaults[::-1], strict=False)
            yield from ((arg, d) for arg, d in zip(a.kwonlyargs, a.kw_defaults, strict=True) if d is not None)

    def _wider(self, annotation: ast.expr, got: str, expected: str) -> Edit | None:
        """The annotation with what really comes: `int | None`."""
        old = self.source.of(annotation)
        if old == "None" or expected == "None":
            new = got
        else:
            new = " | ".join([old, *(part for part in _parts(got) if part not in _parts(old))])
        if not self._known(new):
            return None
        draft = Draft(self.source)
        draft.put(annotation, new)
        return draft.edit("annotation", self.finding.line)

    def _converted(self) -> Iterator[Edit | None]:
        if self.finding.rule == "arg-type":
            expected = self.quoted[-1] if self.quoted else ""
            for call in [n for n in self.nodes if isinstance(n, ast.Call)]:
                argument = self._argument(call)
                if argument is not None:
                    for name in _parts(expected):
                        if name in _CONVERSIONS:
                            yield self._wrapped(argument, name)
            return
        types = self.quoted[-2:]
        for node in [n for n in self.nodes if isinstance(n, ast.BinOp)]:
            if len(types) == 2:
                for side, other in ((node.right, types[0]), (node.left, types[1])):
                    if other in _CONVERSIONS:
                        yield self._wrapped(side, other)

    def _argument(self, call: ast.Call) -> ast.expr | None:
        """The argument that the message counts or names."""
        number = re.match(r"Argument (\d+) to", self.words)
        name = re.match(r'Argument "(\w+)" to', self.words)
        if name:
            return next((k.value for k in call.keywords if k.arg == name[1]), None)
        index = int(number[1]) - 1 if number else -1
        called = re.search(r'to "([\w.]+)"', self.words)
        last = called[1].rpartition(".")[2] if called else ""
        own = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if 0 <= index < len(call.args) and (not last or own == last):
            return call.args[index]
        return None

    def _wrapped(self, value: ast.expr, name: str) -> Edit | None:
        draft = Draft(self.source)
        draft.put(value, f"{name}({self.source.of(value)})")
        return draft.edit(f"{name}()", self.finding.line)

    # -- returns, names

    def _missing_return(self) -> Iterator[Edit | None]:
        function = next((n for n in self.nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
                         and n.lineno == self.finding.line), None)
        if function is None:
            return
        last = function.body[-1]
        if isinstance(last, ast.Expr) and not isinstance(last.value, ast.Constant):
            draft = Draft(self.source)
            start = self.source.span(last)[0]
            draft.cut(start, start, "return ")
            yield draft.edit("return", self.finding.line)
        name = _result(function)
        if name:
            draft = Draft(self.source)
            end = self.source.lines_span([last])[1]
            lead = "" if self.source.text[:end].endswith("\n") else "\n"
            draft.cut(end, end, f"{lead}{self.source.indent(function.body[0])}return {name}\n")
            yield draft.edit("return", self.finding.line)
        if function.returns is not None:
            draft = Draft(self.source)
            if "None" not in _parts(self.source.of(function.returns)):
                draft.put(function.returns, f"{self.source.of(function.returns)} | None")
            end = self.source.lines_span([last])[1]
            lead = "" if self.source.text[:end].endswith("\n") else "\n"
            draft.cut(end, end, f"{lead}{self.source.indent(function.body[0])}return None\n")
            yield draft.edit("annotation and return", self.finding.line)

    def _renamed(self, wrong: list[str], right: str) -> Edit | None:
        draft = Draft(self.source)
        for node in self.nodes:
            if isinstance(node, ast.Attribute) and node.attr in wrong:
                end = self.source.span(node)[1]
                draft.cut(end - len(node.attr), end, right)
            elif isinstance(node, ast.Name) and node.id in wrong:
                draft.put(node, right)
            elif isinstance(node, ast.Call):
                for keyword in node.keywords:
                    if keyword.arg in wrong and keyword.arg is not None:
                        start = self.source.offset(keyword.lineno, keyword.col_offset)
                        draft.cut(start, start + len(keyword.arg), right)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if alias.name in wrong:
                        start = self.source.offset(alias.lineno, alias.col_offset)
                        draft.cut(start, start + len(alias.name), right)
        return draft.edit("name", self.finding.line)

    def _annotated(self) -> Iterator[Edit | None]:
        hint = re.search(r'hint: "(\w+): (\w+)\[', self.words)
        if hint is None:
            return
        for node in self.nodes:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == hint[1]:
                draft = Draft(self.source)
                inner = "Any, Any" if hint[2] in ("dict", "Dict") else "Any"
                kind = hint[2].lower() if hint[2] in ("Dict", "List", "Set") else hint[2]
                draft.need("typing", "Any", exact=True)
                end = self.source.span(node.targets[0])[1]
                draft.cut(end, end, f": {kind}[{inner}]")
                yield draft.edit("annotation", self.finding.line)

    def _known(self, text: str) -> bool:
        """Whether an annotation uses names that the module has."""
        try:
            tree = ast.parse(text, mode="eval")
        except SyntaxError:
            return False
        bound = {n.id for n in ast.walk(self.source.tree) if isinstance(n, ast.Name)} | {
            n.name for n in ast.walk(self.source.tree) if isinstance(n, ast.ClassDef)}
        return all(n.id in bound or hasattr(builtins, n.id) for n in ast.walk(tree) if isinstance(n, ast.Name))


def _parts(text: str) -> list[str]:
    """The members of a union; `Optional[X]` is `X | None`."""
    optional = re.fullmatch(r"Optional\[(.*)\]", text)
    return [*_parts(optional[1]), "None"] if optional else [part.strip() for part in text.split(" | ")]


def _result(function: Function) -> str:
    """The variable that a function works on: the first that it gives a value, where it goes on to change it."""
    names = [n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    first = next(
        (s.targets[0].id for s in function.body if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name)), ""
    )
    return first if first and (names.count(first) > 1 or any(
        isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == first for n in ast.walk(function))
        or len(set(names)) == 1) else ""
