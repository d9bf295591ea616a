"""Settings that are wrong where they stand: arguments of calls, attributes, constants of a configuration.

Covers: debug modes, cookies, sessions, CSRF, escaping of templates, XML parsers, weak key sizes and
work factors, permissions of files, timeouts, loaders that run code, time limits.
"""

from __future__ import annotations

import ast
import re
import stat
from collections.abc import Iterator

from ncg_ray.repair.flaws.place import Place, is_value
from ncg_ray.repair.source import Edit

HTTP_CALLS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "stream"})
_NETWORK = frozenset({"requests", "httpx", "urllib", "urllib3", "http", "socket", "ftplib", "smtplib", "imaplib", "poplib",
                      "telnetlib"})
TIMEOUT_S = 30
ITERATIONS, BCRYPT_ROUNDS = 600_000, 12
"Work factors that OWASP's Password Storage Cheat Sheet (2023) asks for."
RSA_BITS = 3072
"Of NIST SP 800-57 part 1 for keys that last beyond 2030."


def switched(place: Place) -> Iterator[Edit | None]:
    """Debug modes off, protections on: by the name of the argument or setting."""
    off = ("debug", "DEBUG", "use_debugger", "use_evalex", "reload", "TEMPLATE_DEBUG", "PROPAGATE_EXCEPTIONS",
           "TEMPLATES_DEBUG", "allow_reuse_port", "reuse_port")
    on = ("WTF_CSRF_ENABLED", "WTF_CSRF_CHECK_DEFAULT", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY",
          "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "csrf", "autoescape", "REMEMBER_COOKIE_HTTPONLY",
          "REMEMBER_COOKIE_SECURE", "https_only", "CSRF_COOKIE_HTTPONLY")
    draft = place.draft
    for name, value in _settings(place):
        if name in off and is_value(value, True, 1):
            draft.put(value, "False")
        elif name in on and is_value(value, False, 0, None):
            draft.put(value, "True")
        elif name in ("SESSION_COOKIE_SAMESITE", "samesite", "CSRF_COOKIE_SAMESITE") and not is_value(value, "Strict"):
            draft.put(value, '"Lax"')
        elif name in ("host", "HOST", "bind_host") and is_value(value, "0.0.0.0", "", "::"):
            draft.put(value, '"127.0.0.1"')
        elif name == "X_FRAME_OPTIONS":
            draft.put(value, '"DENY"')
        elif name == "ALLOWED_HOSTS" and isinstance(value, ast.List):
            draft.put(value, '["localhost", "127.0.0.1"]')
    for node in place.nodes:
        if isinstance(node, ast.Constant) and node.value in ("0.0.0.0", "::"):
            draft.put(node, '"127.0.0.1"')
        elif isinstance(node, ast.Constant) and node.value == "" and isinstance(place.source.parents.get(node), ast.Tuple):
            draft.put(node, '"127.0.0.1"')
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and any(
                place.names.qualified(a).endswith("SO_REUSEPORT") for a in node.value.args):
            draft.remove(node)
    yield place.done(draft, "safe setting")


def csrf(place: Place) -> Iterator[Edit | None]:
    """The decorator that exempts a handler goes; settings that switch the protection off are turned round."""
    yield from switched(place)
    draft = place.draft
    function = place.function
    for decorator in (function.decorator_list if function else []):
        if place.names.qualified(decorator).rpartition(".")[2] == "csrf_exempt" or (
                isinstance(decorator, ast.Attribute) and decorator.attr == "exempt"
                and "csrf" in place.source.of(decorator)):
            line = place.source.text.rfind("\n", 0, place.source.span(decorator)[0]) + 1
            end = place.source.text.find("\n", place.source.span(decorator)[1]) + 1
            draft.cut(line, end)
        elif isinstance(decorator, ast.Call):
            for argument in decorator.args:
                if place.names.qualified(argument).rpartition(".")[2] == "csrf_exempt":
                    line = place.source.text.rfind("\n", 0, place.source.span(decorator)[0]) + 1
                    draft.cut(line, place.source.text.find("\n", place.source.span(decorator)[1]) + 1)
    for node in place.nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(
                node.value.func, ast.Attribute) and node.value.func.attr == "exempt" and (
                "csrf" in place.source.of(node.value.func).lower()):
            draft.remove(node)
    for call in place.called("django.views.decorators.csrf.csrf_exempt"):
        if call.args:
            draft.put(call, place.source.of(call.args[0]))
    yield place.done(draft, "CSRF check on")


