"""What may be wrong where the parser stops: one small change each, the likeliest first."""

from __future__ import annotations

import difflib
import io
import keyword
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_OPENERS = {close: opening for opening, close in _PAIRS.items()}
_LOOKALIKES = {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "−": "-", "×": "*", "÷": "/", "≤": "<=",
               "≥": ">=", "≠": "!=", "\u00a0": " ", "\u200b": "", "，": ",", "：": ":", "（": "(", "）": ")", "；": ";"}
_FOREIGN = [(r"\belse\s+if\b", "elif"), (r"\b(elseif|elsif)\b", "elif"), (r"&&", " and "), (r"\|\|", " or "),
            (r"!(?!=)", "not "), (r"(\w+)\+\+", r"\1 += 1"), (r"(\w+)--", r"\1 -= 1"), (r"===", "=="), (r"!==", "!="),
            (r"\bfunction\b", "def"), (r"\bthen\b\s*:?", ":"), (r"<>", "!="), (r"\bnull\b", "None"), (r"=>", ">="),
            (r"=<", "<="), (r"=!", "!="), (r":=", "="), (r"\s*;\s*$", ""), (r"\{\s*$", ":")]
_STATEMENT = re.compile(r"\s*((return|if|for|while|import|from|with|try|assert|raise)\b|[\w.\[\]]+\s*[-+*]?=[^=])")
_HEADS = re.compile(r"^\s*(async\s+)?(def|if|elif|else|for|while|try|except|finally|class|with|match|case)\b")


@dataclass(frozen=True, slots=True)
class Failure:
    """Where and why a text is not Python."""

    line: int
    column: int
    "From 0, in characters of the line."
    message: str


def corrections(text: str, failure: Failure) -> Iterator[tuple[str, str]]:
    """(new text, what was done), the likeliest first."""
    lines = text.split("\n")
    at = min(max(failure.line, 1), len(lines)) - 1
    message = failure.message
    yield from _for_message(lines, at, failure.column, message)
    if "indent" not in message and "tabs" not in message:
        # The parser often stops one line after the defect.
        previous = max((i for i in range(at) if lines[i].strip()), default=at)
        for number in dict.fromkeys((at, previous)):
            yield from _on_line(lines, number)
        yield from _tokens(lines, at, failure.column)


def _for_message(lines: list[str], at: int, column: int, message: str) -> Iterator[tuple[str, str]]:
    if "tabs" in message or any("\t" in line[: len(line) - len(line.lstrip())] for line in lines):
        for width in (4, 8):
            yield "\n".join(line.expandtabs(width) if line[:1] in " \t" else line for line in lines), "tabs made blanks"
    if "expected an indented block" in message or "outside" in message:
        yield from _indent_in(lines, at)
    if "unexpected indent" in message or "unindent" in message:
        yield from _indent_other(lines, at)
    if "never closed" in message or "expected" in message or "unterminated" not in message:
        yield from _close(lines, at)
    if found := re.search(r"closing parenthesis '(.)' does not match opening parenthesis '(.)'", message):
        line, close, opening = lines[at], found.group(1), found.group(2)
        right = _PAIRS[opening]
        yield _with(lines, at, line[:column] + right + line[column + 1:]), f"line {at + 1}: {close} made {right}"
        yield _with(lines, at, line[:column] + right + line[column:]), f"line {at + 1}: {right} added"
        yield _with(lines, at, line[:column] + line[column + 1:]), f"line {at + 1}: {close} dropped"
    elif found := re.search(r"unmatched '(.)'", message):
        line, close = lines[at], found.group(1)
        yield _with(lines, at, line[:column] + line[column + 1:]), f"line {at + 1}: {close} dropped"
        for place in _boundaries(line[:column]):
            yield _with(lines, at, line[:place] + _OPENERS[close] + line[place:]), f"line {at + 1}: {_OPENERS[close]} added"
    if "unterminated" in message or "string" in message:
        yield from _end_string(lines, at, column, "triple" in message)


