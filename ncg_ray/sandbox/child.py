"""What a confined run does: it serves one role over the pipe.

Roles: `candidate` loads a module and answers calls; `tests` runs test code against proxies (`proxy.py`);
`together` loads the module and runs the tests beside it. Standard library only; lives in the zygote, never imported
by the host. Nothing here is trusted: a candidate owns this process, so all it can do is choose what it returns.
"""

import json
import os
import struct
import sys
import time
import types

import ncg_observe
import ncg_plain as plain

FILENAME = "candidate.py"
MAX_MESSAGE_CHARS = 2000
MAX_TRACEBACK_FRAMES = 8
MAX_ITERATOR_ITEMS = 100_000
PART_ITEMS, PART_S = 4096, 0.5
"How far an iterator is followed for tests that may want only its beginning."
INTERRUPTED = {"kind": "raised", "error_type": "KeyboardInterrupt", "base": "KeyboardInterrupt"}

_write, _read, _dumps, _loads, _stdout = os.write, os.read, json.dumps, json.loads, sys.stdout
_builtin_errors = {name: value for name, value in vars(__import__("builtins")).items()
                   if isinstance(value, type) and issubclass(value, BaseException)}
_views = (range, type({}.keys()), type({}.values()), type({}.items()))


class Pipe:
    """Our end of the pipe pair; see `channel.py` for the frames."""

    def __init__(self, read_fd, write_fd):
        self.read_fd, self.write_fd = read_fd, write_fd

    def receive(self):
        (size,) = struct.unpack(">I", self._exactly(4))
        return _loads(self._exactly(size))

    def send(self, message):
        self.send_text(_dumps(message))

    def send_text(self, text):
        body = text.encode("ascii")
        data = memoryview(struct.pack(">I", len(body)) + body)
        while data:
            data = data[_write(self.write_fd, data):]

    def _exactly(self, size):
        data = bytearray()
        while len(data) < size:
            part = _read(self.read_fd, min(size - len(data), 1 << 20))
            if not part:
                os._exit(0)  # the host is done with us
            data += part
        return bytes(data)


