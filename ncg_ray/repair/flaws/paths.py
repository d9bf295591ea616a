"""Paths, archives and uploads: kept inside their folder, of a kind that is expected.

Source: the resolve-and-compare check of OWASP's Path Traversal page; PEP 706 for the filter of tarfile.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import REQUEST_FIELDS, Place
from ncg_ray.repair.resolve import literal
from ncg_ray.repair.source import Edit

_SINKS = frozenset(
    {
        "open",
        "send_file",
        "FileResponse",
        "remove",
        "unlink",
        "rmtree",
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "listdir",
        "rename",
        "copy",
        "move",
        "save",
        "send_from_directory",
        "rmdir",
        "replace",
    }
)

SAFE_PATH = '''
def safe_path(folder, path):
    """The path, where it lies inside the folder once links and dots are resolved."""
    if not Path(path).resolve().is_relative_to(Path(folder).resolve()):
        {refusal}
    return path
'''


def traversal(place: Place) -> Iterator[Edit | None]:
    """A path that is joined to a folder: checked to lie inside it; a bare name: its last part only."""
    for node in _joins(place):
        folder = _folder(place, node)
        if folder is not None:
            yield _checked(place, node, folder)
    for value in place.pointed:
        if _is_join(place, value) or (isinstance(value, ast.Call) and place.names.qualified(value.func).rpartition(
                ".")[2] in _SINKS):
            continue
        yield _base_name(place, value)
    for node in _joins(place):
        for name in _outside_parts(place, node):
            yield _base_name(place, name)


def _outside_parts(place: Place, node: ast.expr) -> list[ast.expr]:
    parts = [*node.args[1:]] if isinstance(node, ast.Call) else [node.right] if isinstance(node, ast.BinOp) else []
    pieces = place.names.pieces(node) or []
    return [p for p in [*parts, *(x.node for x in pieces if x.node is not None)] if place.is_outside(p)]


def _checked(place: Place, node: ast.expr, folder: str) -> Edit | None:
    parent = place.source.parents.get(node)
    checked = isinstance(parent, ast.Call) and place.names.qualified(parent.func) == "safe_path"
    if isinstance(node, ast.Constant | ast.Compare) or checked or not place.is_outside(node):
        return None
    draft = place.draft
    draft.put(node, f"{_safe_path(place, draft)}({folder}, {place.source.of(node)})")
    return place.done(draft, "path kept inside its folder")


def _safe_path(place: Place, draft: Draft) -> str:
    draft.need("pathlib", "Path", exact=True)
    return draft.helper("safe_path", SAFE_PATH.format(refusal=place.refusal(draft, "the path leaves its folder")))


def _base_name(place: Place, node: ast.expr) -> Edit | None:
    """Only of what a request gave, or is called a name: a parameter that is a whole path has its folders for a reason."""
    if isinstance(node, ast.Call) and place.names.qualified(node.func).startswith("os."):
        return None  # of a path that is made already
    is_request = any(isinstance(n, ast.Attribute) and n.attr in REQUEST_FIELDS for n in ast.walk(node)) or any(
        isinstance(n, ast.Name) and n.id == "request" for n in ast.walk(node))
    value = place.names.definition(node) if isinstance(node, ast.Name) else None
    if not is_request and value is not None:
        is_request = any(isinstance(n, ast.Attribute) and n.attr in REQUEST_FIELDS for n in ast.walk(value))
    if not is_request and not re.search(r"(?i)name|key|slug|title|page", place.source.of(node)):
        return None
    scope = place.source.of(place.function) if place.function is not None else place.source.text
    if re.search(r"rmtree|rmdir|listdir|scandir|os\.walk|iterdir|glob", scope):  # where `..`, which it keeps, does harm
        return None
    draft = place.draft
    draft.put(node, f"{draft.need('os')}.path.basename({place.source.of(node)})")
    return place.done(draft, "last part of the path only")


def _joins(place: Place) -> list[ast.expr]:
    """The expressions that join a folder and a name: those of the finding first, then those that lead to it."""
    found: list[ast.expr] = []

    def visit(node: ast.AST, depth: int) -> None:
        for inner in ast.walk(node):
            if isinstance(inner, ast.expr) and _is_join(place, inner) and inner not in found and not any(
                    inner in ast.walk(f) for f in found):
                found.append(inner)
            elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) and depth:
                for statement in place.names.assignments(inner):
                    value = getattr(statement, "value", None)
                    if isinstance(value, ast.expr):
                        visit(value, depth - 1)
    for root in ([*place.pointed] or [place.statement]):
        if root is not None:
            visit(root, 2)
    if place.statement is not None:
        visit(place.statement, 2)
    return found


def _is_join(place: Place, node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        name = place.names.qualified(node.func)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        return (name in ("os.path.join", "pathlib.Path", "pathlib.PurePath") and len(node.args) > 1) or (
            method == "joinpath" and bool(node.args))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return not isinstance(node.right, ast.Constant) and place.is_outside(node.right)
    pieces = place.names.pieces(node) if isinstance(node, ast.BinOp | ast.JoinedStr | ast.Call) else None
    return (pieces is not None and any("/" in p.text for p in pieces if p.node is None) and any(
        p.node is not None for p in pieces)) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)
                                                and isinstance(place.names.constant(node.left), str)
                                                and "/" in str(place.names.constant(node.left)))


def _folder(place: Place, node: ast.expr) -> str | None:
    """The source of the folder that a join begins with."""
    source = place.source
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "joinpath":
        return source.of(node.func.value)
    if isinstance(node, ast.Call) and place.names.qualified(node.func) in (
        "os.path.join",
        "pathlib.Path",
        "pathlib.PurePath",
    ):
        first = node.args[0]
        return source.of(first) if _is_folder(place, first, node.args[1:]) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        left = node.left
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Div) and place.is_outside(left.right):
            left = left.left
        return source.of(left) if _is_folder(place, left, [node.right]) else None
    pieces = place.names.pieces(node) or []
    folder = []
    for piece in pieces:
        if piece.node is None:
            text = piece.text
            if not folder and ("://" in text or not text.rpartition("/")[0]):
                return None  # an address; or the root, which everything lies in
            if folder or "/" in text:
                folder.append(literal(text.rpartition("/")[0]) if not folder else "")
            break
        if not _is_folder(place, piece.node, [p.node for p in pieces if p.node not in (piece.node, None)]):
            return None
        folder.append(source.of(piece.node))
    return next((f for f in folder if f), None)


def _is_folder(place: Place, first: ast.expr, rest: list[ast.expr]) -> bool:
    """Whether a path is to stay in what it begins with: the program's, or a parameter that another value is joined to."""
    if not place.is_outside(first):
        return True
    value = place.names.definition(first) or first
    given = any(isinstance(n, ast.Attribute) and n.attr in REQUEST_FIELDS for n in ast.walk(value)) or any(
        isinstance(n, ast.Call) and place.names.qualified(n.func) == "input" for n in ast.walk(value))
    joins = not all(isinstance(r, ast.Constant) for r in rest)
    return isinstance(first, ast.Name | ast.Attribute) and joins and not given


