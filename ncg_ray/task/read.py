"""Read a task: a file, standard input, a stub, a mapping or plain words.

    read_task           whatever the user gave on the command line
    task_from_mapping   the keys of a .toml or .json task
    task_from_stub      Python source that ends in the function to write
    task_from_words     plain text
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from ncg_ray.errors import TaskError
from ncg_ray.task.mapping import task_from_mapping, task_from_words
from ncg_ray.task.stub import looks_like_stub, task_from_stub
from ncg_ray.types import Task

__all__ = ["read_task", "read_text", "task_from_mapping", "task_from_stub", "task_from_words"]

MAX_BYTES = 4 << 20
SUFFIXES = (".toml", ".json", ".py")
_TEXT_SUFFIXES = (".txt", ".md")


def read_task(source: str | Path, stdin_text: str | None = None) -> Task:
    """Read a task from a `.toml`, `.json` or `.py` file, from `-` (standard input), or from the text itself.

    Standard input and text are taken for a JSON object, TOML with a `prompt`, a Python stub, or words, by what they
    look like.

    Args:
        stdin_text: what `-` stands for; without it standard input is read.

    Raises:
        TaskError: one line that names the value and the mend.
    """
    if source == "-":
        return _task_from_text(_stdin() if stdin_text is None else stdin_text, "standard input")
    path = _path(source)
    if path is None:
        return _task_from_text(str(source), "the text")
    text = read_text(path)
    if path.suffix == ".json":
        task = _from_json(text, str(path))
    elif path.suffix == ".toml":
        task = _from_toml(text, str(path))
    elif path.suffix == ".py":
        task = task_from_stub(text, where=str(path))
    else:
        task = _task_from_text(text, str(path))
    return replace(task, id=path.stem) if task.id == "task" and path.stem else task


def read_text(path: Path) -> str:
    """A file's text, UTF-8 with or without a byte order mark. Raises TaskError."""
    try:
        if path.is_dir():
            raise TaskError(f"{str(path)!r} is a directory; give a .toml, .json or .py file in it")
        if path.exists() and not path.is_file():
            raise TaskError(f"{str(path)!r} is not a regular file; use `-` to read a task from standard input")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TaskError(f"cannot read {str(path)!r}: {reason}; give the path of a readable file") from None
    if len(data) > MAX_BYTES:
        raise TaskError(f"{str(path)!r} is larger than {MAX_BYTES >> 20} MiB; a task is a small text file")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise TaskError(f"{str(path)!r} is not UTF-8 (byte {error.start}); save it as UTF-8") from None


def _stdin() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise TaskError(f"standard input is not UTF-8 (byte {error.start}); pipe UTF-8 text") from None


def _path(source: str | Path) -> Path | None:
    """The path that `source` is, or None where it is the text of a task."""
    if isinstance(source, Path):
        return source
    if "\n" in source or "\0" in source or len(source) > 4096 or not source.strip():
        return None
    path = Path(source)
    try:
        if path.is_dir() or (path.suffix in (*SUFFIXES, *_TEXT_SUFFIXES) and path.exists()):
            return path
    except (OSError, ValueError):
        return None
    if len(source.split()) == 1 and path.is_file():
        raise TaskError(f"{source!r} is not a task file (.toml, .json, .py, .txt or .md); a suite goes to `ncg evaluate`")
    sentence = len(source.split()) >= 4 and "/" not in source  # "read the settings from config.toml"
    if source.endswith(SUFFIXES) and not sentence:
        raise TaskError(f"no such file: {source!r}; give an existing .toml, .json or .py file, or the task in words")
    return None


def _task_from_text(text: str, where: str) -> Task:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if text.lstrip().startswith("{") and re.match(r'\s*\{\s*["}]', text):
        return _from_json(text, where)
    if re.search(r"^\s*prompt\s*=", text, re.M):
        try:
            return task_from_mapping(tomllib.loads(text), where)
        except tomllib.TOMLDecodeError:
            pass  # words that happen to hold `prompt =`
    if looks_like_stub(text):
        return task_from_stub(text, where=where)
    return task_from_words(text, where=where)


def _from_json(text: str, where: str) -> Task:
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TaskError(f"{where} is not JSON: {error}") from None
    return task_from_mapping(data, where)


def _from_toml(text: str, where: str) -> Task:
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TaskError(f"{where} is not TOML: {error}") from None
    return task_from_mapping(data, where)
