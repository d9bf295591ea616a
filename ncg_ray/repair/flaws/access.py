"""Who may do what: sessions that start anew, fields and roles that callers cannot set, passwords that are long enough.

Does not cover: missing checks of ownership or of roles, whose meaning only the owner of the code knows; those are named.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.flaws.wrapping import wrapped_value
from ncg_ray.repair.resolve import parameters
from ncg_ray.repair.source import Edit

MIN_PASSWORD = 12

PICK_FIELDS = '''
ALLOWED_FIELDS = frozenset(os.environ.get("ALLOWED_FIELDS", "").split(",")) - {""}


def pick_fields(values):
    """Those of the values that the environment's ALLOWED_FIELDS lists."""
    return {name: value for name, value in values.items() if name in ALLOWED_FIELDS}
'''


def session_renewed(place: Place) -> Iterator[Edit | None]:
    """A fresh session identifier at login."""
    statement = place.statement
    if statement is None:
        return
    draft = place.draft
    if place.names.uses("django") and place.function is not None and "request" in parameters(place.function):
        draft.before(statement, "request.session.cycle_key()")
    elif place.names.imported.get("session") == "flask.session":
        draft.before(statement, "session.clear()")
    yield place.done(draft, "fresh session at login")
    for value in place.pointed:
        if not re.search(r"(?i)sess|sid", place.source.of(value)):
            continue
        draft = place.draft
        draft.put(value, f"{draft.need('secrets')}.token_urlsafe(32)")
        yield place.done(draft, "fresh session identifier")
    draft = place.draft
    for node in place.nodes:
        for name in [n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]:
            value = place.names.definition(name)
            if value is not None and re.search(r"(?i)sess|sid", name.id):
                draft.put(value, f"{draft.need('secrets')}.token_urlsafe(32)")
    yield place.done(draft, "fresh session identifier")


def mass_assignment(place: Place) -> Iterator[Edit | None]:
    """Only fields of a list: the ones that the class declares in this module, else those that the environment names."""
    for call in place.calls():
        for keyword in call.keywords:
            if keyword.arg is None and not isinstance(keyword.value, ast.Dict | ast.DictComp):
                draft = place.draft
                name = _pick_fields(draft)
                draft.put(keyword.value, f"{name}({place.source.of(keyword.value)})")
                yield place.done(draft, "allow list of fields")
        if place.names.qualified(call.func) == "setattr" and len(call.args) == 3:
            loop = place.source.parents.get(place.source.statement_of(call) or call)
            while loop is not None and not isinstance(loop, ast.For):
                loop = place.source.parents.get(loop)
            draft = place.draft
            name = _pick_fields(draft)
            allowed = f"ALLOWED_FIELDS{name.removeprefix('pick_fields')}"
            if isinstance(loop, ast.For) and isinstance(loop.iter, ast.Call) and isinstance(
                    loop.iter.func, ast.Attribute) and loop.iter.func.attr == "items":
                draft.put(loop.iter.func.value, f"{name}({place.source.of(loop.iter.func.value)})")
                yield place.done(draft, "allow list of fields")
                guarded = place.draft
                _pick_fields(guarded)
                statement = place.source.statement_of(call)
                if statement is not None:
                    guarded.put_statement(statement, f"if {place.source.of(call.args[1])} in {allowed}:\n"
                                                     f"    {place.source.of(statement)}")
                yield place.done(guarded, "allow list of fields")
            else:
                statement = place.source.statement_of(call)
                if statement is not None:
                    refusal = place.refusal(draft, "this field cannot be set")
                    draft.before(statement, f"if {place.source.of(call.args[1])} not in {allowed}:\n    {refusal}")
                yield place.done(draft, "allow list of fields")
        if isinstance(call.func, ast.Attribute) and call.func.attr == "update" and call.args:
            draft = place.draft
            draft.put(call.args[0], f"{_pick_fields(draft)}({place.source.of(call.args[0])})")
            yield place.done(draft, "allow list of fields")

    for value in place.pointed:
        if not (isinstance(value, ast.Call) and value.keywords):  # what is made of the fields, not the fields
            yield wrapped_value(place, value, lambda draft, _, code: f"{_pick_fields(draft)}({code})",
                                "allow list of fields")


def _pick_fields(draft: Draft) -> str:
    draft.need("os", exact=True)
    return draft.helper("pick_fields", PICK_FIELDS)


def password_length(place: Place) -> Iterator[Edit | None]:
    """Twelve characters at least."""
    draft = place.draft
    function = place.function
    for node in ast.walk(function) if function is not None else place.nodes:
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in ("min_length", "min") and _is_below(keyword.value) and place.touches(node):
                    draft.put(keyword.value, str(MIN_PASSWORD))
        elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Call) and place.names.qualified(
                node.left.func) == "len" and _is_below(node.comparators[0]) and re.search(
                r"(?i)pass|pwd|pw", place.source.of(node.left)):
            if isinstance(node.ops[0], ast.Lt | ast.GtE):
                draft.put(node.comparators[0], str(MIN_PASSWORD))
            elif isinstance(node.ops[0], ast.LtE | ast.Gt):
                draft.put(node.comparators[0], str(MIN_PASSWORD - 1))
    yield place.done(draft, "longer passwords")
    draft = place.draft
    if function is not None:
        name = next((a.arg for a in (*function.args.args, *function.args.kwonlyargs) if re.search(
            r"(?i)^(new_?)?(password|passwd|pwd)\d?$", a.arg)), "")
        first = next((s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))), None)
        if name and first is not None:
            refusal = place.refusal(draft, f"a password needs {MIN_PASSWORD} characters")
            draft.before(first, f"if len({name}) < {MIN_PASSWORD}:\n    {refusal}")
    yield place.done(draft, "longer passwords")


def _is_below(node: ast.expr) -> bool:
    """Whether this is a length that is too short: no longest one, and not the empty password's."""
    return isinstance(node, ast.Constant) and isinstance(node.value, int) and 0 < node.value < MIN_PASSWORD


def anonymous_bind(place: Place) -> Iterator[Edit | None]:
    """An empty password is refused before the directory is asked."""
    function = place.function
    if function is None:
        return
    name = next((a.arg for a in function.args.args if re.search(r"(?i)pass|pwd", a.arg)), "")
    for branch in [n for n in ast.walk(function) if isinstance(n, ast.If) and any(place.touches(s) for s in n.orelse)]:
        draft = place.draft
        if len(branch.orelse) == 1 and isinstance(branch.test, ast.Name):
            draft.put_statement(branch.orelse[0], "return False")
            yield place.done(draft, "empty password refused")
    first = next((s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))), None)
    if name and first is not None:
        draft = place.draft
        draft.before(first, f"if not {name}:\n    return False")
        yield place.done(draft, "empty password refused")


def privileges(place: Place) -> Iterator[Edit | None]:
    """Without the rights of the superuser."""
    draft = place.draft
    for call in place.calls():
        for keyword in call.keywords:
            if keyword.arg in ("privileged",) and isinstance(keyword.value, ast.Constant) and keyword.value.value is True:
                draft.put(keyword.value, "False")
            elif keyword.arg == "user" and isinstance(keyword.value, ast.Constant) and keyword.value.value in (
                    "root", 0, "0"):
                draft.put(keyword.value, '"1000:1000"')
            elif keyword.arg in ("cap_add", "network_mode", "pid_mode"):
                draft.drop_argument(call, keyword)
        name = place.names.qualified(call.func)
        if name in ("os.setuid", "os.seteuid", "os.setgid") and call.args and place.names.constant(call.args[0]) == 0:
            draft.put(call.args[0], "65534")
    for node in place.nodes:
        if isinstance(node, ast.List) and node.elts and place.names.constant(node.elts[0]) in ("sudo", "/usr/bin/sudo"):
            start = place.source.span(node.elts[0])[0]
            draft.cut(
                start, place.source.span(node.elts[1])[0] if len(node.elts) > 1 else place.source.span(node.elts[0])[1]
            )
    yield place.done(draft, "without the superuser's rights")


def privilege_drop(place: Place) -> Iterator[Edit | None]:
    """Groups first, then the group, then the user."""
    function = place.function
    calls = {place.names.qualified(c.func): c for c in ast.walk(function or place.source.tree) if isinstance(c, ast.Call)}
    user, group = calls.get("os.setuid") or calls.get("os.seteuid"), calls.get("os.setgid") or calls.get("os.setegid")
    if user is None:
        return
    draft = place.draft
    statement = place.source.statement_of(user)
    assert statement is not None
    module = draft.need("os")
    if isinstance(user.func, ast.Attribute):
        draft.put(user.func, f"{module}.setuid")
    rows = [f"{module}.setgroups([])"] if "os.setgroups" not in calls and "os.initgroups" not in calls else []
    if group is not None and group.lineno > user.lineno:
        other = place.source.statement_of(group)
        if other is not None:
            draft.remove(other)
            rows.append(f"{module}.setgid({', '.join(place.source.of(a) for a in group.args)})")
    elif group is None:
        rows.append(f"{module}.setgid({draft.need('pwd')}.getpwuid({place.source.of(user.args[0])}).pw_gid)")
    if rows:
        draft.before(statement, "\n".join(rows))
    yield place.done(draft, "rights dropped in order")


def same_answer(place: Place) -> Iterator[Edit | None]:
    """One answer for an unknown user and for a wrong password."""
    function = place.function
    if function is None:
        return
    draft = place.draft
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(
                r"(?i)(user|account|e-?mail|name).*(not|unknown|exist|found|no such)|no such (user|account)"
                r"|unknown (user|account)"
                r"|(wrong|incorrect|invalid|bad) (password|pin)|password.*(wrong|incorrect|invalid|match)",
                node.value,
            )
            and _is_answer(place, node)
        ):
            draft.put(node, '"invalid credentials"')
        elif isinstance(node, ast.Constant) and node.value == 404 and isinstance(place.source.parents.get(node), (
                ast.Tuple, ast.Call, ast.keyword)):
            draft.put(node, "401")
    yield place.done(draft, "one answer for both")


def _is_answer(place: Place, node: ast.Constant) -> bool:
    """Whether a text is told to somebody as it stands: no query, no template, no key, no entry of a log."""
    parent = place.source.parents.get(node)
    if isinstance(parent, ast.Expr | ast.JoinedStr | ast.BinOp | ast.Compare | ast.Subscript | ast.Attribute) or (
            isinstance(parent, ast.Dict) and node in parent.keys):
        return False
    called = place.source.of(parent.func) if isinstance(parent, ast.Call) else ""
    return not re.search(r"(?i)(\b|_)log|execute|query|raw$|text$|print|get$", called) and not re.match(
        r"(?i)\s*(select|insert|update|delete|with)\s", str(node.value))


def origins(place: Place) -> Iterator[Edit | None]:
    """Origins that the environment lists, instead of all."""
    draft = place.draft
    listed = f'{draft.need("os")}.environ.get("ALLOWED_ORIGINS", "").split(",")'
    for node in place.nodes:
        if isinstance(node, ast.Constant) and node.value == "*":
            parent = place.source.parents.get(node)
            if isinstance(parent, ast.List) and len(parent.elts) == 1:
                draft.put(parent, listed)
            elif isinstance(parent, ast.Assign) or (isinstance(parent, ast.Dict) and "access-control" in str(
                    place.names.constant(parent.keys[parent.values.index(node)])).lower()):  # a header has one value
                draft.put(node, f'{draft.need("os")}.environ["ALLOWED_ORIGIN"]')
            elif isinstance(parent, ast.keyword | ast.Dict):
                draft.put(node, listed)
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "allow_origin_regex":
                    draft.drop_argument(node, keyword)
    yield place.done(draft, "listed origins")
    statement = place.statement
    for call in place.called("flask_cors.CORS"):
        draft = place.draft
        draft.keyword(call, "origins", f'{draft.need("os")}.environ.get("ALLOWED_ORIGINS", "").split(",")')
        yield place.done(draft, "listed origins")
    if isinstance(statement, ast.Assign):
        draft = place.draft
        module = draft.need("os")
        value = place.source.of(statement.value)
        if isinstance(statement.value, ast.Constant):
            draft.put(statement.value, f'{module}.environ["ALLOWED_ORIGIN"]')
        else:
            draft.put_statement(statement, f'if {value} in {module}.environ.get("ALLOWED_ORIGINS", "").split(","):\n'
                                           f"    {place.source.of(statement)}")
        yield place.done(draft, "listed origins")
    draft = place.draft
    for call in place.calls():
        if len(call.args) == 2 and "origin" in str(place.names.constant(call.args[0])).lower():
            draft.put(call.args[1], f'{draft.need("os")}.environ["ALLOWED_ORIGIN"]')
    yield place.done(draft, "listed origins")
