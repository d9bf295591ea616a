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
    if place.names.uses("cx_Oracle", "oracledb"):
        return ":name"
    if place.names.uses("psycopg2", "psycopg", "pymysql", "MySQLdb", "mysql", "django", "aiomysql"):
        return "%s"
    return "?"


class _Query:
    """The new text of a query and the values that are bound to it."""

    def __init__(self, place: Place, draft: Draft, style: str, doubles: bool = True) -> None:
        """`doubles`: whether `%` has to be doubled, since the driver did not read the text for `%s` before."""
        self.place, self.draft, self.style, self.doubles = place, draft, style, doubles and style == "%s"
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
                text += piece.text.replace("%", "%%") if self.doubles else piece.text
                n += 1
                continue
            whole = ahead + "".join(p.text for p in parts) + text
            quote = re.search(r"'(%*)([^'%]*)$", text) if text.count("'") % 2 else None
            if quote is None and (_IDENTIFIER_PLACE.search(whole) or _DIRECTION.search(whole)):
                parts += [Piece(text), piece]
                text = ""
                if not self._checked(piece, pieces, whole):
                    return None
                n += 1
                continue
            behind = pieces[n + 1].text if n + 1 < len(pieces) else ""
            if quote is None and (not _VALUE_PLACE.search(whole) or _is_list(self.place, piece.node, whole, behind)):
                return None  # a clause, an expression or several values
            if quote is not None and _TYPED.search(text[:quote.start()]):
                return None  # `DATE '...'` takes no parameter
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
        inner, text = [Piece(text[start + 1:].replace("%%", "%") if self.doubles else text[start + 1:])], text[:start]
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
        if len(parts) == 1 and parts[0].node is not None and re.fullmatch(r":[\d.]*[df]", parts[0].spec):
            return f"{'int' if parts[0].spec.endswith('d') else 'float'}({self.place.source.of(parts[0].node)})"
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
        return f"${len(self.values)}" if self.style == "$1" else self.style

    def _checked(self, piece: Piece, pieces: list[Piece], before: str) -> bool:
        """Refuse an order by what the query does not select, and what is no name; a constant of the program is let alone."""
        node = piece.node
        if not isinstance(node, ast.Name):
            return node is not None and (not self.place.is_outside(node) or (isinstance(node, ast.IfExp) and isinstance(
                node.body, ast.Constant) and isinstance(node.orelse, ast.Constant)))
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
        if not _IDENTIFIER_PLACE.search(before):
            test = f'{node.id}.upper() not in ("ASC", "DESC")'
        elif plain and len(plain) == len(columns) and re.search(r"(?i)\b(order|group)\s+by\s+$", before):
            test = f"{node.id} not in ({', '.join(map(literal, plain))}{',' if len(plain) == 1 else ''})"
        else:
            test = f'not all(part.strip().replace(".", "").isidentifier() for part in {node.id}.split(","))'
        self.draft.before(statement, f"if {test}:\n    {refusal}")
        return True

    def argument(self) -> str:
        """The source of the bound values as an argument."""
        if self.style == ":name":
            return "{" + ", ".join(f'"{k}": {v}' for k, v in zip(self.keys, self.values, strict=True)) + "}"
        if self.style == "$1":
            return ", ".join(self.values)
        return f"({', '.join(self.values)}{',' if len(self.values) == 1 else ''})"


_TYPED = re.compile(r"(?i)\b(date|time|timestamp|interval|[ebxn])\s*$")


def _is_list(place: Place, node: ast.expr, before: str, behind: str) -> bool:
    """Whether a value may be several values as text: what is joined, or all that stands behind IN."""
    value = place.names.definition(node) or node
    joined = isinstance(value, ast.Call) and getattr(value.func, "attr", "") == "join"
    alone = re.search(r"(?i)\bin\s*\(\s*$", before) and re.match(r"\s*\)", behind)
    return bool(joined or alone or re.search(r"(?i)\bin\s*$", before))


def _is_fixed(place: Place, node: ast.Name) -> bool:
    """Whether a name can hold only constants of the program."""
    values = [getattr(s, "value", None) for s in place.names.assignments(node)]
    return bool(values) and all(isinstance(v, ast.Constant) or (isinstance(v, ast.IfExp) and isinstance(
        v.body, ast.Constant) and isinstance(v.orelse, ast.Constant)) for v in values)


