"""HTML and templates: values are escaped, templates constant, engines escape or sit in a sandbox.

A text that is HTML already is left alone.
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

_TAG = re.compile(r"<[a-zA-Z/!]")


_ESCAPES = ("escape", "quote", "conditional_escape", "format_html", "escape_filter_chars", "Markup", "url_for", "len", "int")


def html(place: Place) -> Iterator[Edit | None]:
    """Values in HTML through `html.escape`."""
    def wrap(draft: Draft, node: ast.expr, code: str) -> str:
        return f"{draft.need('html')}.escape({code if place.is_str(node) else f'str({code})'})"

    def wanted(piece: Piece, *_: str) -> bool:
        return piece.node is not None and not _is_html(place, piece.node)

    scope = place.function or place.source.tree
    if any(_is_code(pieces, n) for _, pieces in place.texts(scope) for n, p in enumerate(pieces) if wanted(p)):
        return  # in a script, or as an address, an escaped value still does harm
    for call in place.called(
        "django.utils.safestring.mark_safe",
        "django.utils.html.mark_safe",
        "django.utils.safestring.SafeString",
        "markupsafe.Markup",
        "flask.Markup",
        "markupsafe.Markup.format",
    ):
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


def _is_code(pieces: list[Piece], n: int) -> bool:
    """Whether a value of a text is part of a script or style, or an address of its own."""
    before = "".join(p.text for p in pieces[:n])
    return bool(re.search(r"(?is)<(script|style)\b(?!.*</(script|style))|\son\w+\s*=\s*(\"[^\"]*|'[^']*|[^\s>\"']*)$"
                          r"|\s(href|src|action|formaction)\s*=\s*[\"']?\s*$", before))


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
    template = "".join(
        p.text.replace("{", "{{").replace("}", "}}") if p.node is None else "{" + p.spec + "}" for p in pieces
    )
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
        by_hand = True
        while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "replace":
            texts = [str(place.names.constant(a) or "") for a in inner.args[:2]]
            by_hand &= bool(texts) and bool(re.search(r"[<>&\"']|script", texts[0])) and "<" not in texts[-1]
            inner = inner.func.value
        if not by_hand:
            continue  # it does something else too
        if inner is chain and chain.args:
            inner = chain.args[-1]
        draft = place.draft
        draft.put(chain, f"{draft.need('html')}.escape({place.source.of(inner)})")
        yield place.done(draft, "escaped HTML")
    yield from html(place)


def template(place: Place) -> Iterator[Edit | None]:
    """Values as variables of a constant template; a template that users write goes into a sandbox."""
    for call in place.called("flask.render_template_string", "jinja2.Template", ".from_string"):
        if not call.args:
            continue
        node = call.args[0]
        value = place.names.definition(node) if isinstance(node, ast.Name) else node
        pieces = place.names.pieces(value) if value is not None else None
        if pieces is None or not any(p.node is not None for p in pieces) or not any(p.text for p in pieces):
            continue
        fixed = ["".join(p.text for p in pieces[:n]) for n, p in enumerate(pieces) if p.node is not None]
        if any(t.count("{{") != t.count("}}") or t.count("{%") != t.count("%}") for t in fixed):
            continue  # a value in an expression of the template
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
        draft.put(value, literal(text))
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
        rest = ", ".join(
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
                changed = re.sub(
                    r"\{%-?\s*(end)?autoescape(\s+(false|off))?\s*-?%\}", "", re.sub(r"\s*\|\s*safe\b", "", text)
                )
                draft.put(node, changed)
    yield place.done(draft, "escaping kept on")


def xml_text(place: Place) -> Iterator[Edit | None]:
    """Values in XML through `xml.sax.saxutils.escape`."""
    wrap = calling(place, "xml.sax.saxutils", "escape")
    root = place.focus or place.statement
    if root is not None:
        yield wrapped_texts(
            place, root, wrap, "escaped XML", lambda p, *_: p.node is not None and not _is_html(place, p.node)
        )
    yield wrapped_anywhere(place, wrap, "escaped XML", lambda pieces: any(_TAG.search(p.text) for p in pieces),
                           lambda p, *_: p.node is not None and not _is_html(place, p.node))
