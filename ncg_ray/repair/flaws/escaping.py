"""Values that become part of another language: HTML, templates, LDAP, XPath, XML, headers, logs, CSV, patterns, MongoDB.

Each value is escaped where it enters the text; a text that is HTML already is left alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.flaws.wrapping import (
    Wrap,
    already,
    wrapped_anywhere,
    wrapped_sources,
    wrapped_texts,
    wrapped_value,
)
from ncg_ray.repair.resolve import Piece
from ncg_ray.repair.source import Edit

_TAG = re.compile(r"<[a-zA-Z/!]")
_ESCAPES = ("escape", "quote", "conditional_escape", "format_html", "escape_filter_chars", "Markup", "url_for", "len", "int")


def html(place: Place) -> Iterator[Edit | None]:
    """Values in HTML through `html.escape`."""
    def wrap(draft: Draft, node: ast.expr, code: str) -> str:
        return f"{draft.need('html')}.escape({code if place.is_str(node) else f'str({code})'})"

    def wanted(piece: Piece, *_: str) -> bool:
        return piece.node is not None and not _is_html(place, piece.node)
    for call in place.called("django.utils.safestring.mark_safe", "django.utils.html.mark_safe", "django.utils.safestring.SafeString",
                             "markupsafe.Markup", "flask.Markup", "markupsafe.Markup.format"):
        yield _format_html(place, call)
    root = place.focus or place.statement
    if root is not None:
        yield wrapped_texts(place, root, wrap, "escaped HTML", wanted)
    if place.function is not None:
        yield wrapped_texts(place, place.function, wrap, "escaped HTML", lambda p, a, b: wanted(p) and _in_markup(place, p))
    yield wrapped_anywhere(place, wrap, "escaped HTML", lambda pieces: any(_TAG.search(p.text) for p in pieces), wanted)
    if place.focus is not None:
        yield wrapped_sources(place, place.focus, wrap, "escaped HTML")
        if not place.texts(place.focus):
            for value in place.pointed:
                yield wrapped_value(place, value, wrap, "escaped HTML")


def _in_markup(place: Place, piece: Piece) -> bool:
    """Whether the text around a value has a tag."""
    node: ast.AST | None = piece.node
    while node is not None and not isinstance(node, ast.stmt):
        if isinstance(node, ast.expr) and any(isinstance(n, ast.Constant) and isinstance(n.value, str) and _TAG.search(
                n.value) for n in ast.walk(node)):
            return True
        node = place.source.parents.get(node)
    return False


def _is_html(place: Place, node: ast.expr, depth: int = 3) -> bool:
    """Whether a value is markup of the program's own, or escaped."""
    if already(place.names, node, *_ESCAPES):
        return True
    if isinstance(node, ast.Constant) or (isinstance(node, ast.Attribute) and node.attr in ("pk", "id")):
        return True
    if any(isinstance(n, ast.Constant) and isinstance(n.value, str) and _TAG.search(n.value) for n in ast.walk(node)):
        return True
    if isinstance(node, ast.Name) and depth:
        values = [getattr(s, "value", None) for s in place.names.assignments(node)]
        return any(isinstance(v, ast.expr) and _is_html(place, v, depth - 1) for v in values)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and depth:
        for function in place.source.functions():
            if function.name == node.func.id:
                return any(isinstance(n, ast.Return) and n.value is not None and _is_html(place, n.value, depth - 1)
                           for n in ast.walk(function))
    return False


def _format_html(place: Place, call: ast.Call) -> Edit | None:
    """`mark_safe(text)` and `Markup(text)` of a text with values: `format_html(template, values)`."""
    if not call.args:
        return None
    node = call.args[0]
    value = place.names.definition(node) if isinstance(node, ast.Name) else node
    pieces = place.names.pieces(value, follow=True) if value is not None else None
    draft = place.draft
    is_django = place.names.uses("django")
    if pieces is None:
        if not is_django:
            draft.put(call, f"{draft.need('markupsafe', 'escape')}({place.source.of(node)})")
        else:
            draft.put(call, f"{draft.need('django.utils.html', 'escape')}({place.source.of(node)})")
        return place.done(draft, "escaped HTML")
    template = "".join(p.text.replace("{", "{{").replace("}", "}}") if p.node is None else "{" + p.spec + "}" for p in pieces)
    values = ", ".join(place.source.of(p.node) for p in pieces if p.node is not None)
    quoted = repr(template)
    if not values:
        return None
    if is_django:
        draft.put(call, f"{draft.need('django.utils.html', 'format_html')}({quoted}, {values})")
    else:
        draft.put(call, f"{place.source.of(call.func)}({quoted}).format({values})")
    if isinstance(node, ast.Name):
        uses = [n for n in ast.walk(place.source.tree) if isinstance(n, ast.Name) and n.id == node.id
                and isinstance(n.ctx, ast.Load)]
        statement = place.names.assignments(node)[0]
        if len(uses) == 1 and statement is not None:
            draft.remove(statement)
    return place.done(draft, "escaped HTML")


