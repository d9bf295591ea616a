"""Running a function on given inputs against its contract, in the sandbox, with arguments given as Python expressions.

Function and contract share one process, so a program could fake what this says. It is used for one thing only: to see
whether an input that an engine found really breaks the contract. A program that fakes this refutes itself.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ncg_ray.protocols import Call, Environment, ExecutionJob, Executor, Limits
from ncg_ray.types import Outcome, OutcomeKind
from ncg_ray.verify.contracts import before_name, clause_lambda
from ncg_ray.verify.decorators import enforces, library_names
from ncg_ray.verify.specification import Specification

NUM_PROBES, REPLAY_S = 40, 2.0
"Sampled inputs of one function, and seconds for one input that an engine found."
ENTRY_POINT = "_ncg_replay"
PATCH = "# "
"Begins what is no argument, but says what chance and the clock give."
Status = Literal["broken", "raised", "held", "not allowed", "contract raises", "side effects", "timeout", "unclear"]

DRIVER = """

def _ncg_replay(_ncg_sources, _ncg_patch=""):
    import contextlib, inspect, traceback
    env = globals()
    names, varargs, keyword_only = {names!r}, {varargs!r}, {keyword_only!r}
    try:
        values, before = [dict(zip(names, [eval(source, env) for source in _ncg_sources])) for _ in range(2)]
        patched = contextlib.ExitStack()
        for name, results in eval(_ncg_patch or "()"):
            module = __import__(name.split(".")[0])
            real, rest = getattr(module, name.split(".")[-1]), iter(results)
            for place in (vars(module), env):
                for key in [key for key, value in place.items() if value == real]:
                    patched.callback(place.__setitem__, key, real)
                    place[key] = lambda *args, rest=rest, **kwargs: next(rest)
    except BaseException as error:
        return ["unclear", "the input cannot be made: " + type(error).__name__, "", 0]
    shown = repr(values)
    for text, clause in {requires!r}:
        try:
            ok = eval(clause, env)(result=None, **values, **{{"{old}" + k: v for k, v in before.items()}})
        except Exception as error:
            return ["not allowed", text + " raises " + type(error).__name__, "", 0]
        if not ok:
            return ["not allowed", text, "", 0]
    if repr(values) != shown:
        return ["side effects", "a precondition changes the arguments", "", 0]
    function = env[{first!r}]
    for part in {rest!r}:
        function = inspect.getattr_static(function, part)
        function = getattr(function, "__func__", function)
        function = function.fget if isinstance(function, property) else function
    function = inspect.unwrap(function) if {bare!r} else function
    positional = [values[n] for n in names if n not in keyword_only and n != varargs]
    if varargs:
        positional += values[varargs]
    allowed = []
    for name in {raises!r}:
        try:
            allowed.append(eval(name, env))
        except Exception:
            pass
    try:
        with patched:
            result = function(*positional, **{{n: values[n] for n in keyword_only}})
    except (RecursionError, MemoryError) as error:
        return ["unclear", "out of scope: " + type(error).__name__, "", 0]
    except BaseException as error:
        if isinstance(error, tuple(allowed)):
            return ["held", "", "", 0]
        frames = traceback.extract_tb(error.__traceback__)
        lines = [f.lineno for f in frames if f.filename == frames[0].filename and f.name != "_ncg_replay"]
        if isinstance(error, NameError) and frames[-1].filename == "<string>":
            return ["unclear", "text that it evaluates names what the module does not define", "", 0]
        text = type(error).__name__ + (": " + str(error)[:300] if str(error) else "")
        return ["raised", text, text, lines[-1] if lines else 0]
    try:
        got = repr(result)[:2000]
    except Exception:
        got = "<" + type(result).__name__ + ">"
    after = repr(values)
    for text, clause in {ensures!r}:
        try:
            ok = eval(clause, env)(result=result, **values, **{{"{old}" + k: v for k, v in before.items()}})
        except Exception as error:
            return ["contract raises", text + " raises " + type(error).__name__ + ": " + str(error)[:200], got, 0]
        if repr(values) != after:
            return ["side effects", "a postcondition changes the arguments", "", 0]
        if not ok:
            return ["broken", text, got, 0]
    for value in values.values():
        for text, clause in {invariants!r}.get(type(value).__name__, ()):
            if not eval(clause, env)(value):
                return ["broken", text, got, 0]
    return ["held", "", got, 0]
