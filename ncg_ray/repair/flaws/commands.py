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
from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.flaws.wrapping import already, rewrite_text, wrapped_value
from ncg_ray.repair.resolve import Piece, fstring
from ncg_ray.repair.source import Edit

_RUN = ("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen")
_SHELL = re.compile(r"[|&;<>$`\\*?~(){}#\n]")
"Characters that only a shell understands; `[]` and `!` are left to the program."
_MANY = re.compile(r"(?i)^_?(args|arguments|options|opts|flags|extra|params|switches|\w+_(args|options|flags))$")
"Names of variables that hold several arguments."
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
    if not words or words[0].startswith("\x00"):
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
                if place.is_str(first.node)
                else f"str({code})"
                if not _is_textlike(place, first.node)
                else code
            )
        else:
            found.append(fstring(parts, place.source) if parts else '""')
    return found


def _is_textlike(place: Place, node: ast.expr) -> bool:
    """Whether a value may go into a list of arguments as it is: all but what is surely a number."""
    if isinstance(node, ast.Name):
        function = place.source.function_of(node)
        for arg in (*function.args.args, *function.args.kwonlyargs) if function else ():
            if arg.arg == node.id and isinstance(arg.annotation, ast.Name):
                return arg.annotation.id not in ("int", "float", "bool")
        value = place.names.definition(node)
        return value is None or _is_textlike(place, value)
    if isinstance(node, ast.Call):
        return place.names.qualified(node.func) not in ("int", "float", "len", "round", "os.getpid")
    return not (isinstance(node, ast.Constant) and not isinstance(node.value, str))


def _start(place: Place, draft: Draft, call: ast.Call, listed: str, words: str) -> bool:
    """Change the call to one that takes a list."""
    kind = _kind(place, call)
    node = call.args[0]
    if "shlex.split" in listed:
        draft.need("shlex")
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
    """A command whose text is not seen, or is put together from several arguments: split as a shell would."""
    kind = _kind(place, call)
    if kind in ("", "ssh", "subprocess.getstatusoutput") or not call.args:
        return None
    node, pieces = _pieces(place, call)
    if _SHELL.search("".join(p.text for p in pieces or ())):
        return None
    draft = place.draft
    split = f"{draft.need('shlex')}.split({place.source.of(node)})"
    return place.done(draft, "arguments instead of a shell") if _start(place, draft, call, split, f"*{split}") else None


def _quoted(place: Place, call: ast.Call) -> Edit | None:
    """Every value in the command goes through `shlex.quote`."""
    draft = place.draft

    def quote(draft: Draft, node: ast.expr, code: str) -> str:
        return f"{draft.need('shlex')}.quote({code if place.is_str(node) else f'str({code})'})"
    for text, pieces in place.texts(call.args[0] if call.args else call):
        rewrite_text(place, draft, text, pieces, quote, lambda piece, *_: not already(place.names, piece.node, "quote")
                     if piece.node is not None else False)
    if _kind(place, call) == "ssh" and isinstance(call.args[0], ast.Name) and not place.texts(call.args[0]):
        return None
    return place.done(draft, "quoted values in a shell command")


def argument_rewrites(place: Place) -> Iterator[Edit | None]:
    """A value that a program could take for an option: `--` before it where the program knows that, else a check."""
    focus = place.focus
    if focus is None:
        return
    parent = place.source.parents.get(focus)
    if isinstance(parent, ast.List) and len(parent.elts) > 1:
        draft = place.draft
        program = place.names.constant(parent.elts[0])
        known = {
            "git",
            "ls",
            "cat",
            "grep",
            "rm",
            "cp",
            "mv",
            "tar",
            "touch",
            "mkdir",
            "head",
            "tail",
            "ssh-keygen",
            "chmod",
            "chown",
            "sort",
            "wc",
            "file",
            "stat",
            "ln",
            "gzip",
            "find",
            "diff",
            "curl",
            "rsync",
            "wget",
            "nslookup",
        }
        if isinstance(program, str) and program.rpartition("/")[2] in known - {"find", "nslookup"}:
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
        draft.need("os")
        refusal = place.refusal(draft, "this program is not allowed")
        return f"{draft.helper('check_program', CHECK_PROGRAM.format(refusal=refusal))}({code})"
    for value in place.pointed:
        target = value.elts[0] if isinstance(value, ast.List) and value.elts else value
        if isinstance(target, ast.Call) and place.names.qualified(target.func) in _RUN and target.args:
            target = target.args[0]
        yield wrapped_value(place, target, check, "allow list of programs")
    yield from rewrites(place)
