"""Suites: rows of (prompt, hidden tests), from our own format or from the raw rows of HumanEval and MBPP.

One JSON object a line. Three shapes are read:

    ours       {"task_id", "prompt", "entry_point", "tests", "canonical_solution"?}
    HumanEval  the same with `test` for `tests`; `canonical_solution` is a function body
    MBPP       {"task_id", "text", "code", "test_list", "test_setup_code"?, "challenge_test_list"?}; the prompt is made
               here: the signature of `code`, and a docstring of `text` and the first assert as an example
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ncg_ray.errors import InputError, SuiteError
from ncg_ray.syntax.module import defined_functions, parse
from ncg_ray.task.read import task_from_stub
from ncg_ray.types import Task


@dataclass(frozen=True, slots=True)
class SuiteRow:
    """One task with what the grader needs to know of it."""

    task_id: str
    prompt: str
    "A stub with docstring; all that the solver is told."
    entry_point: str
    tests: str
    "Hidden test code: a `check(candidate)` function or plain asserts."
    canonical_solution: str | None = None
    "A whole module that is known to be right."

    @property
    def task(self) -> Task:
        """What `solve` gets: made of the prompt and the name of the function, nothing else."""
        return _task(self.task_id, self.prompt, self.entry_point)

    def mentions(self, name: str) -> bool:
        """Whether the prompt has this name as a word."""
        return re.search(rf"\b{re.escape(name)}\b", self.prompt) is not None


def _task(task_id: str, prompt: str, entry_point: str) -> Task:
    # Takes no row: hidden tests and the canonical solution cannot come along.
    return task_from_stub(prompt, id=task_id, entry_point=entry_point)


def read_suite(path: str | Path) -> list[SuiteRow]:
    """Read and check every row before anything runs. Raises SuiteError naming the line, the value and the mend."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SuiteError(f"suite {str(path)!r}: {error.strerror}; give a readable JSONL file") from None
    except UnicodeDecodeError as error:
        raise SuiteError(f"suite {str(path)!r} is not UTF-8 text ({error.reason} at byte {error.start}); "
                         "give a JSONL file") from None
    rows: list[SuiteRow] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):  # not splitlines: a JSON string may hold U+2028
        if not line.strip():
            continue
        try:
            row = _row(line)
            row.task  # noqa: B018  a stub that cannot be read is an error of the suite
        except InputError as error:
            raise SuiteError(f"suite {str(path)!r} line {number}: {error.message}", line=number) from None
        if row.task_id in lines:
            raise SuiteError(f"suite {str(path)!r} line {number}: task_id {row.task_id!r} is also on line "
                             f"{lines[row.task_id]}; give every row its own", line=number)
        lines[row.task_id] = number
        rows.append(row)
    if not rows:
        raise SuiteError(f"suite {str(path)!r} has no rows; write one JSON object a line with task_id, prompt, "
                         "entry_point and tests")
    return rows


def _row(line: str) -> SuiteRow:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SuiteError(f"not JSON: {error}; write one object a line") from None
    if not isinstance(data, dict):
        raise SuiteError(f"a JSON {type(data).__name__}, not an object; write one object a line")
    task_id = data.get("task_id")
    if not isinstance(task_id, str | int) or isinstance(task_id, bool) or task_id == "":
        raise SuiteError(f"task_id is {task_id!r}; give every row a text or a number of its own")
    row = _mbpp(str(task_id), data) if "test_list" in data else _stub(str(task_id), data)
    if not row.tests.strip():
        raise SuiteError(f"{row.task_id}: a row without tests measures nothing; give asserts or a check(candidate) "
                         "function, or take the row out")
    if not row.entry_point.isidentifier():
        raise SuiteError(f"{row.task_id}: entry_point {row.entry_point!r} is not a name; give the function's name")
    if not row.mentions(row.entry_point):
        raise SuiteError(f"{row.task_id}: entry_point {row.entry_point!r} does not stand in the prompt; let the prompt "
                         "be a stub of that function")
    return row