def cookies(place: Place) -> Iterator[Edit | None]:
    """Cookies with secure, httponly and samesite."""
    draft = place.draft
    calls = [c for c in place.called(".set_cookie", ".set_signed_cookie", ".set_secure_cookie", ".set")
             if "cookie" in place.source.of(c.func).lower()]
    for call in calls:
        given = {k.arg: k.value for k in call.keywords}
        if None in given:
            continue
        for name, good in (("httponly", "True"), ("secure", "True"), ("samesite", '"Lax"')):
            value = given.get(name)
            if value is None or (isinstance(value, ast.Constant) and value.value in (False, None, "None", "none")):
                draft.keyword(call, name, good)
    one = place.done(draft, "guarded cookie")
    single = place.draft
    wanted = {"configuration-cookie-script": ("httponly", "True"), "configuration-cookie-insecure": ("secure", "True"),
              "configuration-cookie-samesite": ("samesite", '"Lax"')}.get(place.finding.rule)
    if wanted:
        for call in calls:
            single.keyword(call, *wanted)
        yield place.done(single, "guarded cookie")
    yield one
    yield from switched(place)
    morsel = place.draft
    for node in place.nodes if place.names.uses("http") else ():
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript) and isinstance(
                node.targets[0].value, ast.Name | ast.Subscript):
            cookie = node.targets[0].value if isinstance(node.targets[0].value, ast.Subscript) else node.targets[0]
            for name, good in (("httponly", "True"), ("secure", "True"), ("samesite", '"Lax"')):
                morsel.after(node, f'{place.source.of(cookie)}["{name}"] = {good}')
    yield place.done(morsel, "guarded cookie")


def timeout(place: Place) -> Iterator[Edit | None]:
    """Calls over the network end after some seconds."""
    draft = place.draft
    for call in place.calls():
        name = place.names.qualified(call.func)
        method = call.func.attr if isinstance(call.func, ast.Attribute) else name.rpartition(".")[2]
        given = {k.arg for k in call.keywords}
        owner = place.source.of(call.func.value) if isinstance(call.func, ast.Attribute) else ""
        is_remote = name.split(".")[0] in _NETWORK or call in place.pointed or (
            re.search(r"(?i)(?<!request\.)(session|client|http)$", owner) and not name.startswith("flask."))
        if "timeout" not in given and is_remote and (method in HTTP_CALLS or method in (
                "urlopen", "create_connection", "FTP", "FTP_TLS", "SMTP", "SMTP_SSL", "Client", "AsyncClient", "IMAP4_SSL",
                "POP3_SSL", "HTTPSConnection", "HTTPConnection", "Telnet")):
            draft.keyword(call, "timeout", str(TIMEOUT_S))
        else:
            for keyword in call.keywords:
                if keyword.arg == "timeout" and is_value(keyword.value, None):
                    draft.put(keyword.value, str(TIMEOUT_S))
    yield place.done(draft, "timeout")
    draft = place.draft
    statement = place.statement
    if isinstance(statement, ast.Assign) and any(place.names.qualified(c.func) == "socket.socket" for c in place.calls()):
        draft.after(statement, f"{place.source.of(statement.targets[0])}.settimeout({TIMEOUT_S})")
    elif isinstance(statement, ast.With):
        for item in statement.items:
            if isinstance(item.optional_vars, ast.Name) and isinstance(
                    item.context_expr, ast.Call) and place.names.qualified(item.context_expr.func) == "socket.socket":
                draft.before(statement.body[0], f"{item.optional_vars.id}.settimeout({TIMEOUT_S})")
    yield place.done(draft, "timeout")


