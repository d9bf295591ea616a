"""Code, tests and docstring as one task: the examples of all of them, without contradiction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ncg_ray.errors import TaskError
from ncg_ray.repair.broken_syntax import parsing_texts
from ncg_ray.repair.problem import asserted
from ncg_ray.task.docstring import call_key, same_result
from ncg_ray.task.given import read_given
from ncg_ray.task.stub import task_from_stub
from ncg_ray.task.values import parse_python
from ncg_ray.types import Example, Task
from ncg_ray.verify.compare import expected_text


def read_problem(file: Path, tests: Path, project: Path | None = None) -> tuple[Task, str]:
    """(task, code) with the examples of the tests and of the docstring. Code that does not parse is read too.

    Raises:
        TaskError: files that cannot be used, and examples that contradict each other, with the pair.
    """
    task, code = read_given(file, tests, project)
    return complete(task, code), code


def complete(task: Task, code: str) -> Task:
    """The task with the function's name, the examples of its docstring, and no contradiction. Raises TaskError."""
    readable = code
    if parse_python(code) is None:
        readable = next((p.text for p in parsing_texts(code, 1)), "")
    name = task.entry_point or _mentioned(code, task.tests)
    stub = None
    if readable and name:
        try:
            stub = task_from_stub(readable, name)
        except TaskError:
            stub = None  # a method, a class: no docstring that we could read
    known = {call_key(e) for e in task.examples}
    more = tuple(e for e in stub.examples if call_key(e) not in known) if stub else ()
    task = replace(task, entry_point=name, examples=task.examples + more, signature=stub.signature if stub else "",
                   docstring=stub.docstring if stub else task.docstring)
    _no_contradiction(task, asserted(task.tests, name))
    return task


def _no_contradiction(task: Task, hints: Sequence[Example]) -> None:
    seen: dict[str, Example] = {}
    for example in (*task.examples, *hints):
        other = seen.setdefault(call_key(example), example)
        if not same_result(example, other):
            call = example.call_text(task.entry_point)
            raise TaskError(f"the tests contradict each other: {call} is to give both {expected_text(other)} and "
                            f"{expected_text(example)}; correct one of them")


def _mentioned(code: str, tests: str) -> str:
    """The last function that the tests mention, else the last one, in code that does not parse."""
    names = re.findall(r"^(?:async\s+)?\w+\s+(\w+)\s*\(", code, re.M) or re.findall(r"def\s+(\w+)", code)
    used = [name for name in names if re.search(rf"\b{re.escape(name)}\b", tests)]
    return (used or names or [""])[-1]
