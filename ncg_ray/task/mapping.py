"""The keys of a task, in TOML, JSON or a mapping, each checked; and tasks in words."""

from __future__ import annotations

import difflib
import keyword
import math
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from ncg_ray import plain
from ncg_ray.errors import TaskError
from ncg_ray.task.asserts import examples_from_asserts, holds_a_test
from ncg_ray.task.contracts import read_contract, read_contracts
from ncg_ray.task.docstring import call_key, read_examples, same_result
from ncg_ray.task.signature import Signature, open_signature, parse_signature
from ncg_ray.task.stub import check_text, known_names, looks_like_stub, task_from_stub
from ncg_ray.task.values import parse_python
from ncg_ray.types import MODES, Contract, Example, Mode, Task

TASK_KEYS = ("id", "prompt", "signature", "entry_point", "language", "examples", "requires", "ensures", "tests",
             "context", "mode")
EXAMPLE_KEYS = ("args", "kwargs", "returns", "raises", "abs_tol")


def task_from_words(prompt: str, signature: str = "", entry_point: str = "", id: str = "task",
                    where: str = "the text") -> Task:
    """A task in words; with a signature or a name, the examples in the words are read too. Raises TaskError."""
    check_text(prompt, where)
    parsed = _signature(signature, entry_point, where)
    examples = read_examples(prompt, parsed) if parsed else []
    contracts = read_contracts(prompt, {p.name for p in parsed.params}) if parsed and signature else []
    return Task(prompt, id, parsed.text() if parsed and signature else "", parsed.name if parsed else "",
                examples=tuple(examples), contracts=tuple(contracts), docstring=prompt)


def task_from_mapping(data: Any, where: str = "the task") -> Task:
    """A task from its keys (`TASK_KEYS`). `where` names the source in errors. Raises TaskError."""
    if not isinstance(data, dict):
        raise TaskError(f"{where} holds a {type(data).__name__}, not a task; write an object with a `prompt`")
    check_keys(data, TASK_KEYS, where)
    if "prompt" not in data:
        raise TaskError(f"{where} has no `prompt`; say in it what the function should do")
    prompt, signature, entry_point = (_text(data, key, where) for key in ("prompt", "signature", "entry_point"))
    language = _text(data, "language", where) or "python"
    if language != "python":
        raise TaskError(f"{where}: language {language!r} is not supported; leave it out or write \"python\"")
    check_text(prompt, f"{where}: prompt")
    task = _prompt_task(prompt, signature, entry_point, where)
    context = _text(data, "context", where)
    if context:
        if parse_python(context) is None:
            raise TaskError(f"{where}: context does not parse as Python; give imports and helper functions")
        task = replace(task, context="\n\n".join(part for part in (context.strip("\n"), task.context) if part.strip()))
    checked = _signature(task.signature, task.entry_point, where)
    given = read_example_list(data.get("examples", []), f"{where}: examples", checked)
    tests = _text(data, "tests", where)
    if tests:
        if parse_python(tests) is None:
            raise TaskError(f"{where}: tests do not parse as Python; write asserts or pytest functions")
        if not holds_a_test(tests):
            raise TaskError(f"{where}: tests hold no assert, no `check(candidate)` and no pytest function")
        if task.entry_point:
            found, tests = examples_from_asserts(tests, task.entry_point, checked)
            given += found
    known = known_names(task.context) | {p.name for p in checked.params} if checked else known_names(task.context)
    contracts = tuple(read_contract(kind, expression, known) if task.signature else _unbound(kind, expression, where)
                      for kind in ("requires", "ensures") for expression in _clauses(data, kind, where))
    return replace(task, id=_text(data, "id", where) or "task", examples=merge(given, task.examples, where),
                   contracts=contracts + task.contracts, tests="\n".join(t for t in (tests, task.tests) if t),
                   mode=_mode(data, where))


def read_example_list(items: Any, where: str, signature: Signature | None = None, loose: bool = True) -> list[Example]:
    """Examples from JSON or TOML, checked against the signature. Raises TaskError."""
    if not isinstance(items, list):
        raise TaskError(f"{where} is a {type(items).__name__}; write a list such as [{{\"args\": [3], \"returns\": 5}}]")
    examples = [_example(item, f"{where}[{index}]", signature, loose) for index, item in enumerate(items)]
    return list(merge(examples, (), where))


def merge(given: Iterable[Example], found: Iterable[Example], where: str) -> tuple[Example, ...]:
    """The user's examples, then the docstring's that do not contradict them. Raises TaskError if the user's do."""
    by_call: dict[str, Example] = {}
    for example in given:
        first = by_call.setdefault(call_key(example), example)
        if not same_result(first, example):
            raise TaskError(f"{where}: two examples give different results for {example.call_text('f')}; keep one")
    taken = dict(by_call)
    for example in found:
        taken.setdefault(call_key(example), example)
    return tuple(taken.values())


def check_keys(data: dict[Any, Any], known: tuple[str, ...], where: str) -> None:
    """Raise TaskError for the first unknown key, with the nearest known one and all of them."""
    for key in data:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]!r}?" if near else ";"
            raise TaskError(f"{where}: unknown key {key!r}{hint} Known: {', '.join(known)}")