def _indent_in(lines: list[str], at: int) -> Iterator[tuple[str, str]]:
    """What should be the body of a block is not indented, or there is none."""
    above = max((i for i in range(at) if lines[i].strip()), default=0)
    inner = _blanks(lines[above]) + "    "
    if "outside" in lines[at] or not lines[at].strip():
        inner = _blanks(lines[above])
    own = _blanks(lines[at])
    end = at
    while end < len(lines) and (not lines[end].strip() or _blanks(lines[end]).startswith(own)):
        end += 1
        block = [inner + line[len(own):] if line.strip() else line for line in lines[at:end]]
        if end == at + 1 or end == len(lines) or not _blanks(lines[end]).startswith(own) or end - at <= 8:
            yield "\n".join([*lines[:at], *block, *lines[end:]]), f"lines {at + 1}-{end}: indented"
    if above:
        level = [_blanks(lines[above]) + line[len(own):] if line.strip() else line for line in lines[at:at + 1]]
        yield "\n".join([*lines[:at], *level, *lines[at + 1:]]), f"line {at + 1}: indented like the line above"
    yield "\n".join([*lines[:at], inner + "pass", *lines[at:]]), f"line {at + 1}: pass added"


def _indent_other(lines: list[str], at: int) -> Iterator[tuple[str, str]]:
    """A line that stands at no level of the blocks around it."""
    own = _blanks(lines[at])
    levels = list(dict.fromkeys(_blanks(line) for line in reversed(lines[:at]) if line.strip()))
    levels.sort(key=lambda blanks: abs(len(blanks) - len(own)))
    above = max((i for i in range(at) if lines[i].strip()), default=0)
    end = at
    while end < len(lines) and (not lines[end].strip() or len(_blanks(lines[end])) >= len(own)):
        end += 1
    for blanks in levels[:5]:
        for last in dict.fromkeys((at + 1, end)):
            block = [blanks + line[len(own):] if line.strip() else line for line in lines[at:last]]
            words = f"lines {at + 1}-{last}: moved to column {len(blanks) + 1}"
            yield "\n".join([*lines[:at], *block, *lines[last:]]), words
    if not lines[above].rstrip().endswith(":") and _HEADS.match(lines[above]):
        yield _with(lines, above, _before_comment(lines[above], ":")), f"line {above + 1}: colon added"


def _close(lines: list[str], at: int) -> Iterator[tuple[str, str]]:
    """Brackets that are opened and not closed on this line, closed somewhere on it or at the end of a later one."""
    for number in dict.fromkeys((at, max(at - 1, 0))):
        stack = []
        for char in _bare(lines[number]):
            if char in _PAIRS:
                stack.append(char)
            elif char in _OPENERS and stack and _PAIRS[stack[-1]] == char:
                stack.pop()
        if not stack:
            continue
        close, line = _PAIRS[stack[-1]], lines[number]
        end = len(line.rstrip())
        first = end - 1 if line.rstrip().endswith((":", ",")) else end
        for place in dict.fromkeys([first, end, *reversed(_boundaries(line))]):
            yield _with(lines, number, line[:place] + close + line[place:]), f"line {number + 1}: {close} added"
        for later in range(number + 1, min(number + 8, len(lines))):
            if lines[later].strip():
                yield _with(lines, later, lines[later].rstrip() + close), f"line {later + 1}: {close} added"


def _end_string(lines: list[str], at: int, column: int, triple: bool) -> Iterator[tuple[str, str]]:
    line = lines[at]
    quote = next((c for c in line[column:] if c in "\"'"), '"')
    if triple:
        quote *= 3
        for number in range(at, len(lines)):
            if number == len(lines) - 1 or not lines[number + 1].strip() or _STATEMENT.match(lines[number + 1]):
                yield _with(lines, number, lines[number].rstrip() + quote), f"line {number + 1}: {quote} added"
                blanks = _blanks(line)
                words = f"line {number + 2}: {quote} added"
                yield "\n".join([*lines[:number + 1], blanks + quote, *lines[number + 1:]]), words
        return
    end = len(line.rstrip())
    places = [end, *(m.start() for m in re.finditer(r"[\])}:,]+\s*$|[\])}:,. +]", line) if m.start() > column)]
    for place in dict.fromkeys([end, *reversed(places)]):
        yield _with(lines, at, line[:place] + quote + line[place:]), f"line {at + 1}: {quote} added"
    start = line.find(quote, column)
    if start >= 0:
        yield _with(lines, at, line[:start] + line[start + 1:]), f"line {at + 1}: {quote} dropped"
        for place in (p for p in _boundaries(line[:start])):
            yield _with(lines, at, line[:place] + quote + line[place:]), f"line {at + 1}: {quote} added"