"""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What one input came to."""

    status: Status
    detail: str = ""
    got: str = ""
    line: int = 0

    @property
    def refutes(self) -> bool:
        return self.status in ("broken", "raised")


def replay_module(source: str, spec: Specification) -> str:
    """The module with a function at its end that tries one input. Raises SyntaxError for a clause that is none."""
    node = find_node(source, spec.name)
    arguments = node.args
    keyword_only = [p.arg for p in arguments.kwonlyargs]
    names = [p.arg for p in [*arguments.posonlyargs, *arguments.args]]
    names += keyword_only + ([arguments.vararg.arg] if arguments.vararg else [])
    first, *rest = spec.name.split(".")
    libraries = library_names(ast.parse(source))
    driver = DRIVER.format(
        names=names,
        varargs=arguments.vararg.arg if arguments.vararg else "",
        keyword_only=keyword_only,
        first=first,
        rest=rest,
        bare=all(enforces(d, libraries) or ast.unparse(d) in ("staticmethod", "property") for d in node.decorator_list),
        requires=[(c.expression, clause_lambda(names, c.expression)) for c in spec.requires if not c.problem],
        ensures=[(c.expression, clause_lambda(names, c.expression)) for c in spec.ensures if not c.problem],
        raises=spec.raises,
        old=before_name(""),
        invariants={
            name: [(text, f"lambda self: {text}") for text in kind.invariants] for name, kind in spec.classes.items()
        },
    )
    return source.rstrip("\n") + "\n" + driver


def find_node(source: str | ast.Module, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """The last definition of a function or method. Raises KeyError."""
    owner, _, plain = name.rpartition(".")
    body: list[ast.stmt] = (ast.parse(source) if isinstance(source, str) else source).body
    if owner:
        body = next((n.body for n in reversed(body) if isinstance(n, ast.ClassDef) and n.name == owner), [])
    for node in reversed(body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == plain:
            return node
    raise KeyError(name)


async def replay(
    executor: Executor,
    source: str,
    spec: Specification,
    inputs: Sequence[Sequence[str]],
    limits: Limits,
    environment: Environment,
    module: str = "",
) -> list[Replayed]:
    """Try the inputs, in order, in one process; what comes after one that kills it is `unclear`.

    An input may end in `PATCH` and a list of (function of `random` or `time`, what it gives, call by call).
    """
    try:
        code = replay_module(source, spec)
    except (SyntaxError, ValueError, KeyError, RecursionError) as error:
        return [Replayed("unclear", f"the contract cannot be evaluated: {error}")] * len(inputs)
    calls = tuple(Call(_split(args)) for args in inputs)
    (execution,) = await executor.execute(
        [ExecutionJob(code, ENTRY_POINT, calls, limits, environment=environment, module=module)]
    )
    if execution.load.kind is not OutcomeKind.RETURNED:
        return [Replayed("unclear", f"the module does not load: {execution.load.text()}")] * len(inputs)
    return [_replayed(outcome) for outcome in execution.outcomes]


def _split(args: Sequence[str]) -> tuple[list[str], str]:
    plain = [text for text in args if not text.startswith(PATCH)]
    return plain, next((text.removeprefix(PATCH) for text in args if text.startswith(PATCH)), "")


def _replayed(outcome: Outcome) -> Replayed:
    value = outcome.value
    if (
        outcome.kind is OutcomeKind.RETURNED
        and isinstance(value, list)
        and len(value) == 4
        and value[0] in ("broken", "raised", "held", "not allowed", "contract raises", "side effects", "unclear")
    ):
        return Replayed(value[0], str(value[1]), str(value[2]), value[3] if type(value[3]) is int else 0)
    if outcome.kind is OutcomeKind.TIMEOUT:
        return Replayed("timeout", outcome.text())
    return Replayed("unclear", outcome.text())
