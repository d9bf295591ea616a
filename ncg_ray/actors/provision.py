"""What a local head needs of this machine: a token, ports on loopback, a folder, memory for objects."""

from __future__ import annotations

import contextlib
import secrets
import socket
import tempfile
from pathlib import Path

import psutil

from ncg_ray.config import environment
from ncg_ray.errors import InputError

LOOPBACK = "127.0.0.1"
LONGEST_TEMP_PATH = 40
"Characters; Ray puts Unix sockets below it, whose paths may have 107."
MOST_OBJECT_BYTES, LEAST_OBJECT_BYTES = 2 << 30, 100 << 20


def token_path() -> str:
    """Path of the file that holds the token, made where it is missing; empty where RAY_AUTH_TOKEN holds it.

    In the order in which Ray looks: RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH, ~/.ray/auth_token.
    """
    mode = environment("RAY_AUTH_MODE")
    if mode and mode.lower() != "token":
        raise InputError(f"RAY_AUTH_MODE is {mode!r}, but a local cluster always asks for a token, since who reaches it "
                         "runs code as you; unset RAY_AUTH_MODE or set it to token")
    if environment("RAY_AUTH_TOKEN"):
        return ""
    chosen = environment("RAY_AUTH_TOKEN_PATH")
    path = Path(chosen or Path.home() / ".ray" / "auth_token").absolute()
    try:
        if not path.exists() and not chosen:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_hex(32), encoding="ascii")
            draft.rename(path)
        elif path.stat().st_mode & 0o077:
            path.chmod(0o600)
        if not path.read_text(encoding="utf-8").strip():
            raise InputError(f"the token file {str(path)!r} is empty; delete it and a new one is made")
    except OSError as error:
        mend = "write a token into it or unset RAY_AUTH_TOKEN_PATH" if chosen else "make it readable for you alone"
        raise InputError(f"the token file {str(path)!r}: {error.strerror}; {mend}") from None
    except UnicodeDecodeError:
        raise InputError(f"the token file {str(path)!r} is not text; delete it and a new one is made") from None
    return str(path)


def ports(*wanted: tuple[str, int | None, int]) -> list[int]:
    """For each (name, explicit port, usual port) one that is free, all different."""
    taken: list[int] = []
    for name, port, usual in wanted:
        if port is None:
            port = usual if usual not in taken and is_free(usual) else free_port(taken)
        elif not 1024 <= port <= 65535:
            raise InputError(f"{name} {port}: a TCP port from 1024 to 65535")
        elif port in taken or not is_free(port):
            raise InputError(f"{name} {port} is in use; give another one, or none and a free one is taken")
        taken.append(port)
    return taken


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # else one that was just closed counts as taken
        try:
            probe.bind((LOOPBACK, port))
            return True
        except OSError:
            return False


def free_port(taken: list[int]) -> int:
    """A port that is free now, and not among these."""
    while True:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port: int = probe.getsockname()[1]
        if port not in taken:
            return port


def short_folder(prefix: str) -> str:
    """A temporary folder that only this user can enter, with a path short enough for Ray."""
    parent = tempfile.gettempdir()
    return tempfile.mkdtemp(prefix=prefix, dir=parent if len(parent) <= LONGEST_TEMP_PATH else "/tmp")


def object_store_bytes() -> int:
    """A tenth of the free memory, within bounds, and within what /dev/shm has: beyond it Ray would use the disk."""
    room = psutil.virtual_memory().available // 10
    with contextlib.suppress(OSError):
        room = min(room, int(psutil.disk_usage("/dev/shm").free * 0.8))
    return max(LEAST_OBJECT_BYTES, min(room, MOST_OBJECT_BYTES))
