"""Code out of a model's reply: fenced, unfenced, unfinished, or with prose around it."""

from __future__ import annotations

import re

from ncg_ray.syntax.module import defined_functions, parses

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*([\w+.-]*)[^\n]*\n(.*?)(?:^[ \t]*(?:```|~~~)|\Z)", re.M | re.S)
_CODE_LINE = re.compile(r"^(?:def |async def |class |import |from \w[\w.]* import |@)")
_FENCE_LINE = re.compile(r"^[ \t]*(?:```|~~~)", re.M)
MAX_CHARS = 200_000
MAX_FENCES_INSIDE = 8


def extract_code(reply: str, entry_point: str = "") -> str:
    """The code that a reply means.

    Of several fenced blocks: the first that defines `entry_point`, else the first that defines a function, else the
    first. Without a fence: from the first line that starts like code. Code that breaks off, or has prose below it,
    loses lines from its end until it parses; code that never parses comes back whole, since a repairer may mend it.
    """
    reply = reply[:MAX_CHARS].replace("\r\n", "\n").replace("\x00", "")
    blocks = [_whole(m, reply) for m in _FENCE.finditer(reply) if m.group(1).lower() in ("", "python", "py", "python3")]
    if not blocks:
        lines = reply.split("\n")
        starts = [i for i, line in enumerate(lines) if _CODE_LINE.match(line)]
        blocks = ["\n".join(lines[starts[0]:])] if starts else [reply]
    trimmed = [trim_to_parse(block) for block in blocks]
    for wanted in (lambda code: entry_point in defined_functions(code), defined_functions, parses):
        for code in trimmed:
            if wanted(code):
                return code
    return trimmed[0]


def _whole(block: re.Match[str], reply: str) -> str:
    """The block, to a later fence where the first one stands inside a string: only then the longer text parses."""
    code: str = block.group(2)
    if not parses(code):
        for number, fence in enumerate(_FENCE_LINE.finditer(reply, block.end())):
            longer = reply[block.start(2):fence.start()]
            if number == MAX_FENCES_INSIDE:
                break
            if parses(longer):
                return longer
    return code


def trim_to_parse(code: str) -> str:
    """Drop lines from the end until the code parses and still has a function; the code itself where that fails."""
    code = code.rstrip() + "\n"
    if parses(code):
        return code
    lines = code.split("\n")
    for end in range(len(lines) - 1, max(0, len(lines) - 60), -1):
        shorter = "\n".join(lines[:end]) + "\n"
        if parses(shorter) and defined_functions(shorter):
            return shorter
    return code