def _prompt_task(prompt: str, signature: str, entry_point: str, where: str) -> Task:
    if not looks_like_stub(prompt):
        return task_from_words(prompt, signature, entry_point, where=where)
    given = parse_signature_in(signature, where) if signature else None
    if given and entry_point and given.name != entry_point:
        raise TaskError(_disagreement(entry_point, given.name, where))
    task = task_from_stub(prompt, entry_point or (given.name if given else ""), where=f"{where}: prompt")
    if given and given.text() != task.signature:
        raise TaskError(f"{where}: signature {given.text()!r} differs from the prompt's {task.signature!r}; leave it out")
    return task


def _signature(signature: str, entry_point: str, where: str) -> Signature | None:
    if entry_point and (not entry_point.isidentifier() or keyword.iskeyword(entry_point)):
        raise TaskError(f"{where}: entry_point {entry_point!r} is not a function name; write one such as \"solve\"")
    if not signature:
        return open_signature(entry_point) if entry_point else None
    parsed = parse_signature_in(signature, where)
    if entry_point and parsed.name != entry_point:
        raise TaskError(_disagreement(entry_point, parsed.name, where))
    return parsed


def parse_signature_in(signature: str, where: str) -> Signature:
    """`parse_signature` with the source's name in front of its error."""
    try:
        return parse_signature(signature)
    except TaskError as error:
        raise TaskError(f"{where}: {error.message}") from None


def _disagreement(entry_point: str, name: str, where: str) -> str:
    return f"{where}: entry_point {entry_point!r} but the signature is of {name!r}; leave entry_point out"


def _example(item: Any, where: str, signature: Signature | None, loose: bool) -> Example:
    if not isinstance(item, dict):
        raise TaskError(f"{where} is {_short(item)}; write {{\"args\": [3], \"returns\": 5}}")
    check_keys(item, EXAMPLE_KEYS, where)
    args, kwargs, raises, abs_tol = (item.get(k, d) for k, d in (("args", []), ("kwargs", {}), ("raises", None),
                                                                ("abs_tol", None)))
    if not isinstance(args, list):
        raise TaskError(f"{where}: args is {_short(args)}; write a list, [{_short(args)}]")
    if not isinstance(kwargs, dict) or not all(isinstance(key, str) for key in kwargs):
        raise TaskError(f"{where}: kwargs is {_short(kwargs)}; write an object such as {{\"k\": 2}}")
    if ("returns" in item) == ("raises" in item):
        raise TaskError(f"{where} has {'both' if 'raises' in item else 'neither'} `returns` and `raises`; give one of "
                        "them (for None: \"returns\": null in JSON, or `tests = \"assert f(3) is None\"`)")
    if raises is not None and not (isinstance(raises, str) and re.fullmatch(r"[A-Za-z_][\w.]*", raises)):
        raise TaskError(f"{where}: raises is {_short(raises)}; write the name of an exception, such as \"ValueError\"")
    if "raises" in item and raises is None:
        raise TaskError(f"{where}: raises is null; write the name of an exception, such as \"ValueError\"")
    number = isinstance(abs_tol, (int, float)) and not isinstance(abs_tol, bool)
    if abs_tol is not None and not (number and 0 <= abs_tol < math.inf):
        raise TaskError(f"{where}: abs_tol is {_short(abs_tol)}; write a number of 0 or more, such as 1e-6")
    try:
        decoded = plain.decode(args), plain.decode(kwargs), plain.decode(item.get("returns"))
        plain.encode(list(decoded))
    except (plain.NotPlain, RecursionError) as error:
        raise TaskError(f"{where}: {error}") from None
    example = Example(tuple(decoded[0]), decoded[1], decoded[2], raises, None if abs_tol is None else float(abs_tol),
                      loose=loose)
    problem = signature.misfit(example.args, example.kwargs) if signature else ""
    if problem and signature:
        raise TaskError(f"{where}: {_short_text(example.call_text(signature.name))} does not fit "
                        f"`{signature.text()}`: {problem}")
    return example


def _text(data: dict[str, Any], key: str, where: str) -> str:
    value = data.get(key, "")
    if not isinstance(value, str):
        raise TaskError(f"{where}: {key} is {_short(value)}; write it as text")
    if value and key != "prompt":
        check_text(value, f"{where}: {key}")
    return value


def _clauses(data: dict[str, Any], kind: str, where: str) -> list[str]:
    value = data.get(kind, [])
    clauses = [value] if isinstance(value, str) else value
    if not isinstance(clauses, list) or not all(isinstance(clause, str) for clause in clauses):
        raise TaskError(f"{where}: {kind} is {_short(value)}; write a list of Python expressions, [\"result >= 0\"]")
    return clauses


def _unbound(kind: str, expression: str, where: str) -> Contract:
    raise TaskError(f"{where}: {kind} {_short(expression)} needs a `signature` to give its names a meaning")


def _mode(data: dict[str, Any], where: str) -> Mode | None:
    mode = data.get("mode")
    if mode is not None and mode not in MODES:
        raise TaskError(f"{where}: mode {_short(mode)} is not one of {', '.join(MODES)}")
    return cast("Mode | None", mode)


def _short(value: Any) -> str:
    return _short_text(repr(value))


def _short_text(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
