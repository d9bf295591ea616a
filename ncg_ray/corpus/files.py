"""Which files a path stands for."""

from __future__ import annotations

import os
from pathlib import Path

from ncg_ray.errors import InputError

SUFFIXES = (".py", ".jsonl")
MEND = "give data.path a .py or .jsonl file, or a folder that holds some"


def list_files(path: str | Path) -> list[Path]:
    """The .py and .jsonl files of a file or, at any depth, of a folder; sorted.

    Left out: hidden files and folders, `__pycache__`, virtual environments, and what a link to a folder leads to.
    Raises InputError naming the path where it is not there, cannot be read, or has no such file.
    """
    if not str(path):
        raise InputError(f"data.path is empty; {MEND}")
    root = Path(path).expanduser()
    if root.is_file():
        if root.suffix not in SUFFIXES:
            raise InputError(f"data.path {str(path)!r} is neither Python source nor JSONL; {MEND}")
        return [root]
    if not root.is_dir():
        raise InputError(f"data.path {str(path)!r} is not there; {MEND}")

    def refuse(error: OSError) -> None:
        raise InputError(f"data.path {str(path)!r}: {error.filename}: {error.strerror}; make it readable, or {MEND}")

    found = []
    for folder, folders, names in os.walk(root, onerror=refuse):
        folders[:] = [name for name in folders if _is_source(Path(folder, name))]
        found += [Path(folder, name) for name in names if not name.startswith(".") and name.endswith(SUFFIXES)]
    files = sorted(file for file in found if file.is_file())
    if not files:
        raise InputError(f"data.path {str(path)!r} has no .py or .jsonl file; {MEND}")
    return files


def _is_source(folder: Path) -> bool:
    return not folder.name.startswith(".") and folder.name != "__pycache__" and not (folder / "pyvenv.cfg").exists()