def _on_line(lines: list[str], at: int) -> Iterator[tuple[str, str]]:
    """What is often wrong with a line, wherever the parser stopped."""
    line = lines[at]
    where = f"line {at + 1}: "
    if _HEADS.match(line) and not _before_comment(line, "").rstrip().endswith(":"):
        yield _with(lines, at, _before_comment(line, ":")), where + "colon added"
    if _HEADS.match(line) or re.match(r"\s*(return|assert)\b", line):
        for found in re.finditer(r"(?<![=!<>+\-*/%&|^:])=(?!=)", line):
            yield _with(lines, at, line[:found.start()] + "==" + line[found.end():]), where + "= made =="
    for pattern, new in _FOREIGN:
        changed = re.sub(pattern, new, line)
        if changed != line:
            yield _with(lines, at, changed), where + "spelt as in Python"
    changed = "".join(_LOOKALIKES.get(char, char) for char in line)
    if changed != line:
        yield _with(lines, at, changed), where + "characters that only look like Python's replaced"
    for found in re.finditer(r"[^\W\d]\w*", line):
        word = found.group()
        near = difflib.get_close_matches(word.lower(), keyword.kwlist, 2, 0.7) if len(word) > 1 else []
        for other in near:
            if other != word and not keyword.iskeyword(word):
                yield _with(lines, at, line[:found.start()] + other + line[found.end():]), where + f"{word} made {other}"
    head = re.match(r"\s*(def\s+\w+)\s*:", line)
    if head:
        yield _with(lines, at, line[:head.end(1)] + "()" + line[head.end(1):]), where + "() added"
    if re.match(r"\s*for\s", line) and " in " not in line:
        for found in re.finditer(r"\s(of|on|from|=|:)\s|\s", line.lstrip()[4:]):
            base = len(line) - len(line.lstrip()) + 4
            yield (_with(lines, at, line[:base + found.start()] + " in " + line[base + found.end():]), where + "in added")


def _tokens(lines: list[str], at: int, column: int) -> Iterator[tuple[str, str]]:
    """At the token where the parser stopped: a comma before it, or the token dropped."""
    line = lines[at]
    where = f"line {at + 1}: "
    places = sorted(_boundaries(line), key=lambda place: abs(place - column))
    for place in places[:8]:
        yield _with(lines, at, line[:place].rstrip() + ", " + line[place:].lstrip()), where + "comma added"
    for place in places[:4]:
        found = re.match(r"\s*(\w+|[^\w\s])", line[place:])
        if found:
            yield _with(lines, at, line[:place] + line[place + found.end():]), where + f"{found.group(1)} dropped"
    for place in places[:6]:
        for char in "([{)]}:":
            yield _with(lines, at, line[:place] + char + line[place:]), where + f"{char} added"


def _boundaries(line: str) -> list[int]:
    """Where tokens begin and end."""
    places: set[int] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip() + "\n").readline):
            if token.string.strip():
                places |= {token.start[1], token.end[1]}
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass
    shift = len(line) - len(line.lstrip())
    places = {place + shift for place in places} or {m.start() for m in re.finditer(r"\b|(?=[^\w\s])|$", line)}
    return sorted(place for place in places if place <= len(line))


def _bare(line: str) -> str:
    """The line without what stands in strings and comments."""
    return re.sub(r"\"(\\.|[^\"\\])*\"|'(\\.|[^'\\])*'|#.*", "", line)


def _before_comment(line: str, added: str) -> str:
    found = re.match(r"^((?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[^#\"'])*?)(\s*)(#.*)?$", line)
    return f"{found.group(1)}{added}{found.group(2)}{found.group(3) or ''}" if found else line.rstrip() + added


def _blanks(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _with(lines: list[str], at: int, line: str) -> str:
    return "\n".join([*lines[:at], line, *lines[at + 1:]])