def _bound(place: Place, call: ast.Call) -> Edit | None:
    """One text, at once or through a variable with one value."""
    query = call.args[0]
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in ("executemany", "extra") or _has_other_sink(place, call):
        return None
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
    given = next((k.value for k in call.keywords if k.arg in ("params", "parameters", "vars", "args")), None) or next(
        iter(call.args[2 if name.startswith("read_sql") else 1:]), None)
    style = ":name" if wrapper is not None else _style(place, call)
    made = _Query(place, draft, style, doubles=given is None)
    text = made.rewrite(list(pieces))
    if text is None or not made.ok:
        return None
    if not made.values:
        text = _Query(place, place.draft, style, doubles=False).rewrite(pieces)  # nothing is given, so `%` stays
        assert text is not None
        draft.put(query, text)
        return place.done(draft, "checked name in SQL")
    draft.put(query, text)
    if name == "text" or wrapper is call:
        return _bound_text(place, draft, call, made)
    if name == "executescript":
        if any(";" in p.text.rstrip("; \n") for p in pieces):
            return None  # several statements
        draft.cut(*_name_span(place, call), "execute")
    if made.style == ":name" and wrapper is None and place.names.uses("sqlalchemy", "flask_sqlalchemy"):
        uses = [n for n in ast.walk(place.source.function_of(call) or place.source.tree) if isinstance(n, ast.Name)
                and isinstance(call.args[0], ast.Name) and n.id == call.args[0].id and isinstance(n.ctx, ast.Load)]
        if name == "exec_driver_sql" or len(uses) > 1:
            return None  # or the text is used as one too
        start, end = place.source.span(query)
        draft = place.draft
        draft.cut(start, end, f"{draft.need('sqlalchemy', 'text')}({text})")
    if given is None and made.style == "$1":
        at = place.source.span(call.args[-1])[1]
        draft.cut(at, at, ", " + made.argument())
    elif given is None:
        if name.startswith("read_sql"):
            draft.keyword(call, "params", made.argument())
        else:
            at = place.source.span(call.args[0])[1]
            draft.cut(at, at, f", {made.argument()}")
    elif isinstance(given, ast.Tuple | ast.List) and made.style in ("?", "%s") and _is_apart(pieces, made.style):
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


def _has_other_sink(place: Place, call: ast.Call) -> bool:
    """Whether another call runs the query of the same variable: it would lack the values."""
    query, function = call.args[0], place.source.function_of(call)
    if not isinstance(query, ast.Name) or place.names.latest(query) is None:
        return False
    others = [c for c in ast.walk(function or place.source.tree) if isinstance(c, ast.Call) and c is not call and c.args
              and isinstance(c.args[0], ast.Name) and c.args[0].id == query.id and place.names.latest(c.args[0]) is
              place.names.latest(query)]
    return any((c.func.attr if isinstance(c.func, ast.Attribute) else "") in SINKS for c in others)


def _is_apart(pieces: list[Piece], mark: str) -> bool:
    """Whether the placeholders that the text had stand all before its values, or all behind them."""
    holes = [n for n, p in enumerate(pieces) if p.node is not None]
    marks = [n for n, p in enumerate(pieces) if mark in p.text]
    return all(n < holes[0] for n in marks) or all(n > holes[-1] for n in marks)


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
    others = [c for c in ast.walk(function) if isinstance(c, ast.Call) and c is not call and isinstance(
        c.func, ast.Attribute) and c.func.attr in SINKS and c.args and getattr(c.args[0], "id", "") == query.id]
    if style not in ("?", "%s") or others:
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
        if isinstance(step, ast.Assign) and not has_itself:
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
    style = _style(place, call)
    if query.id not in names or function.args.vararg or function.args.kwarg or style == "$1":
        return None
    index = names.index(query.id) - (names[0] in ("self", "cls"))
    draft = place.draft
    last = function.args.args[-1]
    end = place.source.span(function.args.defaults[-1])[1] if function.args.defaults else place.source.span(last)[1]
    draft.cut(end, end, ", parameters=None" if style == "%s" else ", parameters=()")  # none: `%` stays as it is
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
        made = _Query(place, draft, style)
        joined = _joined_values(place, pieces, made.style)
        if joined is not None and value is not None:
            text, values = joined
        else:
            rewritten = made.rewrite(pieces)
            if rewritten is None or not made.ok or value is None:
                return None
            text, values = rewritten, made.argument()
        draft.put(value, text)
        draft.keyword(caller, "parameters", values)
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