class Candidate:
    """One loaded module and the calls made of it."""

    def __init__(self):
        self.module = types.ModuleType("candidate")
        self.lines = []
        self.observer = None

    def load(self, code, entry_point, observe=(), module=""):
        """Run the module; a reply without a value where all went well."""
        try:
            if code.isascii():
                self.lines = code.split("\n")
            else:
                self.lines = code.encode("utf-8", "replace").decode("utf-8").split("\n")
            if observe:
                self.observer = ncg_observe.Observer(FILENAME, "coverage" in observe, "values" in observe)
                program = self.observer.compile(code)
            else:
                program = compile(code, FILENAME, "exec", dont_inherit=True)
            sys.modules["candidate"] = self.module
            self.module.__file__ = FILENAME
            if module:
                belong(self.module, module)
            exec(program, self.module.__dict__)
        except BaseException as error:
            return describe(error, self.lines)
        target = self.module.__dict__.get(entry_point)
        if entry_point and target is None:
            return {"kind": "raised", "error_type": "NameError",
                    "message": f"the module does not define {entry_point!r}"}
        if entry_point and not callable(target):
            return {"kind": "raised", "error_type": "TypeError",
                    "message": f"{entry_point!r} is a {type(target).__name__}, not a function"}
        return {"kind": "returned", "value": None}

    def names(self, code):
        """What test code may want of this module without an import; the host checks it."""
        import ast
        found = {"functions": [], "classes": [], "errors": {}, "constants": {}, "imports": []}
        for node in ast.parse(code).body:
            if isinstance(node, ast.Import):
                found["imports"] += [["", a.name] for a in node.names if a.asname is None and "." not in a.name]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found["imports"] += [[node.module, a.name] for a in node.names if a.asname is None]
        imported = {name for _, name in found["imports"]}
        for name, value in list(vars(self.module).items()):
            if type(name) is not str or name.startswith("__") or name in imported:
                continue
            if isinstance(value, type) and issubclass(value, BaseException):
                found["errors"][name] = builtin_base(value)
            elif isinstance(value, type):
                found["classes"].append(name)
            elif callable(value):
                found["functions"].append(name)
            else:
                try:
                    found["constants"][name] = plain.encode(value)
                except (plain.NotPlain, RecursionError):
                    pass
        return {"kind": "returned", "value": None, **found}

    def call(self, name, args, kwargs, part):
        """Make one call; `args` and `kwargs` are encoded."""
        function = self.module.__dict__.get(name)
        if function is None:
            return {"kind": "raised", "error_type": "NameError", "message": f"the module does not define {name!r}"}
        values, named = [plain.decode(a) for a in args], {key: plain.decode(a) for key, a in kwargs.items()}
        before, named_before = [_dumps(plain.encode(v)) for v in values], _dumps(kwargs_text(named))
        try:
            if self.observer is not None:
                result = self.observer.watching(lambda: function(*values, **named))
            else:
                result = function(*values, **named)
            reply = self.answer(result, values, part)
        except plain.NotPlain as error:
            reply = {"kind": "not_plain", "message": str(error)[:MAX_MESSAGE_CHARS]}
        except BaseException as error:
            reply = describe(error, self.lines)
        after = [encode_or_say(v) for v in values]
        if [_dumps(a) for a in after] != before:
            reply["args_after"] = after
        after = kwargs_text(named)
        if _dumps(after) != named_before:
            reply["kwargs_after"] = after
        return reply

    def outcome(self, name, args, kwargs):
        """A call of the screening: its value or its exception, in as few words as will do."""
        try:
            result = self.module.__dict__[name](*map(plain.decode, args),
                                                **{key: plain.decode(a) for key, a in kwargs.items()})
            return self.answer(result, (), False)
        except plain.NotPlain as error:
            return {"kind": "not_plain", "message": str(error)[:200]}
        except MemoryError:
            return {"kind": "memory", "error_type": "MemoryError"}
        except KeyboardInterrupt:
            return INTERRUPTED
        except BaseException as error:
            return {"kind": "raised", "error_type": type(error).__name__, "base": builtin_base(type(error))}

    def outcomes(self, name, calls):
        """Of each call; one that was interrupted stands for those after it."""
        found = []
        for args, kwargs in calls:
            found.append(self.outcome(name, args, kwargs))
            if found[-1] is INTERRUPTED:
                found += found[-1:] * (len(calls) - len(found))
                break
        return found

    def answer(self, result, values, part):
        reply = {"kind": "returned"}
        for index, value in enumerate(values):
            if result is value and type(value) in (list, dict, set):
                reply["alias"] = index
        kind = type(result)
        if kind in _views or (hasattr(kind, "__next__") and hasattr(kind, "__iter__")):
            reply["iterator"] = kind.__name__
            result, ended = take(result, part)
            if not ended and not part:
                raise plain.NotPlain(f"an iterator that had not ended after {len(result)} items")
            reply["ended"] = ended
        try:
            reply["value"] = plain.encode(result)
        except plain.NotPlain:
            reply["value"] = plain.encode(as_dicts(result))
        return reply


def belong(module, name):
    """Make this the module of that name in its project: relative imports work, and its siblings find it."""
    package, _, last = name.rpartition(".")
    module.__name__, module.__package__ = name, package
    sys.modules[name] = module
    if package:
        import importlib
        setattr(importlib.import_module(package), last, module)


def take(items, part):
    """(items, whether that was all): at most so many, and for so long where only a part is asked for."""
    taken, most, until = [], PART_ITEMS if part else MAX_ITERATOR_ITEMS, time.monotonic() + PART_S
    for item in items:
        if len(taken) >= most or (part and taken and time.monotonic() > until):
            return taken, False
        taken.append(item)
    return taken, True


def as_dicts(value, depth=0):
    """The dict classes of `collections` as dicts: they compare equal."""
    from collections import Counter, OrderedDict, defaultdict
    kind = type(value)
    if depth > plain.MAX_DEPTH:
        return value
    if kind in (dict, Counter, OrderedDict, defaultdict):
        return {key: as_dicts(item, depth + 1) for key, item in value.items()}
    if kind in (list, tuple):
        return kind([as_dicts(item, depth + 1) for item in value])
    return value


def encode_or_say(value):
    try:
        return plain.encode(value)
    except (plain.NotPlain, RecursionError) as error:
        return f"<{error}>"


def kwargs_text(kwargs):
    return {key: encode_or_say(value) for key, value in kwargs.items()}


def builtin_base(kind):
    return next((base.__name__ for base in kind.__mro__ if _builtin_errors.get(base.__name__) is base), "Exception")


