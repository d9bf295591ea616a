"""Under which licence an installed distribution says that it is.

Covers, in this order: `License-Expression`, the Trove classifiers, a `License` field that is an expression, a usual name or
a licence's text, the text of the licence files. Does not cover: licences of what a distribution bundles.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from ncg_ray.analyse.distributions import Installed
from ncg_ray.analyse.licence_names import of_classifier, of_free_text
from ncg_ray.analyse.licence_text import of_text


@dataclass(frozen=True, slots=True)
class Declared:
    """A licence, and who says so."""

    expression: str
    "SPDX; empty where nothing says it."
    source: str
    "Such as `License-Expression`, for people."
    confidence: Literal["high", "medium", "low"] = "high"


UNKNOWN = Declared("", "nothing declares it", "low")


def of_distribution(name: str, installed: Installed) -> Declared:
    """What an installed distribution declares; `UNKNOWN` where it is not installed or nothing in it says a licence.

    Kept until the folder changes, since reading licence texts can take seconds.
    """
    folder = installed.folders.get(name)
    if folder is None:
        return UNKNOWN
    try:
        return _of_folder(folder, folder.stat().st_mtime_ns)
    except OSError:
        return UNKNOWN


@functools.lru_cache(maxsize=4096)
def _of_folder(folder: Path, changed: int) -> Declared:
    distribution = metadata.PathDistribution(folder)
    try:
        headers = distribution.metadata
        expression = headers["License-Expression"] or ""
        classifiers = [str(value) for value in headers.get_all("Classifier") or []]
        free = str(headers["License"] or "")
        files = [str(value) for value in headers.get_all("License-File") or []]
    except (UnicodeDecodeError, AttributeError, ValueError):  # not UTF-8, or no metadata at all
        expression, classifiers, free, files = "", [], "", []
    if expression.strip():
        return Declared(expression.strip(), "License-Expression")
    names = [name for value in classifiers if (name := of_classifier(value))]
    if names:
        unclear = len(names) > 1 or names[0] in ("GPL-1.0-or-later", "BSD-3-Clause")
        return Declared(" AND ".join(dict.fromkeys(names)), "its classifiers", "medium" if unclear else "high")
    if named := of_free_text(free):
        return Declared(named, "its License field", "medium")
    if len(free) > 200 and (found := of_text(free)):
        return Declared(found, "the text in its License field", "medium")
    return _of_files(folder, files)


def _of_files(folder: Path, files: list[str]) -> Declared:
    """What the licence files beside the metadata say, all of them together; those in folders are of bundled code."""
    if not folder.is_dir():  # an old `.egg-info` is one file
        return UNKNOWN
    names = [name for name in files if "/" not in name] or sorted(path.name for path in folder.iterdir())
    found: list[str] = []
    for name in [name for name in names if re.search(r"licen[sc]e|copying|unlicense", name, re.IGNORECASE)][:4]:
        for place in (folder / "licenses" / name, folder / name):
            try:
                text = place.read_text(encoding="utf-8", errors="replace")
            except (OSError, ValueError):
                continue
            if expression := of_text(text):
                found.append(expression)
            break
    if not found:
        return UNKNOWN
    joined = " AND ".join(f"({each})" if " OR " in each else each for each in dict.fromkeys(found))
    return Declared(joined, "the text of its licence file", "medium")
