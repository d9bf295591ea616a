"""Code that does not parse: the texts that do and are fewest edits away, found from where the parser stops.

Covers: brackets, colons, indentation, tabs, strings that do not end, `=` in conditions, missing commas, misspelt keywords,
words and signs of other languages, characters that only look like Python's; several defects in one file.
Does not cover: what the code means. Each result must be run before anybody believes it.

Source: a beam search over local corrections at the error position, as in Burke and Fisher's error recovery (1987), with
CPython's error messages to choose the corrections.
"""

from __future__ import annotations

import re
import time
import warnings
from dataclasses import dataclass

from ncg_ray.repair.corrections import Failure, corrections

MAX_EDITS = 6
BEAM = 40
"Texts that are followed from one number of edits to the next: those whose error comes last."
MAX_S = 6.0
FOLLOWED = 12
"Of these, at most so many that come from one text."


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text that parses, and how it came about."""

    text: str
    edits: tuple[str, ...]
    "In words, with line numbers."


def failure_of(text: str) -> Failure | None:
    """The first syntax error, or None where the text compiles."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "code", "exec", dont_inherit=True)
    except SyntaxError as error:
        return Failure(error.lineno or 1, max((error.offset or 1) - 1, 0), error.msg)
    except (ValueError, RecursionError, MemoryError) as error:
        return Failure(1, 0, str(error) or type(error).__name__)
    return None


def parsing_texts(text: str, num: int = 40, max_s: float = MAX_S) -> list[Parsed]:
    """Up to `num` texts that parse, fewest edits first; none where nothing is found within `MAX_EDITS` and `max_s`.

    Args:
        max_s: seconds.
    """
    until = time.monotonic() + max_s
    seen, found = {text}, []
    level = [Parsed(text, ())]
    for _ in range(MAX_EDITS):
        reached: list[tuple[tuple[int, int], Parsed]] = []
        for state in level:
            failure = failure_of(state.text)
            if failure is None or time.monotonic() > until:
                continue
            followed: list[tuple[tuple[int, int], Parsed]] = []
            for new, words in corrections(state.text, failure):
                if new in seen or not new.strip():
                    continue
                seen.add(new)
                made, then = Parsed(new, (*state.edits, words)), failure_of(new)
                if then is None:
                    found.append(made)
                elif _place(then) >= _place(failure) or len(then.message) != len(failure.message):
                    line, column = _place(then)
                    followed.append(((-line, -column), made))
            reached += sorted(followed, key=lambda item: item[0])[:FOLLOWED]
        if found or not reached:
            break  # what needs more edits is further away
        reached.sort(key=lambda item: item[0])
        level = [made for _, made in reached[:BEAM]]
    return found[:num]


def _place(failure: Failure) -> tuple[int, int]:
    """How far the text is right: to the bracket that a closing one does not match, not to that one."""
    opened = re.search(r"on line (\d+)$", failure.message)
    return (int(opened.group(1)), 0) if opened else (failure.line, failure.column)
