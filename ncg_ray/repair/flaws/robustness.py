"""Checks that can vanish, errors that are swallowed or told, sizes without a bound, locks and files left open."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.flaws.wrapping import wrapped_sources, wrapped_value
from ncg_ray.repair.source import Edit

_SIZED = frozenset({"range", "bytes", "bytearray", "zeros", "ones", "empty", "urandom", "token_bytes", "token_hex",
                    "randbytes", "sleep", "read", "repeat", "limit", "ljust", "rjust", "zfill", "center"})
"Functions that take a number, and cost as much."
LIMIT, LIMIT_BYTES = 1000, 10_000_000


def assertions(place: Place) -> Iterator[Edit | None]:
    """`assert x` as `if not x: raise`."""
    draft = place.draft
    for node in place.nodes:
        if not isinstance(node, ast.Assert):
            continue
        test = node.test
        negated = (
            place.source.of(test.operand)
            if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
            else f"not {place.source.of(test)}"
            if not isinstance(test, ast.BoolOp | ast.IfExp | ast.Lambda | ast.NamedExpr)
            else f"not ({place.source.of(test)})"
        )
        message = place.names.constant(node.msg) if node.msg is not None else None
        words = str(message) if isinstance(message, str) else "the check failed"
        outside = place.names.uses("flask", "fastapi", "django")
        guards = re.search(r"(?i)admin|staff|permission|role|auth|owner|allowed|is_superuser", place.source.of(test))
        if outside:
            refusal = place.refusal(draft, words.replace('"', "'"), 403 if guards else 400)
        else:
            shown = place.source.of(node.msg) if node.msg is not None else '"the check failed"'
            refusal = f"raise {'PermissionError' if guards else 'ValueError'}({shown})"
        draft.put_statement(node, f"if {negated}:\n    {refusal}")
    if "AssertionError" not in place.source.text:  # else somebody waits for that one
        yield place.done(draft, "condition instead of an assert")
    draft = place.draft
    for node in place.nodes:
        if isinstance(node, ast.Assert):
            code = place.source.of(node.test)
            shown = f"({place.source.of(node.msg)})" if node.msg is not None else ""
            draft.put_statement(node, f"if not ({code}):\n    raise AssertionError{shown}")
    yield place.done(draft, "condition instead of an assert")


def swallowed(place: Place) -> Iterator[Edit | None]:
    """A failed check denies; other errors are logged."""
    function = place.function
    for handler in [n for n in ast.walk(function or place.source.tree) if isinstance(n, ast.ExceptHandler)]:
        attempt = place.source.parents.get(handler)
        if not isinstance(attempt, ast.Try) or not any(place.touches(s) for s in (*attempt.body, handler)):
            continue
        silent = all(isinstance(s, ast.Pass | ast.Continue) for s in handler.body)
        if not silent:
            continue
        flags = [s for s in ast.walk(attempt) if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name)]
        returned = {n.id for r in ast.walk(function or attempt) if isinstance(r, ast.Return) and r.value is not None
                    for n in ast.walk(r.value) if isinstance(n, ast.Name)}
        names = {s.targets[0].id for s in flags if isinstance(s.targets[0], ast.Name)} & returned
        granted = [
            s
            for s in ast.walk(function or attempt)
            if isinstance(s, ast.Assign)
            and isinstance(s.targets[0], ast.Name)
            and s.targets[0].id in names
            and isinstance(s.value, ast.Constant)
            and s.value.value is True
            and s.lineno < attempt.lineno
        ]
        if granted and isinstance(handler.body[0], ast.Pass):
            draft = place.draft
            for statement in granted:
                draft.put(statement.value, "False")
            name = granted[0].targets[0]
            draft.put_statement(handler.body[0], f"{place.source.of(name)} = False")
            yield place.done(draft, "denied where the check fails")
        security = re.search(r"(?i)verify|decode|check|auth|valid|permission|login|token", place.source.of(attempt))
        if security:
            draft = place.draft
            draft.put_statement(handler.body[0], "raise")
            yield place.done(draft, "error raised on")
        draft = place.draft
        logging = draft.need("logging")
        tail = "\ncontinue" if isinstance(handler.body[0], ast.Continue) else ""
        draft.put_statement(
            handler.body[0], f'{logging}.getLogger(__name__).exception("{_what(place, attempt)} failed"){tail}'
        )
        yield place.done(draft, "error logged")


def _what(place: Place, attempt: ast.Try) -> str:
    function = place.source.function_of(attempt)
    return function.name if function is not None else "a step"


def error_details(place: Place) -> Iterator[Edit | None]:
    """The client gets a general message, the log the error."""
    handler = None
    node: ast.AST | None = place.focus or place.statement
    while node is not None and handler is None:
        node = place.source.parents.get(node)
        handler = node if isinstance(node, ast.ExceptHandler) else None
    scope: ast.AST | None = handler or place.function
    if scope is None:
        return
    body = scope.body if isinstance(scope, ast.ExceptHandler | ast.FunctionDef | ast.AsyncFunctionDef) else []
    name = handler.name if handler is not None else None
    if name is None and place.function is not None and place.function.args.args:
        name = place.function.args.args[-1].arg
    draft = place.draft
    told = []
    for inner in [n for s in body for n in ast.walk(s)]:
        if not isinstance(inner, ast.expr) or any(t is not inner and inner in ast.walk(t) for t in told):
            continue
        parent = place.source.parents.get(inner)
        if not isinstance(parent, ast.keyword | ast.Dict | ast.Call | ast.Return | ast.Tuple | ast.Assign):
            continue
        if isinstance(inner, ast.Dict | ast.Tuple | ast.List) or (
            isinstance(inner, ast.Call) and not _is_text(place, inner)
        ):
            continue
        called = place.names.qualified(parent.func) if isinstance(parent, ast.Call) else ""
        if re.search(r"(?i)(\b|_)log", called) or "isinstance" in called or called in ("str", "repr", "logging.exception"):
            continue
        if _tells(place, inner, name):
            told.append(inner)
            text = '"internal error"'
            draft.put(inner, text + (".encode()" if ".encode(" in place.source.of(inner) else ""))
    if told and body and isinstance(scope, ast.ExceptHandler):
        statement = next((s for s in body if not isinstance(s, ast.Pass)), body[0])
        has_log = any(re.search(r"(?i)\blog\w*\.", place.source.of(s)) for s in body)
        if not has_log:
            draft.before(statement, f'{draft.need("logging")}.getLogger(__name__).exception("{_name(place)} failed")')
    yield place.done(draft, "general message instead of the error")


def _name(place: Place) -> str:
    return place.function.name if place.function is not None else "the request"


def _is_text(place: Place, call: ast.Call) -> bool:
    name = place.names.qualified(call.func)
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return name in ("str", "repr", "traceback.format_exc", "traceback.format_exception") or method in (
        "encode", "format", "join", "decode")


def _tells(place: Place, node: ast.expr, name: str | None) -> bool:
    """Whether a value has the text of the error in it."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and place.names.qualified(inner.func).startswith("traceback."):
            return True
        if isinstance(inner, ast.Name) and name is not None and inner.id == name:
            return True
        if isinstance(inner, ast.Name):
            value = place.names.definition(inner)
            if value is not None and value is not node and any((isinstance(n, ast.Call) and place.names.qualified(
                    n.func).startswith("traceback.")) or (isinstance(n, ast.Name) and name is not None and n.id == name)
                    for n in ast.walk(value)):
                return True
    return False


