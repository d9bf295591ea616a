"""Ciphers with an authenticated mode and fresh vectors; tokens whose signature and expiry are checked.

What the old code encrypted has to be encrypted again; the template of the edit says so.
Source: NIST SP 800-38D; RFC 8725.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.resolve import parameters
from ncg_ray.repair.source import Edit


def cipher(place: Place) -> Iterator[Edit | None]:
    """AES in an authenticated mode with a fresh nonce, for PyCryptodome and cryptography."""
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
        if (old == "AES" and mode not in ("MODE_ECB", "MODE_CBC")) or (
            old == "AES" and mode == "MODE_CBC" and not place.touches(call)
        ):
            continue
        function = place.source.function_of(call)
        holder = place.source.parents.get(call)
        names = [place.source.of(t) for t in holder.targets] if isinstance(holder, ast.Assign) else []
        uses = [n for n in ast.walk(function or place.source.tree) if isinstance(n, ast.Attribute) and n.attr in (
            "encrypt", "decrypt") and (n.value is call or place.source.of(n.value) in names)]
        key = place.source.of(call.args[0])
        if old in weak and old != "DES3":  # keys of other lengths than AES takes
            key = f"{draft.need('hashlib')}.sha256({key}).digest()"
        if old in weak and mode == "MODE_CBC" and len(call.args) > 2:
            if function is None or f"{old}.block_size" not in place.source.of(function):
                return  # a vector of eight bytes, which AES refuses
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
            whole = (
                target if isinstance(target, ast.Call) and place.names.qualified(target.func).endswith("unpad") else outer
            )
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
    """`Cipher(AES(key), ECB())`: GCM with a fresh nonce, which stands in front of the tag and the text."""
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
        decrypts = any(isinstance(n, ast.Attribute) and n.attr == "decryptor" for n in ast.walk(place.source.tree))
        if name != "ECB" or decrypts:
            continue  # a vector of another size; or what reads the old form would have to change too
        if weak and isinstance(algorithm, ast.Call):
            head = place.source.of(algorithm.func).rpartition(".")[0]
            draft.put(algorithm.func, f"{head}.AES" if head else draft.need(
                "cryptography.hazmat.primitives.ciphers.algorithms", "AES"))
        if isinstance(mode, ast.Call):
            _with_nonce(place, draft, call, mode, os_module)
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
    """A fresh initialisation vector for each message, in front of the cipher text; what decrypts reads it from there."""
    draft = place.draft
    replaced: list[str] = []
    for call in place.calls(anywhere=True):
        last = place.names.qualified(call.func).rpartition(".")[2]
        values = [*(k.value for k in call.keywords if k.arg in ("iv", "nonce", "IV", "initial_value")), *call.args[2:3],
                  *(call.args[:1] if last in _MODES else [])]
        function, statement = place.source.function_of(call), place.source.statement_of(call)
        if last not in ("new", *_MODES) or not values or function is None or statement is None:
            continue
        size = _size(place, values[0])
        if not size:
            continue
        uses = [n for n in ast.walk(function) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
                and n.func.attr in ("encrypt", "decrypt", "update", "encrypt_and_digest", "decrypt_and_verify") and n.args]
        taken = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
        if len(uses) != 1 or "iv" in taken or not isinstance(uses[0].func, ast.Attribute):
            return
        use, data = uses[0], uses[0].args[0]
        reads = uses[0].func.attr == "decrypt" or (
            uses[0].func.attr == "update" and "decryptor" in place.source.of(function))
        if reads and isinstance(data, ast.Name) and data.id in parameters(function):
            draft.before(statement, f"iv, {data.id} = {data.id}[:{size}], {data.id}[{size}:]")
        elif not reads and uses[0].func.attr in ("encrypt", "update"):
            draft.before(statement, f"iv = {draft.need('os')}.urandom({size})")
            start = place.source.span(use)[0]
            draft.cut(start, start, "iv + ")
        else:
            return
        draft.put(values[0], "iv")
        replaced += [n.id for n in ast.walk(values[0]) if isinstance(n, ast.Name)]
    loaded = [n.id for n in ast.walk(place.source.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    for node in place.source.tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and (
                0 < loaded.count(node.targets[0].id) == replaced.count(node.targets[0].id)):
            draft.remove(node)
    yield place.done(draft, "fresh initialisation vector (stored data has to be encrypted again)")


_MODES = ("CBC", "CTR", "GCM", "CFB", "OFB")


def _size(place: Place, node: ast.expr) -> int:
    """How many bytes a fixed value has; 0 for what is none."""
    value = place.names.definition(node) or node
    match value:
        case ast.Constant(value=bytes(known)):
            return len(known)
        case ast.BinOp(op=ast.Mult(), left=ast.Constant(value=bytes(known)), right=ast.Constant(value=int(times))):
            return len(known) * times
        case ast.Call(func=ast.Name(id="bytes"), args=[ast.Constant(value=int(times))]):
            return times
        case ast.Call(func=ast.Attribute(attr="encode", value=ast.Constant(value=str(text)))):
            return len(text.encode())
    return 0


def jwt(place: Place) -> Iterator[Edit | None]:
    """Tokens with their signature and expiry checked, and one fixed algorithm."""
    used = [n.value for n in ast.walk(place.source.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)
            and re.fullmatch(r"(HS|RS|ES|PS)\d{3}|EdDSA", n.value)]
    keys = [c.args[1] for c in place.called("jwt.encode", "jose.jwt.encode", anywhere=True) if len(c.args) > 1]
    algorithm = used[0] if used else "HS256"
    draft = place.draft
    for call in place.called("jwt.decode", "jose.jwt.decode"):
        given = {k.arg: k for k in call.keywords}
        if len(call.args) == 1 and "key" not in given:  # nothing to check the signature with, unless a token is made here
            if not keys or place.is_outside(keys[0]):
                continue
            draft.keyword(call, "key", place.source.of(keys[0]))
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
        algorithms = given["algorithms"].value if "algorithms" in given else call.args[2] if len(call.args) > 2 else None
        if algorithms is None:
            draft.keyword(call, "algorithms", f'["{algorithm}"]')
        elif not isinstance(algorithms, ast.List) or any(
                not isinstance(e, ast.Constant) or str(e.value).lower() == "none" for e in algorithms.elts):
            draft.put(algorithms, f'["{algorithm}"]')
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
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
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