def _text(task_id: str, data: dict[str, Any], key: str, mend: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        problem = f"{key} is {value!r:.40}" if key in data else f"the key {key!r} is missing"
        raise SuiteError(f"{task_id}: {problem}; give {mend}")
    return value.replace("\r\n", "\n")


def _texts(task_id: str, data: dict[str, Any], key: str) -> list[str]:
    value = data.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SuiteError(f"{task_id}: {key} is {value!r:.40}; give a list of asserts")
    return [item.replace("\r\n", "\n") for item in value]


def _stub(task_id: str, data: dict[str, Any]) -> SuiteRow:
    """A row of ours or of HumanEval."""
    prompt = _text(task_id, data, "prompt", "a stub: signature and docstring")
    entry_point = _text(task_id, data, "entry_point", "the name of the function")
    tests = _text(task_id, data, "tests" if "tests" in data or "test" not in data else "test",
                  "hidden tests as text: asserts or a check(candidate) function")
    canonical = None
    if data.get("canonical_solution"):
        canonical = _whole(_text(task_id, data, "canonical_solution", "Python source"), prompt, entry_point)
    return SuiteRow(task_id, prompt, entry_point, tests, canonical)


def _whole(solution: str, prompt: str, entry_point: str) -> str:
    """The canonical solution as a module: as it is where it defines the function, else as the body of the stub."""
    if entry_point in defined_functions(solution):
        return solution
    return prompt + ("" if prompt.endswith("\n") else "\n") + solution


def _mbpp(task_id: str, data: dict[str, Any]) -> SuiteRow:
    words = _text(task_id, data, "text" if "text" in data or "prompt" not in data else "prompt", "the task in words")
    code = _text(task_id, data, "code", "the canonical solution")
    asserts = _texts(task_id, data, "test_list")
    if not any(item.strip() for item in asserts):
        raise SuiteError(f"{task_id}: a row without tests measures nothing; give asserts in test_list, or take the row "
                         "out")
    setup = data.get("test_setup_code") or "\n".join(_texts(task_id, data, "test_imports"))
    if not isinstance(setup, str):
        raise SuiteError(f"{task_id}: test_setup_code is {setup!r:.40}; give Python source as text")
    setup = setup.replace("\r\n", "\n")
    tests = "\n".join([*([setup] if setup.strip() else []), *asserts, *_texts(task_id, data, "challenge_test_list")])
    tree = parse(code)
    if tree is None:
        raise SuiteError(f"{task_id}: code does not parse; give a Python module")
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    entry_point = next((name for name in functions if re.search(rf"\b{name}\s*\(", asserts[0])), None)
    if entry_point is None:
        raise SuiteError(f"{task_id}: the first assert calls none of the functions of code "
                         f"({', '.join(functions) or 'there are none'}); let it call the function under test")
    stub = _stub_source(functions[entry_point], words, asserts[0])
    helpers = _helpers(tree.body, entry_point, tests)
    return SuiteRow(task_id, f"{helpers}\n\n\n{stub}" if helpers else stub, entry_point, tests, code)


def _stub_source(function: ast.FunctionDef, words: str, example: str) -> str:
    returns = f" -> {ast.unparse(function.returns)}" if function.returns else ""
    docstring = f"{words.strip()}\n\n    Example: {example.strip()}".replace('"""', "'''")
    prefix = "r" if "\\" in docstring else ""  # a docstring says what the source says
    return (f"def {function.name}({ast.unparse(function.args)}){returns}:\n"
            f'    {prefix}"""{docstring}\n    """\n')


def _helpers(body: Sequence[ast.stmt], entry_point: str, tests: str) -> str:
    """What the tests name beside the function (a node class, an import): without it no answer could pass."""
    tree = parse(tests)
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} if tree else set()
    needed = [n for n in body if (names := bound_names(n)) & used and entry_point not in names]
    return "\n\n\n".join(ast.unparse(n) for n in needed)


def bound_names(statement: ast.stmt) -> set[str]:
    """Names that one top-level statement binds."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {(alias.asname or alias.name).split(".")[0] for alias in aliases}
        case ast.Assign(targets=targets):
            return {t.id for t in targets if isinstance(t, ast.Name)}
    return set()
