"""Which files a scan covers, and their text.

Covers: one Python file, or the `.py` and `.pyi` files of a folder (`ncg_ray.analyse.tree` says which). A link is followed to
a file inside the root only. Text is decoded as Python does it: byte order mark, PEP 263 comment, else UTF-8.
Does not cover: notebooks, Python in other files' strings or templates.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import stat
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ncg_ray.analyse import tree
from ncg_ray.errors import InputError
from ncg_ray.types import Finding

MAX_KB = 1024
SUFFIXES = (".py", ".pyi")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to analyse."""

    path: str
    "Relative to the root, with `/`."
    code: str
    "The text, with `\\n` at the end of lines."
    sha1: str = ""
    "Of the bytes, in hex."
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not scanned, and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Selection:
    """The files of one scan. Paths are relative to `root`, with `/`, in order."""

    root: Path
    paths: tuple[str, ...]
    manifests: tuple[str, ...] = ()
    "`requirements*.txt` and `pyproject.toml`: see `ncg_ray.analyse.pins`."
    skipped: tuple[Skipped, ...] = ()


def select(paths: Sequence[str | Path]) -> Selection:
    """The files below some files and folders.

    The root, which every path of a report is relative to, is the folder that was given, or the file's; of several
    the deepest one that holds them all. Raises InputError for a path that is not there or is not Python.
    """
    if not paths:
        raise InputError("nothing to scan; give a Python file or a folder")
    given = [_existing(path) for path in paths]
    root = Path(os.path.commonpath([path if path.is_dir() else path.parent for path in given]))
    found: set[str] = set()
    "Absolute: a file counts once, however many links lead to it."
    left_out: dict[str, str] = {}
    for path in given:
        if path.is_dir():
            for inside in tree.files_of(path, root, left_out):
                _take(inside, root, found, left_out)
        else:
            found.add(str(path))
    named = sorted((_relative(path, root), path) for path in found)
    skipped = tuple(Skipped(_relative(path, root), why) for path, why in sorted(left_out.items()))
    return Selection(root, tuple(name for name, path in named if not _is_manifest(path)),
                     tuple(name for name, path in named if _is_manifest(path)), skipped)


def _existing(path: str | Path) -> Path:
    try:
        real = Path(path).resolve(strict=True)
        mode = real.stat().st_mode
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a circle
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot scan {str(path)!r}: {reason}; give an existing Python file or folder") from None
    if stat.S_ISDIR(mode):
        if not os.access(real, os.R_OK | os.X_OK):
            raise InputError(f"cannot scan {str(path)!r}: permission denied; make the folder readable")
        return real
    if not stat.S_ISREG(mode):
        raise InputError(f"cannot scan {str(path)!r}: it is neither a file nor a folder")
    if real.suffix not in SUFFIXES and not _is_script(real):
        raise InputError(f"cannot scan {str(path)!r}: it is not Python source; give a .py or .pyi file, or a folder")
    return real


def _is_script(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            first = file.readline(256)
    except OSError as error:
        raise InputError(f"cannot scan {str(path)!r}: {error.strerror}; make the file readable") from None
    return first.startswith(b"#!") and b"python" in first


def _take(path: str, root: Path, found: set[str], left_out: dict[str, str]) -> None:
    """Add one file of a tree, if it is one that a scan covers."""
    if not (path.endswith(SUFFIXES) or _is_manifest(path)):
        return
    real = os.path.realpath(path)
    if not os.path.islink(path):
        found.add(path)
    elif not os.path.exists(real):
        left_out[path] = "a link that leads nowhere"
    elif not Path(real).is_relative_to(root):
        left_out[path] = "a link that leads out of the folder"
    elif real.endswith(SUFFIXES):
        found.add(real)


def _is_manifest(path: str) -> bool:
    name = os.path.basename(path)
    return name == "pyproject.toml" or (name.startswith("requirements") and name.endswith(".txt"))


def _relative(path: str, root: Path) -> str:
    return Path(path).relative_to(root).as_posix()


# --- reading ------------------------------------------------------------------------------------------------


def read(root: Path, paths: Iterable[str], max_kb: int = MAX_KB) -> Iterator[SourceFile | Skipped | Finding]:
    """Each file's text, or why it was skipped, or the finding that its bytes are no text.

    Args:
        max_kb: largest size in KiB, from 1.
    """
    for path in paths:
        try:
            data = read_bytes(root / path, max_kb)
        except OSError as error:
            yield Skipped(path, f"cannot be read: {error.strerror}")
            continue
        if data is None:
            yield Skipped(path, f"larger than {max_kb} KiB")
            continue
        text = decode(data)
        if isinstance(text, str):
            yield SourceFile(path, text, hashlib.sha1(data, usedforsecurity=False).hexdigest(),
                             hashlib.sha256(data).hexdigest())
        else:
            line, problem = text
            yield Finding("ncg", "undecodable", "quality", f"{problem}; nothing else in this file was checked", line,
                          path, severity="low", confidence="high",
                          fix="save the file as UTF-8, or name its encoding in a PEP 263 comment on line 1 or 2")


def read_bytes(path: Path, max_kb: int = MAX_KB) -> bytes | None:
    """A regular file's bytes; None where there are more than `max_kb` KiB of them. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe must not hold the scan up
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is not a regular file")
        data = file.read(max_kb * 1024 + 1)
    return None if len(data) > max_kb * 1024 else data


def decode(data: bytes) -> str | tuple[int, str]:
    """Python source as text, by its byte order mark or PEP 263 comment, else UTF-8; or (line, what is wrong)."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = codecs.decode(data, encoding)
        if not isinstance(text, str):
            raise LookupError(f"{encoding!r} is not a text encoding")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return line, f"byte {error.start} is not {error.encoding}"
    except SyntaxError as error:  # an encoding that is not known, or bytes in the first two lines that are not UTF-8
        at = None if "unknown encoding" in str(error) else _first_bad(data)
        return (1, str(error)) if at is None else (data.count(b"\n", 0, at) + 1, f"byte {at} is not utf-8")
    except Exception as error:  # codecs raise what they like: `hex`, `undefined`
        return 1, str(error)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _first_bad(data: bytes) -> int | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None
