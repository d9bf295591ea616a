"""The examples that a docstring, or a text in words, holds; one dialect after the other, doubts left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ncg_ray import plain
from ncg_ray.task.doctests import read_doctests
from ncg_ray.task.inputs import read_inputs
from ncg_ray.task.prose import read_calls
from ncg_ray.task.signature import Signature
from ncg_ray.types import Example

MAX_CHARS = 60_000
MAX_EXAMPLES = 200


def read_examples(docstring: str, signature: Signature, raw: str = "") -> list[Example]:
    """The examples in `docstring`, origin `docstring`, in the order of the dialects; at most `MAX_EXAMPLES`.

    A wrong example is worse than none: what does not bind to the signature, contradicts another example or leaves
    doubt is left out. Never raises and never evaluates.

    Args:
        docstring: the evaluated text.
        raw: the same text as it stands in the source, where a `\\n` inside an example is still two characters.
    """
    examples = _read(docstring[:MAX_CHARS], signature)
    if raw and raw != docstring and "\\\\" not in raw:
        examples += _read(raw[:MAX_CHARS], signature)
    return consistent(examples)[:MAX_EXAMPLES]


def consistent(examples: Iterable[Example]) -> list[Example]:
    """Without duplicates, and without any call for which two different results are given."""
    by_call: dict[str, list[Example]] = {}
    for example in examples:
        by_call.setdefault(call_key(example), []).append(example)
    return [group[0] for group in by_call.values() if all(same_result(group[0], other) for other in group[1:])]


def call_key(example: Example) -> str:
    """Equal for equal calls."""
    return json.dumps([plain.encode(example.args), plain.encode(example.kwargs)], sort_keys=True)


def same_result(one: Example, other: Example) -> bool:
    """Whether two examples of one call agree."""
    return one.raises == other.raises and plain.equal(
        one.returns, other.returns, max(one.abs_tol or 0.0, other.abs_tol or 0.0), one.loose or other.loose)


def _read(text: str, signature: Signature) -> list[Example]:
    doctests, rest = read_doctests(text, signature)
    found = doctests + read_calls(rest, signature)
    called = {call_key(e) for e in _usable(found, signature)}
    # what a call by name says outranks looser words about the same input
    found += [e for e in _usable(read_inputs(rest, signature), signature) if call_key(e) not in called]
    return _of_one_kind(_usable(found, signature), text, signature.name)


def _usable(examples: list[Example], signature: Signature) -> list[Example]:
    return [_by_position(e, signature) for e in examples
            if _is_plain(e) and signature.fits(e) and (e.raises is not None or _may_be(e.returns, signature.returns))]


_SCALARS = {"str": str, "int": (int, float), "bool": bool, "float": (int, float, complex)}


def _may_be(value: Any, hint: str) -> bool:
    """Whether a value does not contradict a plain hint: `f(10) -> 1010` of a function that returns text is no int.

    None is let through, because `Optional` is often left out.
    """
    kind = _SCALARS.get(hint)
    if value is None or kind is None:
        return True
    if hint == "bool":
        return value in (0, 1)
    return isinstance(value, kind) and not (hint == "int" and isinstance(value, float) and not value.is_integer())


def _by_position(example: Example, signature: Signature) -> Example:
    """The same call with keywords moved to their positions, so that equal calls look alike."""
    args, kwargs = list(example.args), dict(example.kwargs)
    for parameter in signature.positional[len(args):]:
        if parameter.name not in kwargs:
            break
        args.append(kwargs.pop(parameter.name))
    return replace(example, args=tuple(args), kwargs=kwargs)


def _is_plain(example: Example) -> bool:
    try:
        plain.encode([example.args, example.kwargs, example.returns])
    except plain.NotPlain:
        return False
    return True


def _of_one_kind(examples: list[Example], text: str, name: str) -> list[Example]:
    """Without the terms of a recurrence: in `a(0) = 1; a(n) = 2 * a(n-1). Return the first n terms. a(2) -> [1, 2, 4]`
    the single terms are not results."""
    kinds = {isinstance(e.returns, (list, tuple)) for e in examples if e.raises is None}
    if len(kinds) < 2 or not re.search(rf"(?<!\w){re.escape(name)}\([a-z](?: *[-+] *\d)?\) *(?:=|->|is\b)", text):
        return examples
    return [e for e in examples if e.raises is None and isinstance(e.returns, (list, tuple))]