def bounds(place: Place) -> Iterator[Edit | None]:
    """Sizes that callers choose have an upper bound."""
    def wrap(draft: Draft, node: ast.expr, code: str) -> str:
        return f"min({code}, {LIMIT})"
    focus = place.focus
    if focus is not None:
        draft = place.draft
        seen = set()
        for name in [
            n for n in ast.walk(place.statement or focus) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
        ]:
            value = place.names.definition(name)
            if isinstance(value, ast.Call) and place.names.qualified(value.func) in ("int", "float") and value not in seen:
                seen.add(value)
                draft.put(value, f"min({place.source.of(value)}, {LIMIT})")
        yield place.done(draft, "upper bound")
        yield wrapped_sources(place, focus, wrap, "upper bound")
        for value in place.pointed:
            if isinstance(value, ast.Name | ast.Attribute) and not place.is_str(value):
                yield wrapped_value(place, value, wrap, "upper bound")
    function = place.function
    if function is not None:
        draft = place.draft
        for call in place.calls():
            sized = (place.names.qualified(call.func) or getattr(call.func, "attr", "")).rpartition(".")[2] in _SIZED
            for argument in call.args if sized else ():
                if isinstance(argument, ast.Name | ast.Attribute) and place.is_outside(argument):
                    draft.put(argument, f"min({place.source.of(argument)}, {LIMIT})")
        yield place.done(draft, "upper bound")


