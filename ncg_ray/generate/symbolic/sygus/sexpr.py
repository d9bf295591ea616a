"""S-expressions of SMT-LIB 2.6 text, with the line that each begins on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ncg_ray.errors import TaskError

_TOKEN = re.compile(r'\s+|;[^\n]*|(?P<open>\()|(?P<close>\))|(?P<text>"(?:[^"]|"")*")|(?P<quoted>\|[^|]*\|)'
                    r'|(?P<word>[^\s();"|]+)')
_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]{1,5})\}|\\u([0-9a-fA-F]{4})")
MAX_DEPTH = 250
"Of nested parentheses."


@dataclass(frozen=True, slots=True)
class Atom:
    """A symbol, a number, or a string literal, whose `text` is its value."""

    text: str
    line: int
    is_string: bool = False

    def __str__(self) -> str:
        return quoted(self.text) if self.is_string else self.text


@dataclass(frozen=True, slots=True)
class Group:
    """What stands between two parentheses."""

    items: tuple[SExpr, ...]
    line: int

    def __str__(self) -> str:
        return f"({' '.join(map(str, self.items))})"


SExpr = Atom | Group


def error(line: int, message: str) -> TaskError:
    """A TaskError that names the line."""
    return TaskError(f"SyGuS line {line}: {message}", line=line)


def shown(item: SExpr) -> str:
    """The expression as text, cut where it is long."""
    text = str(item)
    return text if len(text) <= 60 else text[:57] + "..."


def read_all(text: str) -> list[SExpr]:
    """All expressions of the text. Raises TaskError."""
    done: list[SExpr] = []
    open_groups: list[tuple[list[SExpr], int]] = []
    at, line = 0, 1
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            what = "a string literal is not closed: add the second quote" if text[at] == '"' else "a | is not closed"
            raise error(line, what)
        kind, token = match.lastgroup, match.group()
        target = open_groups[-1][0] if open_groups else done
        if kind == "open":
            if len(open_groups) == MAX_DEPTH:
                raise error(line, f"more than {MAX_DEPTH} nested parentheses; write the term with fewer")
            open_groups.append(([], line))
        elif kind == "close":
            if not open_groups:
                raise error(line, "')' closes nothing: remove it, or add the '(' that it belongs to")
            items, begin = open_groups.pop()
            (open_groups[-1][0] if open_groups else done).append(Group(tuple(items), begin))
        elif kind == "text":
            target.append(Atom(unescaped(token[1:-1].replace('""', '"')), line, is_string=True))
        elif kind == "quoted":
            target.append(Atom(token[1:-1], line))
        elif kind == "word":
            target.append(Atom(token, line))
        line += token.count("\n")
        at = match.end()
    if open_groups:
        raise error(open_groups[-1][1], "'(' is not closed: the parentheses are unbalanced, add a ')'")
    return done


def unescaped(text: str) -> str:
    r"""The characters of a literal: `\u{1F600}` and `\u00e9` are code points, any other backslash is itself."""
    return _ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)


def quoted(text: str) -> str:
    """A literal for the text."""
    parts = ('""' if c == '"' else c if " " <= c <= "~" and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text)
    return f'"{"".join(parts)}"'
