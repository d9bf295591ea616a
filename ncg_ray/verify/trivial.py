"""Functions that solve nothing: constants and the identity. What they score is what a check is worth (T0)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ncg_ray import plain
from ncg_ray.protocols import Call
from ncg_ray.task.asserts import example_of
from ncg_ray.types import Example, Outcome, OutcomeKind, Task
from ncg_ray.verify.contracts import literals, parameters_of

MAX_CONSTANTS = 8
"Constants taken from the task's own examples and asserts."
ALWAYS = (None, True, False, 0, "", [])


@dataclass(frozen=True, slots=True)
class Trivial:
    """A function that gives back a constant or one of its arguments."""

    code: str
    constant: Any = None
    position: int | None = None
    "Which argument it gives back; None for a constant."
    parameter: str = ""

    def outcome(self, call: Call) -> Outcome:
        """What it does with a call. Ours and harmless, so it needs no sandbox."""
        if self.position is None:
            return Outcome(OutcomeKind.RETURNED, self.constant)
        if self.position < len(call.args):
            return Outcome(OutcomeKind.RETURNED, call.args[self.position])
        if self.parameter in call.kwargs:
            return Outcome(OutcomeKind.RETURNED, call.kwargs[self.parameter])
        return Outcome(OutcomeKind.RAISED, error_type="IndexError")


def trivial_functions(task: Task, entry_point: str = "") -> list[Trivial]:
    """Constants (the visible expected values, what the contracts name, the usual ones), and each parameter's identity."""
    name = task.entry_point or entry_point or "solution"
    found: dict[str, Trivial] = {}
    for value in [*_expected(task), *literals(task.contracts)[:MAX_CONSTANTS], *ALWAYS]:
        # repr of plain data reads back, once inf and nan have names.
        code = f"from math import inf, nan\n\ndef {name}(*args, **kwargs):\n    return {value!r}\n"
        found.setdefault(code, Trivial(code, constant=value))
    for position, parameter in enumerate(_parameters(task)):
        code = (f"def {name}(*args, **kwargs):\n"
                f"    return args[{position}] if len(args) > {position} else kwargs[{parameter!r}]\n")
        found[code] = Trivial(code, position=position, parameter=parameter)
    return list(found.values())


def asserted_examples(tests: str, name: str) -> list[Example] | None:
    """Test code as examples, where it is nothing but asserts that read as such; else None, and it must be run.

    `def check(candidate)` around the asserts is read, too.
    """
    try:
        body = ast.parse(tests).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = []
    for node in body:
        inner, called = [node], name
        if isinstance(node, ast.FunctionDef) and node.name == "check" and node.args.args:
            inner, called = node.body, node.args.args[0].arg
        for statement in inner:
            if isinstance(statement, ast.Assert):
                found.append(example_of(statement.test, called))
            elif not _is_harmless(statement):
                return None
    return None if any(example is None for example in found) else [e for e in found if e is not None]


def _is_harmless(statement: ast.stmt) -> bool:
    """Words, `METADATA = {...}`, and the call of `check`: what stands around asserts and checks nothing."""
    if isinstance(statement, ast.Assign):
        return isinstance(statement.value, (ast.Dict, ast.Constant))
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) or (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "check")


def _expected(task: Task) -> list[Any]:
    """The most frequent visible results, at most `MAX_CONSTANTS`."""
    counts: dict[str, tuple[int, Any]] = {}
    shown = [e.returns for e in task.examples if e.raises is None]
    for value in [*shown, *_asserted(task.tests)]:
        try:
            key = repr(plain.encode(value))
            repr(value)
        except ValueError:  # not plain, or an int too long to write down
            continue
        counts[key] = (counts.get(key, (0, None))[0] + 1, value)
    return [value for _, value in sorted(counts.values(), key=lambda item: -item[0])][:MAX_CONSTANTS]


def _asserted(tests: str) -> Iterator[Any]:
    """Literals that test code compares with: `assert f(3) == 5`, `assertEqual(f(3), 5)`."""
    try:
        nodes = list(ast.walk(ast.parse(tests)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in nodes:
        sides: list[ast.expr] = []
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], (ast.Eq, ast.Is)):
            sides = [node.left, node.comparators[0]]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "assertEqual":
            sides = node.args[:2]
        for side in sides:
            try:
                yield ast.literal_eval(side)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                continue


def _parameters(task: Task) -> list[str]:
    arguments = parameters_of(task)
    if arguments is not None:
        return [p.arg for p in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]]
    return [f"arg{i}" for i in range(max((len(e.args) for e in task.examples), default=1))]