def reads(place: Place) -> Iterator[Edit | None]:
    """What is read or unpacked is bounded."""
    for call in place.called("gzip.decompress", "zlib.decompress", "bz2.decompress", "lzma.decompress"):
        if len(call.args) != 1:
            continue
        draft = place.draft
        kind = place.names.qualified(call.func)
        maker = {"gzip.decompress": "decompressobj(wbits=31)", "zlib.decompress": "decompressobj()",
                 "bz2.decompress": "BZ2Decompressor()", "lzma.decompress": "LZMADecompressor()"}[kind]
        maker = f"{draft.need('zlib' if kind.startswith('gzip') else kind.partition('.')[0])}.{maker}"
        draft.put(call, f"{maker}.decompress({place.source.of(call.args[0])}, {LIMIT_BYTES:_})")
        yield place.done(draft, "bounded unpacking")
    draft = place.draft
    for call in place.called(".read"):
        if not call.args:
            end = place.source.span(call)[1]
            draft.cut(end - 1, end - 1, f"{LIMIT_BYTES:_}")
    yield place.done(draft, "bounded read")
    for loop in [n for n in place.nodes if isinstance(n, ast.While)]:
        grown = next((n for n in ast.walk(loop) if isinstance(n, ast.AugAssign) and isinstance(n.op, ast.Add)
                      and not isinstance(n.value, ast.Constant)), None)
        appended = next(
            (
                n
                for n in ast.walk(loop)
                if isinstance(n, ast.Expr)
                and isinstance(n.value, ast.Call)
                and isinstance(n.value.func, ast.Attribute)
                and n.value.func.attr in ("append", "extend")
            ),
            None,
        )
        draft = place.draft
        if grown is not None:
            size = place.source.of(grown.target)
            if not (isinstance(grown.value, ast.Call) and place.names.qualified(grown.value.func) == "len"):
                size = f"len({size})"
            draft.after(grown, f"if {size} > {LIMIT_BYTES:_}:\n    {place.refusal(draft, 'too much data')}")
        elif (
            appended is not None and isinstance(appended.value, ast.Call) and isinstance(appended.value.func, ast.Attribute)
        ):
            draft.after(appended, f"if len({place.source.of(appended.value.func.value)}) > {LIMIT_BYTES // 1000:_}:\n"
                                  f"    {place.refusal(draft, 'too much data')}")
        yield place.done(draft, "bounded read")
    draft = place.draft
    if place.names.imported.get("request") == "flask.request" and place.function is not None:
        for call in place.called(".get_data", ".read"):
            statement = place.source.statement_of(call)
            if statement is not None:
                draft.before(statement, f"if (request.content_length or 0) > {LIMIT_BYTES:_}:\n"
                                        f"    {place.refusal(draft, 'too much data', 413)}")
                break
    yield place.done(draft, "bounded read")


_OPENS = frozenset({"open", "io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open", "tarfile.open", "shelve.open",
                    "wave.open", "dbm.open", "PIL.Image.open", "os.fdopen", "os.popen", "urllib.request.urlopen",
                    "socket.socket", "socket.create_connection", "zipfile.ZipFile"})
"What may stand in a `with` statement."


def held(place: Place) -> Iterator[Edit | None]:
    """A lock or file in a `with` statement around what follows it."""
    for statement in [n for n in place.nodes if isinstance(n, ast.Assign | ast.Expr)]:
        parent = place.source.parents.get(statement)
        block: list[ast.stmt] = getattr(parent, "body", [])
        if statement not in block:
            continue
        rest = block[block.index(statement) + 1:]
        value = statement.value
        opening = opened = ""
        if isinstance(statement, ast.Assign) and isinstance(value, ast.Call) and isinstance(statement.targets[0], ast.Name):
            opened = statement.targets[0].id
            if place.names.qualified(value.func) in _OPENS and not any(_keeps(n, opened) for s in rest for n in ast.walk(s)):
                opening = f"with {place.source.of(value)} as {opened}:"
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "acquire" and not (
                value.args or value.keywords):
            opened = place.source.of(value.func.value)
            opening = f"with {opened}:"
        if not opening or not rest:
            continue
        names = (f"{opened}.close()", f"{opened}.release()")
        closes = [n for s in rest for n in ast.walk(s) if isinstance(n, ast.Expr) and place.source.of(n) in names]
        last = max((n for n, s in enumerate(rest) if any(isinstance(x, ast.Name) and x.id == opened.split(".")[0]
                                                         for x in ast.walk(s))), default=0)
        last = max([last, *(rest.index(c) for c in closes if c in rest)])
        kept = [s for s in rest[:last + 1] if s not in closes]
        source = place.source
        start, end = source.lines_span(rest[:last + 1])
        if not kept or source.has_long_string(start, end) or not all(map(source.is_alone, closes)) or (
                f"{opened}.acquire(" in source.text[start:end]) or any(c in rest[:last] for c in closes):
            continue
        draft, blanks, body = place.draft, source.indent(statement), ""
        removed = {c.lineno: c for c in closes}
        for number in range(rest[0].lineno, (rest[last].end_lineno or 0) + 1):
            close = removed.get(number)
            holder = source.parents.get(close) if close is not None else None
            siblings = next((b for name in ("body", "orelse", "finalbody")
                             if close in (b := getattr(holder, name, None) or [])), [])
            line = source.lines[number - 1]
            if close is None:
                body += "    " + line if line.strip() else line
            elif all(s in closes for s in siblings) and holder is not parent:
                body += f"    {source.indent(close)}pass\n"
        draft.cut(source.lines_span([statement])[0], end, f"{blanks}{opening}\n{body}")
        yield place.done(draft, "with statement")


