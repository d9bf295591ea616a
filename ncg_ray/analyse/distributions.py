"""Which installed distribution an import belongs to, and which version of it is installed.

Covers: `.dist-info` and `.egg-info` folders on `sys.path`, namespace packages that several distributions share, folders
that are broken or not UTF-8. Does not cover: packages in zip files, modules without metadata.

`importlib.metadata.packages_distributions` answers the same question, but takes half a second for 250 distributions
each time it is asked, and one folder that it cannot decode ends it. Here the answer is kept until `sys.path`, or one of the
folders on it, changes (an installation adds a folder to its folder, which changes that one's time).
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from ncg_ray.analyse.imports import Import
from ncg_ray.analyse.known_packages import OTHER, SAME

Key = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Installed:
    """What is installed, by import name and by the distribution's name in its normal form (PEP 503)."""

    folders: dict[str, Path] = field(default_factory=dict)
    "Metadata folder by distribution."
    modules: dict[str, tuple[str, ...]] = field(default_factory=dict)
    "Distributions by the first part of an import name."

    def of_import(self, found: Import) -> tuple[str, ...]:
        """The distributions that an import loads; several where they share what is imported, none where none has it.

        None although the first part of the name is installed: that is a namespace, and this part of it belongs to another.
        """
        owners = self.modules.get(found.top, ())
        if not owners or len(found.names) == 1 or (len(owners) == 1 and not _shares(self.folders[owners[0]], found.top)):
            return owners
        for name in found.names[:-1]:
            if fits := tuple(owner for owner in owners if _holds(self.folders[owner], name.replace(".", "/"))):
                return fits
        whole = f"{found.top}/__init__"  # what is imported may be no module but something in the package
        return tuple(owner for owner in owners if _holds(self.folders[owner], whole) or not _record(self.folders[owner]))

    def headers(self, name: str) -> metadata.Distribution | None:
        """The metadata of a distribution; None where it is not installed."""
        folder = self.folders.get(name)
        return None if folder is None else metadata.PathDistribution(folder)

    def version(self, name: str) -> str | None:
        """The installed version, from the name of the folder or the metadata; None where neither says it."""
        folder = self.folders.get(name)
        if folder is None:
            return None
        _, _, version = folder.stem.partition("-")
        if folder.suffix == ".dist-info" and version:
            return version
        try:
            return metadata.PathDistribution(folder).metadata["Version"]
        except UnicodeDecodeError:
            return None


def normal(name: str) -> str:
    """A distribution's name in its normal form. Source: PEP 503.

    Example:
        >>> normal("Ruamel_YAML..clib")
        'ruamel-yaml-clib'
    """
    return "-".join(part for part in name.lower().replace("_", "-").replace(".", "-").split("-") if part)


def in_table(found: Import) -> str | None:
    """The distribution, in its normal form, that the packaged table gives for an import; None where it has none."""
    for name in found.names:
        if name in OTHER:
            return normal(OTHER[name])
    return normal(found.top) if found.top in SAME else None


def key() -> Key:
    """What identifies the state of `sys.path`: its folders, and when each was changed last."""
    found = []
    for entry in dict.fromkeys(sys.path):
        try:
            found.append((entry, os.stat(entry or ".").st_mtime_ns))
        except (OSError, ValueError):
            continue
    return tuple(found)


def installed() -> Installed:
    """What is installed now; read again only where `key()` is another one."""
    return read(key())


@functools.lru_cache(maxsize=4)
def read(path: Key) -> Installed:
    """What is installed in these folders; the first one that has a distribution wins, as when importing."""
    folders: dict[str, Path] = {}
    owners: dict[str, list[str]] = {}
    for entry, changed in path:
        for distribution, folder, modules in _in_folder(entry, changed):
            if distribution not in folders:
                folders[distribution] = folder
                for module in modules:
                    owners.setdefault(module, []).append(distribution)
    return Installed(folders, {module: tuple(sorted(found)) for module, found in owners.items()})


@functools.lru_cache(maxsize=64)
def _in_folder(entry: str, changed: int) -> tuple[tuple[str, Path, frozenset[str]], ...]:
    """(distribution, metadata folder, first parts of import names) of all that one folder of `sys.path` has."""
    found = []
    try:
        names = sorted(os.listdir(entry or "."))
    except OSError:  # a zip file, or gone since
        return ()
    for name in names:
        stem, suffix = os.path.splitext(name)
        if suffix in (".dist-info", ".egg-info") and not name.startswith(("~", ".")):
            distribution, folder = normal(stem.partition("-")[0]), Path(entry or ".") / name
            found.append((distribution, folder, frozenset(_modules(folder) or {distribution.replace("-", "_")})))
    return tuple(found)


def _modules(folder: Path) -> set[str]:
    """The first parts of the import names: what `top_level.txt` says, else what the list of files shows."""
    declared = {name.strip().partition("/")[0] for name in _text(folder, "top_level.txt").splitlines()}
    if declared - {""}:
        return declared - {""}
    found = set()
    for line in _record(folder):
        first, _, rest = line.partition("/")
        if rest and line.endswith((".py", ".so", ".pyd")) and first.isidentifier():
            found.add(first)
        elif not rest and (name := inspect.getmodulename(first)):
            found.add(name)
    return found


@functools.lru_cache(maxsize=256)
def _record(folder: Path) -> tuple[str, ...]:
    """The files of a distribution, each relative to the folder that it is installed in."""
    lines = (_text(folder, "RECORD") or _text(folder, "SOURCES.txt")).splitlines()
    return tuple(line.partition(",")[0].strip('"') for line in lines)


@functools.lru_cache(maxsize=1024)
def _shares(folder: Path, top: str) -> bool:
    """Whether a distribution has only a part of a namespace: files below it, but no `__init__.py` of it."""
    inside = [line for line in _record(folder) if line.startswith(f"{top}/")]
    return bool(inside) and f"{top}/__init__.py" not in inside


@functools.lru_cache(maxsize=4096)
def _holds(folder: Path, place: str) -> bool:
    """Whether a distribution has a module or a package at a place, such as `google/protobuf`."""
    return any(line.startswith((f"{place}/", f"{place}.")) for line in _record(folder))


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
