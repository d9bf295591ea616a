"""SQL that is put together as text: values become bound parameters, names are checked against what the query selects.

Covers: `execute` and its kin with a text by `+`, `%`, `.format` or an f-string, given at once or through variables that
are assigned and added to in one function. Does not cover: texts that come out of other functions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.resolve import Piece, fstring, literal
from ncg_ray.repair.source import Edit

SINKS = frozenset({"execute", "executemany", "executescript", "raw", "text", "read_sql", "read_sql_query", "fetch",
                   "fetchrow", "fetchval", "fetch_all", "fetch_one", "extra", "exec_driver_sql", "query"})
_IDENTIFIER_PLACE = re.compile(r"(?is)\b(order\s+by|group\s+by|from|join|into|update|table|set|desc|asc|index|\bas)\s+"
                               r"([\w.`\"\[\]]+(\s+(asc|desc))?\s*,\s*)*[`\"\[]?$|select\s+(distinct\s+)?$")
_VALUE_PLACE = re.compile(r"(?is)([=<>,(+*/|%]|\b(like|ilike|between|limit|offset|is|in|regexp|glob|values)"
                          r"|\bbetween\s+\S+\s+and)\s*\(?\s*$")
"Before a value; after WHERE, AND and the like a clause stands."
_DIRECTION = re.compile(r"(?is)\border\s+by\s+[^()]*\S\s+$")
_SELECTED = re.compile(r"(?is)\bselect\s+(?:distinct\s+)?(.*?)\s+from\b")


def rewrites(place: Place) -> Iterator[Edit | None]:
    """Bound parameters first; where a part of the query is a name, a check of it."""
    for call in _sinks(place):
        yield _bound(place, call)
        yield _bound_in_steps(place, call)
        yield _bound_through_method(place, call)


def _sinks(place: Place) -> list[ast.Call]:
    def is_sink(call: ast.Call) -> bool:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        return name in SINKS and bool(call.args)
    near = [c for c in place.calls() if is_sink(c)]
    function = place.function
    wider = [c for c in ast.walk(function or place.source.tree) if isinstance(c, ast.Call) and is_sink(c)]
    return near or wider


def _style(place: Place, call: ast.Call) -> str:
    """How the driver writes a parameter: `?`, `%s`, `:name` or `$1`."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "text" or place.names.uses("sqlalchemy", "flask_sqlalchemy", "databases"):
        return ":name"
    if place.names.uses("asyncpg"):
        return "$1"
    if place.names.uses("psycopg2", "psycopg", "pymysql", "MySQLdb", "mysql", "django", "aiomysql", "pandas", "cx_Oracle"):
        return "%s"
    return "?"


