"""Where results rest: whole files or none, in a folder or behind an fsspec URL.

    <storage.uri>/traces/<id>.json      one Trace each
                  checkpoints/<run>/    training runs
                  reports/              of jobs
                  policies/             configs that a sweep or a training wrote, for `--config`
                  sweeps/<name>/        how far a sweep is

Every replica, job and person who has the URI reads the same files.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from pathlib import Path

from ncg_ray.errors import ConfigError, InfrastructureError, InputError
from ncg_ray.records import from_json, to_json
from ncg_ray.types import Trace

FOLDERS = ("traces", "checkpoints", "reports", "policies")


def write_text(path: str | Path, text: str) -> None:
    """Write a file atomically: a reader sees the old file or the new one. Raises InputError where it cannot be."""
    path = Path(path)
    # Through a link, so that the link stays; a device or a pipe is written as it is, since it cannot be replaced.
    target = Path(os.path.realpath(path))
    data = text.encode("utf-8", "backslashreplace")
    try:
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(data)
            return
        _replace(target, data)
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror}") from None


def _replace(target: Path, data: bytes) -> None:
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        draft.write_bytes(data)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def make_folder(path: str | Path) -> None:
    """Make a folder, and those above it, where they are not there. Raises InputError where it cannot be, or be written."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {str(path)!r}: {error.strerror}") from None
    if not os.access(path, os.W_OK):
        raise InputError(f"cannot write into {str(path)!r}: permission denied")


def check_writable(path: str | Path) -> None:
    """Raise InputError for a file that could not be written later; before the work, not after it."""
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise InputError(f"cannot write {str(path)!r}: it is a folder; name a file")
    if not target.parent.is_dir():
        raise InputError(f"cannot write {str(path)!r}: there is no folder {str(Path(path).parent)!r}; make it first")
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        raise InputError(f"cannot write {str(path)!r}: permission denied")


def is_remote(uri: str) -> bool:
    """Whether this is an fsspec URL; else it is a folder."""
    return "://" in uri


def open_store(uri: str) -> None:
    """Make the folders of a store. Raises ConfigError where `storage.uri` is no place to write to."""
    try:
        for folder in FOLDERS:
            if is_remote(uri):
                files, root = filesystem(uri)
                files.makedirs(f"{root}/{folder}", exist_ok=True)
            else:
                (Path(uri).expanduser() / folder).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError, ImportError) as error:
        raise ConfigError(f"storage.uri = {uri!r}: {error}; give a folder that can be written to, or an fsspec URL "
                          "whose package is installed") from None


def write(uri: str, name: str, data: bytes) -> str:
    """Write one whole file of a store, such as `reports/sweep.json`; returns its place. Raises InfrastructureError."""
    try:
        if is_remote(uri):
            files, root = filesystem(uri)
            files.makedirs(f"{root}/{name}".rpartition("/")[0], exist_ok=True)
            files.pipe_file(f"{root}/{name}", data)
            return f"{uri.rstrip('/')}/{name}"
        place = Path(uri).expanduser() / name
        place.parent.mkdir(parents=True, exist_ok=True)
        _replace(place, data)
        return str(place)
    except OSError as error:
        raise InfrastructureError(f"{name} was not stored in {uri!r}: {error}", name=name) from None


def read(uri: str, name: str) -> bytes | None:
    """One whole file of a store, or None where it is not there. Raises InfrastructureError."""
    try:
        if is_remote(uri):
            files, root = filesystem(uri)
            return bytes(files.cat_file(f"{root}/{name}"))
        return (Path(uri).expanduser() / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except (OSError, ValueError, ImportError) as error:
        raise InfrastructureError(f"{name} cannot be read from {uri!r}: {error}", name=name) from None


def save_trace(trace: Trace, uri: str) -> str:
    """Write one Trace to `<uri>/traces/<id>.json` and return that place. Raises InfrastructureError."""
    return write(uri, f"traces/{trace.id}.json", json.dumps(to_json(trace)).encode())


def load_trace(trace_id: str, uri: str) -> Trace | None:
    """A stored Trace by its id, or None where there is none. Raises InfrastructureError for a broken store."""
    if not re.fullmatch(r"[0-9a-f]{32}", trace_id):  # an id is part of a path
        return None
    data = read(uri, f"traces/{trace_id}.json")
    try:
        return None if data is None else from_json(Trace, json.loads(data))
    except (ValueError, InputError) as error:
        raise InfrastructureError(f"the Trace {trace_id} in {uri!r} cannot be read: {error}", trace=trace_id) from None


def filesystem(uri: str):  # type: ignore[no-untyped-def]  # fsspec has no types
    """(fsspec filesystem, path in it) of a URL. Raises ValueError or ImportError for a protocol that is not there."""
    from fsspec.core import url_to_fs

    files, root = url_to_fs(uri)
    return files, root.rstrip("/")
