"""Inputs by name or position: `Input: nums = [1, 2], k = 3  Output: 5`, `For n = 15 the output should be 3` ..."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ncg_ray.task.prose import ARROW, WRONG, Result, read_result
from ncg_ray.task.signature import Signature
from ncg_ray.task.values import read_value
from ncg_ray.types import Example

WINDOW = 500
"Characters between an input and its output that are looked at."

_GAP = re.compile(r"[\s,;&`*•-]*(?:and\s+|with\s+)?[\s`*•-]*")
_IMMEDIATE = re.compile(rf"[\s`,;.)*]*{ARROW}")
_HEADER = re.compile(r"(?:^|(?<=\n)|(?<=[\s.,;|]))[ \t*`>-]*(?:expected\s+|sample\s+)?"
                     r"(?:(?:output|result|answer|expected)s?\s*\d?[*`\s]*[:=]+|"
                     r"(?<=\n)[ \t*-]*(?:(?:output|returns?)\b[ \t]*[:=]?))", re.I)
_LINE_HEADER = re.compile(r"\n[ \t*`>-]*(?:returns?|output|expected(?:\s+output)?|result|answer)\b[ \t*`]*[:=]*", re.I)
_PROSE = re.compile(
    r"\b(?:(?:the\s+|your\s+|its\s+)?(?:expected\s+)?(?:output|result|answer|function|method|return\s+value)\s+"
    r"(?:(?:should|will|would|must)\s+)?(?:be|is|returns?|equals?|outputs?|gives?)|"
    r"(?:should|will|would|must)\s+(?:return|be|give|output)|returns?|gives|yields|outputs)\b(?!\s+not\b)", re.I)
_SUBJECTS = frozenset("it this that we you function method program code which and then so also always thus".split())
_STOP = re.compile(r"\binputs?\b\s*\d*\s*[:=]|\bexamples?\s*\d*\s*[:.]|\bexplanation\b|>>>|```", re.I)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n\s*\n")
_INPUT = re.compile(r"\binputs?\b[ \t]*\d*[ \t]*(?:\([^()\n]{0,40}\)[ \t]*)?[*`]*[:=][ \t*`]*", re.I)
_GIVEN = re.compile(r"\b(?:for|given|if\s+given|with|when\s+(?:given|passed))\s+(?:an?\s+|the\s+)?"
                    r"(?:input\s+|list\s+|string\s+|number\s+|array\s+|tuple\s+|value\s+|argument\s+)*"
                    r"`?(?=[^\sA-Za-z])", re.I)
_GIVEN_OUT = re.compile(
    r"[`\s]*[,:]?\s*(?:(?:the|your)\s+(?:expected\s+)?(?:output|result|answer|function|method)\s+|(?:it|this|you|we)\s+)?"
    r"(?:(?:should|will|would|must)\s+(?:be|return|give|output)|returns?|gives|outputs|(?<=output\s)is|(?<=result\s)is|"
    r"(?<=answer\s)is)\b(?!\s+not\b)", re.I)
_BLANKS = re.compile(r"\s*")
_NEXT_VALUE = re.compile(r"[ \t`]*(?:,[ \t]*\n?|\n)[ \t`*-]*")
_RESULT_WORD = re.compile(r"(?:expected|outputs?|results?|returns?|answer|explanation|examples?|note)\d*$", re.I)
_LABEL = re.compile(r"[`*]*([A-Za-z_]\w*)[`*]*[ \t]*[=:](?![=>])[ \t]*")
_EXAMPLE_HEADER = re.compile(r"^[ \t*#]*(?:for\s+)?(?:e\.g\.|(?:some\s+)?examples?)[ \t]*\d*[ \t]*[*]*[:.]?", re.I | re.M)


class _Run(NamedTuple):
    """Values for all required parameters, side by side in the text."""

    start: int
    end: int
    kwargs: dict[str, Any]


def read_inputs(text: str, signature: Signature) -> list[Example]:
    """All inputs in `text`, given by name or position, whose output can be read without doubt."""
    if not signature.required and not signature.positional:
        return []
    return _by_name(text, signature) + _by_position(text, signature) + _bare(text, signature)


def _by_name(text: str, signature: Signature) -> list[Example]:
    names = {p.name for p in signature.params}
    required = {p.name for p in signature.required}
    pattern = re.compile(r"(?<![\w.\"'`*])[`*]*+(" + "|".join(map(re.escape, sorted(names, key=len, reverse=True))) +
                         r")[`*]*+[ \t]*+(=(?!=|>)|:|\bis\b|==)[ \t]*(?:\n[ \t]*)?")
    runs: list[_Run] = []
    starts: list[int] = []
    current: _Run | None = None
    covered = 0
    for found in pattern.finditer(text):
        if found.start() < covered:
            continue  # inside a string or list that was read
        value = read_value(text, found.end())
        if value is None:
            continue
        covered = value[1]
        starts.append(found.start())
        name = found.group(1)
        joined = current is not None and name not in current.kwargs and _joins(text, current.end, found.start())
        if current is not None and joined:
            current = _Run(current.start, value[1], {**current.kwargs, name: value[0]})
        else:
            if current is not None:
                runs.append(current)
            current = _Run(found.start(), value[1], {name: value[0]})
    if current is not None:
        runs.append(current)
    examples = []
    for run, following in zip(runs, [r.start for r in runs[1:]] + [len(text)], strict=False):
        if required <= run.kwargs.keys() and not _in_call(text, run.start):
            result, formal = _output(text, run.end, min(following, run.end + WINDOW), signature.name)
            if result is not None:
                examples.append(_example((), run.kwargs, result, formal))
    return examples


def _joins(text: str, end: int, start: int) -> bool:
    return start - end <= 60 and _GAP.fullmatch(text, end, start) is not None


def _in_call(text: str, at: int) -> bool:
    """Whether `n = 3` at `at` stands in the brackets of a call, as in `g(n=3)`."""
    return re.search(r"\w\s?\([^()\n]{0,200}$", text[max(0, at - 250):at]) is not None


def _output(text: str, at: int, limit: int, name: str) -> tuple[Result | None, bool]:
    """The output that belongs to an input ending at `at`; and whether it stands behind a formal `Output:`."""
    if arrow := _IMMEDIATE.match(text, at, limit):
        result = read_result(text, arrow.end(), name)
        if result is not None:
            return result, False
    window_end = limit
    if stop := _STOP.search(text, at, limit):
        window_end = stop.start()
    header = _HEADER.search(text, at, window_end) or _LINE_HEADER.search(text, at, window_end)
    if header and WRONG.search(text[text.rfind("\n", at, header.start() + 1) + 1:header.start()]):
        return None, False
    if header:
        result = read_result(text, header.end(), name)
        if result is not None:
            return result, True
    if sentence := _SENTENCE_END.search(text, at, window_end):
        window_end = sentence.start() + 1
    for index, prose in enumerate(_PROSE.finditer(text, at, window_end)):
        if index == 3:
            break
        if re.search(r"\b(?:if|unless|otherwise|else)\b", text[at:prose.start()], re.I):
            break
        if (subject := re.search(r"(?:^|[\s,.;`])([a-z_]\w*)`?(?:\(\))?\s+$", text[at:prose.start()])) and (
                subject.group(1) not in (name, *_SUBJECTS)):
            continue  # somebody else's result
        result = read_result(text, prose.end(), name)
        if result is not None:
            return result, False
    return None, False


def _by_position(text: str, signature: Signature) -> list[Example]:
    examples = []
    for found in _INPUT.finditer(text):
        values, end = _values(text, found.end(), signature)
        args = _arguments(values, signature)
        if args is None:
            continue
        result, formal = _output(text, end, min(len(text), end + WINDOW), signature.name)
        if result is not None:
            examples.append(_example(args, {}, result, formal))
    return examples


def _values(text: str, at: int, signature: Signature) -> tuple[list[Any], int]:
    """Constants separated by commas or line ends, in the order of the parameters.

    They may be labelled, `Input: nums = [1], target = 2`, also with names that are not the parameters', as long as
    no parameter's name stands at another one's place.
    """
    values: list[Any] = []
    names = [p.name for p in signature.positional]
    at = end = _BLANKS.match(text, at).end()  # type: ignore[union-attr]
    while len(values) < 32:
        label = _LABEL.match(text, at)
        if label and _RESULT_WORD.match(label.group(1)):
            break
        if label and label.group(1) in names and names.index(label.group(1)) != len(values):
            return [], end
        found = read_value(text, label.end() if label else at)
        if found is None:
            break
        value, end = found
        values.append(value)
        following = _NEXT_VALUE.match(text, end)
        if following is None:
            break
        at = following.end()
    return values, end


def _arguments(values: list[Any], signature: Signature) -> tuple[Any, ...] | None:
    """Positional arguments, where the number of values leaves no doubt."""
    fewest, most = len(signature.required), len(signature.positional)
    if not values or any(p in signature.keyword_only for p in signature.required):
        return None
    if len(values) == 1 and most >= 2 and isinstance(values[0], tuple):
        if fewest < 2:
            return None  # one tuple, or one value for each parameter
        values = list(values[0])
    return tuple(values) if fewest <= len(values) <= most and (fewest == most or len(values) == fewest) else None


def _bare(text: str, signature: Signature) -> list[Example]:
    """`For [1, 2] the output should be 3`, and `[1, 2] -> 3` alone on a line below a heading of examples."""
    examples = []
    if len(signature.required) == 1:
        for found in _GIVEN.finditer(text):
            value = read_value(text, found.end())
            out = _GIVEN_OUT.match(text, value[1]) if value else None
            args = _arguments([value[0]], signature) if value and out else None
            result = read_result(text, out.end(), signature.name) if out and args is not None else None
            if result is not None and args is not None:
                examples.append(_example(args, {}, result))
    header = _EXAMPLE_HEADER.search(text)
    if header is None:
        return examples
    for line in text[header.end():].split("\n"):
        body = re.sub(r"^\s*(?:[-*•]\s+|\d[.)]\s+)?`?", "", line)
        values, end = _values(body, 0, signature)
        arrow = re.compile(rf"[\s`]*{ARROW}").match(body, end) if values else None
        args = _arguments(values, signature) if arrow else None
        result = read_result(body, arrow.end(), signature.name) if arrow and args is not None else None
        if result is not None and args is not None:
            examples.append(_example(args, {}, result))
    return examples


def _example(args: tuple[Any, ...], kwargs: dict[str, Any], result: Result, loose: bool = False) -> Example:
    """`loose` for `Input:`/`Output:` blocks, whose authors write brackets for tuples too."""
    return Example(args, kwargs, None if result.raises else result.value, result.raises, result.abs_tol,
                   origin="docstring", loose=loose)