class _Query:
    """The new text of a query and the values that are bound to it."""

    def __init__(self, place: Place, draft: Draft, style: str, first: int = 1) -> None:
        self.place, self.draft, self.style, self.first = place, draft, style, first
        self.values: list[str] = []
        self.keys: list[str] = []
        self.ok = True

    def rewrite(self, pieces: list[Piece], ahead: str = "") -> str | None:
        """The literal of the text with placeholders; None where it cannot be made safe. `ahead`: what stands before it."""
        parts: list[Piece] = []
        text, n = "", 0
        while n < len(pieces):
            piece = pieces[n]
            if piece.node is None:
                text += piece.text.replace("%", "%%") if self.style == "%s" else piece.text
                n += 1
                continue
            whole = ahead + "".join(p.text for p in parts) + text
            quote = re.search(r"'(%*)([^'%]*)$", text) if text.count("'") % 2 else None
            if quote is None and (_IDENTIFIER_PLACE.search(whole) or _DIRECTION.search(whole)):
                parts += [Piece(text), piece]
                text = ""
                if not self._checked(piece, pieces):
                    return None
                n += 1
                continue
            if quote is None and not _VALUE_PLACE.search(whole):
                return None  # a clause or an expression, not a value
            value, text, n = self._value(pieces, text, n, quote)
            text += self._placeholder(value, piece)
        parts.append(Piece(text))
        return fstring([p for p in parts if p.node is not None or p.text], self.place.source) if any(
            p.node for p in parts) else literal(text)

    def _value(self, pieces: list[Piece], text: str, n: int, quote: re.Match[str] | None) -> tuple[str, str, int]:
        """The source of a bound value, with what stands inside the same quotes: `'%{x}%'`."""
        piece = pieces[n]
        if quote is None:
            return self._source([piece]), text, n + 1
        start = quote.start()
        inner, text = [Piece(text[start + 1:].replace("%%", "%") if self.style == "%s" else text[start + 1:])], text[:start]
        n_end, rest = n, None
        while n_end < len(pieces):
            here = pieces[n_end]
            if here.node is not None:
                inner.append(here)
            else:
                before, mark, behind = here.text.partition("'")
                inner.append(Piece(before))
                if mark:
                    rest = behind
                    break
            n_end += 1
        if rest is None:
            self.ok = False
            return "", text, len(pieces)
        pieces[n_end] = Piece(rest)
        return self._source([p for p in inner if p.node is not None or p.text]), text, n_end

    def _source(self, parts: list[Piece]) -> str:
        if len(parts) == 1 and parts[0].node is not None and not parts[0].spec:
            return self.place.source.of(parts[0].node)
        return fstring(parts, self.place.source)

    def _placeholder(self, value: str, piece: Piece) -> str:
        if self.style == ":name":
            key = piece.node.id if isinstance(piece.node, ast.Name) else getattr(piece.node, "attr", "") or "value"
            while key in self.keys:
                key += "_"
            self.keys.append(key)
            self.values.append(value)
            return f":{key}"
        self.values.append(value)
        return f"${self.first + len(self.values) - 1}" if self.style == "$1" else self.style

    def _checked(self, piece: Piece, pieces: list[Piece]) -> bool:
        """Refuse a name that the query does not select; a constant of the program is let alone."""
        node = piece.node
        if not isinstance(node, ast.Name):
            return node is not None and not self.place.is_outside(node)
        if _is_fixed(self.place, node):
            return True
        statement = self.place.source.statement_of(node)
        if statement is None:
            return False
        whole = "".join(p.text for p in pieces if p.node is None)
        found = _SELECTED.search(whole)
        columns = [c.strip() for c in found[1].split(",")] if found else []
        refusal = self.place.refusal(self.draft, f"unknown {node.id}")
        plain = [c for c in columns if re.fullmatch(r"\w+", c)]
        if plain and len(plain) == len(columns):
            test = f"{node.id} not in ({', '.join(map(literal, plain))}{',' if len(plain) == 1 else ''})"
        else:
            test = f"not {node.id}.isidentifier()"
        self.draft.before(statement, f"if {test}:\n    {refusal}")
        return True

    def argument(self) -> str:
        """The source of the bound values as an argument."""
        if self.style == ":name":
            return "{" + ", ".join(f'"{k}": {v}' for k, v in zip(self.keys, self.values, strict=True)) + "}"
        if self.style == "$1":
            return ", ".join(self.values)
        return f"({', '.join(self.values)}{',' if len(self.values) == 1 else ''})"


def _is_fixed(place: Place, node: ast.Name) -> bool:
    """Whether a name can hold only constants of the program."""
    values = [getattr(s, "value", None) for s in place.names.assignments(node)]
    return bool(values) and all(isinstance(v, ast.Constant) or (isinstance(v, ast.IfExp) and isinstance(
        v.body, ast.Constant) and isinstance(v.orelse, ast.Constant)) for v in values)


