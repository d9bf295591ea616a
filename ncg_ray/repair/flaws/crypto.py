"""Hashes, random numbers, comparisons, ciphers and tokens: the strong kind of each.

Stored data made by the old code (hashes, cipher texts) has to be made again; the template of the edit says so.
Source: NIST SP 800-131A; OWASP's Password Storage and Cryptographic Storage cheat sheets.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.source import Edit

_WEAK = ("md5", "sha1", "md4", "ripemd160", "md2", "sha")
TOKEN_BYTES = 32


def hashes(place: Place) -> Iterator[Edit | None]:
    """SHA-256; where the rest of the module shows that it is no matter of security, the old one marked as such."""
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
                elif last == "new" and name.split(".")[-2:-1] and name.split(".")[-2] in ("MD5", "SHA", "SHA1", "MD4", "MD2"):
                    module = name.split(".")[0]
                    draft.put(node.func, f"{draft.need(f'{module}.Hash', 'SHA256')}.new")
            elif isinstance(node, ast.Attribute) and place.names.qualified(node) in (
                    "hashlib.md5", "hashlib.sha1") and not isinstance(place.source.parents.get(node), ast.Call):
                draft.put(node, f"{draft.need('hashlib')}.sha256")
            elif isinstance(node, ast.Attribute) and place.names.qualified(node).endswith((".hashes.MD5", ".hashes.SHA1")):
                draft.put(node, place.source.of(node).rpartition(".")[0] + ".SHA256")
            elif isinstance(node, ast.Constant) and node.value in ("md5", "sha1", "MD5", "SHA1") and isinstance(
                    place.source.parents.get(node), ast.Call):
                draft.put(node, '"sha256"')
            elif isinstance(node, ast.Name) and place.names.qualified(node) in ("hashlib.md5", "hashlib.sha1") and not (
                    isinstance(place.source.parents.get(node), ast.Call)):
                draft.put(node, draft.need("hashlib", "sha256"))
        edit = place.done(draft, "SHA-256")
        if edit is not None:
            yield edit
            draft = place.draft


def passwords(place: Place) -> Iterator[Edit | None]:
    """PBKDF2 with a salt of its own for each password, and a comparison that reads the salt again.

    Where the module holds both sides the form of what is stored changes on both; where only one side is seen the salt is
    kept as it is given.
    """
    calls = [c for c in place.calls(anywhere=True) if place.names.qualified(c.func).startswith("hashlib.")
             and place.names.qualified(c.func) not in ("hashlib.pbkdf2_hmac", "hashlib.scrypt") and c.args]
    hits = [c for c in calls if place.touches(c)] or calls
    yield _salted(place, calls)
    for call in hits:
        yield _stretched(place, calls if len(calls) > 1 else [call])
    draft = place.draft
    for call in place.calls():
        name = place.names.qualified(call.func)
        if name == "hashlib.new" and len(call.args) == 2:
            outer = _digest_of(place, call)
            data = place.source.of(call.args[1])
            draft.put(outer, _pbkdf2(draft, data, 'b""', outer is not call))
    yield place.done(draft, "PBKDF2")
    updated = place.draft
    for call in place.called(".update"):
        statement = place.statement
        del statement
        if call.args and isinstance(call.func, ast.Attribute):
            text = place.source.of(call.args[0])
            hashlib = updated.need("hashlib")
            updated.put(call.args[0], f'{hashlib}.pbkdf2_hmac("sha256", {text}, b"", 600_000)')
    yield place.done(updated, "PBKDF2")


def _digest_of(place: Place, call: ast.Call) -> ast.expr:
    """The call of `.hexdigest()` or `.digest()` around a hash."""
    holder = place.source.parents.get(call)
    outer = place.source.parents.get(holder) if isinstance(holder, ast.Attribute) else None
    return outer if isinstance(outer, ast.Call) and isinstance(holder, ast.Attribute) and holder.attr in (
        "hexdigest", "digest") else call


def _pbkdf2(draft: Draft, data: str, salt: str, is_hex: bool) -> str:
    return f'{draft.need("hashlib")}.pbkdf2_hmac("sha256", {data}, {salt}, 600_000)' + (".hex()" if is_hex else "")


def _stretched(place: Place, calls: list[ast.Call]) -> Edit | None:
    """`sha256(salt + password)`: PBKDF2 of the same salt."""
    draft = place.draft
    for call in calls:
        outer = _digest_of(place, call)
        holder = place.source.parents.get(call)
        if outer is call or not isinstance(holder, ast.Attribute):
            return None
        data, salt = _parts(place, call.args[0])
        if data is None:
            continue
        draft.put(outer, _pbkdf2(draft, data, salt or 'b""', holder.attr == "hexdigest"))
    return place.done(draft, "PBKDF2 (stored hashes have to be made again)")


def _parts(place: Place, node: ast.expr) -> tuple[str | None, str]:
    """(the password as bytes, the salt as bytes or empty) of what is hashed."""
    encode = ""
    inner = node
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "encode":
        inner, encode = node.func.value, place.source.text[place.source.span(node.func.value)[1]:place.source.span(node)[1]]
        encode = encode[encode.index(".encode"):]
    pieces = place.names.pieces(inner)
    values = [p.node for p in pieces if p.node is not None] if pieces else []
    if isinstance(inner, ast.BinOp) and not values:
        values = [inner.left, inner.right]
    salts = [v for v in values if "salt" in place.source.of(v).lower()]
    secret = next((v for v in values if v not in salts), None)
    if salts and secret is not None:
        one, two = place.source.of(secret), place.source.of(salts[0])
        return f"{one}{encode}", f"{two}{encode}"
    text = place.source.of(node)
    return text, ""


def _salted(place: Place, calls: list[ast.Call]) -> Edit | None:
    """One function that makes the stored form and one that compares it: the salt is drawn, and kept in front."""
    makes: list[tuple[ast.Call, ast.expr]] = []
    checks: list[tuple[ast.Call, ast.expr, ast.Call]] = []
    for call in calls:
        outer = _digest_of(place, call)
        function = place.source.function_of(call)
        holder = place.source.parents.get(call)
        if outer is call or function is None or not isinstance(holder, ast.Attribute) or holder.attr != "hexdigest":
            return None
        if _parts(place, call.args[0])[1]:
            return None
        compare = next((c for c in ast.walk(function) if isinstance(c, ast.Call) and place.names.qualified(c.func) in (
            "hmac.compare_digest", "secrets.compare_digest")), None)
        if compare is not None:
            checks.append((call, outer, compare))
        else:
            makes.append((call, outer))
    if not makes or not checks:
        return None
    draft = place.draft
    for call, outer in makes:
        name = draft.helper("hash_password", HASH_PASSWORD)
        draft.put(outer, f"{name}({_parts(place, call.args[0])[0]})")
    for call, outer, compare in checks:
        statement = place.source.parents.get(outer)
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            return None
        digest = statement.targets[0].id
        stored = [a for a in compare.args if not (isinstance(a, ast.Name) and a.id == digest)]
        if len(stored) != 1:
            return None
        draft.remove(statement)
        draft.put(compare, f"check_password({_parts(place, call.args[0])[0]}, {place.source.of(stored[0])})")
    draft.need("hashlib")
    draft.need("hmac")
    draft.need("os")
    return place.done(draft, "PBKDF2 with a random salt (stored hashes have to be made again)")


HASH_PASSWORD = '''
def hash_password(password):
    """The stored form of a password: a random salt, and PBKDF2 of both."""
    salt = os.urandom(16)
    return salt.hex() + hashlib.pbkdf2_hmac("sha256", password, salt, 600_000).hex()


def check_password(password, stored):
    """Whether this is the password of a stored form."""
    salt = bytes.fromhex(stored[:32])
    return hmac.compare_digest(stored[32:], hashlib.pbkdf2_hmac("sha256", password, salt, 600_000).hex())
'''


def fixed_salt(place: Place) -> Iterator[Edit | None]:
    """A constant salt: drawn where the hash is made and kept in front of it; where it is checked, read from there."""
    names = {n.targets[0].id for n in place.source.tree.body if isinstance(n, ast.Assign) and isinstance(
        n.targets[0], ast.Name) and "salt" in n.targets[0].id.lower()}
    draft = place.draft
    for node in place.source.tree.body:  # def derive(password): return pbkdf2(password, SALT)
        if not isinstance(node, ast.FunctionDef):
            continue
        uses = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in names]
        returned = [n for n in ast.walk(node) if isinstance(n, ast.Return) and n.value is not None]
        if not uses or len(returned) != 1 or node.args.vararg:
            continue
        last = node.args.args[-1] if node.args.args else None
        if last is None:
            continue
        at = place.source.span(last)[1]
        draft.cut(at, at, ", salt=None")
        value = returned[0].value
        assert value is not None
        is_hex = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in ("hex", "hexdigest")
        first = next(s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)))
        os_module = draft.need("os")
        if first is returned[0]:
            code = place.source.of(value)
            for use in uses:
                code = re.sub(rf"\b{use.id}\b", "salt", code)
            draft.put_statement(first, f"salt = salt or {os_module}.urandom(16)\n"
                                       f"return salt{'.hex()' if is_hex else ''} + {code}")
        else:
            draft.before(first, f"salt = salt or {os_module}.urandom(16)")
            for use in uses:
                draft.put(use, "salt")
            start = place.source.span(value)[0]
            draft.cut(start, start, f"salt{'.hex()' if is_hex else ''} + ")
        for call in place.calls(anywhere=True):
            if not isinstance(call.func, ast.Name) or call.func.id != node.name:
                continue
            outer = place.source.parents.get(call)
            if (isinstance(outer, ast.Call) and place.names.qualified(outer.func).endswith("compare_digest")) or isinstance(
                    outer, ast.Compare):
                others = [a for a in (outer.args if isinstance(outer, ast.Call) else [outer.left, *outer.comparators])
                          if a is not call]
                end = place.source.span(call)[1] - 1
                stored = place.source.of(others[0])
                draft.cut(end, end, f", bytes.fromhex({stored}[:32])" if is_hex else f", {stored}[:16]")
    for statement in place.source.tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name) and statement.targets[
                0].id in names:
            draft.remove(statement)
    yield place.done(draft, "salt of its own for each password (stored hashes have to be made again)")
    for node in place.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            draft = place.draft
            value = f"{draft.need('os')}.urandom(16)"
            holder: ast.expr = node
            outer = place.source.parents.get(node)
            whole = place.source.parents.get(outer) if isinstance(outer, ast.Attribute) else None
            if isinstance(whole, ast.Call):
                holder = whole
            draft.put(holder, value + (".hex()" if isinstance(node.value, str) and holder is node else ""))
            yield place.done(draft, "random salt")


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
            for x in (left, right):
                if isinstance(x, ast.Call) and isinstance(x.func, ast.Attribute) and x.func.attr == "get" and len(x.args) == 1:
                    one = f'{one} or ""' if x is left else one
                    two = f'{two} or ""' if x is right else two
            call = f"{draft.need('hmac')}.compare_digest({one}, {two})"
            draft.put(node, f"not {call}" if negated else call, atomic=not negated)
            yield place.done(draft, "comparison in constant time")
            draft = place.draft
            call = f"{draft.need('hmac')}.compare_digest(str({one}).encode(), str({two}).encode())"
            draft.put(node, f"not {call}" if negated else call, atomic=not negated)
            yield place.done(draft, "comparison in constant time")


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
        if place.names.qualified(call.func) in ("random.Random", "numpy.random.RandomState"):
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
        low, high = of
        span = f"{high} + 1" if low == "0" else f"{high} - {place.source.operand(call.args[0])} + 1"
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
    elif name in ("random.choices", "random.sample", "random.random", "random.uniform", "random.randrange", "random.shuffle"):
        end = place.source.span(call.func)[1]
        start = place.source.span(call.func)[0]
        draft.cut(start, end, f"{draft.need('random')}.SystemRandom().{name[7:]}")
        return
    if new:
        draft.put(call, new, atomic=" + " not in new.rpartition(")")[2])


def token(place: Place) -> Iterator[Edit | None]:
    """A token that nobody can guess."""
    seen = []
    for value in [*place.pointed, *(getattr(place.statement, "value", None),)]:
        if isinstance(value, ast.expr) and value not in seen:
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


def cipher(place: Place) -> Iterator[Edit | None]:
    """AES in an authenticated mode with a fresh nonce, for PyCryptodome and cryptography; other modes with a fresh vector."""
    yield from _pycryptodome(place)
    yield from _cryptography(place)


def _pycryptodome(place: Place) -> Iterator[Edit | None]:
    package = next((m.split(".")[0] for m in place.names.imported.values() if m.startswith(("Crypto.", "Cryptodome."))), "")
    if not package:
        return
    draft = place.draft
    aes = draft.need(f"{package}.Cipher", "AES")
    weak = ("DES", "DES3", "ARC4", "ARC2", "Blowfish", "CAST")
    calls = [c for c in place.calls(anywhere=True) if place.names.qualified(c.func).endswith(".new")
             and place.names.qualified(c.func).split(".")[-2] in (*weak, "AES") and c.args]
    for call in calls:
        old = place.names.qualified(call.func).split(".")[-2]
        mode = place.names.qualified(call.args[1]).rpartition(".")[2] if len(call.args) > 1 else ""
        if (old == "AES" and mode not in ("MODE_ECB", "MODE_CBC")) or (old == "AES" and mode == "MODE_CBC" and not place.touches(call)):
            continue
        function = place.source.function_of(call)
        uses = [n for n in ast.walk(function or place.source.tree) if isinstance(n, ast.Attribute) and n.attr in (
            "encrypt", "decrypt")]
        key = place.source.of(call.args[0])
        if old in weak and mode == "MODE_CBC" and len(call.args) > 2:
            draft.put(call, f"{aes}.new({key}, {aes}.MODE_CBC, {place.source.of(call.args[2])})")
            continue
        if not uses:
            continue
        _sealed(place, draft, call, uses, f"{aes}.new({key}, {aes}.MODE_GCM", "nonce")
    for node in ast.walk(place.source.tree):
        if isinstance(node, ast.Attribute) and node.attr == "block_size" and isinstance(node.value, ast.Name) and (
                place.names.qualified(node.value).rpartition(".")[2] in weak):
            draft.put(node.value, aes)
    yield place.done(draft, "AES (stored data has to be encrypted again)")


def _sealed(place: Place, draft: Draft, call: ast.Call, uses: list[ast.Attribute], start: str, nonce: str) -> None:
    """`cipher.encrypt(x)`: nonce, tag and text together; `cipher.decrypt(x)` takes them apart."""
    for use in uses:
        outer = place.source.parents.get(use)
        if not isinstance(outer, ast.Call) or not outer.args:
            continue
        data = outer.args[0]
        if isinstance(data, ast.Call) and place.names.qualified(data.func).rpartition(".")[2] == "pad" and data.args:
            data = data.args[0]
        text, key = place.source.of(data), f"{start})"
        if use.attr == "encrypt":
            name = draft.helper("seal", SEAL)
            draft.put(outer, f"{name}({key}, {text})")
        else:
            name = draft.helper("unseal", UNSEAL)
            target = place.source.parents.get(outer)
            whole = target if isinstance(target, ast.Call) and place.names.qualified(target.func).endswith("unpad") else outer
            draft.put(whole, f"{name}(lambda nonce: {start}, nonce=nonce), {text})")
    statement = place.source.parents.get(call)
    if isinstance(statement, ast.Assign):
        draft.remove(statement)


SEAL = '''
def seal(cipher, data):
    """Nonce, tag and cipher text in one."""
    text, tag = cipher.encrypt_and_digest(data)
    return cipher.nonce + tag + text
'''
UNSEAL = '''
def unseal(cipher_of, blob):
    """The data that `seal` made; ValueError where somebody changed them."""
    nonce, tag, text = blob[:16], blob[16:32], blob[32:]
    return cipher_of(nonce).decrypt_and_verify(text, tag)
'''


def _cryptography(place: Place) -> Iterator[Edit | None]:
    """`Cipher(AES(key), ECB())`: CTR mode with a fresh vector in front of the text is not authenticated; GCM is."""
    draft = place.draft
    os_module = draft.need("os")
    for call in place.calls(anywhere=True):
        if place.names.qualified(call.func).rpartition(".")[2] != "Cipher" or len(call.args) < 2:
            continue
        mode = call.args[1]
        algorithm = call.args[0]
        name = place.names.qualified(mode.func).rpartition(".")[2] if isinstance(mode, ast.Call) else ""
        weak = isinstance(algorithm, ast.Call) and place.names.qualified(algorithm.func).rpartition(".")[2] in (
            "TripleDES", "Blowfish", "ARC4", "IDEA", "CAST5", "SEED")
        if weak and isinstance(algorithm, ast.Call):
            head = place.source.of(algorithm.func).rpartition(".")[0]
            draft.put(algorithm.func, f"{head}.AES" if head else draft.need(
                "cryptography.hazmat.primitives.ciphers.algorithms", "AES"))
        if name == "ECB" and isinstance(mode, ast.Call):
            _with_nonce(place, draft, call, mode, os_module)
        elif weak and not name:
            draft.put(mode, f"{draft.need('cryptography.hazmat.primitives.ciphers', 'modes')}.CTR({os_module}.urandom(16))")
    yield place.done(draft, "AES-GCM (stored data has to be encrypted again)")


def _with_nonce(place: Place, draft: Draft, call: ast.Call, mode: ast.Call, os_module: str) -> None:
    """The cipher object becomes its algorithm; encryptors draw a nonce and put it and the tag before the text."""
    modes = place.source.of(mode.func).rpartition(".")[0] or draft.need("cryptography.hazmat.primitives.ciphers", "modes")
    holder = place.source.parents.get(call)
    target = place.source.of(holder.targets[0]) if isinstance(holder, ast.Assign) else ""
    cipher_name = place.source.of(call.func)
    if target:
        draft.put(call, place.source.of(call.args[0]))
    for use in [n for n in ast.walk(place.source.tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
                and n.func.attr == "encryptor" and (not target or place.source.of(n.func.value) == target)]:
        statement = place.source.statement_of(use)
        function = place.source.function_of(use)
        if statement is None or function is None or not isinstance(statement, ast.Assign):
            continue
        name = place.source.of(statement.targets[0])
        draft.before(statement, f"nonce = {os_module}.urandom(12)")
        draft.put(use, f"{cipher_name}({target or place.source.of(call.args[0])}, {modes}.GCM(nonce)).encryptor()")
        for returned in [r for r in ast.walk(function) if isinstance(r, ast.Return) and r.value is not None]:
            assert returned.value is not None
            draft.put_statement(returned, f"text = {place.source.of(returned.value)}\nreturn nonce + {name}.tag + text")


def vector(place: Place) -> Iterator[Edit | None]:
    """A fresh initialisation vector for each message, in front of the cipher text."""
    for call in place.calls(anywhere=True):
        last = place.names.qualified(call.func).rpartition(".")[2]
        values = [*(k.value for k in call.keywords if k.arg in ("iv", "nonce", "IV", "initial_value")), *call.args[2:3],
                  *(call.args[:1] if last in ("CBC", "CTR", "GCM", "CFB", "OFB") else [])]
        if last not in ("new", "CBC", "CTR", "GCM", "CFB", "OFB", "encrypt") or not values:
            continue
        value, function = values[0], place.source.function_of(call)
        statement = place.source.statement_of(call)
        if function is None or statement is None:
            continue
        size = 12 if last == "GCM" else 16
        draft = place.draft
        name = "iv"
        draft.before(statement, f"{name} = {draft.need('os')}.urandom({size})")
        draft.put(value, name)
        for returned in [r for r in ast.walk(function) if isinstance(r, ast.Return) and r.value is not None]:
            assert returned.value is not None
            if "encrypt" in place.source.of(function):
                draft.put(returned.value, f"{name} + {place.source.of(returned.value)}", atomic=False)
        constants = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
        uses = [n.id for n in ast.walk(place.source.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        for node in ast.walk(place.source.tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in constants and (
                    uses.count(node.targets[0].id) == 1):
                draft.remove(node)
        yield place.done(draft, "fresh initialisation vector (stored data has to be encrypted again)")


def jwt(place: Place) -> Iterator[Edit | None]:
    """Tokens with their signature and expiry checked, and one fixed algorithm."""
    used = [str(k.value) for n in ast.walk(place.source.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)
            and re.fullmatch(r"(HS|RS|ES|PS)\d{3}|EdDSA", n.value) for k in [n]]
    algorithm = used[0] if used else "HS256"
    draft = place.draft
    for call in place.called("jwt.decode", "jose.jwt.decode", ".decode"):
        given = {k.arg: k for k in call.keywords}
        options = given.get("options")
        if options is not None and isinstance(options.value, ast.Dict):
            bad = [isinstance(v, ast.Constant) and v.value is False for v in options.value.values]
            if all(bad):
                draft.drop_argument(call, options)
            else:
                for value, is_bad in zip(options.value.values, bad, strict=True):
                    if is_bad:
                        draft.put(value, "True")
        if "verify" in given:
            draft.drop_argument(call, given["verify"])
        algorithms = given.get("algorithms")
        if algorithms is None:
            draft.keyword(call, "algorithms", f'["{algorithm}"]')
        elif not isinstance(algorithms.value, ast.List) or any(
                not isinstance(e, ast.Constant) or str(e.value).lower() == "none" for e in algorithms.value.elts):
            draft.put(algorithms.value, f'["{algorithm}"]')
        for argument in call.args[1:2]:
            name = place.names.definition(argument)
            if isinstance(name, ast.IfExp):
                good = name.orelse if isinstance(name.body, ast.Constant) and name.body.value is None else name.body
                draft.put(name, place.source.of(good))
    for call in place.called("jwt.encode"):
        for keyword in call.keywords:
            if keyword.arg == "algorithm" and str(place.names.constant(keyword.value)).lower() == "none":
                draft.put(keyword.value, f'"{algorithm}"')
    yield place.done(draft, "signature and expiry checked")


def expiry(place: Place) -> Iterator[Edit | None]:
    """A token that ends after an hour; sessions that end."""
    yield from jwt(place)
    for call in place.called("jwt.encode", "jose.jwt.encode"):
        if not call.args:
            continue
        payload = call.args[0]
        value = place.names.definition(payload) if isinstance(payload, ast.Name) else payload
        if not isinstance(value, ast.Dict):
            continue
        draft = place.draft
        if place.names.imported.get("datetime") == "datetime.datetime":
            delta = draft.need("datetime", "timedelta")
            zone = draft.need("datetime", "timezone")
            now = f"datetime.now({zone}.utc)"
        else:
            module = draft.need("datetime")
            now, delta = f"{module}.datetime.now({module}.timezone.utc)", f"{module}.timedelta"
        keys = [k.value if isinstance(k, ast.Constant) else None for k in value.keys]
        if "exp" in keys:
            draft.put(value.values[keys.index("exp")], f"{now} + {delta}(hours=1)")
        else:
            end = place.source.span(value)[1] - 1
            comma = "" if place.source.text[:end].rstrip().endswith((",", "{")) else ", "
            draft.cut(end, end, f'{comma}"exp": {now} + {delta}(hours=1)')
        yield place.done(draft, "token that expires")
    draft = place.draft
    for node in place.nodes:
        if isinstance(node, ast.keyword | ast.Call):
            for keyword in node.keywords if isinstance(node, ast.Call) else []:
                if keyword.arg in ("max_age", "days", "weeks", "lifetime", "expires_delta", "hours", "seconds", "minutes"):
                    new = {"max_age": "3600", "days": "1", "weeks": "1", "hours": "1"}.get(keyword.arg or "", "3600")
                    draft.put(keyword.value, new)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            number = node.value.value
            if isinstance(number, int) and not isinstance(number, bool):
                draft.put(node.value, "3600")
            elif number is True:
                draft.put(node.value, "False")
            elif number is False:
                draft.put(node.value, "True")
            elif number is None:
                draft.put(node.value, "3600")
    yield place.done(draft, "session that expires")
