"""Code that stands word for word in indexed or retrieved code.

Covers: runs of at least `min_tokens` equal tokens (40 by default), whatever the layout and the comments; every such run is
found, however much stands around it. Does not cover: renamed variables, runs of which no 20 tokens have 6 different ones
(tables of numbers), sources beyond the first 32 places that share a fingerprint, third and later copies in one file.

Source: Schleimer, Wilkerson, Aiken: Winnowing: Local Algorithms for Document Fingerprinting. SIGMOD 2003.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import textwrap
import tokenize
import uuid
from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ncg_ray.errors import ConfigError, InputError
from ncg_ray.types import Snippet

MIN_TOKENS = 40
_GRAM = 20
"Tokens of one fingerprint; runs shorter than this are never compared."
_DISTINCT = 6
_MOST_PLACES, _MOST_IN_ONE = 32, 2
"Places kept of one fingerprint, in all and in one source: code that repeats itself must not cost a quadratic time."
_PRIME, _BASE = (1 << 61) - 1, 1_000_003
_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING,
           tokenize.ENDMARKER}
_FORMAT = {"format": "ncg_ray fingerprints", "version": 1}


@dataclass(frozen=True, slots=True)
class Overlap:
    """One run of tokens that stands in the candidate and in a source."""

    source: str
    licence: str | None
    first_line: int
    "Of the candidate, from 1."
    last_line: int
    source_first_line: int
    source_last_line: int
    num_tokens: int
    share: float
    "Of the candidate's tokens, in (0, 1]."


@dataclass(frozen=True, slots=True)
class _Document:
    source: str
    licence: str | None
    tokens: array[int]
    "64-bit hashes."
    lines: array[int]


class Fingerprints:
    """An index of code by its fingerprints. Not for several threads at once while `add` runs.

    Example:
        >>> index = Fingerprints(min_tokens=20)
        >>> code = "def area(w, h):\\n    if w < 0 or h < 0:\\n        raise ValueError(w, h)\\n    return w * h\\n"
        >>> index.add(Snippet(code, "shapes.py", "MIT"))
        >>> [(o.source, o.first_line, o.share) for o in index.match("# mine\\n" + code)]
        [('shapes.py', 2, 1.0)]
    """

    def __init__(self, snippets: Iterable[Snippet] = (), min_tokens: int = MIN_TOKENS) -> None:
        """Raises ConfigError where `min_tokens` is less than the 20 tokens of one fingerprint."""
        if min_tokens < _GRAM:
            raise ConfigError(f"min_tokens = {min_tokens}: a fingerprint alone has {_GRAM} tokens, so give {_GRAM} or more")
        self.min_tokens = min_tokens
        self._documents: list[_Document] = []
        self._places: dict[int, list[tuple[int, int]]] = {}
        for snippet in snippets:
            self.add(snippet)

    def __len__(self) -> int:
        return len(self._documents)

    def add(self, snippet: Snippet) -> None:
        """Index a snippet; one with fewer than `min_tokens` tokens can match nothing and is left out."""
        tokens, lines = _tokens(snippet.code)
        self._add(_Document(snippet.source, snippet.licence, tokens, lines))

    def _add(self, document: _Document) -> None:
        if len(document.tokens) < self.min_tokens:
            return
        number = len(self._documents)
        self._documents.append(document)
        counts: dict[int, int] = {}
        for print_, place in self._winnow(document.tokens):
            places = self._places.setdefault(print_, [])
            counts[print_] = counts.get(print_, 0) + 1
            if len(places) < _MOST_PLACES and counts[print_] <= _MOST_IN_ONE:
                places.append((number, place))

    def match(self, code: str) -> tuple[Overlap, ...]:
        """Every run of at least `min_tokens` tokens that an indexed source has as well, in the order of lines.

        Of runs within each other from one source the longest stands. Code that is not Python is compared as well.
        """
        tokens, lines = _tokens(code)
        covered: dict[tuple[int, int], int] = {}
        spans: dict[int, list[tuple[int, int, int]]] = {}
        counts: dict[int, int] = {}
        for print_, place in self._winnow(tokens):
            counts[print_] = counts.get(print_, 0) + 1
            if counts[print_] > _MOST_IN_ONE:
                continue
            for number, other in self._places.get(print_, ()):
                if covered.get((number, place - other), -1) >= place:
                    continue
                start, end = _extend(tokens, place, self._documents[number].tokens, other)
                covered[number, place - other] = end
                if end - start >= self.min_tokens:
                    spans.setdefault(number, []).append((start, end, start - place + other))
        overlaps = []
        for number, found in spans.items():
            document = self._documents[number]
            for start, end, there in _widest(found):
                last = there + end - start - 1
                overlaps.append(Overlap(document.source, document.licence, lines[start], lines[end - 1],
                                        document.lines[there], document.lines[last], end - start,
                                        (end - start) / len(tokens)))
        return tuple(sorted(overlaps, key=lambda o: (o.first_line, -o.num_tokens, o.source)))

    def save(self, path: str | Path) -> None:
        """Write the index as JSON lines (hashes, no code) under a temporary name, then rename it. Raises InputError."""
        place = Path(path)
        draft = place.with_name(f".{place.name}.{uuid.uuid4().hex[:8]}")
        try:
            with open(draft, "w", encoding="utf-8") as file:
                file.write(json.dumps({**_FORMAT, "min_tokens": self.min_tokens}) + "\n")
                for document in self._documents:
                    row = {"source": document.source, "licence": document.licence,
                           "tokens": _packed(document.tokens), "lines": _packed(document.lines)}
                    file.write(json.dumps(row) + "\n")
            os.replace(draft, place)
        except OSError as error:
            raise InputError(f"cannot write {str(place)!r}: {error.strerror}; give a place that can be written") from None
        finally:
            draft.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | Path) -> Fingerprints:
        """Read what `save` wrote. Raises InputError, naming the file and the line, where it is anything else."""
        number = 1
        try:
            with open(path, encoding="utf-8") as file:
                head = json.loads(next(file, ""))
                if {key: head.get(key) for key in _FORMAT} != _FORMAT:
                    raise ValueError(f"it does not begin with {json.dumps(_FORMAT)}")
                index = cls(min_tokens=int(head["min_tokens"]))
                for number, line in enumerate(file, 2):  # noqa: B007  (told in the error)
                    row = json.loads(line)
                    document = _Document(str(row["source"]), row["licence"], _unpacked("Q", row["tokens"]),
                                         _unpacked("I", row["lines"]))
                    if len(document.tokens) != len(document.lines):
                        raise ValueError("it has not as many lines as tokens")
                    index._add(document)
        except OSError as error:
            raise InputError(f"cannot read {str(path)!r}: {error.strerror}; index the code again") from None
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            message = f"{str(path)!r}, line {number}: no fingerprints of this version ({error}); index the code again"
            raise InputError(message, path=str(path), line=number) from None
        return index

    def _winnow(self, tokens: array[int]) -> Iterator[tuple[int, int]]:
        """(fingerprint, place) of the rightmost smallest hash in each window; robust to what stands before."""
        size = self.min_tokens - _GRAM + 1
        window: deque[tuple[int, int]] = deque()
        last = -1
        for place, print_ in enumerate(_grams(tokens)):
            while window and window[-1][0] >= print_:
                window.pop()
            window.append((print_, place))
            if window[0][1] <= place - size:
                window.popleft()
            if place >= size - 1 and window[0][1] != last:
                print_, last = window[0]
                if print_ < _PRIME:
                    yield print_, last


def _grams(tokens: array[int]) -> Iterator[int]:
    """The hash of each run of `_GRAM` tokens, at `_PRIME` or above where the run is too dull to be compared.

    Source: Karp, Rabin: Efficient randomized pattern-matching algorithms. IBM J. Res. Dev. 31 (1987).
    """
    top, value = pow(_BASE, _GRAM, _PRIME), 0
    for place, token in enumerate(tokens):
        value = (value * _BASE + token) % _PRIME
        if place >= _GRAM:
            value = (value - tokens[place - _GRAM] * top) % _PRIME
        if place >= _GRAM - 1:
            dull = len(set(tokens[place - _GRAM + 1:place + 1])) < _DISTINCT
            yield value + _PRIME if dull else value


def _extend(left: array[int], i: int, right: array[int], j: int) -> tuple[int, int]:
    """The longest equal run around two places, as a half-open span on the left; empty where they only hash alike."""
    end, most = 0, min(len(left) - i, len(right) - j)
    while end < most and left[i + end] == right[j + end]:
        end += 1
    start, most = 0, min(i, j)
    while start < most and left[i - start - 1] == right[j - start - 1]:
        start += 1
    return (i - start, i + end) if end else (i, i)


def _widest(spans: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The spans that lie in no other one."""
    kept: list[tuple[int, int, int]] = []
    for span in sorted(spans, key=lambda each: (each[0], -each[1], each[2])):
        if not kept or span[1] > kept[-1][1]:
            kept.append(span)
    return kept


