"""Values that become part of another language: LDAP, XPath, headers, logs, CSV, patterns, MongoDB. HTML is in `markup`.

Each value is escaped where it enters the text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.flaws.wrapping import (
    already,
    calling,
    wrapped_anywhere,
    wrapped_sources,
    wrapped_texts,
    wrapped_value,
)
from ncg_ray.repair.resolve import Piece, literal
from ncg_ray.repair.source import Edit


def ldap(place: Place) -> Iterator[Edit | None]:
    """Values in LDAP filters and names through the library's own escape."""
    if place.names.uses("ldap3"):
        filters, names = ("ldap3.utils.conv", "escape_filter_chars"), ("ldap3.utils.dn", "escape_rdn")
    else:
        filters, names = ("ldap.filter", "escape_filter_chars"), ("ldap.dn", "escape_dn_chars")
    root = place.focus or place.function
    if root is None:
        return
    yield wrapped_texts(place, root, calling(place, *filters), "escaped LDAP value", lambda piece, before, behind:
                        not re.search(r"(?i)(^|,)\s*(uid|cn|ou|dc)=$", before))
    for function in (names, filters):
        yield wrapped_texts(place, root, calling(place, *function), "escaped LDAP value")
        yield wrapped_anywhere(place, calling(place, *function), "escaped LDAP value",
                               lambda pieces: any(re.search(r"\(?\w+=", p.text) for p in pieces))


def xpath(place: Place) -> Iterator[Edit | None]:
    """Values of XPath as variables; else those in quotation marks are refused when they hold one."""
    for call in [c for c in place.calls() if isinstance(c.func, ast.Attribute) and c.func.attr == "xpath" and c.args]:
        node = call.args[0]
        value = place.names.definition(node) if isinstance(node, ast.Name) else node
        pieces = place.names.pieces(value) if value is not None else None
        if pieces is None or value is None:
            continue
        if not all(_is_operand(pieces, n) for n, p in enumerate(pieces) if p.node is not None):
            continue  # names of elements, or parts of a longer text
        draft, text, given = place.draft, "", []
        for n, piece in enumerate(pieces):
            if piece.node is None:
                text += piece.text
                continue
            name = piece.node.id if isinstance(piece.node, ast.Name) else f"value{n}"
            given.append(f"{name}={place.source.of(piece.node)}")
            if text[-1:] in ("'", '"') and n + 1 < len(pieces) and pieces[n + 1].text[:1] == text[-1]:
                pieces[n + 1] = Piece(pieces[n + 1].text[1:])
                text = text[:-1]
            text += f"${name}"
        draft.put(value, literal(text))
        at = place.source.span(call)[1] - 1
        draft.cut(at, at, ", " + ", ".join(dict.fromkeys(given)))
        yield place.done(draft, "XPath variable")

    def check(draft: Draft, node: ast.expr, code: str) -> str:
        refusal = place.refusal(draft, "quotation marks are not allowed")
        return f"{draft.helper('quote_xpath', QUOTE_XPATH.format(refusal=refusal))}({code})"

    root = place.focus or place.function
    if root is not None:
        if all(_is_within(pieces, n) for _, pieces in place.texts(root) for n, p in enumerate(pieces) if p.node is not None):
            yield wrapped_texts(place, root, check, "checked XPath value")


def _is_within(pieces: list[Piece], n: int) -> bool:
    """Whether a value stands inside quotation marks."""
    text = "".join(p.text for p in pieces[:n])
    return bool(text.count("'") % 2 or text.count('"') % 2)


def _is_operand(pieces: list[Piece], n: int) -> bool:
    """Whether a value is all of a literal in quotation marks, or is compared as it stands."""
    before, behind = pieces[n - 1].text if n else "", pieces[n + 1].text if n + 1 < len(pieces) else ""
    if before[-1:] in ("'", '"'):
        return behind[:1] == before[-1:]
    return not _is_within(pieces, n) and bool(re.search(r"[=<>]\s*$", before))


QUOTE_XPATH = '''
def quote_xpath(value):
    """The value, where it cannot end the literal that it stands in."""
    if "'" in str(value) or '"' in str(value):
        {refusal}
    return value
'''


def line_breaks(place: Place) -> Iterator[Edit | None]:
    """Values in headers and logs without line breaks."""
    def wrap(draft: Draft, node: ast.expr, code: str) -> str:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "replace":
            return code
        operand = place.source.operand(node) if not code.startswith("str(") else code
        inner = operand if place.is_str(node) else f"str({code})"
        return f'{inner}.replace("\\r", "").replace("\\n", "")'
    for root in _roots(place):
        yield wrapped_texts(place, root, wrap, "line breaks taken out", lambda p, *_: p.node is not None
                            and place.is_outside(p.node))
        yield wrapped_texts(place, root, wrap, "line breaks taken out")
    draft = place.draft
    for value in place.pointed[:1]:
        if isinstance(value, ast.Name | ast.Attribute | ast.Subscript | ast.Call) and not place.texts(value):
            draft.put(value, wrap(draft, value, place.source.of(value)), atomic=True)
    yield place.done(draft, "line breaks taken out")
    if place.focus is not None:
        yield wrapped_sources(place, place.focus, wrap, "line breaks taken out")
    for call in place.calls():
        draft = place.draft
        for argument in [*call.args[1:], *(k.value for k in call.keywords)]:
            if place.is_outside(argument) and isinstance(argument, ast.Name | ast.Attribute | ast.Subscript):
                draft.put(argument, wrap(draft, argument, place.source.of(argument)))
        yield place.done(draft, "line breaks taken out")


