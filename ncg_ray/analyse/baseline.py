"""Findings that are known and may stay: a file that a scan writes and later scans read.

A finding is known again by its path, its rule, the text of its line without the space around it, and its number among
those that are equal in these three. So code may move within its file, and a second copy of a known line is new.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ncg_ray import storage
from ncg_ray.errors import InputError
from ncg_ray.types import Finding

VERSION = 1
_MEND = "write it anew with `ncg scan ... --write-baseline FILE`"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a finding is known by, however its line number changes."""

    path: str
    rule: str
    line_hash: str
    "The first 16 hex digits of the SHA-256 of the line's text, stripped; of nothing for a whole file."
    occurrence: int
    "From 1, in the order of lines, among findings with the same path, rule and line hash."


def fingerprints(findings: Iterable[Finding], line_text: Callable[[str, int], str]) -> list[Fingerprint]:
    """One fingerprint for each finding.

    Args:
        findings: all of a scan, in the order of lines within each file.
        line_text: gives the text of a file's line, from 1; empty where there is none.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    for finding in findings:
        text = line_text(finding.path, finding.line).strip()
        key = finding.path, finding.rule, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        seen[key] += 1
        found.append(Fingerprint(*key, seen[key]))
    return found


def write(path: str | Path, known: Sequence[Fingerprint]) -> None:
    """Write a baseline, whole or not at all. Raises InputError where it cannot be."""
    rows = [asdict(fingerprint) for fingerprint in known]
    storage.write_text(path, json.dumps({"version": VERSION, "findings": rows}, indent=1) + "\n")


def read(path: str | Path) -> frozenset[Fingerprint]:
    """The fingerprints of a baseline. Raises InputError for a file that is none."""
    try:
        document: Any = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise InputError(f"cannot read the baseline {str(path)!r}: {error.strerror}; {_MEND}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"the baseline {str(path)!r} is not JSON: {error}; {_MEND}") from None
    if not isinstance(document, dict) or not isinstance(document.get("findings"), list):
        raise InputError(f"the baseline {str(path)!r} is no object with `version` and `findings`; {_MEND}")
    if document.get("version") != VERSION:
        raise InputError(f"the baseline {str(path)!r} has version {document.get('version')!r}, which is not {VERSION}; "
                         f"{_MEND}")
    return frozenset(_fingerprint(row, i, path) for i, row in enumerate(document["findings"]))


def _fingerprint(row: Any, index: int, path: str | Path) -> Fingerprint:
    kinds = {"path": str, "rule": str, "line_hash": str, "occurrence": int}
    if not isinstance(row, dict) or any(type(row.get(key)) is not kind for key, kind in kinds.items()):
        raise InputError(f"findings[{index}] of the baseline {str(path)!r} does not have the strings `path`, `rule` and "
                         f"`line_hash` and the number `occurrence`; {_MEND}")
    return Fingerprint(**{key: row[key] for key in kinds})