def _tokens(code: str) -> tuple[array[int], array[int]]:
    """The code's tokens as stable 64-bit hashes and the line of each, without comments and layout."""
    hashes: dict[str, int] = {}
    tokens, lines = array("Q"), array("I")
    for text, line in _texts(textwrap.dedent(code)):
        if text not in hashes:
            digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            hashes[text] = int.from_bytes(digest, "little")
        tokens.append(hashes[text])
        lines.append(line)
    return tokens, lines


def _texts(code: str) -> Iterator[tuple[str, int]]:
    """(text, line) of each token. Where Python's tokens end too soon, those of the rest come from a plain pattern."""
    done = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type not in _LAYOUT and token.string.strip():
                yield token.string, token.start[0]
            done = max(done, token.end[0])
        return
    except (tokenize.TokenError, SyntaxError):
        pass
    for number, line in enumerate(code.splitlines()[done:], done + 1):
        for text in re.findall(r"\w+|[^\w\s]", line.partition("#")[0]):
            yield text, number


def _packed(numbers: array[int]) -> str:
    return base64.b64encode(b"".join(number.to_bytes(8, "little") for number in numbers)).decode("ascii")


def _unpacked(kind: str, text: str) -> array[int]:
    data = base64.b64decode(text, validate=True)
    return array(kind, (int.from_bytes(data[at:at + 8], "little") for at in range(0, len(data), 8)))
