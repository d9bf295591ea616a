"""Known vulnerabilities of distributions, from an OSV data set or the OSV service.

Covers: the records of osv.dev's PyPI export (one JSON file, a folder of them, or the `.zip`), matched by version ranges and
lists; the online service by way of pip-audit. Does not cover: git ranges, other ecosystems, whether the code calls what
is vulnerable.
Source: Open Source Vulnerability format 1.6, "Evaluation" (https://ossf.github.io/osv-schema/).
"""

from __future__ import annotations

import functools
import json
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from ncg_ray.analyse import cvss
from ncg_ray.analyse.distributions import normal
from ncg_ray.errors import InfrastructureError, InputError

_RANGES = ("ECOSYSTEM", "SEMVER")
_PAUSE_S = 60.0
"Seconds in which a service that did not answer is not asked again."
_LARGEST_BYTES = 50_000_000
_WORDS: dict[str, cvss.Severity] = {"critical": "critical", "high": "high", "moderate": "medium", "medium": "medium",
                                    "low": "low"}


@dataclass(frozen=True, slots=True)
class Advisory:
    """What one record says of one distribution."""

    id: str
    distribution: str
    "In its normal form (PEP 503)."
    summary: str = ""
    aliases: tuple[str, ...] = ()
    severity: cvss.Severity = "medium"
    ranges: tuple[tuple[tuple[str, str], ...], ...] = ()
    "Of each range its (event, version)."
    versions: frozenset[str] = frozenset()
    cwe: str | None = None

    @property
    def malicious(self) -> bool:
        """The distribution itself is malware, whichever version."""
        return self.id.startswith("MAL-")

    def affects(self, version: Version) -> bool:
        """Whether a version is listed, or in a range."""
        if str(version) in self.versions or any(_equal(each, version) for each in self.versions):
            return True
        return any(_in_range(events, version) for events in self.ranges)

    def fixed(self, version: Version | None) -> tuple[str, ...]:
        """The versions above this one that mend it, smallest first."""
        found = {each for events in self.ranges for event, text in events
                 if event == "fixed" and (each := _version(text)) is not None and (version is None or each > version)}
        return tuple(str(each) for each in sorted(found))


class Advisories:
    """Advisories by distribution. Make one with `read`; `errors` names the files that could not be used."""

    def __init__(self, advisories: Iterable[Advisory] = (), errors: Iterable[InputError] = (),
                 ask: Callable[[str, Version], list[Advisory]] | None = None) -> None:
        self.errors = tuple(errors)
        self._ask = ask
        self._failed = (float("-inf"), "")
        self._answers: dict[tuple[str, Version], tuple[Advisory, ...]] = {}
        self._by_name: dict[str, list[Advisory]] = {}
        for advisory in advisories:
            self._by_name.setdefault(advisory.distribution, []).append(advisory)

    def __len__(self) -> int:
        return sum(map(len, self._by_name.values()))

    @classmethod
    def read(cls, source: str | Path, timeout_s: int = 15) -> Advisories:
        """Read a `.json` file, a folder or a `.zip` of OSV records; "osv" asks the online service instead, when needed.

        A JSON file holds one record, a list of them, or `{"vulns": [...]}`. Files that are broken are left out and named in
        `errors`. Raises InputError where there is no such place, or nothing in it can be used.
        """
        if str(source) == "osv":
            return cls(ask=functools.partial(_ask_service, timeout_s=timeout_s, url=None))
        advisories: list[Advisory] = []
        errors: list[InputError] = []
        number = 0
        for number, (name, text) in enumerate(_texts(Path(source)), 1):  # noqa: B007  (counts the files)
            try:
                for record in _records(json.loads(text)):
                    advisories += of_record(record)
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
                what = f"{type(error).__name__}: {error}" if isinstance(error, (KeyError, AttributeError)) else str(error)
                errors.append(InputError(f"{name}: no OSV record ({what}); get the file again, or leave it out", path=name))
        if number == 0:
            raise InputError(f"{str(source)!r} holds no .json file: give OSV records, such as osv.dev's PyPI export")
        if len(errors) == number:
            raise errors[0]
        return cls(advisories, errors)

    @classmethod
    def online(cls, url: str, timeout_s: int = 15) -> Advisories:
        """Ask an OSV service at another address, such as a mirror."""
        return cls(ask=functools.partial(_ask_service, timeout_s=timeout_s, url=url))

    def match(self, name: str, version: str | None) -> tuple[Advisory, ...]:
        """The advisories for a version of a distribution, those that are aliases of one another once.

        Without a version (it is not installed) only those that call the distribution itself malicious.
        Raises InfrastructureError where the service could not be asked; that is not the same as a clean answer.
        """
        name, number = normal(name), None if version is None else _version(version)
        if number is not None:
            number = Version(number.public)  # a local build such as 2.1+cpu has what 2.1 has
        if self._ask is not None:
            return self._answered(name, number) if number is not None else ()
        found = [advisory for advisory in self._by_name.get(name, ())
                 if advisory.malicious or (number is not None and advisory.affects(number))]
        return tuple(_without_aliases(found))

    def _answered(self, name: str, version: Version) -> tuple[Advisory, ...]:
        if (name, version) not in self._answers:
            when, why = self._failed
            if time.monotonic() - when < _PAUSE_S:
                raise InfrastructureError(why)
            try:
                assert self._ask is not None
                self._answers[name, version] = tuple(_without_aliases(self._ask(name, version)))
            except InfrastructureError as error:
                self._failed = time.monotonic(), error.message
                raise
        return self._answers[name, version]


