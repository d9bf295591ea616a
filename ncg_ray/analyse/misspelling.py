"""Which known package an unknown import name was probably meant to be.

Covers: one or two wrong, missing, added or swapped letters, by length; capitals, `-`, `_` and nothing between words;
words in another order; a distribution's name where an import name belongs. Does not cover: names that modules of projects
often have (`tools`, `parser`), names of fewer than four letters.
Source: Damerau: A technique for computer detection and correction of spelling errors. CACM 7(3), 1964, in the form of
optimal string alignment.
"""

from __future__ import annotations

import functools
import re
import sys
from collections import Counter

from ncg_ray.analyse.distributions import normal
from ncg_ray.analyse.known_packages import OTHER, SAME

COMMON = frozenset("""
agent app application backend base benchmark client common config configs constants controller core custom data database
dataset demo environment evaluator example examples exceptions filters formatter frontend functions graph handler handlers
helper helpers interface interfaces lib library loader logger main manager model models module modules network node parser
parsers plugin plugins problem processor project query resource resources response router scheduler schemas script scripts
server service services settings solution solver source state storage task tasks template templates test testing tests token
tokenizer tool tools trainer transform transformer_model user users util utils validator version views worker workers
""".split())
"Names that a project's own modules often have; near a known name they are no misspelling."
_CALLED = {"beautifulsoup": "bs4", "opencv": "cv2", "pytorch": "torch", "scikit": "sklearn"}
"What people call a package that has neither this import name nor this distribution's name."


def nearest(name: str, also: frozenset[str] = frozenset()) -> str | None:
    """The import name that `name` was probably meant to be; None where none is near.

    `also`: more known import names, such as those of installed packages.

    Example:
        >>> nearest("reqeusts"), nearest("scikit_learn"), nearest("utils"), nearest("frobnicate")
        ('requests', 'sklearn', None, None)
    """
    return None if name in COMMON or not 4 <= len(name) <= 60 else _nearest(name, also)


@functools.lru_cache(maxsize=4096)
def _nearest(name: str, also: frozenset[str]) -> str | None:
    known, distributions = _table()
    plain = _plain(name)
    if meant := distributions.get(plain):
        return meant
    words = sorted(re.split(r"[_-]", name.lower()))
    allowed = 0 if len(plain) < 5 else 1 if len(plain) < 9 else 2
    best: tuple[int, int, str] | None = None
    for rank, names in enumerate((known, distributions, {each: each for each in also})):
        for spelt, each in names.items():
            other = _plain(spelt)
            if other == plain or (len(words) > 1 and sorted(re.split(r"[_-]", each.lower())) == words):
                return each
            if len(other) < 4 or abs(len(other) - len(plain)) > allowed:
                if len(plain) != 4 or sorted(plain) != sorted(other):
                    continue
            distance = distance_of(plain, other) if _may_be_near(plain, other, max(allowed, 1)) else 9
            swapped = distance == 1 and sorted(plain) == sorted(other)
            if (distance <= allowed or (swapped and len(plain) == 4)) and (best is None or (distance, rank, each) < best):
                best = distance, rank, each
    return best[2] if best else None


@functools.cache
def _table() -> tuple[dict[str, str], dict[str, str]]:
    """Known import names by themselves, and by the plain name of their distribution where that is another one."""
    tops = {name.partition(".")[0] for name in OTHER}
    stdlib = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    meant = dict(_CALLED)
    for name, distribution in sorted(OTHER.items(), key=lambda item: (item[0].count("."), len(item[0]), item[0])):
        meant.setdefault(_plain(normal(distribution)), name)
    return {name: name for name in sorted(tops | SAME | stdlib)}, meant


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(".", "")


def _may_be_near(left: str, right: str, allowed: int) -> bool:
    """A cheap bound: an edit takes one letter out of the bag of letters, puts one in, or both."""
    one, other = _bag(left), _bag(right)
    missing = sum(number - other.get(letter, 0) for letter, number in one.items() if number > other.get(letter, 0))
    return missing <= allowed and len(right) - len(left) + missing <= allowed


@functools.lru_cache(maxsize=8192)
def _bag(word: str) -> Counter[str]:
    return Counter(word)


def distance_of(left: str, right: str) -> int:
    """The number of letters to put in, take out, change, or swap with their neighbour.

    Example:
        >>> distance_of("numpy", "nmupy"), distance_of("pandas", "panda"), distance_of("", "abc")
        (1, 1, 3)
    """
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, last, row = row, before, [i, *([0] * len(right))]
        for j, b in enumerate(right, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                row[j] = min(row[j], last[j - 2] + 1)
    return row[-1]
