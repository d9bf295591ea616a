"""Test files: `--tests T`, a `.json` list of examples or a `.py` with test code."""

from __future__ import annotations

import ast
import builtins
import json
from pathlib import Path
from typing import Any

from ncg_ray.errors import TaskError
from ncg_ray.task.asserts import examples_from_asserts, holds_a_test
from ncg_ray.task.mapping import check_keys, read_example_list
from ncg_ray.task.read import read_text
from ncg_ray.task.values import parse_python
from ncg_ray.types import Example


def read_tests(path: str | Path, entry_point: str | None = None) -> tuple[tuple[Example, ...], str, str | None]:
    """Read `--tests T`: examples, the test code that is left, and the function's name where the file tells it.

    A `.json` file is a list of examples, or an object with `examples` and `entry_point`. A `.py` file holds asserts,
    a `check(candidate)` function or pytest functions; its plain asserts become examples.

    Args:
        entry_point: the function under test, where the caller knows it; the file must agree.

    Raises:
        TaskError: one line that names the value and the mend.
    """
    path = Path(path)
    if path.suffix not in (".json", ".py"):
        raise TaskError(f"tests {str(path)!r}: give a .json list of examples or a .py file with asserts")
    text = read_text(path)
    if path.suffix == ".py":
        return _from_python(text, str(path), entry_point)
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TaskError(f"{str(path)!r} is not JSON: {error}") from None
    name = entry_point
    if isinstance(data, dict) and "args" in data:
        raise TaskError(f"{path} is one example; write a list of them: [{{\"args\": [3], \"returns\": 5}}]")
    if isinstance(data, dict):
        check_keys(data, ("entry_point", "examples"), str(path))
        stated = data.get("entry_point", entry_point)
        if stated is not None and not (isinstance(stated, str) and stated.isidentifier()):
            raise TaskError(f"{path}: entry_point is {stated!r}; write the function's name")
        if entry_point and stated != entry_point:
            raise TaskError(f"{path}: entry_point {stated!r} but {entry_point!r} is checked; make them agree")
        name, data = stated, data.get("examples", [])
    examples = read_example_list(data, f"{path}: examples")
    if not examples:
        raise TaskError(f"{path} holds no examples; write a list such as [{{\"args\": [3], \"returns\": 5}}]")
    return tuple(examples), "", name


def _from_python(text: str, where: str, entry_point: str | None) -> tuple[tuple[Example, ...], str, str | None]:
    tree = parse_python(text)
    if tree is None:
        raise TaskError(f"tests {where!r} do not parse as Python; write asserts or pytest functions")
    if not holds_a_test(text):
        raise TaskError(f"tests {where!r} hold no assert, no `check(candidate)` and no pytest function")
    name = entry_point or _called(tree)
    if name is None:
        return (), text, None
    examples, rest = examples_from_asserts(text, name)
    return tuple(examples), rest, name


def _called(tree: ast.Module) -> str | None:
    """The one function that all top-level asserts call, where there is just one."""
    names = {call.func.id for node in tree.body if isinstance(node, ast.Assert) for call in ast.walk(node.test)
             if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)}
    names = {name for name in names if not hasattr(builtins, name)}
    return names.pop() if len(names) == 1 else None