def of_record(record: dict[str, Any]) -> list[Advisory]:
    """What an OSV record says of PyPI distributions; nothing where it was withdrawn.

    Raises ValueError, TypeError, KeyError or AttributeError where it does not follow the schema.
    """
    if not isinstance(record, dict) or not isinstance(record.get("id"), str):
        raise ValueError("it has no text under 'id'")
    if not str(record.get("schema_version") or "1.0.0").startswith("1."):
        raise ValueError(f"schema_version {record['schema_version']!r} is not version 1")
    if record.get("withdrawn"):
        return []
    summary = " ".join(str(record.get("summary") or record.get("details") or "").split())[:200]
    advisories = []
    for affected in record.get("affected") or []:
        package = affected.get("package") or {}
        if str(package.get("ecosystem", "")).partition(":")[0] != "PyPI":
            continue
        ranges = tuple(tuple((event, str(version)) for each in found["events"] for event, version in each.items())
                       for found in affected.get("ranges") or [] if found["type"] in _RANGES)
        if not isinstance(affected.get("versions") or [], list):
            raise ValueError("'versions' is no list")
        advisories.append(Advisory(record["id"], normal(package["name"]), summary, tuple(record.get("aliases") or ()),
                                   _severity(record, affected), ranges,
                                   frozenset(map(str, affected.get("versions") or ())), _cwe(record)))
    return advisories


def _severity(record: dict[str, Any], affected: dict[str, Any]) -> cvss.Severity:
    """By the CVSS 3 vector, else by the data base's own word, else medium; malware is critical."""
    if record["id"].startswith("MAL-"):
        return "critical"
    scores = [score for each in [*(affected.get("severity") or []), *(record.get("severity") or [])]
              if (score := cvss.base_score(str(each.get("score", "")))) is not None]
    if scores:
        return cvss.severity(max(scores))
    for place in (record, affected):
        word = str((place.get("database_specific") or {}).get("severity", "")).lower()
        if word in _WORDS:
            return _WORDS[word]
    return "medium"


def _cwe(record: dict[str, Any]) -> str | None:
    found = (record.get("database_specific") or {}).get("cwe_ids") or []
    return str(found[0]) if found else "CWE-506" if record["id"].startswith("MAL-") else None


def _records(data: Any) -> list[Any]:
    if isinstance(data, dict) and isinstance(data.get("vulns"), list):
        return data["vulns"]
    return data if isinstance(data, list) else [data]


def _texts(source: Path) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every JSON file at a place. Raises InputError where there is none."""
    try:
        if source.is_dir():
            for path in sorted(source.rglob("*.json")):
                yield str(path), path.read_bytes()
        elif zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as archive:
                for info in archive.infolist():
                    if info.filename.endswith(".json") and info.file_size <= _LARGEST_BYTES:
                        yield f"{source}:{info.filename}", archive.read(info)
        else:
            yield str(source), source.read_bytes()
    except (OSError, zipfile.BadZipFile) as error:
        why = getattr(error, "strerror", None) or error
        message = f"cannot read {str(source)!r}: {why}; give a .json file, a folder or a .zip of OSV records"
        raise InputError(message) from None


def _ask_service(name: str, version: Version, timeout_s: int, url: str | None) -> list[Advisory]:
    """What the service knows of a version, over pip-audit's session. Raises InfrastructureError where it does not say."""
    from pip_audit._service import OsvService
    from requests import RequestException

    try:
        service = OsvService(timeout=timeout_s, **({} if url is None else {"osv_url": url}))
        query: dict[str, Any] = {"package": {"name": name, "ecosystem": "PyPI"}, "version": str(version)}
        advisories: list[Advisory] = []
        while True:  # `OsvService.query` reads one page and drops the severities; so only its session is used here
            response = service.session.post(service.osv_url, json=query, timeout=timeout_s)
            response.raise_for_status()
            answer = response.json()
            for record in answer.get("vulns") or []:
                advisories += [found for found in of_record(record) if found.distribution == name]
            if not answer.get("next_page_token"):
                return advisories
            query["page_token"] = answer["next_page_token"]
    except (RequestException, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"the advisories for {name} {version} could not be asked of the OSV service: {error}"
        raise InfrastructureError(message) from None


def _without_aliases(advisories: Iterable[Advisory]) -> list[Advisory]:
    """One of each set of aliases: the gravest, then the one that names most."""
    order = {"critical": 0, "high": 1, "medium": 2, "low": 3}
    kept: list[Advisory] = []
    seen: set[str] = set()
    for advisory in sorted(advisories, key=lambda a: (order[a.severity], -len(a.aliases), a.id)):
        names = {advisory.id, *advisory.aliases}
        if not names & seen:
            kept.append(advisory)
        seen |= names
    return kept


def _in_range(events: tuple[tuple[str, str], ...], version: Version) -> bool:
    """The algorithm of the format: the events up to the version, in order, switch the vulnerability on and off."""
    ordered = []
    for event, text in events:
        number = Version("0.dev0") if text == "0" and event == "introduced" else _version(text)
        if number is None:
            return False  # cannot be compared; the list of versions still holds
        if event == "limit" and version >= number:
            return False
        ordered.append((number, event))
    inside = False
    for number, event in sorted(ordered, key=lambda each: (each[0], each[1] == "introduced")):
        if event == "introduced" and version >= number:
            inside = True
        elif (event == "fixed" and version >= number) or (event == "last_affected" and version > number):
            inside = False
    return inside


@functools.lru_cache(maxsize=65536)
def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _equal(text: str, version: Version) -> bool:
    return _version(text) == version