def _bound(place: Place, call: ast.Call) -> Edit | None:
    """One text, at once or through a variable with one value."""
    query = call.args[0]
    wrapper = None
    if isinstance(query, ast.Name):
        value = place.names.latest(query)
        if value is None or len([s for s in place.names.assignments(query) if isinstance(s, ast.AugAssign)]):
            return None
        query = value
    if isinstance(query, ast.Call) and place.names.qualified(query.func).rpartition(".")[2] == "text" and query.args:
        wrapper, query = query, query.args[0]
        if isinstance(query, ast.Name):
            query = place.names.latest(query) or query
    pieces = place.names.pieces(query, follow=False)
    if pieces is None or all(p.node is None for p in pieces):
        return None
    pieces = _inlined(place, pieces)
    draft = place.draft
    made = _Query(place, draft, ":name" if wrapper is not None else _style(place, call))
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    text = made.rewrite(pieces)
    if text is None or not made.ok:
        return None
    draft.put(query, text)
    if not made.values:
        return place.done(draft, "checked name in SQL")
    if name == "text" or wrapper is call:
        return _bound_text(place, draft, call, made)
    if name == "executescript":
        draft.cut(*_name_span(place, call), "execute")
    given = call.args[1] if len(call.args) > 1 else next((k.value for k in call.keywords if k.arg in (
        "params", "parameters", "vars", "args")), None)
    if given is None and made.style == "$1":
        at = place.source.span(call.args[-1])[1]
        draft.cut(at, at, ", " + made.argument())
    elif given is None:
        word = "params=" if name.startswith("read_sql") else ""
        at = place.source.span(call.args[0])[1]
        draft.cut(at, at, f", {word}{made.argument()}")
    elif isinstance(given, ast.Tuple | ast.List) and made.style in ("?", "%s"):
        if _given_first(pieces, made.style):
            new = [*(place.source.of(e) for e in given.elts), *made.values]
        else:
            new = [*made.values, *(place.source.of(e) for e in given.elts)]
        draft.put(given, f"({', '.join(new)},)" if len(new) == 1 else f"({', '.join(new)})")
    else:
        return None
    return place.done(draft, "bound parameter in SQL")


def _bound_text(place: Place, draft: Draft, call: ast.Call, made: _Query) -> Edit | None:
    """`text(...)` of SQLAlchemy: the values go to it."""
    end = place.source.span(call)[1]
    pairs = ", ".join(f"{k}={v}" for k, v in zip(made.keys, made.values, strict=True))
    draft.cut(end, end, f".bindparams({pairs})")
    return place.done(draft, "bound parameter in SQL")


def _given_first(pieces: list[Piece], mark: str) -> bool:
    """Whether the placeholders that the text had stand before its values."""
    first = next((n for n, p in enumerate(pieces) if p.node is not None), len(pieces))
    return any(mark in p.text for p in pieces[:first])


def _inlined(place: Place, pieces: list[Piece]) -> list[Piece]:
    """Variables that hold constants of one piece of SQL stay as they are; texts of constants are put in."""
    found = []
    for piece in pieces:
        value = place.names.constant(piece.node) if piece.node is not None and not piece.spec else None
        is_constant = isinstance(value, str) and isinstance(piece.node, ast.Name)
        found.append(Piece(value) if is_constant and isinstance(value, str) else piece)
    return found


def _name_span(place: Place, call: ast.Call) -> tuple[int, int]:
    end = place.source.span(call.func)[1]
    assert isinstance(call.func, ast.Attribute)
    return end - len(call.func.attr), end


