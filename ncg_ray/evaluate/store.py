"""The files of one run beside its report, so that a killed run goes on where it stopped.

    <stem>.run.json       what the run is: hashes, seed, machine, and what the gate found out about each row
    <stem>.traces.jsonl   one Trace with its grade for each mode and task, appended as they come
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from ncg_ray.errors import InputError

Line = dict[str, Any]

MAX_NAME_BYTES = 200
"Of the report's name: the names of the other files, made from it, must fit into a folder as well."

IDENTITY = ("suite_hash", "config_hash", "seed", "num_samples")
"Keys of a run that must be the same for it to go on."
SUMMARY = ("task_id", "mode", "graded", "model_id", "model_hash", "counts", "timings_s", "isolation")
"What is kept of a line in memory: all that a report is made of."


class Store:
    """Opens (and locks) the files of a run. Use as a context manager.

    Raises InputError where the report cannot be written there, another process writes there, or the files belong to
    another run.
    """

    def __init__(self, out: Path, identity: dict[str, Any]) -> None:
        if out.suffix == ".md" or not out.stem or len(os.fsencode(out.name)) > MAX_NAME_BYTES or out.is_dir():
            raise InputError(f"--out {str(out)!r}: give the name of a JSON file, such as report.json")
        if not out.parent.is_dir():
            raise InputError(f"--out {str(out)!r}: the folder {str(out.parent)!r} is not there; make it first")
        if not _replaceable(out):
            raise InputError(f"--out {str(out)!r} is there and is not a report; it is not overwritten: take another name")
        self.out, self.identity = out, identity
        self.run_file = out.with_name(f"{out.stem}.run.json")
        self.traces_file = out.with_name(f"{out.stem}.traces.jsonl")
        self.mend = f"take another --out, or delete {self.run_file} and {self.traces_file}"
        self.header: dict[str, Any] | None = None
        "What `begin` wrote, now or in the run that goes on; None for a new run."
        self.lines: dict[tuple[str, str], Line] = {}
        "Summary of each stored line by (mode, task_id)."

    def __enter__(self) -> Store:
        try:
            self._file: BinaryIO = open(self.traces_file, "a+b")
        except OSError as error:
            raise InputError(f"--out {str(self.out)!r}: {self.traces_file}: {error.strerror}; give a writable "
                             "folder") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._resume()
        except BlockingIOError:
            self._file.close()
            raise InputError(f"another process is writing {self.traces_file}; wait for it, or take another "
                             "--out") from None
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        empty = not self.lines and self.header is None
        self._file.close()
        if empty:  # nothing was begun: leave nothing behind
            self.traces_file.unlink(missing_ok=True)

    def begin(self, header: dict[str, Any]) -> None:
        """Write down what this run is."""
        self.header = self.identity | header
        write_whole(self.run_file, json.dumps(self.header, indent=2) + "\n")

    def append(self, line: Line) -> None:
        """Store one line; when this returns it outlives this process."""
        data = json.dumps(line).encode() + b"\n"
        self._file.write(data)
        self._file.flush()
        self._note(json.loads(data))  # what a report reads now is what it would read after a restart

    def _resume(self) -> None:
        self._file.seek(0)
        data = self._file.read()
        if not self.run_file.exists():
            if data:
                raise InputError(f"{self.traces_file} has lines of a run that {self.run_file} does not describe; "
                                 f"{self.mend}")
            return
        try:
            header = json.loads(self.run_file.read_bytes())
            changed = [key for key in IDENTITY if header[key] != self.identity[key]]
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{self.run_file} is not the description of a run; {self.mend}") from None
        if changed:
            differences = ", ".join(f"{key} {header[key]} there and {self.identity[key]} now" for key in changed)
            raise InputError(f"{self.run_file} belongs to another run ({differences}); {self.mend}")
        whole = data.rfind(b"\n") + 1
        for number, text in enumerate(data[:whole].split(b"\n")[:-1], 1):
            try:
                self._note(json.loads(text))
            except (ValueError, KeyError, TypeError):
                raise InputError(f"{self.traces_file} line {number} is not a stored Trace; {self.mend}") from None
        if whole < len(data):  # the last line was being written when the run was killed
            self._file.truncate(whole)
        self.header = header

    def _note(self, line: Line) -> None:
        self.lines[line["mode"], line["task_id"]] = {key: line[key] for key in SUMMARY}


def _replaceable(path: Path) -> bool:
    """Whether nothing is lost where a report takes this file's place: no suite, and no device."""
    if not path.exists():
        return True
    try:
        return path.is_file() and "modes" in json.loads(path.read_bytes())
    except (OSError, ValueError, TypeError, RecursionError):
        return False


def write_whole(path: Path, text: str) -> None:
    """Write under a temporary name, then rename: readers see the old file or the whole new one. Raises InputError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(f"{path}: {error.strerror}; give --out a place that can be written") from None


def model_change(lines: Sequence[Line], line: Line) -> str:
    """Why this line does not belong to the same run, where its model is another one; else empty.

    The config names a model; what stands behind the name (`auto`, a server) may change between two starts.
    """
    for other in lines:
        if line["model_hash"] and other["model_hash"] and line["model_hash"] != other["model_hash"]:
            return f"model {other['model_id']} ({other['model_hash']}) there and {line['model_id']} " \
                   f"({line['model_hash']}) now"
    return ""