def own_escape(place: Place) -> Iterator[Edit | None]:
    """Replacing some tags by hand: `html.escape` of the whole value."""
    chains = [n for n in place.nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
              and n.func.attr in ("replace", "sub")]
    for chain in reversed(chains):
        inner: ast.expr = chain
        while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "replace":
            inner = inner.func.value
        if inner is chain and chain.args:
            inner = chain.args[-1]
        draft = place.draft
        draft.put(chain, f"{draft.need('html')}.escape({place.source.of(inner)})")
        yield place.done(draft, "escaped HTML")
    yield from html(place)


def template(place: Place) -> Iterator[Edit | None]:
    """Values as variables of a constant template; a template that users write goes into a sandbox."""
    for call in place.called("flask.render_template_string", "jinja2.Template", "string.Template", ".from_string"):
        if not call.args:
            continue
        node = call.args[0]
        value = place.names.definition(node) if isinstance(node, ast.Name) else node
        pieces = place.names.pieces(value) if value is not None else None
        if pieces is None or not any(p.node is not None for p in pieces) or not any(p.text for p in pieces):
            continue
        draft, given, text = place.draft, [], ""
        target = call
        if place.names.qualified(call.func) != "flask.render_template_string":
            outer = place.source.parents.get(call)
            whole = place.source.parents.get(outer) if isinstance(outer, ast.Attribute) else None
            if not isinstance(whole, ast.Call) or not isinstance(outer, ast.Attribute) or outer.attr != "render":
                continue
            target = whole
        for n, piece in enumerate(pieces):
            if piece.node is None:
                text += piece.text
                continue
            name = piece.node.id if isinstance(piece.node, ast.Name) else f"value{n}"
            text += "{{ " + name + " }}"
            given.append(f"{name}={place.source.of(piece.node)}")
        assert value is not None
        draft.put(value, repr(text) if '"' in text else f'"{text}"')
        end = place.source.span(target)[1]
        given = list(dict.fromkeys(given))
        draft.cut(end - 1, end - 1, (", " if target.args or target.keywords else "") + ", ".join(given))
        yield place.done(draft, "constant template")
    for call in place.called("jinja2.Environment", "jinja2.Template", anywhere=True):
        draft = place.draft
        sandbox = draft.need("jinja2.sandbox", "SandboxedEnvironment")
        if place.names.qualified(call.func) == "jinja2.Environment":
            draft.put(call.func, sandbox)
        else:
            rest = ", ".join(place.source.of(a) for a in call.args[:1])
            draft.put(call, f"{sandbox}(autoescape=True).from_string({rest})")
        yield place.done(draft, "sandboxed template")
    for call in place.called("flask.render_template_string"):
        draft = place.draft
        sandbox = draft.need("jinja2.sandbox", "SandboxedEnvironment")
        rest = ", ".join(place.source.of(a) for a in call.args[1:]) + ", ".join(
            f"{k.arg}={place.source.of(k.value)}" if k.arg else f"**{place.source.of(k.value)}" for k in call.keywords)
        draft.put(call, f"{sandbox}(autoescape=True).from_string({place.source.of(call.args[0])}).render({rest})")
        yield place.done(draft, "sandboxed template")


