"""Files that others could prepare: temporary names, search paths, checks before the use."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.resolve import literal
from ncg_ray.repair.source import Edit


def temporary(place: Place) -> Iterator[Edit | None]:
    """`mkstemp` and `mkdtemp` instead of names that can be guessed."""
    for call in place.called("tempfile.mktemp"):
        draft = place.draft
        given = ", ".join([*(place.source.of(a) for a in call.args),
                           *(f"{k.arg}={place.source.of(k.value)}" for k in call.keywords)])
        _made(place, draft, call, given, always=True)
        yield place.done(draft, "temporary file made at once")
    for node in reversed(place.nodes):
        if not isinstance(node, ast.expr):
            continue
        pieces = place.names.pieces(node)
        joined = isinstance(node, ast.Call) and place.names.qualified(node.func) == "os.path.join"
        text = pieces[0].text if pieces and pieces[0].node is None else ""
        if joined and isinstance(node, ast.Call):
            text = "/tmp/" if "gettempdir" in place.source.of(node) or str(place.names.constant(node.args[0])).startswith(
                "/tmp") else ""
        if not re.match(r"((/var)?/tmp|/dev/shm)(/|$)", text) or _is_read(place, node):
            continue
        yield _unguessable(place, node, "".join(p.text for p in pieces or ()))


def _made(place: Place, draft: Draft, node: ast.expr, given: str, always: bool) -> None:
    """A file with a random name instead of a name; `always`: at the module's top in two statements too."""
    module, statement = draft.need("tempfile"), place.source.parents.get(node)
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name) and (
            always or place.source.function_of(node)):
        draft.put_statement(statement, f"descriptor, {statement.targets[0].id} = {module}.mkstemp({given})\n"
                                       f"{draft.need('os')}.close(descriptor)")
    else:
        draft.put(node, f"{module}.NamedTemporaryFile({given + ', ' if given else ''}delete=False).name")


def _is_read(place: Place, node: ast.expr) -> bool:
    """Whether a file of this name is opened for reading: it has to be the one that is there."""
    parent = place.source.parents.get(node)
    names = {t.id for t in parent.targets if isinstance(t, ast.Name)} if isinstance(parent, ast.Assign) else set()
    for call in ast.walk(place.source.function_of(node) or place.source.tree):
        if isinstance(call, ast.Call) and place.names.qualified(call.func) == "open" and call.args and (
                call.args[0] is node or getattr(call.args[0], "id", "") in names):
            modes = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
            return all(isinstance(m, ast.Constant) and str(m.value).startswith("r") for m in modes)
    return False


def _unguessable(place: Place, node: ast.expr, text: str) -> Edit | None:
    draft = place.draft
    last = text.rpartition("/")[2]
    stem, dot, suffix = last.rpartition(".") if "." in last else (last, "", "")
    prefix = re.sub(r"\W+", "_", stem).strip("_")
    given = ", ".join(x for x in (f'prefix="{prefix}_"' if prefix else "", f'suffix=".{suffix}"' if dot else "") if x)
    is_folder = not dot and (place.finding.rule == "configuration-temporary-folder" or "mkdir" in place.source.text
                             or "makedirs" in place.source.text)
    if is_folder:
        draft.put(node, f"{draft.need('tempfile')}.mkdtemp({given})")
    else:
        _made(place, draft, node, given, always=False)
    return place.done(draft, "temporary file with a random name")


