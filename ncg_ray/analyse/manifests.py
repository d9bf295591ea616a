"""What a project asks for: distributions, some at an exact version, which is what advisories are looked up by.

Covers: `requirements*.txt` and `[project]` of `pyproject.toml`, optional dependencies included.
Does not cover: lock files, URLs, files that a requirements file includes (those in the tree are read themselves).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ncg_ray.analyse.advisories import Advisories
from ncg_ray.analyse.files import MAX_KB, Skipped, read_bytes
from ncg_ray.errors import InfrastructureError
from ncg_ray.types import Finding


@dataclass(frozen=True, slots=True)
class Requested:
    """One distribution that is asked for, and where."""

    name: str
    "Normalised as in PEP 503: lower case, with `-`."
    version: str | None
    "None where any of several versions will do."
    path: str
    line: int = 0


@dataclass(slots=True)
class Manifests:
    """What all manifests of a tree say."""

    requested: list[Requested] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    "About what cannot be read."
    skipped: list[Skipped] = field(default_factory=list)

    def vulnerable(self, advisories: Advisories) -> list[Finding]:
        """The advisories for exact versions, each where the version is written.

        One finding says so where the advisories could not be asked.
        """
        found: list[Finding] = []
        for asked in self.requested:
            try:
                matches = advisories.match(asked.name, asked.version) if asked.version else ()
            except InfrastructureError as error:
                found.append(Finding("dependencies", "advisories-not-asked", "dependency",
                                     f"{error.message}; whether what is asked for is vulnerable is not known",
                                     path=asked.path, confidence="high", fix="ask again, or give a data set as a file"))
                break
            for advisory in matches:
                others = f" ({', '.join(advisory.aliases)})" if advisory.aliases else ""
                words = f": {advisory.summary}" if advisory.summary else ""
                mends = () if advisory.malicious else advisory.fixed(Version(asked.version or ""))
                found.append(Finding(
                    "dependencies", advisory.id, "dependency",
                    f"{asked.name} {asked.version} has {advisory.id}{others}{words}", asked.line, asked.path,
                    advisory.cwe or VULNERABLE, advisory.severity, "high",
                    fix=f"ask for {asked.name} {mends[0]} or later" if mends else f"take another package than {asked.name}"))
        return found


VULNERABLE = "CWE-1395"
"Dependency on Vulnerable Third-Party Component; where the advisory names no weakness of its own."


def read_manifests(root: Path, paths: Iterable[str]) -> Manifests:
    """Read some files, relative to `root`."""
    read = Manifests()
    for path in paths:
        try:
            data = read_bytes(root / path)
        except OSError as error:
            read.skipped.append(Skipped(path, f"cannot be read: {error.strerror}"))
            continue
        if data is None:
            read.skipped.append(Skipped(path, f"larger than {MAX_KB} KiB"))
            continue
        for found in (of_pyproject if path.endswith(".toml") else of_requirements)(data, path):
            if isinstance(found, Requested):
                read.requested.append(found)
            else:
                read.findings.append(found)
    return read


def of_requirements(data: bytes, path: str) -> Iterator[Requested | Finding]:
    """What a requirements file asks for; one finding for each line that is neither a requirement nor an option."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield Finding("ncg", "undecodable", "quality", f"byte {error.start} is not utf-8; what it asks for is not known",
                      data.count(b"\n", 0, error.start) + 1, path, confidence="high", fix="save the file as UTF-8")
        return
    for number, line in _logical_lines(text):
        if not line or line.startswith("-") or "://" in line.partition(";")[0] or line.startswith((".", "/")):
            continue
        requirement = re.split(r"\s--?[a-z]", line, maxsplit=1)[0].strip()  # `--hash=...` belongs to pip
        yield from _requested(requirement, path, number, "broken-requirement")


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """(number of the first line, text) without comments, with continued lines joined."""
    held, first = "", 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        first = first if held else number
        line = re.sub(r"(^|\s)#.*$", "", line).strip()
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        yield first, (held + line).strip()
        held = ""
    if held:
        yield first, held.strip()


def of_pyproject(data: bytes, path: str) -> Iterator[Requested | Finding]:
    """What a `pyproject.toml` asks for; a finding where it cannot be read, or for an entry that is no requirement."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        document = tomllib.loads(text)
    except UnicodeDecodeError as error:
        yield _broken(f"byte {error.start} is not utf-8", path, data.count(b"\n", 0, error.start) + 1)
        return
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n", 0, len(text.rstrip())) + 1  # it says "at end of document"
        yield _broken(f"it is not TOML: {error}", path, line)
        return
    project: Any = document.get("project", {})
    if not isinstance(project, dict):
        yield _broken("`project` is not a table", path, _line_of("project", text))
        return
    groups: Any = project.get("optional-dependencies", {})
    if not isinstance(groups, dict):
        yield _broken("`project.optional-dependencies` is not a table", path, _line_of("optional-dependencies", text))
        groups = {}
    for key, entries in {"dependencies": project.get("dependencies", []), **groups}.items():
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            yield _broken(f"`{key}` is not a list of strings", path, _line_of(key, text))
            continue
        for entry in entries:
            if "://" not in entry:
                yield from _requested(entry, path, _line_of(entry, text), "broken-pyproject")


def _requested(requirement: str, path: str, line: int, rule: str) -> Iterator[Requested | Finding]:
    try:
        read = Requirement(requirement)
    except InvalidRequirement as error:
        problem = str(error).split("\n")[0]
        yield Finding("ncg", rule, "quality", f"{requirement!r} is no requirement: {problem}", line, path,
                      confidence="high", fix="write it as in PEP 508, such as `name==1.2`")
        return
    exact = [s.version for s in read.specifier if s.operator in ("==", "===") and _is_version(s.version)]
    yield Requested(canonicalize_name(read.name), exact[0] if exact else None, path, line)


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:  # `==1.*`, and what only `===` allows
        return False
    return True


def _broken(problem: str, path: str, line: int) -> Finding:
    return Finding("ncg", "broken-pyproject", "quality", f"{problem}; what it asks for is not known", line, path,
                   severity="low", confidence="high")


def _line_of(word: str, text: str) -> int:
    """The first line that holds a word or a quoted entry; 0 where it is written in another way."""
    for number, line in enumerate(text.split("\n"), 1):
        if word in line and not line.lstrip().startswith("#"):
            return number
    return 0
