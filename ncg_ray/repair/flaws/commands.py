"""Programs that are started through a shell: lists of arguments instead, or quoted values where a shell must stay.

Covers: `os.system`, `os.popen`, `subprocess.*` with `shell=True`, `asyncio.create_subprocess_shell`, `exec_command` of SSH,
arguments that begin with a dash. Does not cover: what the program itself makes of its arguments.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import REQUEST_FIELDS, Place
from ncg_ray.repair.flaws.wrapping import already, fstring_of, rewrite_text, wrapped_value
from ncg_ray.repair.resolve import Piece, fstring
from ncg_ray.repair.source import Edit

_RUN = ("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen")
_SHELL = re.compile(r"[|&;<>$`\\*?~(){}#\n]")
"Characters that only a shell understands; `[]` and `!` are left to the program."
_MANY = re.compile(r"(?i)^_?(args|arguments|options|opts|flags|extra|params|switches|\w+_(args|options|flags))$")
"Names of variables that hold several arguments."
_BUILTINS = frozenset({"cd", "source", ".", "export", "exit", "ulimit", "umask", "set", "unset", "alias", "eval", "exec"})
"Commands of the shell itself."
_HOLE = "\x00{}\x00"

CHECK_ARGUMENT = '''
def check_argument(value):
    """The value, where a program cannot take it for an option."""
    if str(value).startswith("-"):
        {refusal}
    return value
'''


def rewrites(place: Place) -> Iterator[Edit | None]:
    """Without a shell first; quoted values where the command uses the shell."""
    calls = [c for c in place.calls() if _kind(place, c)] or [
        c for c in ast.walk(place.function or place.source.tree) if isinstance(c, ast.Call) and _kind(place, c)]
    for call in calls:
        yield _without_shell(place, call)
        yield _split(place, call)
        yield _quoted(place, call)


def _kind(place: Place, call: ast.Call) -> str:
    name = place.names.qualified(call.func)
    if name in _RUN and any(k.arg == "shell" and getattr(k.value, "value", None) is True for k in call.keywords):
        return "run"
    if name in ("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
                "asyncio.create_subprocess_shell"):
        return name
    return "ssh" if isinstance(call.func, ast.Attribute) and call.func.attr == "exec_command" and call.args else ""


def _pieces(place: Place, call: ast.Call) -> tuple[ast.expr, list[Piece] | None]:
    """(where the command's text is, its pieces)."""
    if not call.args:
        return call, None
    node = call.args[0]
    value = place.names.definition(node) if isinstance(node, ast.Name) else None
    if value is None and isinstance(node, ast.Name):
        value = place.names.latest(node)
    return node, place.names.pieces(value if value is not None else node)


def _without_shell(place: Place, call: ast.Call) -> Edit | None:
    """The command as a list of arguments."""
    node, pieces = _pieces(place, call)
    if pieces is None or _kind(place, call) in ("", "ssh"):
        return None
    words = _words(place, pieces)
    if words is None:
        return None
    draft = place.draft
    if not _start(place, draft, call, f"[{', '.join(words)}]", ", ".join(words)):
        return None
    if isinstance(node, ast.Name):
        _forget(place, draft, node)
    return place.done(draft, "arguments instead of a shell")


def _words(place: Place, pieces: list[Piece]) -> list[str] | None:
    """The arguments as source; None where the command needs a shell."""
    holes = [p for p in pieces if p.node is not None]
    constant = "".join(p.text for p in pieces)
    if _SHELL.search(constant):
        return None
    text, n = "", 0
    for piece in pieces:
        text += piece.text if piece.node is None else _HOLE.format(n)
        n += piece.node is not None
    try:
        words = shlex.split(text)
    except ValueError:
        return None
    if not words or words[0].startswith("\x00") or words[0] in _BUILTINS or re.match(r"\w+=", words[0]):
        return None
    found = []
    for word in words:
        parts: list[Piece] = []
        for at, part in enumerate(re.split("\x00", word)):
            if at % 2 and part.isdecimal():
                parts.append(holes[int(part)])
            elif part:
                parts.append(Piece(part))
        first = parts[0] if parts else Piece("")
        if len(parts) == 1 and first.node is not None and not first.spec:
            name = getattr(first.node, "id", None) or getattr(first.node, "attr", "")
            code = place.source.of(first.node)
            if already(place.names, first.node, "quote"):
                code = place.source.of(first.node.args[0])  # type: ignore[attr-defined]
            if already(place.names, first.node, "join") or isinstance(first.node, ast.Starred):
                return None
            found.append(
                f"*shlex.split({code})"
                if name and _MANY.match(name)
                else code
                if place.is_str(first.node) or _is_added(place, first.node)
                else f"str({code})"
            )
        else:
            found.append(fstring(parts, place.source) if parts else '""')
    return found


def _is_added(place: Place, node: ast.expr) -> bool:
    """Whether a value is a text, since it is put together with one by `+`."""
    parent = place.source.parents.get(node)
    return isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add)


