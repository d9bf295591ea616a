"""Values that go through a function on their way into a text, a query or a call: escaping, checking, cutting."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.resolve import Names, Piece, fstring
from ncg_ray.repair.source import Edit

_TEXT_SPEC = re.compile(r"(![rsa])?(:(.?[<>^])?\d*s?)?")
"How a text may be written: not `:,.2f`, not `:%H:%M`."
Wrap = Callable[[Draft, ast.expr, str], str]
"(draft, value, its source) -> the source of the value made safe."
Wanted = Callable[[Piece, str, str], bool]
"(piece, text before it, text behind it) -> whether it is to be wrapped."


def wrapped_texts(place: Place, root: ast.AST, wrap: Wrap, template: str, wanted: Wanted | None = None) -> Edit | None:
    """Wrap the values of every text in a tree, and of those in the variables that it uses."""
    draft = place.draft
    for text, pieces in place.texts(root):
        rewrite_text(place, draft, text, pieces, wrap, wanted)
    return place.done(draft, template)


def rewrite_text(place: Place, draft: Draft, text: ast.expr, pieces: list[Piece], wrap: Wrap,
                 wanted: Wanted | None = None) -> None:
    """Wrap the values of one text where they stand; an f-string is written anew where its parts cannot be."""
    chosen = []
    for n, piece in enumerate(pieces):
        if piece.node is None or not _TEXT_SPEC.fullmatch(piece.spec):
            continue  # a number or a date
        before = pieces[n - 1].text if n else ""
        behind = pieces[n + 1].text if n + 1 < len(pieces) else ""
        if wanted is None or wanted(piece, before, behind):
            chosen.append(piece)
    if not chosen:
        return
    source = place.source
    if isinstance(text, ast.JoinedStr):
        found = _in_fstring(place, draft, text, chosen, wrap)
        if found is not None:
            for change in found:
                draft.cut(*change)
            return
        parts = []
        for piece in pieces:
            if piece.node is not None and piece in chosen:
                new = wrap(draft, piece.node, ast.unparse(piece.node))
                parts.append(Piece(node=ast.parse(new, mode="eval").body, spec=piece.spec))
            else:
                parts.append(piece)
        draft.put(text, fstring_of(parts), atomic=False)
        return
    for piece in chosen:
        assert piece.node is not None
        draft.put(piece.node, wrap(draft, piece.node, source.of(piece.node)))


def _in_fstring(place: Place, draft: Draft, text: ast.JoinedStr, chosen: list[Piece], wrap: Wrap
                ) -> list[tuple[int, int, str]] | None:
    """Changes inside an f-string; None where positions are wrong (as before Python 3.12) or quotes are in the way."""
    source = place.source
    whole = source.of(text)
    changes = []
    for piece in chosen:
        assert piece.node is not None
        try:
            start, end = source.span(piece.node)
            same = ast.dump(ast.parse(source.text[start:end], mode="eval").body) == ast.dump(piece.node)
        except (SyntaxError, ValueError, IndexError, UnicodeDecodeError):
            return None
        first, last = source.span(text)
        if not same or not first < start < end < last:
            return None
        new = wrap(draft, piece.node, source.text[start:end])
        quote = whole.lstrip("fFrRbBuU")[:1]
        added = new.replace(source.text[start:end], "")
        if quote in added:
            new = new.replace(quote, "'" if quote == '"' else '"')
        if "\\" in new or (quote in new and not whole.lstrip("fFrRbBuU").startswith(quote * 3)):
            return None
        changes.append((start, end, new))
    return changes


def fstring_of(parts: list[Piece]) -> str:
    """An f-string of parts that stand nowhere in the module."""
    class _Written:
        text = ""

        def of(self, node: ast.expr) -> str:
            return ast.unparse(node)
    return fstring(parts, _Written())  # type: ignore[arg-type]


def wrapped_value(place: Place, node: ast.expr, wrap: Wrap, template: str) -> Edit | None:
    """Wrap one value where it stands; a constant of the program needs none, and a statement is no value."""
    if isinstance(node, ast.Constant) or isinstance(place.source.parents.get(node), ast.Expr):
        return None
    draft = place.draft
    draft.put(node, wrap(draft, node, place.source.of(node)))
    return place.done(draft, template)


def wrapped_sources(place: Place, node: ast.AST, wrap: Wrap, template: str) -> Edit | None:
    """Wrap what is assigned to the variables of a tree from a request, or from a parameter's field."""
    draft = place.draft
    seen = set()
    for name in [n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]:
        value = place.names.definition(name)
        if value is None or value in seen or not place.is_outside(value) or isinstance(value, ast.JoinedStr):
            continue
        seen.add(value)
        draft.put(value, wrap(draft, value, place.source.of(value)))
    return place.done(draft, template)


def wrapped_anywhere(place: Place, wrap: Wrap, template: str, looks_right: Callable[[list[Piece]], bool],
                     wanted: Wanted | None = None) -> Edit | None:
    """Wrap the values of every text of the module that looks like the dangerous kind."""
    draft = place.draft
    seen: set[ast.AST] = set()
    for node in ast.walk(place.source.tree):
        if not isinstance(node, ast.expr) or any(up in seen for up in _up(place, node)):
            continue
        pieces = place.names.pieces(node)
        if pieces is not None and any(p.node is not None for p in pieces) and looks_right(pieces):
            seen.add(node)
            rewrite_text(place, draft, node, pieces, wrap, wanted)
    return place.done(draft, template)


def _up(place: Place, node: ast.AST) -> Iterator[ast.AST]:
    while (parent := place.source.parents.get(node)) is not None:
        yield parent
        node = parent


def calling(place: Place, module: str, name: str) -> Wrap:
    """A Wrap that calls a function of a module, with `str(...)` inside where the value may be no text."""
    def wrap(draft: Draft, node: ast.expr, code: str) -> str:
        return f"{draft.need(module, name)}({code if place.is_str(node) else f'str({code})'})"
    return wrap


def already(names: Names, node: ast.expr, *functions: str) -> bool:
    """Whether a value is the result of one of these functions (the last part of its name)."""
    return isinstance(node, ast.Call) and names.qualified(node.func).rpartition(".")[2] in functions