def autoescape(place: Place) -> Iterator[Edit | None]:
    """Templates that escape what they are given."""
    draft = place.draft
    for call in place.called("jinja2.Environment", "jinja2.Template", "jinja2.sandbox.SandboxedEnvironment", ".Environment"):
        draft.keyword(call, "autoescape", "True")
    yield place.done(draft, "autoescape on")
    draft = place.draft
    for node in ast.walk(place.source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and place.touches(node):
            new = re.sub(r"\s*\|\s*safe\b", "", node.value)
            new = re.sub(r"\{%-?\s*(end)?autoescape(\s+(false|off))?\s*-?%\}", "", new)
            if new != node.value and not isinstance(place.source.parents.get(node), ast.JoinedStr):
                text = place.source.of(node)
                changed = re.sub(r"\{%-?\s*(end)?autoescape(\s+(false|off))?\s*-?%\}", "", re.sub(r"\s*\|\s*safe\b", "", text))
                draft.put(node, changed)
    yield place.done(draft, "escaping kept on")


def ldap(place: Place) -> Iterator[Edit | None]:
    """Values in LDAP filters and names through the library's own escape."""
    if place.names.uses("ldap3"):
        filters, names = ("ldap3.utils.conv", "escape_filter_chars"), ("ldap3.utils.dn", "escape_rdn")
    else:
        filters, names = ("ldap.filter", "escape_filter_chars"), ("ldap.dn", "escape_dn_chars")
    root = place.focus or place.function
    if root is None:
        return
    yield wrapped_texts(place, root, _calls(*filters), "escaped LDAP value", lambda piece, before, behind:
                        not re.search(r"(?i)(^|,)\s*(uid|cn|ou|dc)=$", before))
    for function in (names, filters):
        yield wrapped_texts(place, root, _calls(*function), "escaped LDAP value")
        yield wrapped_anywhere(place, _calls(*function), "escaped LDAP value",
                               lambda pieces: any(re.search(r"\(?\w+=", p.text) for p in pieces))


def _calls(module: str, name: str) -> Wrap:
    def wrap(draft: Draft, node: ast.expr, code: str) -> str:
        return f"{draft.need(module, name)}({code})"
    return wrap


def xpath(place: Place) -> Iterator[Edit | None]:
    """Values of XPath as variables; where the library has none, refused when they hold a quotation mark."""
    for call in [c for c in place.calls() if isinstance(c.func, ast.Attribute) and c.func.attr == "xpath" and c.args]:
        node = call.args[0]
        value = place.names.definition(node) if isinstance(node, ast.Name) else node
        pieces = place.names.pieces(value) if value is not None else None
        if pieces is None or value is None:
            continue
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
        draft.put(value, f'"{text}"' if '"' not in text else repr(text))
        at = place.source.span(call)[1] - 1
        draft.cut(at, at, ", " + ", ".join(dict.fromkeys(given)))
        yield place.done(draft, "XPath variable")

    def check(draft: Draft, node: ast.expr, code: str) -> str:
        return f"{draft.helper('quote_xpath', QUOTE_XPATH.format(refusal=place.refusal(draft, 'quotation marks are not allowed')))}({code})"
    root = place.focus or place.function
    if root is not None:
        yield wrapped_texts(place, root, check, "checked XPath value")


QUOTE_XPATH = '''
def quote_xpath(value):
    """The value, where it cannot end the literal that it stands in."""
    if "'" in value or '"' in value:
        {refusal}
    return value
'''


def xml_text(place: Place) -> Iterator[Edit | None]:
    """Values in XML through `xml.sax.saxutils.escape`."""
    wrap = _text_of(place, "xml.sax.saxutils", "escape")
    root = place.focus or place.statement
    if root is not None:
        yield wrapped_texts(place, root, wrap, "escaped XML", lambda p, *_: p.node is not None and not _is_html(place, p.node))
    yield wrapped_anywhere(place, wrap, "escaped XML", lambda pieces: any(_TAG.search(p.text) for p in pieces),
                           lambda p, *_: p.node is not None and not _is_html(place, p.node))


def _text_of(place: Place, module: str, name: str) -> Wrap:
    def wrap(draft: Draft, node: ast.expr, code: str) -> str:
        return f"{draft.need(module, name)}({code if place.is_str(node) else f'str({code})'})"
    return wrap


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


def backtracking(place: Place) -> Iterator[Edit | None]:
    """Repeated groups that repeat are made possessive, which Python 3.11 and later never go back into."""
    for node in place.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"[+*}]\)|\)[+*{]", node.value):
            text = place.source.of(node)
            for new in (re.sub(r"\)([+*])(?![+?])", r")\1+", text),
                        re.sub(r"(?<!\\)([+*])\)([+*])", r"\1)", text)):
                try:
                    re.compile(ast.literal_eval(new))
                except (re.error, ValueError, SyntaxError):
                    continue
                draft = place.draft
                draft.put(node, new)
                yield place.done(draft, "pattern without backtracking")


def mongo(place: Place) -> Iterator[Edit | None]:
    """Values of a MongoDB query as plain text; scripts as ordinary operators."""
    for call in [c for c in place.calls() if any(isinstance(a, ast.Dict) for a in c.args)]:
        query = next(a for a in call.args if isinstance(a, ast.Dict))
        if any(isinstance(k, ast.Constant) and k.value == "$where" for k in query.keys):
            yield _operators(place, query)
            continue
        draft = place.draft
        for value in [v for inner in ast.walk(query) if isinstance(inner, ast.Dict) for v in inner.values]:
            if not isinstance(value, ast.Constant | ast.Dict | ast.List) and place.is_outside(value) and not already(
                    place.names, value, "str", "int", "float", "bool", "ObjectId"):
                draft.put(value, f"str({place.source.of(value)})")
        yield place.done(draft, "plain value in the query")

    def wrap(draft: Draft, node: ast.expr, code: str) -> str:
        return f"str({code})"
    if place.focus is not None:
        yield wrapped_sources(place, place.focus, wrap, "plain value in the query")
        for value in place.pointed:
            yield wrapped_value(place, value, wrap, "plain value in the query")


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
        code = f"str({place.source.of(piece.node)})"
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
    """A format string of users: `string.Template`, which reaches no attributes."""
    for call in place.called(".format", ".format_map"):
        assert isinstance(call.func, ast.Attribute)
        draft = place.draft
        module = draft.need("string", "Template")
        given = [f"{k.arg}={place.source.of(k.value)}" if k.arg else f"**{place.source.of(k.value)}" for k in call.keywords]
        given = [*(place.source.of(a) for a in call.args), *given]
        draft.put(call, f"{module}({place.source.of(call.func.value)}).safe_substitute({', '.join(given)})")
        yield place.done(draft, "template without attributes")