def filters(place: Place) -> Iterator[Edit | None]:
    """Dots that are taken out once, or only refused as `..`: the joined path is checked instead."""
    if place.function is not None:
        names = {n.id for n in ast.walk(place.focus or place.function) if isinstance(n, ast.Name)}
        for statement in ast.walk(place.function):
            if isinstance(statement, ast.Assign) and statement is place.statement:
                names |= {t.id for t in statement.targets if isinstance(t, ast.Name)}
        for node in ast.walk(place.function):
            if isinstance(node, ast.expr) and _is_join(place, node) and names & {
                    n.id for n in ast.walk(node) if isinstance(n, ast.Name)}:
                folder = _folder(place, node)
                if folder is None or "safe_path(" in place.source.of(place.function):
                    continue
                draft = place.draft
                draft.put(node, f"{_safe_path(place, draft)}({folder}, {place.source.of(node)})")
                for call in _dot_filters(place):
                    parent = place.source.parents.get(call)
                    if isinstance(parent, ast.Assign) and isinstance(call.func, ast.Attribute) and isinstance(
                            call.func.value, ast.Name) and isinstance(parent.targets[0], ast.Name) and (
                            parent.targets[0].id == call.func.value.id):
                        draft.remove(parent)
                    elif isinstance(call.func, ast.Attribute):
                        draft.put(call, place.source.of(call.func.value))
                yield place.done(draft, "path kept inside its folder")
                yield _checked(place, node, folder)
        for branch in [n for n in ast.walk(place.function) if isinstance(n, ast.If) and place.touches(n)]:
            tested = all(isinstance(t, ast.Compare) and place.names.constant(t.left) in ("..", "../") for t in (
                branch.test.values if isinstance(branch.test, ast.BoolOp) else [branch.test]))
            leaves = all(isinstance(s, ast.Return | ast.Raise | ast.Expr) for s in branch.body) and not branch.orelse
            if tested and leaves and "safe_path(" in place.source.of(place.function):
                draft = place.draft
                draft.remove(branch)
                yield place.done(draft, "partial check taken out, the whole path is checked")
    for call in _dot_filters(place):
        inner: ast.expr = call
        while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "replace":
            inner = inner.func.value
        draft = place.draft
        draft.put(call, f"{draft.need('os')}.path.basename({place.source.of(inner)})")
        yield place.done(draft, "last part of the path only")
    yield from traversal(place)


