"""Secrets in the source, in logs and in answers: read from the environment, left out of messages.

The name of the environment variable is made from the name that the secret has in the code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.source import Edit

_SECRET = re.compile(r"(?i)(pass(word|wd|phrase|code)?|pwd|secret|token|api_?key|private_?key|access_?key|credential|cvv|cvc"
                     r"|card(_?number)?|ssn|pin|auth_header|session_id|hash|salt|security)s?$|password|secret|api_?key"
                     r"|token|card_?num|cvv|social_sec")


def hardcoded(place: Place) -> Iterator[Edit | None]:
    """`os.environ[NAME]` where the literal stands."""
    yield _from_environment(place, once=False)
    yield _from_environment(place, once=True)


def _from_environment(place: Place, once: bool) -> Edit | None:
    """`once`: the same literal elsewhere in the module is replaced too."""
    draft = place.draft
    found = list(dict.fromkeys(_literals(place)))
    values = {node.value for node, _ in found}
    names = {node.value: name for node, name in found}
    nodes = [node for node, _ in found]
    if once:
        nodes = [n for n in ast.walk(place.source.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str | bytes)
                 and n.value in values and (n in nodes or _may_be_same(place, n))]
    for node in nodes:
        parent = place.source.parents.get(node)
        if isinstance(parent, ast.JoinedStr | ast.FormattedValue):
            continue
        code = f'{draft.need("os")}.environ["{names[node.value]}"]'
        draft.put(node, code + (".encode()" if isinstance(node.value, bytes) else ""))
    return place.done(draft, "secret from the environment")


def _may_be_same(place: Place, node: ast.Constant) -> bool:
    """Whether an equal literal elsewhere is the secret too: not a word such as `admin`, a key or a docstring."""
    parent = place.source.parents.get(node)
    return len(str(node.value)) > 7 and not isinstance(parent, ast.Subscript | ast.Expr) and not (
        isinstance(parent, ast.Dict) and node in parent.keys)


def _literals(place: Place) -> Iterator[tuple[ast.Constant, str]]:
    """The literals of a finding that are secrets, each with a name for the environment."""
    tree = place.nodes
    for node in tree:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                name = _name_of(place, target)
                for constant in _texts(node.value):
                    if name and (_SECRET.search(name) or place.finding.line == node.lineno == (node.end_lineno or 0)):
                        yield constant, name
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            for constant in _texts(node.value):
                yield constant, _name_of(place, node.target)
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                for constant in _texts(keyword.value):
                    if keyword.arg and _SECRET.search(keyword.arg):
                        yield constant, _name_of(place, ast.Name(keyword.arg))
                if isinstance(keyword.value, ast.Name) and keyword.arg and _SECRET.search(keyword.arg):
                    value = place.names.definition(keyword.value)
                    for constant in _texts(value) if value is not None else ():
                        yield constant, keyword.value.id.upper()
            yield from _positional(place, node)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and _SECRET.search(str(key.value)):
                    for constant in _texts(value):
                        yield constant, _name_of(place, ast.Name(str(key.value)))
        elif isinstance(node, ast.Compare):
            for one, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
                others = [n for n in tree if isinstance(n, ast.Compare) and n is not node]
                if isinstance(one, ast.Constant) and isinstance(one.value, str | bytes) and (
                        not others or _SECRET.search(_name_of(place, other))):
                    yield one, _name_of(place, other) or "EXPECTED_SECRET"
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            defaults = [*zip(node.args.args[::-1], node.args.defaults[::-1], strict=False),
                        *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
            for arg, default in defaults:
                if isinstance(default, ast.Constant) and isinstance(default.value, str) and _SECRET.search(arg.arg):
                    yield default, arg.arg.upper()


def _positional(place: Place, call: ast.Call) -> Iterator[tuple[ast.Constant, str]]:
    """`login(user, "secret")`, `jwt.encode(claims, "key")`, `Fernet(b"key")`."""
    name = place.names.qualified(call.func)
    last = name.rpartition(".")[2] or (call.func.attr if isinstance(call.func, ast.Attribute) else "")
    index = {"login": 1, "encode": 1, "decode": 1, "Fernet": 0, "new": 0, "AESGCM": 0, "AES": 0, "HTTPBasicAuth": 1,
             "connect": 2, "URLSafeTimedSerializer": 0, "URLSafeSerializer": 0, "TimestampSigner": 0, "Signer": 0,
             "ChaCha20Poly1305": 0, "authenticate": 1, "compare_digest": 1, "initialize": 0, "setdefault": 1,
             "simple_bind_s": 1, "auth": 1, "create_engine": 0, "from_url": 0, "MongoClient": 0}.get(last)
    words = {"encode": "JWT_KEY", "decode": "JWT_KEY", "Fernet": "FERNET_KEY", "login": "LOGIN_PASSWORD",
             "create_engine": "DATABASE_URL", "MongoClient": "DATABASE_URL"}
    for n, value in enumerate(call.args):
        target = place.names.definition(value) if isinstance(value, ast.Name) else value
        for constant in _texts(target) if target is not None else ():
            if n == index and not re.fullmatch(r"(?i)utf-?8|ascii|latin-?1", str(constant.value)):
                name = value.id if isinstance(value, ast.Name) else words.get(last, f"{last}_SECRET")
                yield constant, name.upper()
        if isinstance(value, ast.Tuple) and len(value.elts) == 2 and isinstance(value.elts[1], ast.Constant) and isinstance(
                value.elts[1].value, str):
            yield value.elts[1], "AUTH_PASSWORD"
    for keyword in call.keywords:
        if (
            keyword.arg == "auth"
            and isinstance(keyword.value, ast.Tuple)
            and isinstance(keyword.value.elts[-1], ast.Constant)
        ):
            yield keyword.value.elts[-1], "AUTH_PASSWORD"
    for keyword in call.keywords:
        if keyword.arg == "headers" and isinstance(keyword.value, ast.Dict):
            for value in keyword.value.values:
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and len(value.value) > 12:
                    yield value, "AUTHORIZATION"


def _texts(node: ast.expr) -> list[ast.Constant]:
    """The literal that a value is, or is made from by a method or a function of one argument."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and node.value:
        return [node]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Constant):
        return _texts(node.func.value)
    if isinstance(node, ast.Call) and len(node.args) >= 1 and isinstance(node.args[-1], ast.Constant):
        return _texts(node.args[-1])
    return []