def sizes(place: Place) -> Iterator[Edit | None]:
    """Keys and work factors that are long enough."""
    draft = place.draft
    rule = place.finding.rule
    for call in place.calls():
        name = place.names.qualified(call.func)
        last = name.rpartition(".")[2]
        for n, value in [*enumerate(call.args), *((k.arg, k.value) for k in call.keywords)]:
            number = place.names.constant(value)
            curve = place.names.qualified(value.func if isinstance(value, ast.Call) else value).rpartition(".")[2]
            if curve in ("SECP192R1", "SECP224R1", "SECT163K1", "SECT163R2", "SECT233K1"):
                kind = value.func if isinstance(value, ast.Call) else value
                draft.put(kind, place.source.of(kind).replace(curve, "SECP256R1") if isinstance(kind, ast.Attribute) else
                          draft.need(place.names.qualified(kind).rpartition(".")[0], "SECP256R1"))
            if not isinstance(number, int) or isinstance(number, bool):
                continue
            target = _holder(place, value)
            if rule == "crypto-low-iterations" or "iterations" in str(n):
                if number >= ITERATIONS:
                    continue
                if (n == 3 and last == "pbkdf2_hmac") or n in ("iterations", "count") or (last == "PBKDF2" and n == 3):
                    draft.put(target, f"{ITERATIONS:_}")
                elif n in ("rounds", "prefix_rounds") or (last == "gensalt" and n == 0):
                    draft.put(target, str(BCRYPT_ROUNDS) if number < BCRYPT_ROUNDS else f"{ITERATIONS:_}")
                elif n in ("n", "N") or (last == "scrypt" and n == 3):
                    draft.put(target, "2**15")
                    if name == "hashlib.scrypt":  # OpenSSL's limit is too low for it
                        draft.keyword(call, "maxmem", "2**26")
            elif 512 <= number < 2048 and (n in ("key_size", "bits", "public_key_bits") or (last, n) in (
                    ("generate", 0), ("generate_private_key", 1))):
                draft.put(target, str(RSA_BITS))
    yield place.done(draft, "longer key" if rule != "crypto-low-iterations" else "higher work factor")


def permissions(place: Place) -> Iterator[Edit | None]:
    """Files for their owner alone."""
    draft = place.draft
    for call in place.calls():
        name = place.names.qualified(call.func)
        method = call.func.attr if isinstance(call.func, ast.Attribute) else name
        folder = method in ("mkdir", "makedirs", "mkfifo") or name in ("os.mkdir", "os.makedirs")
        for n, value in [*enumerate(call.args), *((k.arg, k.value) for k in call.keywords)]:
            number = _mode(place, value)
            if method == "umask" and n == 0 and isinstance(value, ast.Constant):
                draft.put(value, "0o077")
            elif number is not None and n in ("mode", 0, 1, 2) and number & 0o077 and (
                    method in ("chmod", "fchmod", "open", "mkdir", "makedirs", "touch", "mkfifo", "lchmod")):
                draft.put(value, _owners(number, folder or _is_folder(place, call)))
    yield place.done(draft, "owner's permissions")


def _owners(number: int, is_folder: bool) -> str:
    """The owner's part of a mode; of one that everybody may write the bits say nothing, and a file needs no `x`."""
    return "0o700" if is_folder else "0o600" if number & 0o002 else f"0o{number & 0o700:03o}"


def _mode(place: Place, value: ast.expr) -> int | None:
    number = place.names.constant(value)
    if isinstance(number, int) and not isinstance(number, bool):
        return number if number > 8 else None
    bits = 0
    for part in ast.walk(value):
        if isinstance(part, ast.Attribute | ast.Name) and re.match(r"S_I[RWX]", name := place.names.qualified(
                part).rpartition(".")[2]):
            bits |= getattr(stat, name, 0)
        elif not isinstance(part, ast.BinOp | ast.BitOr | ast.expr_context) and place.names.qualified(part) != "stat":
            return None
    return bits or None


def _is_folder(place: Place, call: ast.Call) -> bool:
    text = " ".join(place.source.of(a) for a in [call.func, *call.args]).lower()
    return any(word in text for word in ("dir", "folder", "directory"))


def _holder(place: Place, value: ast.expr) -> ast.expr:
    """Where the number itself stands: the constant that a name holds."""
    found = place.names.definition(value) if isinstance(value, ast.Name) else None
    return found if found is not None else value


def _settings(place: Place) -> Iterator[tuple[str, ast.expr]]:
    """(name, value) of arguments, assignments to names, attributes and keys, and of dictionaries, on the lines."""
    for node in place.nodes:
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                yield keyword.arg or "", keyword.value
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value
                elif isinstance(target, ast.Attribute):
                    yield target.attr, node.value
                elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                    yield str(target.slice.value), node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node.value
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant):
                    yield str(key.value), value
