"""Inside: how test code reaches the function under test.

`run`: over the pipe, by way of the host, to a candidate in another sandbox. `run_together`: in this process, where
the candidate could forge the result; the report says so.
"""

import builtins
import os
import sys
import threading
import types

import ncg_plain as plain

VIEWS = {
    "range": lambda v: range(v[0], v[-1] + (1 if len(v) < 2 or v[1] > v[0] else -1), v[1] - v[0] if len(v) > 1 else 1)
    if v else range(0),
    "dict_keys": lambda v: dict.fromkeys(v).keys(),
    "dict_values": lambda v: dict(enumerate(v)).values(),
    "dict_items": lambda v: dict(v).items(),
}


class Link:
    """The pipe to the host, and what is known of the last call."""

    def __init__(self, pipe, errors, keep_stop):
        self.pipe, self.keep_stop = pipe, keep_stop
        self.errors = {}
        for name, base in errors.items():
            self.error_class(name, base)
        self.num_calls = 0
        self.last_call = ""
        self.last_error, self.last_reply = None, {}
        self.lock = threading.Lock()

    def cannot_cross(self, why):
        self.pipe.send({"event": "cannot_cross", "why": why})
        os._exit(0)

    def call(self, name, args, kwargs):
        with self.lock:
            return self._call(name, args, kwargs)

    def _call(self, name, args, kwargs):
        try:
            sent = [plain.encode(arg) for arg in args], {key: plain.encode(value) for key, value in kwargs.items()}
        except plain.NotPlain as error:
            self.cannot_cross(f"an argument of {name}: {error}")
        text = ", ".join([_short(a) for a in args] + [f"{k}={_short(v)}" for k, v in kwargs.items()])
        self.pipe.send({"event": "call", "name": name, "args": sent[0], "kwargs": sent[1]})
        reply = self.pipe.receive()
        self.num_calls += 1
        for old, new in zip(args, reply.get("args_after") or (), strict=False):
            self.apply(old, plain.decode(new))
        for key, new in (reply.get("kwargs_after") or {}).items():
            self.apply(kwargs[key], plain.decode(new))
        if reply["kind"] != "returned":
            error = self.rebuild(reply)
            self.last_error, self.last_reply = error, reply
            self.last_call = f"{name}({text}) raised {reply['error_type']}: {reply['message']}"[:1000]
            raise error
        value = plain.decode(reply["value"])
        self.last_call = f"{name}({text}) -> {_short(value)}"
        if reply["iterator"]:
            make = VIEWS.get(reply["iterator"])
            return make(value) if make and reply["ended"] else self.iterate(value, reply["ended"])
        if 0 <= reply["alias"] < len(args):
            return args[reply["alias"]]
        return value

    def iterate(self, items, ended):
        yield from items
        if not ended:
            self.cannot_cross("an iterator that goes on")

    def apply(self, old, new):
        """Make `old` equal to `new` in place, keeping the identity of containers inside."""
        kind = type(old)
        if kind is list and type(new) is list:
            for index in range(min(len(old), len(new))):
                new[index] = self.merged(old[index], new[index])
            old[:] = new
        elif kind is dict and type(new) is dict:
            merged = {key: self.merged(old[key], value) if key in old else value for key, value in new.items()}
            old.clear()
            old.update(merged)
        elif kind is set and type(new) is set:
            old.clear()
            old.update(new)
        elif kind is tuple and type(new) is tuple and len(old) == len(new):
            for one, other in zip(old, new, strict=True):
                self.apply(one, other)
        elif type(new) is str and new.startswith("<") and kind is not str:
            self.cannot_cross(f"an argument after the call: {new}")

    def merged(self, old, new):
        if type(old) is type(new) and type(new) in (list, dict, set, tuple):
            self.apply(old, new)
            return new if type(new) is tuple and old != new else old
        return new

    def error_class(self, name, base):
        """The builtin exception of this name, else a stand-in with its nearest builtin base."""
        found = getattr(builtins, name, None)
        if isinstance(found, type) and issubclass(found, BaseException):
            return found
        if name not in self.errors:
            parent = getattr(builtins, base, None)
            parent = parent if isinstance(parent, type) and issubclass(parent, BaseException) else Exception
            self.errors[name] = type(name, (parent,), {"__module__": "candidate", "__getattr__": self.no_attribute})
        return self.errors[name]

    def no_attribute(self, error, name):
        if name.startswith("__"):
            raise AttributeError(name)
        self.cannot_cross(f"the attribute {name!r} of {type(error).__name__}")

    def rebuild(self, reply):
        name, base = reply["error_type"] or "Exception", reply["base"]
        if {name, base} & {"StopIteration", "StopAsyncIteration"} and not self.keep_stop:
            # It would end a `map` or a `for` of the tests in silence, and with it their asserts.
            name, base = "RuntimeError", "RuntimeError"
            reply["args"] = [f"the function raised {reply['error_type']}"]
        kind = self.error_class(name, base)
        try:
            args = reply["args"]
            return kind(*[plain.decode(arg) for arg in args]) if args is not None else kind(reply["message"])
        except Exception:
            return type(name, (Exception,), {})(reply["message"])


