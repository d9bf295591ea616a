"""The files of a folder that people wrote.

Covers: in a git work tree what git lists, elsewhere every file. Leaves out version control, caches, virtual environments,
`node_modules`, `site-packages`, and `build` and `dist` unless such a folder is a package. Folders behind links are not
entered.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

LEFT_OUT = frozenset({
    ".git", ".hg", ".svn", ".tox", ".nox", ".eggs", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache",
    "__pycache__", "node_modules", "site-packages"})
BUILT = frozenset({"build", "dist"})

_GIT_S = 60
"A work tree that git cannot list in this time is walked instead."
# Variables that a git hook sets would point git at another repository; a repository's own config may name a program
# that git starts to watch files, and what is scanned must not run.
_GIT = ("env", "-u", "GIT_DIR", "-u", "GIT_WORK_TREE", "-u", "GIT_INDEX_FILE", "git", "-c", "core.fsmonitor=false")


def files_of(folder: Path, root: Path, skipped: dict[str, str]) -> Iterator[str]:
    """Absolute paths of the files below a folder, which is not left out itself, whatever it is called.

    Args:
        root: the folder that links may not lead out of.
        skipped: is told, by absolute path, of folders that somebody might miss, and why they are left out.
    """
    listed = _listed_by_git(folder)
    if listed is None:
        yield from _walk(folder, root, skipped)
        return
    kept: dict[str, bool] = {str(folder): True}
    for name in listed:
        path = os.path.join(folder, name.rstrip("/"))
        if not _kept(os.path.dirname(path), kept, skipped):
            continue
        if os.path.isdir(path) and not os.path.islink(path):  # a submodule, or a repository inside this one
            if _kept(path, kept, skipped):
                yield from files_of(Path(path), root, skipped)
        elif os.path.isdir(path):
            _name_link(path, root, skipped)
        elif os.path.lexists(path):  # what is deleted but not committed is listed too
            yield path


def _listed_by_git(folder: Path) -> list[str] | None:
    """Tracked files and those that are neither tracked nor ignored, relative to the folder; None outside a work tree."""
    if _git(folder, "check-ignore", "-q", ".") is not None:
        return None  # somebody who names an ignored folder wants to see into it
    names = _git(folder, "ls-files", "-co", "--exclude-standard", "-z")
    return None if names is None else sorted({os.fsdecode(name) for name in names.split(b"\0") if name})


def _git(folder: Path, *command: str) -> bytes | None:
    """What git prints; None where it fails or is not there."""
    try:
        done = subprocess.run([*_GIT, "-C", str(folder), *command], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=_GIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _walk(folder: Path, root: Path, skipped: dict[str, str]) -> Iterator[str]:
    def unreadable(error: OSError) -> None:
        skipped[str(error.filename)] = f"the folder cannot be read: {error.strerror}"

    for here, folders, files in os.walk(folder, onerror=unreadable):
        for name in list(folders):
            path = os.path.join(here, name)
            if os.path.islink(path):
                _name_link(path, root, skipped)
            if os.path.islink(path) or _why_out(path, skipped) is not None:
                folders.remove(name)
        folders.sort()
        yield from (os.path.join(here, name) for name in files)


def _name_link(path: str, root: Path, skipped: dict[str, str]) -> None:
    """A link to a folder is not followed: inside the root its files are found anyway, elsewhere it is named."""
    if not Path(os.path.realpath(path)).is_relative_to(root):
        skipped[path] = "a link that leads out of the folder"


def _kept(folder: str, kept: dict[str, bool], skipped: dict[str, str]) -> bool:
    """Whether neither a folder nor one above it is left out."""
    if folder not in kept:
        kept[folder] = _kept(os.path.dirname(folder), kept, skipped) and _why_out(folder, skipped) is None
    return kept[folder]


def _why_out(folder: str, skipped: dict[str, str]) -> str | None:
    """Why a folder is left out; None where it is not. What might surprise is named among the skipped."""
    name = os.path.basename(folder)
    if name in LEFT_OUT:
        return "not source"
    if os.path.isfile(os.path.join(folder, "pyvenv.cfg")):
        return "a virtual environment"
    if name in BUILT and not os.path.isfile(os.path.join(folder, "__init__.py")):
        skipped[folder] = "build output (it is no package); name it to scan it"
        return "build output"
    return None
