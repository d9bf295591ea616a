"""Addresses that come from outside: requests of the server's own, redirects, hosts that are checked as text.

Source: OWASP's Server-Side Request Forgery Prevention and Unvalidated Redirects cheat sheets.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.flaws.wrapping import already, rewrite_text, wrapped_sources, wrapped_value
from ncg_ray.repair.resolve import Piece, fstring
from ncg_ray.repair.source import Edit

SAFE_URL = '''
def safe_url(url):
    """The address, where it is http(s) and its host has public addresses only."""
    parts = urlsplit(str(url))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        {refusal}
    for *_, address in socket.getaddrinfo(parts.hostname, None):
        if not ipaddress.ip_address(address[0]).is_global:
            {refusal}
    return url
'''
SAFE_URL_TEXT = '''
def safe_url(url):
    """The address, where it is http(s) and its host is no internal one by name or number."""
    parts = urlsplit(str(url))
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in ("http", "https") or "." not in host or host.endswith((".local", ".internal", ".localhost")):
        {refusal}
    if not host.rpartition(".")[2][:1].isalpha() and not ipaddress.ip_address(host).is_global:
        {refusal}
    return url
'''
SAFE_NAME = '''
def safe_name(value):
    """The value, where it is one label of a host name."""
    if not re.fullmatch(r"[A-Za-z0-9-]{{1,63}}", str(value)):
        {refusal}
    return value
'''
SAFE_URL_PATH = '''
def safe_url_path(url, fallback="/"):
    """The address, where it is a path of this site; else the fallback."""
    parts = urlsplit((url or "").replace("\\\\", "/"))
    return url if url and url.startswith("/") and not parts.scheme and not parts.netloc else fallback
'''


def requests(place: Place) -> Iterator[Edit | None]:
    """The host of a request is public, and the values in its path are quoted."""
    for root in [*place.pointed[:1], *([place.function] if place.function else [])]:
        yield _quoted_parts(place, place.texts(root))
    module = [(n, p) for n in ast.walk(place.source.tree) if isinstance(n, ast.expr) and (p := place.names.pieces(n))
              is not None and p and p[0].text.startswith(("http://", "https://")) and any(x.node is not None for x in p)]
    yield _quoted_parts(place, module)

    def resolved(draft: Draft, node: ast.expr, code: str) -> str:
        draft.need("socket", exact=True)
        draft.need("ipaddress", exact=True)
        draft.need("urllib.parse", "urlsplit", exact=True)
        refusal = place.refusal(draft, "this address is not allowed")
        return f"{draft.helper('safe_url', SAFE_URL.format(refusal=refusal))}({code})"

    def read(draft: Draft, node: ast.expr, code: str) -> str:
        draft.need("ipaddress", exact=True)
        draft.need("urllib.parse", "urlsplit", exact=True)
        refusal = place.refusal(draft, "this address is not allowed")
        return f"{draft.helper('safe_url', SAFE_URL_TEXT.format(refusal=refusal))}({code})"
    for wrap in (resolved, read):
        for value in place.pointed:
            yield wrapped_value(place, value, wrap, "check of the address")
        for call in place.calls():
            if call.args and place.is_outside(call.args[0]):
                yield wrapped_value(place, call.args[0], wrap, "check of the address")
        if place.focus is not None:
            yield wrapped_sources(place, place.focus, wrap, "check of the address")


def _quoted_parts(place: Place, texts: list[tuple[ast.expr, list[Piece]]]) -> Edit | None:
    """Values inside an address: one label in the host, quoted behind it."""
    draft = place.draft

    def wrap(draft: Draft, node: ast.expr, code: str) -> str:
        if already(place.names, node, "quote", "quote_plus", "urlencode"):
            return code
        if node in hosts:
            draft.need("re", exact=True)
            refusal = place.refusal(draft, "this host is not allowed")
            return f"{draft.helper('safe_name', SAFE_NAME.format(refusal=refusal))}({code})"
        return f'{draft.need("urllib.parse", "quote")}({code if place.is_str(node) else f"str({code})"}, safe="")'
    for text, pieces in texts:
        if not pieces[0].text.startswith(("http://", "https://")):
            continue
        hosts: set[ast.expr] = set()
        before = ""
        for n, piece in enumerate(pieces):
            if piece.node is not None and "/" not in before.partition("://")[2]:
                behind = pieces[n + 1].text if n + 1 < len(pieces) else ""
                if before[-1:] not in "/.:" or not (before[-1:] in ".:" or behind[:1] == "."):
                    return None  # a whole host, or more of an address than one label
                hosts.add(piece.node)
            before += piece.text
        rewrite_text(place, draft, text, pieces, wrap)
    return place.done(draft, "checked parts of the address")


def redirects(place: Place) -> Iterator[Edit | None]:
    """Only to paths of this site."""
    def wrap(draft: Draft, node: ast.expr, code: str) -> str:
        draft.need("urllib.parse", "urlsplit", exact=True)
        return f"{draft.helper('safe_url_path', SAFE_URL_PATH)}({code})"
    for value in place.pointed:
        yield wrapped_value(place, value, wrap, "redirect inside the site")
    for call in place.calls():
        if call.args:
            yield wrapped_value(place, call.args[0], wrap, "redirect inside the site")
    if place.focus is not None:
        yield wrapped_sources(place, place.focus, wrap, "redirect inside the site")


_HOST = re.compile(r"(?P<scheme>\w+://)?\.?(?P<name>[\w-]+(\.[\w-]+)+)(/.*)?")


def host_text(place: Place) -> Iterator[Edit | None]:
    """A host that is looked for in the text of an address is compared with the address's host name."""
    for node in place.nodes:
        text = host = None
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
            text, host = node.comparators[0], node.left
            negated = isinstance(node.ops[0], ast.NotIn)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in (
                "startswith", "endswith") and node.args:
            text, host, negated = node.func.value, node.args[0], False
        value = place.names.constant(host) if host is not None else None
        match = _HOST.fullmatch(value) if isinstance(value, str) else None
        if text is None or match is None:
            continue
        name, draft, code = match["name"], place.draft, place.source.of(text)
        if re.search(r"(?i)(host(name)?|domain|netloc)$", code):
            own = code
        elif re.search(r"(?i)(ur[il]|link|href|target|next|redirect|origin|referr?er|address|location)\b", code):
            own = f"({draft.need('urllib.parse', 'urlsplit')}({code}).hostname or \"\")"
        else:
            continue  # a list of hosts, a mail address, a path
        new = f'({own} == "{name}" or {own}.endswith(".{name}"))'
        if match["scheme"] and isinstance(node, ast.Call):  # the scheme and the path are checked as before
            new = f'({place.source.of(node)} and {own} == "{name}")'
        draft.put(node, f"not {new}" if negated else new, atomic=not negated)
        yield place.done(draft, "comparison of host names")