def _roots(place: Place) -> Iterator[ast.AST]:
    if place.focus is not None:
        yield place.focus
    if place.statement is not None:
        yield place.statement


SAFE_CELL = '''
def safe_cell(value):
    """The value, with an apostrophe where a spreadsheet would run it as a formula."""
    return "'" + value if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\\t", "\\r")) else value
'''


def csv_cells(place: Place) -> Iterator[Edit | None]:
    """Cells that cannot be formulas."""
    for call in place.called(".writerow", ".writerows", ".write") or place.calls():
        if not call.args:
            continue
        row = call.args[0]
        draft = place.draft
        name = draft.helper("safe_cell", SAFE_CELL)
        if isinstance(row, ast.List | ast.Tuple):
            for cell in row.elts:
                if not isinstance(cell, ast.Constant | ast.Starred):
                    draft.put(cell, f"{name}({place.source.of(cell)})")
        elif isinstance(row, ast.Dict):
            for cell in row.values:
                if not isinstance(cell, ast.Constant):
                    draft.put(cell, f"{name}({place.source.of(cell)})")
        elif isinstance(row, ast.GeneratorExp | ast.ListComp) and isinstance(row.elt, ast.List | ast.Tuple):
            for cell in row.elt.elts:
                draft.put(cell, f"{name}({place.source.of(cell)})")
        elif isinstance(call.func, ast.Attribute) and call.func.attr.startswith("writerow") and (
                "DictWriter" in place.source.text):
            if call.func.attr == "writerow":
                draft.put(row, f"{{key: {name}(cell) for key, cell in {place.source.operand(row)}.items()}}")
        elif isinstance(call.func, ast.Attribute) and call.func.attr == "writerows":
            draft.put(row, f"([{name}(cell) for cell in row] for row in {place.source.of(row)})")
        elif isinstance(call.func, ast.Attribute) and call.func.attr == "writerow":
            draft.put(row, f"[{name}(cell) for cell in {place.source.of(row)}]")
        yield place.done(draft, "cells that are no formulas")

    def wrap(draft: Draft, node: ast.expr, code: str) -> str:
        return f"{draft.helper('safe_cell', SAFE_CELL)}({code})"
    for root in _roots(place):
        yield wrapped_texts(place, root, wrap, "cells that are no formulas")


def pattern(place: Place) -> Iterator[Edit | None]:
    """Patterns of users as plain text."""
    def wrap(draft: Draft, node: ast.expr, code: str) -> str:
        return f"{draft.need('re')}.escape({code})"
    focus = place.focus
    if focus is None:
        return
    if place.texts(focus, follow=False):
        yield wrapped_texts(place, focus, wrap, "escaped pattern")
    for value in place.pointed:
        if not isinstance(value, ast.Call) or place.names.qualified(value.func).partition(".")[0] != "re":
            yield wrapped_value(place, value, wrap, "escaped pattern")
    for call in place.calls():
        if place.names.qualified(call.func).startswith("re.") and call.args:
            yield wrapped_value(place, call.args[0], wrap, "escaped pattern")
    yield wrapped_texts(place, focus, wrap, "escaped pattern")
    yield wrapped_sources(place, focus, wrap, "escaped pattern")


_REPEATED = re.compile(r"(?<!\\)(\((?:\?:)?(?:\\\w|\[[^\]]+\]|[\w.]))([+*])\)([+*])(?![+?])")
"A group of one kind of character that repeats, and repeats: `(a+)*`."
_LAST_GROUP = re.compile(r"(?<!\\)(\([^()|]*\)[+*])(?=\$?[\"\']|\\Z)")
"A repeated group without alternatives at the end, where giving back what it took could not help."


def _once(match: re.Match[str]) -> str:
    return match[1] + ("*" if "*" in match[2] + match[3] else "+") + ")"


def backtracking(place: Place) -> Iterator[Edit | None]:
    """A repeated group of repeated characters repeats once; at the end it is possessive, which Python 3.11 has."""
    for node in place.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"[+*}]\)|\)[+*{]", node.value):
            text = place.source.of(node)
            for new in (_REPEATED.sub(_once, text), _LAST_GROUP.sub(r"\1+", text)):
                try:
                    re.compile(ast.literal_eval(new))
                except (re.error, ValueError, SyntaxError):
                    continue
                draft = place.draft
                draft.put(node, new)
                yield place.done(draft, "pattern without backtracking")


