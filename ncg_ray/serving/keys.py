"""API keys. The file holds SHA-256 hashes, names and dates; a key itself is shown once, when it is made.

A key is 32 random bytes, so a plain hash is enough: there is nothing to guess. Writers take turns by a lock file, and a
file is replaced whole, so that a reader sees the old keys or the new ones.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ncg_ray.errors import ConfigError, InfrastructureError, InputError

PREFIX = "ncg_"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is kept of one key."""

    name: str
    sha256: str
    created: str
    "UTC, ISO 8601."


def create(path: str | Path, name: str) -> str:
    """Make a key and return it; only its hash is kept. Raises InputError for a name that is taken or unusable."""
    if not NAME.fullmatch(name):
        raise InputError(f"key name {name!r}: 1 to 64 letters, digits or . _ @ -, such as \"laptop\"")
    with _locked(Path(path)) as (place, records):
        if any(record.name == name for record in records):
            raise InputError(f"there is a key named {name!r} in {str(place)!r}; revoke it first, or take another name")
        key = PREFIX + secrets.token_urlsafe(32)
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        _write(place, [*records, KeyRecord(name, digest(key), now)])
    return key


def listing(path: str | Path) -> list[dict[str, str]]:
    """`name` and `created` of each key, oldest first; none where there is no file. Raises ConfigError for a broken file."""
    return [{"name": record.name, "created": record.created} for record in _read(Path(path)) or []]


def revoke(path: str | Path, name: str) -> None:
    """Take a key away; servers notice with their next request. Raises InputError where there is none of that name."""
    if not Path(path).exists():
        raise InputError(f"there is no key {name!r}: {str(path)!r} does not exist")
    with _locked(Path(path)) as (place, records):
        if not any(record.name == name for record in records):
            known = ", ".join(record.name for record in records) or "none"
            raise InputError(f"there is no key {name!r} in {str(place)!r}; known: {known}")
        _write(place, [record for record in records if record.name != name])


def digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class KeyRing:
    """The keys of a file as a server sees them: read again whenever the file changes.

    Keys are required where the file exists, even when it holds none: whoever revokes the last key closes the door. Once
    required they stay so, even if the file goes away.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._records: list[KeyRecord] = []
        self._seen: tuple[int, ...] | None = None
        self._required = False
        self.required()

    def required(self) -> bool:
        """Whether a request needs a key. Raises InfrastructureError where the file cannot be read."""
        self._refresh()
        return self._required

    @property
    def names(self) -> list[str]:
        """Whose keys there are."""
        self._refresh()
        return [record.name for record in self._records]

    def owner(self, key: str) -> str | None:
        """The name of a key, or None for one that is not valid. Takes the same time for every wrong key."""
        self._refresh()
        wanted, found = digest(key), None
        for record in self._records:
            if hmac.compare_digest(record.sha256, wanted):
                found = record.name
        return found

    def _refresh(self) -> None:
        try:
            stat = self.path.stat()
            seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        except FileNotFoundError:
            self._records, self._seen = [], None
            return
        except OSError as error:
            raise InfrastructureError(f"the keys file cannot be read: {error.strerror}") from None
        if seen == self._seen:
            return
        self._required, self._records = True, []
        try:
            self._records = _read(self.path) or []
        except ConfigError as error:
            raise InfrastructureError(f"the keys file cannot be read: {error.message}") from None
        self._seen = seen


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[tuple[Path, list[KeyRecord]]]:
    """The file's true place and its records, while nobody else writes."""
    place = Path(os.path.realpath(path))
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(place.with_name(f".{place.name}.lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place, _read(place) or []
    finally:
        os.close(lock)


def _read(path: Path) -> list[KeyRecord] | None:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"keys file {str(path)!r}: {error}") from None
    try:
        return [KeyRecord(str(row["name"]), str(row["sha256"]), str(row["created"])) for row in json.loads(text)["keys"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ConfigError(f"keys file {str(path)!r} is damaged; put back a copy, or remove it and make new keys") from None


def _write(place: Path, records: list[KeyRecord]) -> None:
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(json.dumps({"version": 1, "keys": [asdict(record) for record in records]}, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, place)
    except OSError as error:
        raise InputError(f"cannot write {str(place)!r}: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