def search_path(place: Place) -> Iterator[Edit | None]:
    """Modules and programs are looked up next to the program, not in a folder of other people's."""
    own = "os.path.dirname(os.path.abspath(__file__))"
    draft = place.draft
    for call in place.calls():
        name = place.names.qualified(call.func)
        if name == "os.getcwd":
            draft.need("os", exact=True)
            draft.put(call, own)
        elif name in ("sys.path.insert", "sys.path.append") and call.args and not any(
                place.names.qualified(c.func) == "os.getcwd" for c in ast.walk(call) if isinstance(c, ast.Call)):
            draft.need("os", exact=True)
            value = place.names.constant(call.args[-1])
            folder = str(value).rpartition("/")[2].strip(".") if isinstance(value, str) else ""
            draft.put(call.args[-1], f"os.path.join({own}, {literal(folder)})" if folder else own)
    yield place.done(draft, "folder of the program")
    if isinstance(place.statement, ast.Expr):
        draft = place.draft
        draft.remove(place.statement)
        yield place.done(draft, "search path left alone")
    draft = place.draft
    for node in ast.walk(place.function or place.source.tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript) and place.names.qualified(
                node.targets[0].value) == "os.environ" and place.names.constant(node.targets[0].slice) in (
                "PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "LD_PRELOAD"):
            draft.remove(node)
        elif isinstance(node, ast.Call) and place.names.qualified(node.func) == "os.getcwd":
            draft.need("os", exact=True)
            draft.put(node, own)
    loads = [c for c in place.calls() if place.names.qualified(c.func).startswith("ctypes.")]
    for call in loads:
        if call.args and isinstance(call.args[0], ast.Call) and place.names.qualified(call.args[0].func) == "os.path.join":
            for argument in call.args[0].args[1:]:
                if isinstance(argument, ast.Name):
                    draft.put(argument, f"{draft.need('os')}.path.basename({argument.id})")
    yield place.done(draft, "folder of the program")
    for value in place.pointed:
        if isinstance(place.source.parents.get(value), ast.Expr):
            continue
        draft = place.draft
        draft.need("os", exact=True)
        draft.put(value, f"os.path.join({own}, os.path.basename({place.source.of(value)}))")
        yield place.done(draft, "folder of the program")


def race(place: Place) -> Iterator[Edit | None]:
    """A check of a file before its use: the use itself says what is wrong."""
    function = place.function
    if function is None:
        return
    for node in ast.walk(function):
        test = node.test if isinstance(node, ast.If | ast.While) else None
        if test is None or not place.touches(node):
            continue
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test = test.operand
        if not isinstance(test, ast.Call):  # another condition beside it would be lost
            continue
        name, path = place.names.qualified(test.func), test.args[0] if test.args else None
        if name not in ("os.access", "os.path.exists", "os.path.isfile"):
            if not isinstance(test.func, ast.Attribute) or test.func.attr not in ("exists", "is_file"):
                continue
            path = test.func.value
        if path is not None and isinstance(node, ast.If):
            yield _tried(place, node, place.source.of(path), name == "os.access")
        if isinstance(node, ast.While):
            yield _exclusive(place, node)


_USES = frozenset({"open", "remove", "unlink", "read_text", "read_bytes", "stat", "getsize", "getmtime", "chmod", "chown",
                   "listdir", "rename", "replace", "copy", "copyfile", "move", "rmtree", "rmdir", "readlink", "truncate"})
"What fails where a file is not there."


def _tried(place: Place, node: ast.If, path: str, is_access: bool) -> Edit | None:
    """`if not os.access(p): return X` and what follows, or `if exists(p): use(p)`: the use in `try ... except OSError`."""
    parent = place.source.parents.get(node)
    block: list[ast.stmt] = getattr(parent, "body", [])
    if node not in block:
        return None
    source, draft = place.source, place.draft
    blanks = source.indent(node)
    negated = isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not)
    if negated and len(node.body) == 1 and isinstance(node.body[0], ast.Return | ast.Raise) and not node.orelse:
        rest = block[block.index(node) + 1:]
        handler = source.of(node.body[0])
    elif not negated and not node.orelse and not isinstance(node.test, ast.BoolOp):
        rest, handler = node.body, "pass"
    else:
        return None
    if not rest:
        return None
    if not any(_fails(place, c, path, is_access) for s in rest for c in ast.walk(s) if isinstance(c, ast.Call)):
        return None  # without the check nothing would say that the file is not there
    start, end = source.lines_span(rest)
    inner = source.text[start:end]
    if source.has_long_string(start, end):
        return None
    first, last = source.lines_span([node])[0], source.lines_span([*block[block.index(node):]] if negated else [node])[1]
    own = source.indent(rest[0])
    body = "".join(blanks + "    " + line[len(own):] if line.strip() else line for line in inner.splitlines(keepends=True))
    if not body.endswith("\n"):
        body += "\n"
    error = "FileNotFoundError" if handler == "pass" and not is_access else "OSError"
    draft.cut(first, last, f"{blanks}try:\n{body}{blanks}except {error}:\n{blanks}    {handler}\n")
    return place.done(draft, "use without a check before it")


def _fails(place: Place, call: ast.Call, path: str, is_access: bool) -> bool:
    """Whether a call uses the file of this path, and does not make it where it is not there."""
    last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    values = [*call.args, *([call.func.value] if isinstance(call.func, ast.Attribute) else [])]
    modes = [place.names.constant(v) for v in [*call.args, *(k.value for k in call.keywords if k.arg == "mode")]]
    makes = last == "open" and any(isinstance(m, str) and re.fullmatch(r"[wax][bt+]*", m) for m in modes)
    return last in _USES and any(place.source.of(v) == path for v in values) and (is_access or not makes)


def _exclusive(place: Place, node: ast.While) -> Edit | None:
    """`while exists(p): wait` and `open(p, "w")`: `open(p, "x")` until it succeeds."""
    parent = place.source.parents.get(node)
    block: list[ast.stmt] = getattr(parent, "body", [])
    at = block.index(node) + 1 if node in block else 0
    follower = block[at] if 0 < at < len(block) else None
    if not isinstance(follower, ast.With):
        return None
    call = follower.items[0].context_expr
    if not isinstance(call, ast.Call) or len(call.args) < 2 or place.names.constant(call.args[1]) not in ("w", "wb"):
        return None
    source, draft = place.source, place.draft
    blanks = source.indent(node)
    mode = "x" + str(place.names.constant(call.args[1]))[1:]
    start, end = source.lines_span([follower])
    writing = source.text[start:end]
    a, b = source.span(call.args[1])
    writing = writing[:a - start] + f'"{mode}"' + writing[b - start:]
    s, e = source.lines_span(node.body)
    if source.has_long_string(s, end):
        return None
    waiting = source.text[s:e]

    def deeper(text: str) -> str:
        return "".join("    " + line if line.strip() else line for line in text.splitlines(keepends=True))
    draft.cut(source.lines_span([node])[0], end,
              f"{blanks}while True:\n{blanks}    try:\n{deeper(deeper(writing))}{blanks}        break\n"
              f"{blanks}    except FileExistsError:\n{deeper(waiting)}")
    return place.done(draft, "file made and opened at once")