def _dot_filters(place: Place) -> list[ast.Call]:
    """The calls of `replace` that take dots or separators out."""
    return [c for c in place.called(".replace") if c.args and re.search(r"\.\.|[/\\]", str(place.names.constant(c.args[0])))]


def archives(place: Place) -> Iterator[Edit | None]:
    """tarfile's data filter; members of other archives are checked before any is written."""
    draft = place.draft
    for call in place.called(".extractall", ".extract"):
        if _kind(place, call) == "tar":
            draft.keyword(call, "filter", '"data"')
    for call in place.called("shutil.unpack_archive"):  # other formats refuse a filter
        if re.search(r"tar['\"]|\.tar|\.tgz", place.source.of(call)):
            draft.keyword(call, "filter", '"data"')
    yield place.done(draft, 'filter="data"')
    for call in place.called(".extractall"):
        if not isinstance(call.func, ast.Attribute) or _kind(place, call) != "zip":
            continue
        draft, archive = place.draft, place.source.of(call.func.value)
        statement = place.source.statement_of(call)
        given = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "path")]
        folder = place.source.of(given[0]) if given else '"."'
        path = draft.need("pathlib", "Path")
        if statement is None:
            continue
        refusal = place.refusal(draft, "a member of the archive leaves its folder")
        draft.before(
            statement,
            f"for member in {archive}.namelist():\n"
            f"    if not {path}({folder}, member).resolve().is_relative_to({path}({folder}).resolve()):\n"
            f"        {refusal}",
        )
        yield place.done(draft, "checked members")


def _kind(place: Place, call: ast.Call) -> str:
    """`tar` or `zip`: by what the archive was opened with, else by the only one of the two that the module uses."""
    archive = call.func.value if isinstance(call.func, ast.Attribute) else None
    for node in ast.walk(place.source.function_of(call) or place.source.tree):
        for name, value in [(i.optional_vars, i.context_expr) for i in getattr(node, "items", ())] if isinstance(
                node, ast.With) else [(node.targets[0], node.value)] if isinstance(node, ast.Assign) else []:
            if isinstance(archive, ast.Name) and isinstance(name, ast.Name) and name.id == archive.id and isinstance(
                    value, ast.Call):
                module = place.names.qualified(value.func).partition(".")[0]
                if module in ("tarfile", "zipfile"):
                    return module[:3]
    used = [kind for kind, module in (("tar", "tarfile"), ("zip", "zipfile")) if place.names.uses(module)]
    return used[0] if len(used) == 1 else ""


def uploads(place: Place) -> Iterator[Edit | None]:
    """Only the usual kinds of documents and pictures."""
    statement, function = place.statement, place.function
    if statement is None or function is None:
        return
    upload = next((place.source.of(n.value) for n in ast.walk(function) if isinstance(n, ast.Attribute)
                   and n.attr in ("filename", "name") and isinstance(n.value, ast.Name)
                   and n.lineno <= statement.end_lineno), "")  # type: ignore[operator]
    if not upload:
        for call in place.called(".save"):
            if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
                upload = call.func.value.id
    if not upload:
        return
    attribute = "name" if place.names.uses("django") else "filename"
    draft = place.draft
    module = draft.need("os")
    name = draft.helper("ALLOWED_EXTENSIONS", 'ALLOWED_EXTENSIONS = frozenset({".csv", ".gif", ".jpeg", ".jpg", ".pdf", '
                                              '".png", ".txt", ".webp"})')
    refusal = place.refusal(draft, "this kind of file is not accepted")
    check = f'if {module}.path.splitext({upload}.{attribute} or "")[1].lower() not in {name}:\n    {refusal}'
    first = next((s for s in ast.walk(function) if isinstance(s, ast.stmt) and s is not function and upload in {
        n.id for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}), statement)
    draft.before(first, check)
    yield place.done(draft, "allow list of extensions")
