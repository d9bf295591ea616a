"""Hashes, random numbers, comparisons, ciphers and tokens: the strong kind of each.

Stored data made by the old code (hashes, cipher texts) has to be made again; the template of the edit says so.
Source: NIST SP 800-131A; OWASP's Password Storage and Cryptographic Storage cheat sheets.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.source import Edit

_WEAK = ("md5", "sha1", "md4", "ripemd160", "md2", "sha")
TOKEN_BYTES = 32


def hashes(place: Place) -> Iterator[Edit | None]:
    """SHA-256: on the lines of the finding, else in all of the function."""
    draft = place.draft
    for scope in (place.nodes, list(ast.walk(place.function or place.source.tree))):
        for node in scope:
            if isinstance(node, ast.Call):
                name = place.names.qualified(node.func)
                last = name.rpartition(".")[2].lower()
                if name.startswith("hashlib.") and last in _WEAK:
                    draft.put(node.func, f"{draft.need('hashlib')}.sha256" if isinstance(node.func, ast.Attribute)
                              else draft.need("hashlib", "sha256"))
                    for keyword in node.keywords:
                        if keyword.arg == "usedforsecurity":
                            draft.drop_argument(node, keyword)
                elif name == "hashlib.new" and node.args and str(place.names.constant(node.args[0])).lower() in _WEAK:
                    draft.put(node.args[0], '"sha256"')
                elif (
                    last == "new" and name.split(".")[-2:-1] and name.split(".")[-2] in ("MD5", "SHA", "SHA1", "MD4", "MD2")
                ):
                    module = name.split(".")[0]
                    draft.put(node.func, f"{draft.need(f'{module}.Hash', 'SHA256')}.new")
            elif isinstance(node, ast.Attribute) and place.names.qualified(node) in (
                    "hashlib.md5", "hashlib.sha1") and not isinstance(place.source.parents.get(node), ast.Call):
                draft.put(node, f"{draft.need('hashlib')}.sha256")
            elif isinstance(node, ast.Attribute) and place.names.qualified(node).endswith((".hashes.MD5", ".hashes.SHA1")):
                draft.put(node, place.source.of(node).rpartition(".")[0] + ".SHA256")
            elif isinstance(node, ast.Constant) and node.value in ("md5", "sha1", "MD5", "SHA1") and isinstance(
                    outer := place.source.parents.get(node), ast.Call) and place.names.qualified(outer.func) in (
                    "hmac.new", "hmac.digest", "hashlib.pbkdf2_hmac", "hashlib.file_digest"):
                draft.put(node, '"sha256"')
            elif isinstance(node, ast.Name) and place.names.qualified(node) in ("hashlib.md5", "hashlib.sha1") and not (
                    isinstance(place.source.parents.get(node), ast.Call)):
                draft.put(node, draft.need("hashlib", "sha256"))
        edit = place.done(draft, "SHA-256")
        if edit is not None:
            yield edit
            draft = place.draft


def comparison(place: Place) -> Iterator[Edit | None]:
    """`hmac.compare_digest`."""
    for scope in (place.nodes, list(ast.walk(place.function or place.source.tree))):
        for node in scope:
            if not isinstance(node, ast.Compare) or len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
                continue
            left, right = node.left, node.comparators[0]
            if any(isinstance(x, ast.Constant) and not isinstance(x.value, str | bytes) for x in (left, right)):
                continue
            draft = place.draft
            one, two = (place.source.of(x) for x in (left, right))
            negated = isinstance(node.ops[0], ast.NotEq)
            may_be_none = any(isinstance(x, ast.Call) and isinstance(x.func, ast.Attribute) and x.func.attr == "get"
                              and len(x.args) == 1 for x in (left, right))
            if not may_be_none:
                call = f"{draft.need('hmac')}.compare_digest({one}, {two})"
                draft.put(node, f"not {call}" if negated else call, atomic=not negated)
                yield place.done(draft, "comparison in constant time")
            draft = place.draft
            draft.need("hmac", exact=True)
            call = f"{draft.helper('same_secret', SAME_SECRET)}({one}, {two})"
            draft.put(node, f"not {call}" if negated else call, atomic=not negated)
            yield place.done(draft, "comparison in constant time")


SAME_SECRET = '''
def same_secret(one, other):
    """Whether two texts, or two byte strings, are equal: in constant time; of anything else, whether they are equal."""
    if isinstance(one, str) and isinstance(other, str):
        one, other = one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass")
    if isinstance(one, bytes) and isinstance(other, bytes):
        return hmac.compare_digest(one, other)
    return one == other
'''


def randomness(place: Place) -> Iterator[Edit | None]:
    """The secrets module."""
    draft = place.draft
    calls = [c for c in place.calls() if place.names.qualified(c.func).startswith("random.")]
    for call in calls:
        _drawn(place, draft, call)
    yield place.done(draft, "secrets instead of random")
    draft = place.draft
    for call in place.calls(anywhere=True):
        name = place.names.qualified(call.func)
        statement = place.source.parents.get(call)
        if name == "random.seed" and isinstance(statement, ast.Expr):
            draft.remove(statement)
        elif name.startswith("random."):
            _drawn(place, draft, call)
    yield place.done(draft, "secrets instead of random")
    draft = place.draft
    for call in place.calls(anywhere=True):
        if place.names.qualified(call.func) == "random.Random":
            draft.put(call, f"{draft.need('random')}.SystemRandom()")
    yield place.done(draft, "random numbers of the system")


def _drawn(place: Place, draft: Draft, call: ast.Call) -> None:
    name = place.names.qualified(call.func)
    of = [place.source.of(a) for a in call.args]
    if any(inner is not call and isinstance(inner, ast.Call) and place.names.qualified(inner.func).startswith("random.")
           for inner in ast.walk(call)):
        return
    new = ""
    if name == "random.choice" and of:
        new = f"{draft.need('secrets')}.choice({of[0]})"
    elif name == "random.randint" and len(of) == 2:
        low, high = (place.source.operand(a) for a in call.args)
        span = f"{high} + 1" if low == "0" else f"{high} - {low} + 1"
        numbers = [place.names.constant(a) for a in call.args]
        if all(isinstance(n, int) for n in numbers) and all(isinstance(a, ast.Constant) for a in call.args):
            size = int(str(numbers[1])) - int(str(numbers[0])) + 1
            span = f"{size:_}" if size > 9999 else str(size)
        new = f"{draft.need('secrets')}.randbelow({span})" + (f" + {low}" if low != "0" else "")
    elif name == "random.randrange" and len(of) == 1:
        new = f"{draft.need('secrets')}.randbelow({of[0]})"
    elif name == "random.getrandbits" and of:
        new = f"{draft.need('secrets')}.randbits({of[0]})"
    elif name == "random.randbytes" and of:
        new = f"{draft.need('secrets')}.token_bytes({of[0]})"
    elif name in (
        "random.choices",
        "random.sample",
        "random.random",
        "random.uniform",
        "random.randrange",
        "random.shuffle",
    ):
        end = place.source.span(call.func)[1]
        start = place.source.span(call.func)[0]
        draft.cut(start, end, f"{draft.need('random')}.SystemRandom().{name[7:]}")
        return
    if new:
        draft.put(call, new, atomic=" + " not in new.rpartition(")")[2])


def token(place: Place) -> Iterator[Edit | None]:
    """A token that nobody can guess."""
    seen = []
    for value in [*place.pointed, getattr(place.statement, "value", None)]:
        if isinstance(value, ast.expr) and value not in seen and not isinstance(place.source.parents.get(value), ast.Expr):
            seen.append(value)
            draft = place.draft
            draft.put(value, f"{draft.need('secrets')}.token_urlsafe({TOKEN_BYTES})")
            yield place.done(draft, "token of secrets")
    draft = place.draft
    for call in place.calls():
        name = place.names.qualified(call.func)
        if name in ("secrets.token_urlsafe", "secrets.token_hex", "secrets.token_bytes", "os.urandom") and call.args:
            draft.put(call.args[0], str(TOKEN_BYTES))
        elif name in ("uuid.uuid1", "uuid.uuid3"):
            draft.put(call, f"{draft.need('uuid')}.uuid4()")
    yield place.done(draft, "token of secrets")
    yield from randomness(place)