class Proxy:
    """Stands for a function of the candidate."""

    is_proxy = True

    def __init__(self, link, name):
        self._link = link
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args, **kwargs):
        return self._link.call(self.__name__, args, kwargs)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        self._link.cannot_cross(f"the attribute {name!r} of {self.__name__}")


def _short(value):
    try:
        text = repr(value)
    except ValueError:  # an int with too many digits
        text = "<a huge number>"
    return text if len(text) <= 300 else text[:300] + "..."


def run(pipe, job, suite_module):
    """Run the tests against proxies and report each unit as an event."""
    link = Link(pipe, job["errors"], "StopIteration" in job["tests"])
    namespace = {"__name__": "tests", "__builtins__": builtins}
    given = set(job["functions"]) | set(job["constants"]) | set(job["errors"])
    for module, name in job["imports"]:
        try:
            imported = __import__(module or name)
            namespace[name] = getattr(sys.modules[module], name) if module else imported
            given.add(name)
        except (ImportError, AttributeError, KeyError):
            pass
    namespace |= {name: plain.decode(value) for name, value in job["constants"].items()}
    namespace |= {name: link.errors[name] for name in job["errors"] if name in link.errors}
    namespace |= {name: Proxy(link, name) for name in job["functions"]}
    namespace |= own_helpers(link, job)
    namespace["candidate"] = Proxy(link, job["entry_point"])
    if job["module"]:
        import ncg_child
        module = types.ModuleType(job["module"])
        vars(module).update({name: namespace[name] for name in given if name in namespace})
        ncg_child.belong(module, job["module"])
    called = {"before": 0}

    def emit(passed, line, error):
        made_a_call, called["before"] = link.num_calls > called["before"], link.num_calls
        event = {"event": "unit", "passed": passed}
        if not passed:
            event |= explain(line, error, link.last_call if made_a_call else "")
            event["failed_call"] = link.last_call
            if error is link.last_error:
                event |= {"kind": link.last_reply["kind"], "traceback": link.last_reply["traceback"]}
        pipe.send(event)

    finish(pipe, suite_module, job, namespace, given, emit, lambda: link.num_calls, {})


def own_helpers(link, job):
    """The task's own names, made here: the candidate must not have a say in what the tests compare with."""
    scope = {"__name__": "context"}
    try:
        if job["helpers"]:
            exec(compile(job["context"], "context.py", "exec", dont_inherit=True), scope)
        return {name: scope[name] for name in job["helpers"]}
    except BaseException as error:  # it needs more than the standard library: only the candidate's process may have it
        link.cannot_cross(f"the task's own source does not run apart: {type(error).__name__}")


def run_together(pipe, job, suite_module, candidate):
    """Run the tests beside the candidate; each event bears a token that the candidate was not given."""
    token = job["token"]
    send = pipe.send
    namespace = {**vars(candidate.module), "__name__": "tests"}
    namespace["candidate"] = namespace.get(job["entry_point"])

    def emit(passed, line, error):
        event = {"event": "unit", "passed": passed, "token": token}
        if not passed:
            event |= explain(line, error, "") | {"failed_call": ""}
        send(event)

    finish(pipe, suite_module, job, namespace, set(namespace), emit, lambda: 1, {"token": token})


def explain(line, error, call):
    """What went wrong, for people: the line of the tests, and what came instead."""
    name = type(error).__name__
    try:
        said = str(error)[:1000]
    except BaseException:
        said = ""
    failed = isinstance(error, AssertionError) or name == "Failed"
    text = line or "the tests"
    if not failed:
        text += f": {name}: {said}" if said else f": {name}"
    elif " -> " in call:
        text += ", but " + " gave ".join(call.rsplit(" -> ", 1))
    elif said:
        text += f": {said}"
    return {"failure": text, "kind": "failed", "traceback": ""}


def finish(pipe, suite_module, job, namespace, given, emit, num_calls, stamp):
    try:
        suite_module.Suite(job["tests"], namespace, given, emit, num_calls).run()
    except suite_module.BrokenTests as error:
        pipe.send({"event": "broken", "line": error.args[0], "message": error.args[1], **stamp})
    else:
        pipe.send({"event": "done", **stamp})
    pipe.receive()  # until the host is done with us