def _name_of(place: Place, target: ast.AST) -> str:
    if isinstance(target, ast.Name):
        name = target.id
    elif isinstance(target, ast.Attribute):
        name = target.attr
    elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        name = str(target.slice.value)
    else:
        return ""
    return re.sub(r"\W+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).strip("_").upper()


def logged(place: Place) -> Iterator[Edit | None]:
    """Secrets leave the arguments of a log call and its format."""
    for call in place.calls():
        draft = place.draft
        if _without_secrets(place, draft, call):
            yield place.done(draft, "secret left out of the message")
    draft = place.draft
    for call in place.calls():
        for argument in call.args:
            for name in [n for n in ast.walk(argument) if isinstance(n, ast.Name | ast.Attribute | ast.Subscript)
                         and _is_secret(place, n)]:
                draft.put(name, '"***"')
    yield place.done(draft, "secret masked in the message")
    statement = place.statement
    if isinstance(statement, ast.Expr):
        draft = place.draft
        draft.remove(statement)
        yield place.done(draft, "message with a secret taken out")


_MAKES_ACCOUNT = re.compile(r"(?i)regist|sign_?up|creat|add|save|set_|store|new|insert|update|change|reset")


def _reads_passwords(place: Place) -> bool:
    """Whether a password is compared as it stands, or given back: its hash would not do there."""
    for node in ast.walk(place.source.tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            if re.search(r"(?i)passw|pwd", place.source.of(node)) and not isinstance(node.comparators[0], ast.Constant):
                return True
        elif isinstance(node, ast.FunctionDef) and re.search(r"(?i)^_?(get|load|read|retrieve|fetch|show)", node.name):
            return True
    return False


def _is_secret(place: Place, node: ast.AST, depth: int = 2) -> bool:
    name = _name_of(place, node)
    if isinstance(node, ast.Name) and depth:
        value = place.names.definition(node)
        if isinstance(value, ast.Dict | ast.JoinedStr | ast.BinOp | ast.Call | ast.Attribute) and any(
                _is_secret(place, n, depth - 1) for n in ast.walk(value) if isinstance(n, ast.Name | ast.Attribute)):
            return True
    return bool(name and _SECRET.search(name)) and not (isinstance(node, ast.Name) and node.id in place.names.imported)


def _without_secrets(place: Place, draft: Draft, call: ast.Call) -> bool:
    """`log("user=%r password=%r", user, password)` without the second; f-strings likewise. Whether anything was done."""
    if not call.args:
        return False
    template = call.args[0]
    dropped = [a for a in call.args[1:] if any(_is_secret(place, n) for n in ast.walk(a))]
    if dropped and isinstance(template, ast.Constant) and isinstance(template.value, str):
        text = place.source.of(template)
        marks = list(re.finditer(r"%[-#0 +]*\d*(?:\.\d+)?[sdrfxi]", text))
        if len(marks) != len(call.args) - 1:
            return False
        for mark, argument in reversed(list(zip(marks, call.args[1:], strict=True))):
            if argument in dropped:
                before = re.sub(r"([,;]?\s+|^)\w+\s*[=:]?\s*$", "", text[1 : mark.start()])
                text = text[0] + before + text[mark.end():]
        draft.put(template, text)
        kept = [place.source.of(a) for a in call.args[1:] if a not in dropped]
        start, end = place.source.span(template)[1], place.source.span(call.args[-1])[1]
        draft.cut(start, end, "".join(f", {k}" for k in kept))
        return True
    if isinstance(template, ast.JoinedStr):
        text = place.source.of(template)
        for part in template.values:
            if isinstance(part, ast.FormattedValue) and any(_is_secret(place, n) for n in ast.walk(part.value)):
                code = re.escape(ast.unparse(part.value)).replace('"', "['\"]").replace("'", "['\"]")
                text = re.sub(rf"[\w ]*[=:]?\s*\{{\s*{code}[^}}]*\}}", "***", text)
        if text != place.source.of(template):
            draft.put(template, text)
            return True
    return False


def answered(place: Place) -> Iterator[Edit | None]:
    """Secrets, and the environment, leave what is sent to the client."""
    draft = place.draft
    for node in place.nodes:
        if isinstance(node, ast.Dict):
            for n, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
                if key is not None and (_exposes(place, value) or (isinstance(key, ast.Constant) and _SECRET.search(str(
                        key.value)))):
                    _drop_item(place, draft, node, n)
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg and (_exposes(place, keyword.value) or _SECRET.search(keyword.arg)):
                    _drop_keyword(place, draft, keyword)
    yield place.done(draft, "secret left out of the answer")
    draft = place.draft
    for node in place.nodes:
        if isinstance(node, ast.expr) and _exposes(place, node) and not isinstance(node, ast.Dict) and isinstance(
                place.source.parents.get(node), ast.Call | ast.Return):
            draft.put(node, '{"status": "ok"}')
            break
    yield place.done(draft, "secret left out of the answer")


def _exposes(place: Place, node: ast.expr) -> bool:
    """Whether a value is the whole environment, or has the name of a secret."""
    for inner in ast.walk(node):
        if place.names.qualified(inner) in ("os.environ", "settings.__dict__"):
            return True
        if isinstance(inner, ast.Attribute) and _SECRET.search(inner.attr):
            return True
    return False


def _drop_item(place: Place, draft: Draft, node: ast.Dict, index: int) -> None:
    key, value = node.keys[index], node.values[index]
    assert key is not None
    start, end = place.source.span(key)[0], place.source.span(value)[1]
    _drop_span(place, draft, start, end)


def _drop_keyword(place: Place, draft: Draft, keyword: ast.keyword) -> None:
    _drop_span(place, draft, place.source.offset(keyword.lineno, keyword.col_offset), place.source.span(keyword.value)[1])


def _drop_span(place: Place, draft: Draft, start: int, end: int) -> None:
    """An item with its comma, and its line where it has one of its own."""
    text = place.source.text
    after = re.match(r"\s*,", text[end:])
    if after:
        end += after.end()
        line = text.rfind("\n", 0, start) + 1
        rest = re.match(r"[ \t]*\n", text[end:])
        if rest and not text[line:start].strip():
            start, end = line, end + rest.end()
        elif text[end:end + 1] == " ":
            end += 1
    else:
        before = re.search(r",\s*$", text[:start])
        start = before.start() if before else start
    draft.cut(start, end)


def stored(place: Place) -> Iterator[Edit | None]:
    """A password in clear: its hash, where an account is made and nothing in the module reads or compares the clear one."""
    if place.function is None or not _MAKES_ACCOUNT.search(place.function.name) or _reads_passwords(place):
        return
    draft = place.draft
    for value in place.pointed[:1]:
        name = place.source.of(value)
        if _SECRET.search(name.rpartition(".")[2]):
            draft.put(value, f"{_hash_password(draft)}({name})")
            yield place.done(draft, "stored hash instead of the password")
    draft = place.draft
    for node in [n for n in ast.walk(place.statement or place.source.tree) if isinstance(n, ast.Name | ast.Attribute)]:
        name = node.id if isinstance(node, ast.Name) else node.attr
        if re.search(r"(?i)password|passwd|pwd", name) and isinstance(node.ctx, ast.Load) and not isinstance(
                place.source.parents.get(node), ast.Attribute):
            draft.put(node, f"{_hash_password(draft)}({place.source.of(node)})")
    yield place.done(draft, "stored hash instead of the password")


def _hash_password(draft: Draft) -> str:
    draft.need("hashlib", exact=True)
    draft.need("os", exact=True)
    return draft.helper("hash_password", HASH_PASSWORD)


HASH_PASSWORD = '''
def hash_password(password):
    """The stored form of a password: a random salt, and PBKDF2 of both, in hexadecimal digits."""
    salt = os.urandom(16)
    return salt.hex() + hashlib.pbkdf2_hmac("sha256", password.encode("utf-8"), salt, 600_000).hex()
'''
