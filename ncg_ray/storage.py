"""Where results rest: whole files or none, in a folder or behind an fsspec URL."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path

from ncg_ray.errors import ConfigError, InfrastructureError, InputError
from ncg_ray.records import to_json
from ncg_ray.types import Trace


def write_text(path: str | Path, text: str) -> None:
    """Write a file atomically: a reader sees the old file or the new one. Raises InputError where it cannot be."""
    path = Path(path)
    # Through a link, so that the link stays; a device or a pipe is written as it is, since it cannot be replaced.
    target = Path(os.path.realpath(path))
    data = text.encode("utf-8", "backslashreplace")
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(data)
            return
        try:
            draft.write_bytes(data)
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror}") from None


def check_writable(path: str | Path) -> None:
    """Raise InputError for a file that could not be written later; before the work, not after it."""
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise InputError(f"cannot write {str(path)!r}: it is a folder; name a file")
    if not target.parent.is_dir():
        raise InputError(f"cannot write {str(path)!r}: there is no folder {str(Path(path).parent)!r}; make it first")
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        raise InputError(f"cannot write {str(path)!r}: permission denied")


def open_store(uri: str) -> None:
    """Make the folder for Traces. Raises ConfigError where `storage.uri` is no place to write to."""
    try:
        if "://" in uri:
            files, root = _filesystem(uri)
            files.makedirs(f"{root}/traces", exist_ok=True)
        else:
            (Path(uri) / "traces").mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError, ImportError) as error:
        raise ConfigError(f"storage.uri = {uri!r}: {error}; give a folder that can be written to, or an fsspec URL "
                          "whose package is installed") from None


def save_trace(trace: Trace, uri: str) -> str:
    """Write one Trace to `<uri>/traces/<id>.json` and return that place. Raises InfrastructureError."""
    text = json.dumps(to_json(trace))
    try:
        if "://" not in uri:
            place = Path(uri) / "traces" / f"{trace.id}.json"
            write_text(place, text)
            return str(place)
        files, root = _filesystem(uri)
        files.pipe_file(f"{root}/traces/{trace.id}.json", text.encode())
        return f"{uri.rstrip('/')}/traces/{trace.id}.json"
    except (OSError, InputError) as error:
        raise InfrastructureError(f"the Trace was not stored: {error}", trace=trace.id) from None


def _filesystem(uri: str):  # type: ignore[no-untyped-def]  # fsspec has no types
    from fsspec.core import url_to_fs

    files, root = url_to_fs(uri)
    return files, root.rstrip("/")
