"""Code that stands twice in one module.

Source: Baker, On Finding Duplication and Near-Duplication in Large Software Systems (1995): runs of tokens with names
and literals as they are.
"""

from __future__ import annotations

import io
import tokenize

MIN_TOKENS = 40
"A shorter run is idiom."
_SKIPPED = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER)


def duplicated(code: str) -> tuple[float, list[tuple[int, int]]]:
    """The share in [0, 1] of tokens that repeat a run of at least `MIN_TOKENS`, and (line, line of the first) of each.

    Raises SyntaxError or tokenize.TokenError where the code has no tokens.
    """
    tokens = [(t.string if t.type not in (tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE) else str(t.type), t.start[0])
              for t in tokenize.generate_tokens(io.StringIO(code).readline) if t.type not in _SKIPPED]
    words = [word for word, _ in tokens]
    first: dict[tuple[str, ...], int] = {}
    repeated, places, at = 0, [], 0
    while at + MIN_TOKENS <= len(words):
        run = tuple(words[at:at + MIN_TOKENS])
        start = first.setdefault(run, at)
        if start + MIN_TOKENS > at:  # itself, or an overlap
            at += 1
            continue
        length = MIN_TOKENS
        while at + length < len(words) and start + length < at and words[at + length] == words[start + length]:
            length += 1
        repeated += length
        places.append((tokens[at][1], tokens[start][1]))
        at += length
    return (repeated / len(words) if words else 0.0), places
