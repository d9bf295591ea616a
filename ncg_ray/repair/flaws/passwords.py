"""Password hashes: PBKDF2 with a salt of its own for each password.

What the old code stored has to be made again; the template of the edit says so.
Source: OWASP, Password Storage Cheat Sheet (2023).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.source import Edit


def passwords(place: Place) -> Iterator[Edit | None]:
    """PBKDF2 with a salt of its own for each password, and a comparison that reads the salt again.

    Where the module holds both sides the form of what is stored changes on both; where only one side is seen the salt is
    kept as it is given.
    """
    calls = [c for c in place.calls(anywhere=True) if place.names.qualified(c.func).startswith("hashlib.")
             and place.names.qualified(c.func) not in ("hashlib.pbkdf2_hmac", "hashlib.scrypt") and c.args
             and (place.touches(c) or _is_of_password(place, c))]
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
            draft.put(outer, _pbkdf2(draft, data, _pepper(draft), outer is not call))
    yield place.done(draft, "PBKDF2")
    updated = place.draft
    for call in place.called(".update"):
        if call.args and isinstance(call.func, ast.Attribute):
            text = place.source.of(call.args[0])
            hashlib = updated.need("hashlib")
            updated.put(call.args[0], f'{hashlib}.pbkdf2_hmac("sha256", {text}, {_pepper(updated)}, 600_000)')
    yield place.done(updated, "PBKDF2")


def _is_of_password(place: Place, call: ast.Call) -> bool:
    """Whether a password is hashed here, and no file or key of a cache."""
    function = place.source.function_of(call)
    return bool(re.search(r"(?i)passw|pwd|passphrase|credential|\bpin\b", place.source.of(call) + (
        f" {function.name}" if function is not None else "")))


def _digest_of(place: Place, call: ast.Call) -> ast.expr:
    """The call of `.hexdigest()` or `.digest()` around a hash."""
    holder = place.source.parents.get(call)
    outer = place.source.parents.get(holder) if isinstance(holder, ast.Attribute) else None
    return outer if isinstance(outer, ast.Call) and isinstance(holder, ast.Attribute) and holder.attr in (
        "hexdigest", "digest") else call


def _pbkdf2(draft: Draft, data: str, salt: str, is_hex: bool) -> str:
    return f'{draft.need("hashlib")}.pbkdf2_hmac("sha256", {data}, {salt}, 600_000)' + (".hex()" if is_hex else "")


def _pepper(draft: Draft) -> str:
    """A secret of the deployment instead of a salt: where the check is not seen, a drawn one could not be found again."""
    return f'{draft.need("os")}.environ["PASSWORD_PEPPER"].encode()'


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
        draft.put(outer, _pbkdf2(draft, data, salt or _pepper(draft), holder.attr == "hexdigest"))
    return place.done(draft, "PBKDF2 (stored hashes have to be made again; a pepper stands in for a salt)")


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
        if _parts(place, call.args[0])[1] or isinstance(place.source.parents.get(outer), ast.Compare):
            return None  # a salt already, or a comparison that a drawn one would never meet
        compare = next((c for c in ast.walk(function) if isinstance(c, ast.Call) and place.names.qualified(c.func) in (
            "hmac.compare_digest", "secrets.compare_digest")), None)
        if compare is not None:
            checks.append((call, outer, compare))
        else:
            makes.append((call, outer))
    if not makes or not checks:
        return None
    draft = place.draft
    name = draft.helper("hash_password", HASH_PASSWORD)
    check = f"check_password{name.removeprefix('hash_password')}"
    for call, outer in makes:
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
        draft.put(compare, f"{check}({_parts(place, call.args[0])[0]}, {place.source.of(stored[0])})")
    for module in ("hashlib", "hmac", "os"):
        draft.need(module, exact=True)
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
        at = place.source.span(node.args.defaults[-1] if node.args.defaults else last)[1]
        draft.cut(at, at, ", salt=None")
        value = returned[0].value
        assert value is not None
        made = place.names.definition(value) or value
        method = made.func.attr if isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute) else ""
        is_hex = method in ("hex", "hexdigest")
        if not is_hex and method not in ("pbkdf2_hmac", "scrypt", "digest", "derive"):
            return  # of an unknown form, which a salt may not go in front of
        first = next(s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)))
        os_module = draft.need("os")
        if first is returned[0]:
            code = place.source.of(value)
            for use in uses:
                code = re.sub(rf"\b{use.id}\b(\.encode\([^)]*\))?", "salt", code)
            draft.put_statement(first, f"salt = salt or {os_module}.urandom(16)\n"
                                       f"return salt{'.hex()' if is_hex else ''} + {code}")
        else:
            draft.before(first, f"salt = salt or {os_module}.urandom(16)")
            for use in uses:
                holder = place.source.parents.get(use)
                outer = place.source.parents.get(holder) if isinstance(holder, ast.Attribute) else None
                draft.put(outer if isinstance(outer, ast.Call) else use, "salt")
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
            elif isinstance(outer, ast.Assign) and _is_compared(place, outer):
                return  # the check would draw another salt
    for statement in place.source.tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name) and statement.targets[
                0].id in names:
            draft.remove(statement)
    yield place.done(draft, "salt of its own for each password (stored hashes have to be made again)")
    for node in place.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and _is_kept(place, node):
            draft = place.draft
            value = f"{draft.need('os')}.urandom(16)"
            draft.put(node, value + (".hex()" if isinstance(node.value, str) else ""))
            yield place.done(draft, "random salt")


def _is_compared(place: Place, assignment: ast.Assign) -> bool:
    """Whether what is assigned is compared in the same function."""
    names = {t.id for t in assignment.targets if isinstance(t, ast.Name)}
    function = place.source.function_of(assignment)
    return any(isinstance(n, ast.Name) and n.id in names for c in ast.walk(function or place.source.tree)
               if isinstance(c, ast.Compare) or (isinstance(c, ast.Call) and place.names.qualified(c.func).endswith(
                   "compare_digest")) for n in ast.walk(c))


def _is_kept(place: Place, node: ast.Constant) -> bool:
    """Whether a salt has a name that is used more than once: it is stored beside the hash, where a check finds it."""
    parent, function = place.source.parents.get(node), place.source.function_of(node)
    if not isinstance(parent, ast.Assign) or not isinstance(parent.targets[0], ast.Name) or function is None:
        return False
    name = parent.targets[0].id
    return sum(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in ast.walk(function)) > 1