def _keeps(node: ast.AST, name: str) -> bool:
    """Whether a file goes on to be used elsewhere: it is given back, kept in an object, or read by something lazy."""
    values: list[ast.expr | None] = []
    if isinstance(node, ast.Return | ast.Yield | ast.Assign):
        values = [node.value]
    elif isinstance(node, ast.Tuple | ast.List):
        values = list(node.elts)
    elif isinstance(node, ast.Dict):
        values = list(node.values)
    elif isinstance(node, ast.Call):
        last = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
        values = [*node.args, *(k.value for k in node.keywords)] if last[:1].isupper() or last in (
            "reader", "map", "filter", "iter", "zip", "enumerate", "append") else []
    return any(isinstance(v, ast.Name) and v.id == name for v in values)


def small(place: Place) -> Iterator[Edit | None]:
    """Identity of literals, `find` as a condition, ignored results, returns in `finally`."""
    draft = place.draft
    for node in place.nodes:
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Is | ast.IsNot) and not any(
                isinstance(x, ast.Constant) and isinstance(x.value, bool | None) for x in (node.left, *node.comparators)):
            start, end, _ = place.source.operator(node.left, node.comparators[0])
            draft.cut(start, end, "==" if isinstance(node.ops[0], ast.Is) else "!=")
        elif isinstance(node, ast.If | ast.While | ast.IfExp):
            test, negated = node.test, False
            if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
                test, negated = test.operand, True
            if isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute) and test.func.attr in (
                    "find", "rfind") and len(test.args) == 1:
                word = "not in" if negated else "in"
                draft.put(
                    node.test, f"{place.source.of(test.args[0])} {word} {place.source.of(test.func.value)}", atomic=False
                )
        elif isinstance(node, ast.Call) and place.names.qualified(node.func) == "subprocess.run" and not any(
                k.arg == "check" for k in node.keywords):
            draft.keyword(node, "check", "True")
        elif isinstance(node, ast.Call) and place.names.qualified(node.func) == "subprocess.call":
            draft.put(node.func, f"{draft.need('subprocess')}.check_call")
        elif (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Attribute)
            and (node.value.func.attr in ("replace", "strip", "lower", "upper", "lstrip", "rstrip", "title"))
            and (node.value.func.attr != "replace" or len(node.value.args) > 1)  # not that of a path
            and place.names.qualified(node.value.func.value) not in place.names.imported.values()
        ):
            target = place.source.of(node.value.func.value)
            start = place.source.span(node)[0]
            draft.cut(start, start, f"{target} = ")
    yield place.done(draft, "value instead of identity, position or silence")
    for attempt in [n for n in ast.walk(place.function or place.source.tree) if isinstance(n, ast.Try) and n.finalbody]:
        for statement in attempt.finalbody:
            if isinstance(statement, ast.Return) and place.touches(statement):
                draft = place.draft
                draft.after(attempt, place.source.of(statement))
                if len(attempt.finalbody) == 1 and attempt.handlers:
                    line = place.source.text.rfind("finally", 0, place.source.span(statement)[0])
                    start = place.source.text.rfind("\n", 0, line) + 1
                    draft.cut(start, place.source.lines_span([statement])[1])
                else:
                    draft.remove(statement)
                yield place.done(draft, "return behind finally")
