"""`Problem`: a task as the search sees it: parameters, inputs with what each must give, clauses, constants, words."""

from __future__ import annotations

import ast
import inspect
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ncg_ray.errors import TaskError
from ncg_ray.generate.symbolic.grammar import PARAMETER, meant_constants
from ncg_ray.generate.symbolic.kinds import kind_of
from ncg_ray.generate.symbolic.terms import Term
from ncg_ray.task.signature import Signature, parse_signature
from ncg_ray.types import Example, Task

MAX_ROWS = 12
"Examples that the search looks at; all others are left to the verifier."
ALWAYS: tuple[tuple[Any, int], ...] = ((0, 2), (1, 2), (2, 3), (-1, 4), ("", 4), (" ", 4), (10, 5), (True, 6), (False, 6))
"Constants, and their bits."
OF_PROMPT, OF_EXAMPLES, OF_RESULTS = 3, 4, 6
"Bits of a constant from the words, of one from the texts of the examples, and of a whole result."
MAX_SHOWN = 40
"Characters of a result that may be a constant."
NAMES = ("a", "b", "c", "d", "e", "f", "g", "h")
_DEFAULT_NAME = "solution"


@dataclass(frozen=True, slots=True)
class Row:
    """One input, by parameter, and what it must give."""

    values: dict[str, Any]
    example: Example | None = None
    "Without one, the clauses alone say what is right."


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be found."""

    name: str
    signature: str
    "`def name(params)`, without the colon."
    names: tuple[str, ...]
    hints: tuple[str, ...]
    "The parameters' hints as source; empty where there is none."
    returns: str
    rows: tuple[Row, ...]
    words: str
    results: tuple[Any, ...] = field(default=())
    "What the examples give."
    told: tuple[Any, ...] = field(default=())
    "Constants that somebody proposes."

    def with_rows(self, rows: Sequence[Row]) -> Problem:
        """The same with further inputs."""
        return replace(self, rows=(*self.rows, *rows))

    def parameters(self) -> list[Term]:
        """The leaves that stand for parameters."""
        columns = [(name, [row.values[name] for row in self.rows]) for name in self.names]
        return [Term(kind_of(values), values, PARAMETER, leaf=name) for name, values in columns]

    def constants(self) -> list[Term]:
        """The leaves that stand for constants: those always there, those of the words and those of the examples."""
        costs: dict[tuple[str, Any], int] = {}
        for value, cost in [*ALWAYS, *((value, OF_PROMPT) for value in _of_words(self.words)),
                            *((value, OF_EXAMPLES) for value in _of_texts(self)),
                            *((value, OF_PROMPT) for value in self.told),
                            *((value, OF_RESULTS) for value in _of_results(self.results))]:
            key = type(value).__name__, value
            costs[key] = min(cost, costs.get(key, cost))
        return [Term(kind_of([value]), [value] * len(self.rows), cost, leaf=source_of(value), constant=True)
                for (_, value), cost in costs.items()]


def problem_of(task: Task) -> Problem:
    """Raises TaskError for a signature that the search cannot fill in."""
    examples = [e for e in task.examples if e.origin != "generated"][:MAX_ROWS]
    signature = _signature(task, examples)
    names = tuple(p.name for p in signature.params)
    rows = []
    for example in examples:
        values = bind(signature, example.args, example.kwargs)
        if values is not None:
            rows.append(Row(values, example))
    results = tuple(e.returns for e in examples if e.raises is None)
    words = f"{_prose(task.docstring or task.prompt, signature.name)} {signature.name.replace('_', ' ')}"
    return Problem(signature.name, signature.text(), names, tuple(p.hint for p in signature.params), signature.returns,
                   tuple(rows), words, results)


def _signature(task: Task, examples: Sequence[Example]) -> Signature:
    if task.signature:
        found = parse_signature(task.signature)
        if not any(p.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD) and not examples
                   for p in found.params):
            return found
        raise TaskError(f"signature {task.signature!r} takes any number of arguments; name them for mode 'symbolic'")
    width = max((len(e.args) for e in examples), default=0)
    named = [key for e in examples for key in e.kwargs]
    names = [*NAMES[:width], *dict.fromkeys(named)]
    return parse_signature(f"def {task.entry_point or _DEFAULT_NAME}({', '.join(names)})")


def bind(signature: Signature, args: Sequence[Any], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """The arguments of a call by parameter, defaults included; None where they do not bind or a default is no literal."""
    params = [inspect.Parameter(p.name, p.kind, default=inspect.Parameter.empty if p.default is None else p.default)
              for p in signature.params]
    try:
        bound = inspect.Signature(params).bind(*args, **kwargs).arguments
        for parameter in signature.params:
            if parameter.name not in bound and parameter.default is not None:
                bound[parameter.name] = ast.literal_eval(parameter.default)
    except (TypeError, ValueError, SyntaxError):
        return None
    empty: dict[Any, Any] = {inspect.Parameter.VAR_POSITIONAL: (), inspect.Parameter.VAR_KEYWORD: {}}
    return {p.name: bound.get(p.name, empty.get(p.kind)) for p in signature.params}


def source_of(value: Any) -> str:
    """A constant as source."""
    return "math.pi" if value == math.pi else repr(value)


def _prose(text: str, name: str) -> str:
    """The words without the lines that show calls, whose numbers say nothing, and doctests' results."""
    lines = text.split("\n")
    shown = [f"{name}(" in line or line.lstrip().startswith(">>>") for line in lines]
    return "\n".join(line for i, line in enumerate(lines) if not shown[i] and not (
        i and lines[i - 1].lstrip().startswith(">>>")))


def _of_words(text: str) -> list[Any]:
    """Numbers, quoted texts, and lists of letters such as `(a, e, i, o, u)`."""
    found: list[Any] = [int(n) for n in re.findall(r"(?<![\w.])-?\d{1,6}(?![\w.]*\w)", text)]
    found += [quoted for pair in re.findall(r"'([^'\n]{1,12})'|\"([^\"\n]{1,12})\"", text) for quoted in pair if quoted]
    for letters in re.findall(r"\b(?:\w, ?){2,}(?:and |or )?\w\b", text):
        found.append("".join(re.findall(r"\b\w\b", letters)))
    return [*found[:12], *meant_constants(text)]


def _of_texts(problem: Problem) -> list[str]:
    """Signs that stand in every text of an argument, and characters of every result that no input has."""
    found: list[str] = []
    for name in problem.names:
        column = [row.values[name] for row in problem.rows]
        if column and all(type(value) is str for value in column):
            found += [c for c in dict.fromkeys(column[0]) if not c.isalnum() and all(c in value for value in column)]
    texts = [value for value in problem.results if type(value) is str]
    if texts and len(texts) == len(problem.results):
        given = "".join(map(repr, (row.values for row in problem.rows)))
        found += [c for c in dict.fromkeys(texts[0]) if c not in given and all(c in text for text in texts)]
    return found[:6]


def _of_results(results: Sequence[Any]) -> list[Any]:
    """Results that look like names of cases: texts, of which three and more repeat, or numbers that come more than once."""
    texts = [r for r in dict.fromkeys(r for r in results if type(r) is str) if 0 < len(r) <= MAX_SHOWN]
    if len(results) > 2 and len(set(map(repr, results))) == len(results):
        texts = []  # a program that names each of them has learned them by heart
    numbers = [r for r in dict.fromkeys(r for r in results if type(r) is int) if results.count(r) > 1]
    return [*texts[:4], *numbers[:3]]
