"""Run test code against a candidate: two sandboxes, with values as the only thing between them.

The tests run in one process against proxies; each call of a proxy comes to the host, goes on to the candidate in the
other process, and its result goes back. The candidate sees neither the tests nor what they expect. What cannot cross
(functions or class instances as arguments or results, classes of the module that the tests use) makes the whole run
again in one sandbox, and the report says `forgeable`.

Covers: asserts, `check(candidate)`, pytest and unittest functions with `raises`, `approx`, `parametrize` and fixtures
of the same file; arguments changed in place, iterators, exceptions, plain constants of the module.
With a project, tests that need more (its fixtures, pytest's own) run under its own pytest beside the code: `forgeable`.
Does not cover: without a project, pytest's own fixtures (`tmp_path`, `monkeypatch`, ...) and conftest files; aliasing
between arguments or with an inner container that the call moved to another place.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
import keyword
import secrets
import sys
import time
from dataclasses import dataclass, field, replace
from typing import Any

from ncg_ray import plain
from ncg_ray.errors import SandboxError, TaskError
from ncg_ray.protocols import TestJob, TestReport
from ncg_ray.sandbox import policy, suite
from ncg_ray.sandbox.caller import Caller
from ncg_ray.sandbox.channel import Closed
from ncg_ray.sandbox.session import Ended, Session
from ncg_ray.sandbox.worker import Worker
from ncg_ray.types import Outcome, OutcomeKind, shown

RUN_FACTOR = 20
"A whole run of tests may take this many times `time_s`."
TESTS_START_S, TESTS_SILENCE_S = 10.0, 1.0
"Beside `time_s`: what the tests' own process may take up to its first event (imports), and between events."
EVENT_BYTES = 64 << 20
"Of one event from the process that holds the user's tests, such as a call with large arguments."
_BUILTINS = frozenset(dir(builtins))


class _CannotCross(Exception):
    """The tests need something that only exists inside the candidate's process."""


@dataclass
class _Tally:
    """What is known so far; a unit counts once its event has come."""

    num_units: int
    num_passed: int = 0
    num_failed: int = 0
    num_calls: int = 0
    "Of the candidate, by the tests; and, counted as one, the use of its names for anything else."
    outcome: str = "passed"
    details: dict[str, str] = field(default_factory=dict)

    def add(self, event: dict[str, Any]) -> None:
        if event.get("passed") is True:
            self.num_passed += 1
            return
        self.num_failed += 1
        self.stop(str(event.get("kind", "failed")), str(event.get("failure", "")),
                  str(event.get("failed_call", "")), str(event.get("traceback", "")))

    def stop(self, outcome: str, failure: str, failed_call: str = "", traceback: str = "") -> None:
        """Record what went wrong; only the first counts."""
        if self.outcome == "passed":
            self.outcome = outcome
            self.details = {"failure": failure, "failed_call": failed_call, "traceback": traceback}

    def report(self, load: Outcome, finished: bool, **rest: Any) -> TestReport:
        seen = self.num_passed + self.num_failed
        num_checked = seen if finished else max(self.num_units, seen + (self.outcome != "passed"))
        if finished and not self.num_calls and self.outcome == "passed":  # no candidate could fail them
            return TestReport(0, 0, load, "the tests never call the function", **rest)
        if finished and not seen:
            self.stop("failed", "no test was reached")
            num_checked = self.num_units
        return TestReport(self.num_passed, num_checked, load, outcome=self.outcome, **self.details, **rest)


async def run(worker: Worker, job: TestJob) -> TestReport:
    """Raises TaskError where the tests themselves are at fault, SandboxError where the sandbox is."""
    started = time.monotonic()
    try:
        body = suite.parse(job.tests)
    except SyntaxError as error:
        raise TaskError(f"the tests do not parse, line {error.lineno}: {error.msg}", line=error.lineno) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise TaskError(f"the tests do not parse: {error or type(error).__name__}") from None
    num_units = suite.count(body)
    if not num_units:
        raise TaskError("the tests hold no assert, no `check(candidate)` and no test function")
    with_pytest = suite.needs_pytest(body)
    async with await Caller.start(worker, job.limits, RUN_FACTOR) as caller:
        report = await _run_apart(worker, job, caller, body, num_units, with_pytest)
    if report is not None:
        return replace(report, usage=caller.usage, elapsed_s=time.monotonic() - started)
    if not job.environment.project and (absent := _absent_module(body, job.module)):
        raise TaskError(f"the tests import {absent!r}, which is not there; the names of the code under test are in scope "
                        "without an import; to import it, give the folder that it lies in: --project DIR")
    in_project = bool(job.environment.project) and any(map(suite.is_test, body))
    load, tally, finished = await _together(worker, job, _Tally(num_units, num_calls=1), with_pytest or in_project,
                                            "pytest" if in_project else "together")
    return tally.report(load, finished, forgeable=True, num_runs=3, usage=caller.usage,
                        elapsed_s=time.monotonic() - started)