def _bound_in_steps(place: Place, call: ast.Call) -> Edit | None:
    """`sql = ...`, then `sql += f"..."` in branches: the values are collected in a list beside it."""
    query, function = call.args[0], place.source.function_of(call)
    if not isinstance(query, ast.Name) or function is None or len(call.args) > 1:
        return None
    steps = [s for s in place.names.assignments(query) if s is not None]
    if len(steps) < 2 or len(steps) != len(place.names.assignments(query)) or not isinstance(steps[0], ast.Assign):
        return None
    style = _style(place, call)
    if style not in ("?", "%s"):
        return None
    draft, name = place.draft, "parameters"
    if name in {n.id for n in ast.walk(function) if isinstance(n, ast.Name)} | {a.arg for a in function.args.args}:
        return None
    ahead, num = "", 0
    for step in sorted(steps, key=lambda s: s.lineno):
        value = getattr(step, "value", None)
        if not isinstance(value, ast.expr):
            return None
        pieces = place.names.pieces(value)
        if pieces is None:
            return None
        pieces = [p for p in pieces if not (isinstance(p.node, ast.Name) and p.node.id == query.id)]
        made = _Query(place, draft, style)
        text = made.rewrite(pieces, ahead)
        if text is None or not made.ok:
            return None
        ahead += "".join(p.text for p in pieces if p.node is None)
        has_itself = any(isinstance(n, ast.Name) and n.id == query.id for n in ast.walk(value))
        if made.values or style == "%s":
            draft.put(value, f"{query.id} + {text}" if has_itself else text)
        if step is steps[0]:
            draft.after(step, f"{name} = [{', '.join(made.values)}]")
        elif made.values:
            draft.after(step, f"{name}.append({made.values[0]})" if len(made.values) == 1 else
                        f"{name}.extend([{', '.join(made.values)}])")
        num += len(made.values)
    at = place.source.span(call.args[0])[1]
    draft.cut(at, at, f", {name}")
    return place.done(draft, "bound parameters in SQL") if num else None


def _bound_through_method(place: Place, call: ast.Call) -> Edit | None:
    """`def run(self, sql): cursor.execute(sql)`: the helper takes the values too, and its callers give them."""
    query, function = call.args[0], place.source.function_of(call)
    if not isinstance(query, ast.Name) or function is None or len(call.args) > 1:
        return None
    names = [a.arg for a in function.args.args]
    if query.id not in names or function.args.vararg or function.args.kwarg:
        return None
    index = names.index(query.id) - (names[0] in ("self", "cls"))
    draft = place.draft
    last = function.args.args[-1]
    end = place.source.span(function.args.defaults[-1])[1] if function.args.defaults else place.source.span(last)[1]
    draft.cut(end, end, ", parameters=()")
    at = place.source.span(query)[1]
    draft.cut(at, at, ", parameters")
    num = 0
    for caller in place.calls(anywhere=True):
        called = caller.func.attr if isinstance(caller.func, ast.Attribute) else getattr(caller.func, "id", "")
        if called != function.name or len(caller.args) <= index:
            continue
        given = caller.args[index]
        value = place.names.latest(given) if isinstance(given, ast.Name) else given
        pieces = place.names.pieces(value) if value is not None else None
        if pieces is None or all(p.node is None for p in pieces):
            continue
        made = _Query(place, draft, _style(place, call))
        joined = _joined_values(place, pieces, made.style)
        if joined is not None and value is not None:
            text, values = joined
        else:
            rewritten = made.rewrite(pieces)
            if rewritten is None or not made.ok or value is None:
                return None
            text, values = rewritten, made.argument()
        draft.put(value, text)
        end = place.source.span(caller.args[-1])[1]
        draft.cut(end, end, f", {values}")
        num += 1
    return place.done(draft, "bound parameters in SQL") if num else None


def _joined_values(place: Place, pieces: list[Piece], style: str) -> tuple[str, str] | None:
    """`"VALUES (" + ", ".join(f"'{v}'" for v in (a, b)) + ")"` with a fixed row of values: (text, values)."""
    dynamic = [p for p in pieces if p.node is not None]
    if len(dynamic) != 1 or dynamic[0].node is None:
        return None
    node = place.names.latest(dynamic[0].node) if isinstance(dynamic[0].node, ast.Name) else dynamic[0].node
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join" and node.args):
        return None
    between, rows = place.names.constant(node.func.value), node.args[0]
    if not isinstance(between, str) or not isinstance(rows, ast.GeneratorExp | ast.ListComp) or len(rows.generators) != 1:
        return None
    row = rows.generators[0].iter
    if not isinstance(row, ast.Tuple | ast.List):
        return None
    marks = between.join([style] * len(row.elts))
    text = "".join(p.text if p.node is None else marks for p in pieces)
    return literal(text), f"({', '.join(place.source.of(e) for e in row.elts)},)"