def https(place: Place) -> Iterator[Edit | None]:
    """https instead of http."""
    draft = place.draft
    for scope in (place.nodes, list(ast.walk(place.source.tree))):
        for node in scope:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_plain_address(place, node):
                start = place.source.text.find("http://", place.source.span(node)[0])
                draft.cut(start, start + len("http://"), "https://")
            elif isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant) and str(
                    node.values[0].value).startswith("http://"):
                start = place.source.text.find("http://", place.source.span(node)[0])
                draft.cut(start, start + len("http://"), "https://")
        edit = place.done(draft, "https")
        if edit is not None:
            yield edit
            draft = place.draft


def _is_plain_address(place: Place, node: ast.Constant) -> bool:
    """Whether a text is an address of a server elsewhere: no prefix that is looked for, no name of an XML vocabulary."""
    parent = place.source.parents.get(node)
    looked_for = isinstance(parent, ast.Compare) or (isinstance(parent, ast.Call) and isinstance(
        parent.func, ast.Attribute) and parent.func.attr in ("startswith", "replace", "removeprefix", "split", "partition"))
    return not looked_for and not isinstance(parent, ast.JoinedStr | ast.Expr) and bool(re.match(
        r"http://(?!localhost|127\.|\[::1\]|(www\.)?w3\.org|schemas?\.|purl\.org|xmlns|\S*/(ns|xmlns|schema)\b)\S",
        str(node.value)))


