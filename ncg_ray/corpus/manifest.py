"""What a data set is: what was found, what was left out and why, and one hash that stands for the rest."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ncg_ray.errors import InputError


class Row(NamedTuple):
    """All that a manifest needs to know of a document; small, so that every row of a large corpus fits in memory."""

    source: str
    sha256: str
    split: str
    dropped: str
    num_chars: int


def drop_duplicates(rows: Iterable[tuple[str, str, str, str, int]]) -> list[Row]:
    """The rows sorted by source; of rows with the same text the first stays, the others are dropped as `duplicate`.

    It does not depend on the order in which the rows come, so it can be asked of any gathering of them, again too.
    """
    seen: set[str] = set()
    result = []
    for row in sorted(Row(*row) for row in rows):
        if not row.dropped:
            row = row._replace(dropped="duplicate") if row.sha256 in seen else row
            seen.add(row.sha256)
        result.append(row)
    return result


@dataclass(frozen=True, slots=True)
class Manifest:
    """What training saw. Two runs with the same `sha256` (and the same packing) saw the same documents."""

    path: str
    files: int
    documents: int
    kept: int
    splits: dict[str, int] = field(default_factory=dict)
    "Kept documents in `train` and `validation`."
    dropped: dict[str, int] = field(default_factory=dict)
    "Documents left out, by reason."
    chars: int = 0
    "Of the kept documents."
    sha256: str = ""
    "Over the sorted hashes of the kept documents: the identity of the data."

    @classmethod
    def of(cls, path: str | Path, rows: Iterable[tuple[str, str, str, str, int]]) -> Manifest:
        """Count rows; duplicates among them are dropped first."""
        every = drop_duplicates(rows)
        kept = [row for row in every if not row.dropped]
        reasons = Counter(row.dropped for row in every if row.dropped)
        digest = hashlib.sha256("\n".join(sorted(row.sha256 for row in kept)).encode()).hexdigest()
        return cls(str(path), len({_file(row.source) for row in every}), len(every), len(kept),
                   {split: sum(row.split == split for row in kept) for split in ("train", "validation")},
                   dict(reasons.most_common()), sum(row.num_chars for row in kept), digest)

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    def text(self) -> str:
        """One line for people: `12 of 15 documents kept (11 train, 1 validation); left out: 3 does not parse`."""
        splits = ", ".join(f"{count} {name}" for name, count in self.splits.items())
        left_out = ", ".join(f"{count} {reason}" for reason, count in self.dropped.items())
        return f"{self.kept} of {self.documents} documents kept ({splits}){f'; left out: {left_out}' if left_out else ''}"

    def check(self) -> None:
        """Raise InputError where there is nothing to train on."""
        if self.splits["train"]:
            return
        mend = ("all that is left is held out: give more data, or data.validation_share=0" if self.kept else
                "give data.path Python source that parses, or JSONL with it under data.text_key")
        raise InputError(f"data.path {self.path!r} has no document to train on: {self.text()}; {mend}")


def _file(source: str) -> str:
    path, _, line = source.rpartition(":")
    return path if path.endswith(".jsonl") and line.isdigit() else source