def _start(place: Place, draft: Draft, call: ast.Call, listed: str, words: str) -> bool:
    """Change the call to one that takes a list."""
    kind = _kind(place, call)
    node = call.args[0]
    if "shlex.split" in listed:
        draft.need("shlex", exact=True)
    scope = place.source.of(place.function) if place.function else place.source.text
    if kind == "os.system" and re.search(r">>|os\.W|waitstatus", scope):  # more than the exit code is read from the status
        return False
    if kind == "run":
        draft.put(node, listed)
        draft.drop_argument(call, next(k for k in call.keywords if k.arg == "shell"))
        return True
    if kind == "asyncio.create_subprocess_shell":
        end = place.source.span(call.func)[1]
        draft.cut(end - len("create_subprocess_shell"), end, "create_subprocess_exec")
        draft.put(node, words)
        return True
    run = draft.need("subprocess")
    new = {"os.system": f"{run}.call({listed})",
           "os.popen": f"{run}.Popen({listed}, stdout={run}.PIPE, text=True).stdout",
           "subprocess.getoutput": f"{run}.run({listed}, stdout={run}.PIPE, stderr={run}.STDOUT, text=True)"
                                   '.stdout.rstrip("\\n")'}.get(kind)
    if new is None:
        return False
    draft.put(call, new)
    return True


def _forget(place: Place, draft: Draft, name: ast.Name) -> None:
    """Take out the assignment of a command that nothing else uses."""
    function = place.source.function_of(name)
    uses = [n for n in ast.walk(function or place.source.tree) if isinstance(n, ast.Name) and n.id == name.id
            and isinstance(n.ctx, ast.Load)]
    statements = place.names.assignments(name)
    if len(uses) == 1 and len(statements) == 1 and isinstance(statements[0], ast.Assign):
        draft.remove(statements[0])


def _split(place: Place, call: ast.Call) -> Edit | None:
    """A command whose text is not seen, or is put together from several arguments: split as a shell would.

    Not where a request chooses the program too: that needs no shell to do harm.
    """
    kind = _kind(place, call)
    if kind in ("", "ssh", "subprocess.getstatusoutput") or not call.args:
        return None
    node, pieces = _pieces(place, call)
    if _SHELL.search("".join(p.text for p in pieces or ())) or _chosen_outside(place, node, pieces):
        return None
    draft = place.draft
    draft.need("shlex", exact=True)
    split = f"shlex.split({place.source.of(node)})"
    return place.done(draft, "arguments instead of a shell") if _start(place, draft, call, split, f"*{split}") else None


def _chosen_outside(place: Place, node: ast.expr, pieces: list[Piece] | None) -> bool:
    """Whether the first word of a command is a value of a request or of input."""
    first = pieces[0].node if pieces else node
    if first is None:
        return False
    value = place.names.latest(first) or first
    return any(isinstance(n, ast.Attribute) and n.attr in REQUEST_FIELDS for n in ast.walk(value)) or any(
        isinstance(n, ast.Call) and place.names.qualified(n.func) == "input" for n in ast.walk(value))


def _quoted(place: Place, call: ast.Call) -> Edit | None:
    """Every value in the command goes through `shlex.quote`; quotation marks of its own around a value go.

    Not where the command begins with a value (the program), nor where one stands inside a longer text in quotation marks.
    """
    draft = place.draft
    if not call.args:
        return None

    def quote(draft: Draft, node: ast.expr, code: str) -> str:
        return f"{draft.need('shlex')}.quote({code if place.is_str(node) else f'str({code})'})"
    for text, pieces in place.texts(call.args[0]):
        bare = _unquoted(pieces)
        is_command = text is call.args[0] or text is place.names.latest(call.args[0])
        if bare is None or (is_command and pieces[0].node is not None):
            return None
        if bare == pieces:
            rewrite_text(place, draft, text, pieces, quote,
                         lambda p, *_: p.node is not None and not already(place.names, p.node, "quote"))
        else:
            parts = [p if p.node is None or already(place.names, p.node, "quote") else Piece(
                node=ast.parse(quote(draft, p.node, f"({place.source.of(p.node)})"), mode="eval").body) for p in bare]
            draft.put(text, fstring_of(parts), atomic=False)
    return place.done(draft, "quoted values in a shell command")