def mongo(place: Place) -> Iterator[Edit | None]:
    """Values of a MongoDB query that cannot be operators; scripts as ordinary operators."""

    def plain(draft: Draft, node: ast.expr, code: str) -> str:
        if place.is_str(node):
            return f"str({code})"
        refusal = place.refusal(draft, "a plain value is wanted")
        return f"{draft.helper('check_plain', CHECK_PLAIN.format(refusal=refusal))}({code})"
    for call in [c for c in place.calls() if any(isinstance(a, ast.Dict) for a in c.args)]:
        query = next(a for a in call.args if isinstance(a, ast.Dict))
        if any(isinstance(k, ast.Constant) and k.value == "$where" for k in query.keys):
            yield _operators(place, query)
            continue
        draft = place.draft
        for value in [v for inner in ast.walk(query) if isinstance(inner, ast.Dict) for v in inner.values]:
            if not isinstance(value, ast.Constant | ast.Dict | ast.List) and place.is_outside(value) and not already(
                    place.names, value, "str", "int", "float", "bool", "ObjectId"):
                draft.put(value, plain(draft, value, place.source.of(value)))
        yield place.done(draft, "plain value in the query")
    if place.focus is not None:
        yield wrapped_sources(place, place.focus, plain, "plain value in the query")
        for value in place.pointed:
            yield wrapped_value(place, value, plain, "plain value in the query")


CHECK_PLAIN = '''
def check_plain(value):
    """The value, where it is a text, a number or the like: in a dictionary there could be operators."""
    if isinstance(value, dict | list):
        {refusal}
    return value
'''


_CONDITION = re.compile(r"^\s*this\.([\w.]+)\s*(===?|!==?|>=|<=|>|<)\s*['\"]?$")
_OPERATORS = {"==": "$eq", "===": "$eq", "!=": "$ne", "!==": "$ne", ">": "$gt", ">=": "$gte", "<": "$lt", "<=": "$lte"}


def _operators(place: Place, query: ast.Dict) -> Edit | None:
    """`this.a == 'x' && this.b >= 'y'` as `{"a": "x", "b": {"$gte": "y"}}`."""
    index = next(n for n, k in enumerate(query.keys) if isinstance(k, ast.Constant) and k.value == "$where")
    value = query.values[index]
    text = place.names.definition(value) if isinstance(value, ast.Name) else value
    pieces = place.names.pieces(text) if text is not None else None
    if pieces is None:
        return None
    found, before = [], ""
    for piece in pieces:
        if piece.node is None:
            before = re.sub(r"^['\"]?\s*(&&)?\s*", "", piece.text)
            continue
        match = _CONDITION.match(before)
        if match is None:
            return None
        is_text = re.search(r"['\"]$", before)
        code = f"{'str' if is_text else 'float'}({place.source.of(piece.node)})"
        mark = _OPERATORS[match[2]]
        found.append(f'"{match[1]}": {code}' if mark == "$eq" else f'"{match[1]}": {{"{mark}": {code}}}')
        before = ""
    if before.strip("'\" "):
        return None
    draft = place.draft
    start, end = place.source.span(query.keys[index])[0], place.source.span(value)[1]  # type: ignore[arg-type]
    draft.cut(start, end, ", ".join(found))
    if isinstance(value, ast.Name):
        statement = place.names.assignments(value)[0]
        if statement is not None:
            draft.remove(statement)
    return place.done(draft, "query operators instead of a script")


def format_template(place: Place) -> Iterator[Edit | None]:
    """A format string of users: a formatter that reaches no attributes and items."""
    for call in place.called(".format", ".format_map"):
        assert isinstance(call.func, ast.Attribute)
        draft = place.draft
        draft.need("string", exact=True)
        refusal = place.refusal(draft, "attributes are not allowed in a template")
        name = draft.helper("PlainFormatter", PLAIN_FORMATTER.format(refusal=refusal))
        given = [f"{k.arg}={place.source.of(k.value)}" if k.arg else f"**{place.source.of(k.value)}" for k in call.keywords]
        given = [place.source.of(call.func.value), *(place.source.of(a) for a in call.args), *given]
        if call.func.attr == "format_map":
            draft.put(call, f"{name}().vformat({given[0]}, (), {given[1]})")
        else:
            draft.put(call, f"{name}().format({', '.join(given)})")
        yield place.done(draft, "template without attributes")


PLAIN_FORMATTER = '''
class PlainFormatter(string.Formatter):
    """`str.format` without attributes and items."""

    def get_field(self, field_name, args, kwargs):
        if "." in str(field_name) or "[" in str(field_name):
            {refusal}
        return super().get_field(field_name, args, kwargs)
'''