def protocols(place: Place) -> Iterator[Edit | None]:
    """The TLS variant of a protocol."""
    tls = {"ftplib.FTP": "FTP_TLS", "imaplib.IMAP4": "IMAP4_SSL", "poplib.POP3": "POP3_SSL",
           "http.client.HTTPConnection": "HTTPSConnection", "nntplib.NNTP": "NNTP_SSL"}
    draft = place.draft
    for call in place.calls(anywhere=True):
        name = place.names.qualified(call.func)
        if name in tls and name != "ftplib.FTP" and (len(call.args) > 1 or any(k.arg == "port" for k in call.keywords)):
            continue  # a port where the plain protocol is spoken
        if name in tls:
            module, _, _ = name.rpartition(".")
            draft.put(call.func, f"{place.source.of(call.func).rpartition('.')[0]}.{tls[name]}" if isinstance(
                call.func, ast.Attribute) else draft.need(module, tls[name]))
            if name == "ftplib.FTP":
                for login in _methods(place, call, "login"):
                    statement = place.source.statement_of(login)
                    if statement is not None and isinstance(login.func, ast.Attribute):
                        draft.after(statement, f"{place.source.of(login.func.value)}.prot_p()")
        elif name == "smtplib.SMTP" and ".starttls(" not in place.source.text:
            uses = sorted(_methods(place, call, "login", "send_message", "sendmail"), key=lambda c: c.lineno)
            for use in uses[:1]:
                statement = place.source.statement_of(use)
                if statement is not None and isinstance(use.func, ast.Attribute):
                    draft.before(statement, f"{place.source.of(use.func.value)}.starttls("
                                            f"context={draft.need('ssl')}.create_default_context())")
    yield place.done(draft, "protocol over TLS")
    yield from https(place)


def _methods(place: Place, call: ast.Call, *names: str) -> list[ast.Call]:
    """The calls of these methods on what a call made, by the name that it has."""
    holder = place.source.parents.get(call)
    name = (holder.optional_vars if isinstance(holder, ast.withitem) else
            holder.targets[0] if isinstance(holder, ast.Assign) else None)
    return [c for c in place.calls(anywhere=True) if name is not None and isinstance(c.func, ast.Attribute)
            and c.func.attr in names and place.source.of(c.func.value) == place.source.of(name)]


def secret_in_url(place: Place) -> Iterator[Edit | None]:
    """`get(f".../login?user={u}&password={p}")`: the values go into the body of a POST."""
    function = place.function
    for call in [c for c in ast.walk(function or place.source.tree) if isinstance(c, ast.Call)]:
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if method not in ("get", "post") or not call.args:
            continue
        node = call.args[0]
        value = place.names.definition(node) if isinstance(node, ast.Name) else node
        pieces = place.names.pieces(value) if value is not None else None
        draft = place.draft
        given = next((k for k in call.keywords if k.arg == "params"), None)
        if pieces is not None and value is not None and any("?" in p.text for p in pieces):
            yield _body_of(place, draft, call, value, pieces, method)
        elif given is not None and method == "get":
            end = place.source.span(call.func)[1]
            draft.cut(end - len("get"), end, "post")
            start = place.source.offset(given.lineno, given.col_offset)
            draft.cut(start, start + len("params"), "data")
            yield place.done(draft, "secret in the body")


def _body_of(place: Place, draft: Draft, call: ast.Call, value: ast.expr, pieces: list[Piece], method: str) -> Edit | None:
    head: list[Piece] = []
    fields: list[tuple[str, str]] = []
    key, in_query = "", False
    for piece in pieces:
        if piece.node is not None:
            if in_query:
                fields.append((key, place.source.of(piece.node)))
            else:
                head.append(piece)
            continue
        text = piece.text
        if not in_query and "?" in text:
            before, _, text = text.partition("?")
            head.append(Piece(before))
            in_query = True
        elif not in_query:
            head.append(piece)
            continue
        for part in text.split("&"):
            name, equals, constant = part.partition("=")
            if equals and constant:
                fields.append((name, f'"{constant}"'))
            elif equals:
                key = name
    if not fields or any(k.arg in ("data", "json") for k in call.keywords):
        return None
    draft.put(value, fstring([p for p in head if p.node is not None or p.text], place.source))
    if method == "get":
        end = place.source.span(call.func)[1]
        draft.cut(end - len("get"), end, "post")
    at = place.source.span(call.args[0])[1]
    body = ", ".join(f'"{name}": {code}' for name, code in fields)
    draft.cut(at, at, f", data={{{body}}}")
    return place.done(draft, "secret in the body")