def _unquoted(pieces: list[Piece]) -> list[Piece] | None:
    """The pieces without the quotation marks that are right around a value; None where there is more inside of them."""
    found = list(pieces)
    is_open = ""
    for n, piece in enumerate(pieces):
        if piece.node is None:
            for mark in piece.text:
                is_open = "" if mark == is_open else is_open or (mark if mark in "'\"" else "")
            continue
        if not is_open:
            continue
        behind = found[n + 1].text if n + 1 < len(found) else ""
        if found[n - 1].text[-1:] != is_open or behind[:1] != is_open or piece.spec:
            return None
        found[n - 1], found[n + 1] = Piece(found[n - 1].text[:-1]), Piece(behind[1:])
    return found


def argument_rewrites(place: Place) -> Iterator[Edit | None]:
    """A value that a program could take for an option: `--` before it where the program knows that, else a check."""
    focus = place.focus
    if focus is None:
        return
    parent = place.source.parents.get(focus)
    if isinstance(parent, ast.List) and focus in parent.elts[1:] and _takes_dashes(place, parent, parent.elts.index(focus)):
        draft = place.draft
        start, _ = place.source.span(focus)
        draft.cut(start, start, '"--", ')
        yield place.done(draft, '"--" before an argument')

    def check(draft: Draft, node: ast.expr, code: str) -> str:
        refusal = place.refusal(draft, "an argument must not begin with a dash")
        return f"{draft.helper('check_argument', CHECK_ARGUMENT.format(refusal=refusal))}({code})"
    if isinstance(parent, ast.List):  # findings on one line are told as one
        draft = place.draft
        for argument in parent.elts[1:]:
            if not isinstance(argument, ast.Constant | ast.Starred) and place.is_outside(argument):
                draft.put(argument, check(draft, argument, place.source.of(argument)))
        yield place.done(draft, "checked arguments")
    yield wrapped_value(place, focus, check, "checked argument")
    for value in place.pointed[1:]:
        yield wrapped_value(place, value, check, "checked argument")


_OPERANDS = {"git clone", "git fetch", "git pull", "git push", "git add", "git rm", "git init"}
_FLAGS = {"rm": "rRfivd", "ls": "lahrtRS1F", "cat": "nbsE", "wc": "lwcm", "cp": "raRpfv", "mv": "fnv", "mkdir": "pv",
          "ln": "sf", "touch": "acm",
          "head": "", "tail": "f", "sort": "rnu", "file": "b", "stat": "L", "gzip": "dkfc", "diff": "urq",
          "grep": "irnlcvEF", "chmod": "R", "chown": "R", "curl": "sSfLI", "wget": "q"}
"Program -> its options that take no value, so that an operand follows."


def _takes_dashes(place: Place, words: ast.List, index: int) -> bool:
    """Whether `--` may stand here: only operands follow, and it is no value of an option."""
    texts = [place.names.constant(w) for w in words.elts]
    program = str(texts[0]).rpartition("/")[2]
    if any(isinstance(t, str) and t.startswith("-") for t in texts[index + 1:]) or "--" in texts:
        return False
    if program == "git":
        return index == 2 and f"git {texts[1]}" in _OPERANDS
    options = [str(t) for t in texts[1:index] if str(t).startswith("-")]
    return program in _FLAGS and all(t[1:] and set(t[1:]) <= set(_FLAGS[program]) for t in options)


CHECK_PROGRAM = '''
ALLOWED_PROGRAMS = frozenset(os.environ.get("ALLOWED_PROGRAMS", "").split(os.pathsep)) - {{""}}


def check_program(name):
    """The name, where the environment's ALLOWED_PROGRAMS lists it."""
    if name not in ALLOWED_PROGRAMS:
        {refusal}
    return name
'''


def program_rewrites(place: Place) -> Iterator[Edit | None]:
    """A program that the caller names: only those that the environment lists."""
    def check(draft: Draft, node: ast.expr, code: str) -> str:
        draft.need("os", exact=True)
        refusal = place.refusal(draft, "this program is not allowed")
        return f"{draft.helper('check_program', CHECK_PROGRAM.format(refusal=refusal))}({code})"
    for value in place.pointed:
        target = value.elts[0] if isinstance(value, ast.List) and value.elts else value
        if isinstance(target, ast.Call) and place.names.qualified(target.func) in _RUN and target.args:
            target = target.args[0]
        yield wrapped_value(place, target, check, "allow list of programs")
    yield from rewrites(place)