def _absent_module(body: list[ast.stmt], module: str) -> str:
    """A module that the tests import at their top and that is nowhere; empty where all are there."""
    named = [a.name for node in body if isinstance(node, ast.Import) for a in node.names]
    named += [node.module for node in body if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    for root in (name.split(".")[0] for name in named):
        try:
            if root not in {"candidate", module.split(".")[0]} and importlib.util.find_spec(root) is None:
                return root
        except (ImportError, ValueError):
            continue
    return ""


async def _run_apart(worker: Worker, job: TestJob, caller: Caller, body: list[ast.stmt], num_units: int,
                     with_pytest: bool) -> TestReport | None:
    """None where the tests need something that only exists inside the candidate's process."""
    load = await caller.load(job.code, job.entry_point, job.observe, job.module)
    if load.kind is not OutcomeKind.RETURNED:
        tally = _Tally(num_units)
        tally.stop(load.kind.value, f"the module does not load: {load.text()}", traceback=load.traceback)
        return tally.report(load, False)
    try:
        used = suite.names(body) | (suite.attributes(body) if job.module else set())
        given = await _names(caller, used, job.entry_point)
        given |= {"context": job.context, "helpers": sorted(suite.helpers(job.context) & used - {job.entry_point})}
        memory_bytes = max(job.limits.memory_bytes, policy.TESTS_MEMORY_BYTES)
        cpu_s = job.limits.time_s * RUN_FACTOR
        async with await Session.start(worker, "tests", memory_bytes, cpu_s, with_pytest) as tests:
            tally = _Tally(num_units, num_calls=bool(given["constants"] or given["errors"]))
            tally, finished = await _apart(job, tests, caller, given, tally)
        observation = await caller.observation() if job.observe else None
        return tally.report(load, finished, num_runs=2, observation=observation)
    except _CannotCross:
        return None


async def _names(caller: Caller, used: set[str], entry_point: str) -> dict[str, Any]:
    """The candidate's names that the tests read. Its word decides nothing: no builtin can be replaced by it."""
    outcome, reply = await caller.ask({"op": "names"})
    if outcome.kind is not OutcomeKind.RETURNED:
        reply = {}
    try:
        usable = {name for name in used if name not in _BUILTINS and not name.startswith("__")}
        wanted = usable - {"candidate"}
        if lost := wanted & set(reply.get("classes", ())):
            raise _CannotCross(f"the tests use the class {sorted(lost)[0]}")
        constants = {name: value for name, value in reply.get("constants", {}).items() if name in wanted}
        plain.decode(list(constants.values()))
        imports = [[module, name] for module, name in reply.get("imports", ())
                   if name in wanted and (module or name).split(".")[0] in sys.stdlib_module_names]
        errors = {name: str(base) for name, base in reply.get("errors", {}).items() if name in wanted}
        functions = {name for name in reply.get("functions", ()) if name in wanted and name.isidentifier()}
    except (TypeError, ValueError, AttributeError, RecursionError, OverflowError):
        constants, imports, errors, functions = {}, [], {}, set()
    imported = {name for _, name in imports}
    functions = (functions - imported) | {entry_point}
    return {"functions": sorted(functions), "constants": constants, "errors": errors,
            "imports": [item for item in imports if item[1] not in functions]}


async def _apart(job: TestJob, tests: Session, caller: Caller, given: dict[str, Any],
                 tally: _Tally) -> tuple[_Tally, bool]:
    """Pass calls between the two processes until the tests are done; False where they could not finish."""
    deadline = time.monotonic() + TESTS_START_S + job.limits.time_s * RUN_FACTOR
    silence_s = TESTS_START_S
    try:
        await tests.send({"tests": job.tests, "entry_point": job.entry_point, "module": job.module, **given})
        while True:
            left_s = deadline - time.monotonic()
            event = await tests.receive(max(0.001, min(left_s, silence_s + job.limits.time_s)), EVENT_BYTES)
            if silence_s == TESTS_START_S:
                deadline, silence_s = time.monotonic() + job.limits.time_s * RUN_FACTOR, TESTS_SILENCE_S
            kind = event["event"]
            if kind == "unit":
                tally.add(event)
            elif kind == "done":
                return tally, True
            elif kind == "broken" and job.environment.project:
                raise _CannotCross(event["message"])  # a fixture of the project's, say: its own pytest knows more
            elif kind == "broken":
                absent = event["message"].startswith("ModuleNotFoundError")
                mend = "; to import it, give the folder that it lies in: --project DIR" if absent else ""
                raise TaskError(f"the tests fail by themselves, line {event['line']}: {event['message']}; the names of the "
                                f"code under test are in scope without an import{mend}", line=event["line"])
            elif kind == "cannot_cross":
                raise _CannotCross(event["why"])
            else:
                request = {"op": "call", "name": event["name"], "args": event["args"], "kwargs": event["kwargs"],
                           "part": True}
                outcome, reply = await caller.ask(request)
                tally.num_calls += 1
                if outcome.kind is OutcomeKind.NOT_PLAIN:
                    raise _CannotCross(outcome.message)
                if caller.ended:
                    call = _call_text(event)
                    tally.stop(outcome.kind.value, f"{call} {outcome.text()}", call)
                    return tally, False
                await tests.send(_forward(outcome, reply))
    except Ended as error:
        tally.stop(error.kind.value, f"the tests: {error.message}")
        return tally, False
    except Closed:
        raise SandboxError("the sandbox that holds the tests went away") from None


def _forward(outcome: Outcome, reply: dict[str, Any]) -> dict[str, Any]:
    """The reply for the tests, field by field, each of the type that it must have."""
    kwargs_after, args, alias = reply.get("kwargs_after"), reply.get("args"), reply.get("alias")
    try:
        plain.decode([kwargs_after, args])
    except (plain.NotPlain, TypeError, RecursionError, OverflowError):
        kwargs_after = args = None
    base = reply.get("base")
    iterator = reply.get("iterator")
    name = outcome.error_type if outcome.error_type.isidentifier() and not keyword.iskeyword(outcome.error_type) else ""
    return {"kind": outcome.kind.value, "value": reply.get("value"), "error_type": name,
            "message": outcome.message, "traceback": outcome.traceback, "base": base if type(base) is str else "",
            "args": args if type(args) is list else None, "args_after": reply.get("args_after"),
            "kwargs_after": kwargs_after if type(kwargs_after) is dict else None,
            "iterator": iterator if type(iterator) is str else "", "ended": reply.get("ended") is not False,
            "alias": alias if type(alias) is int else -1}


def _call_text(event: dict[str, Any]) -> str:
    args = [shown(plain.decode(arg)) for arg in event["args"]]
    args += [f"{key}={shown(plain.decode(value))}" for key, value in event["kwargs"].items()]
    return f"{event['name']}({', '.join(args)})"[:1000]


async def _together(worker: Worker, job: TestJob, tally: _Tally, with_pytest: bool,
                    role: str) -> tuple[Outcome, _Tally, bool]:
    """Both in one process, under our own runner or the project's pytest.

    Each event must bear a random token; that hinders a forger and does not stop one.
    """
    token = secrets.token_hex(16)
    limits = job.limits
    memory_bytes = max(limits.memory_bytes, policy.TESTS_MEMORY_BYTES) if with_pytest else limits.memory_bytes
    load = Outcome(OutcomeKind.RETURNED)
    async with await Session.start(worker, role, memory_bytes, limits.time_s * RUN_FACTOR, with_pytest) as session:
        deadline = time.monotonic() + limits.time_s * RUN_FACTOR
        try:
            await session.send({"code": job.code, "entry_point": job.entry_point, "tests": job.tests, "token": token,
                                "module": job.module, "code_path": job.code_path, "tests_path": job.tests_path})
            while True:
                left_s = min(deadline - time.monotonic(), limits.time_s + (TESTS_START_S if role == "pytest" else 0.0))
                event = await session.receive(max(0.001, left_s), EVENT_BYTES, limits.output_bytes)
                if event.get("token") != token:
                    raise Ended(OutcomeKind.CRASHED, "an event without the token", 0.0)
                if event["event"] == "unit":
                    tally.add(event)
                elif event["event"] == "broken":
                    tally.stop("failed", f"line {event['line']}: {event['message']}")
                    return load, tally, False
                elif event["event"] == "done":
                    return load, tally, True
        except (Ended, Closed) as error:
            kind = error.kind if isinstance(error, Ended) else OutcomeKind.CRASHED
            tally.stop(kind.value, f"the tests with the code in one process: {error}")
            return load, tally, False