def describe(error, lines):
    """An exception as data: its type, message and the candidate's own frames."""
    try:
        kind = type(error)
        reply = {"kind": "memory" if issubclass(kind, MemoryError) else "raised",
                 "error_type": str(kind.__name__)[:200], "base": builtin_base(kind),
                 "traceback": frames_of(error, lines)}
        try:
            reply["message"] = str(error)[:MAX_MESSAGE_CHARS]
        except BaseException as second:
            reply["message"] = f"<its message cannot be had: {type(second).__name__}>"
        try:
            reply["args"] = [plain.encode(arg) for arg in error.args]
            if len(_dumps(reply["args"])) > MAX_MESSAGE_CHARS:
                del reply["args"]
        except BaseException:
            pass
        return reply
    except MemoryError:
        return {"kind": "memory", "error_type": "MemoryError"}
    except BaseException:
        return {"kind": "raised", "error_type": "Exception", "message": "<an exception that cannot be described>"}


def frames_of(error, lines):
    places = []
    if isinstance(error, SyntaxError) and error.filename == FILENAME and error.lineno:
        places.append((error.lineno, "<module>"))
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == FILENAME:
            places.append((trace.tb_lineno, code.co_name))
        trace = trace.tb_next
    left_out = len(places) - 2 * MAX_TRACEBACK_FRAMES
    text = []
    for index, (number, name) in enumerate(places):
        if left_out > 0 and MAX_TRACEBACK_FRAMES <= index < len(places) - MAX_TRACEBACK_FRAMES:
            if index == MAX_TRACEBACK_FRAMES:
                text.append(f"  ... {left_out} more frames")
            continue
        text.append(f'  File "{FILENAME}", line {number}, in {name}')
        if 0 < number <= len(lines):
            text.append("    " + lines[number - 1].strip()[:200])
    return "\n".join(text)


def screen(pipe, request):
    """Many candidates, one after the other, all on the same calls; a frame for each as soon as it is done."""
    name, calls = request["entry_point"], request["calls"]
    for code in request["codes"]:
        candidate = Candidate()
        reply = candidate.load(code, name)
        if reply["kind"] == "returned":
            reply["outcomes"] = candidate.outcomes(name, calls)
        reply["id"] = request["id"]
        text = _dumps(reply)
        if len(text) > request["max_bytes"]:
            text = _dumps({"kind": "output", "message": f"the reply has {len(text)} bytes", "id": request["id"]})
        pipe.send_text(text)


def serve(pipe):
    """Answer one request at a time, each under its own random id."""
    candidate, code = Candidate(), ""
    while True:
        request = pipe.receive()
        try:
            if request["op"] == "load":
                code = request["code"]
                reply = candidate.load(code, request["entry_point"], request["observe"], request["module"])
            elif request["op"] == "names":
                reply = candidate.names(code)
            elif request["op"] == "observed":
                reply = {"kind": "returned", "value": None, "observed": candidate.observer.report()}
            elif request["op"] == "screen":
                screen(pipe, request)
                continue
            else:
                reply = candidate.call(request["name"], request["args"], request["kwargs"], request["part"])
            reply["id"] = request["id"]
            text = _dumps(reply)
        except MemoryError:
            reply = {"kind": "memory", "error_type": "MemoryError", "id": request["id"]}
            text = _dumps(reply)
        except BaseException as error:
            text = _dumps({"kind": "raised", "error_type": type(error).__name__, "id": request["id"]})
        if len(text) > request["max_bytes"]:
            message = f"the reply has {len(text)} bytes; {request['max_bytes']} are allowed"
            text = _dumps({"kind": "output", "message": message, "id": request["id"]})
        try:
            _stdout.flush()
        except (OSError, ValueError):
            pass
        pipe.send_text(text)


def serve_role(pipe, role, proxy, suite):
    """Do what this process is there for; ends when the host closes the pipe."""
    if role == "candidate":
        serve(pipe)
    job = pipe.receive()
    if role == "tests":
        proxy.run(pipe, job, suite)
    elif role == "module":
        import ncg_tools
        ncg_tools.run_module(pipe, job)
    elif role == "pytest":
        import ncg_tools
        ncg_tools.run_pytest(pipe, job)
    else:
        candidate = Candidate()
        loaded = candidate.load(job["code"], job["entry_point"], (), job["module"])
        pipe.send({"event": "loaded", "token": job["token"], **loaded})
        proxy.run_together(pipe, job, suite, candidate)
