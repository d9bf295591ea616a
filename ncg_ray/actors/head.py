"""A local cluster to submit to: a Ray head that outlives the command which started it, and is stopped as a whole.

    start(config) -> Head           ray job submit --address <dashboard_url> ...
    status()      -> Head | None    ncg generate --address <address> ...
    stop()        -> Head | None    serve deploy --address <dashboard_url> ...

There is one a user. It listens on loopback only, asks every client for a token, and keeps all its files in one
temporary folder. Where it runs is in a state file, whose pids are believed only where the processes' start times
agree; processes that it does not name are known by a mark in the environment that all of them inherit.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from ncg_ray import storage, telemetry
from ncg_ray.config import Config, environment
from ncg_ray.errors import ClusterError, ConfigError, InputError
from ncg_ray.telemetry import Listener

LOOPBACK = "127.0.0.1"
DEFAULT_PORT, DEFAULT_DASHBOARD_PORT = 6379, 8265
"Where Ray's own commands look first; taken where they are free."
START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 20.0
ANSWER_TIMEOUT_S = 8.0
POLL_S = 0.1
LONGEST_TEMP_PATH = 40
"Characters; Ray puts Unix sockets below it, whose paths may have 107."
PREFIX = "ncg-head-"
MARK = "NCG_RAY_HEAD"
"Environment variable of all processes of a head; its value is the head's folder."
MOST_OBJECT_BYTES, LEAST_OBJECT_BYTES = 2 << 30, 100 << 20
LOG_LINES = 4

_CLIENT_SETTINGS = {
    "RAY_AUTH_MODE": "token",  # else Ray's tools send no token to an address that they are given
    # Off, Ray takes the loopback address as that of this machine; on, it replaces it by one that the network reaches,
    # even where `ray.init` is given 127.0.0.1. The name is Ray's.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
}
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else a warning in every process
    "RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S": "0",  # there is no other node to move to
    "GOMP_SPINCOUNT": "10000",  # as in cluster.py
}
_NOT_INHERITED = ("RAY_ADDRESS", "RAY_NAMESPACE", "RAY_JOB_CONFIG_JSON_ENV_VAR")  # of another cluster


@dataclass(frozen=True, slots=True)
class Head:
    """A local head that was started: where it answers and what belongs to it."""

    address: str
    "host:port for `--address` of `ncg` and for `ray.init`"
    dashboard_url: str
    "for `--address` of `ray job submit`, `ray job logs` and `serve deploy`, and for a browser"
    temp_dir: str
    "all its files; `head.log` in it is the place to look after a failure"
    num_cpus: int
    token_path: str
    "file that holds the token; empty: the token came from RAY_AUTH_TOKEN and is not written anywhere"
    started_at: str
    "UTC, ISO 8601"
    processes: tuple[tuple[int, float], ...] = ()
    "(pid, start time) of the process that holds it, then of those that were there when it was ready"

    def environment(self) -> dict[str, str]:
        """What a process needs in its environment beside the address, to join with `ray.init` or to submit jobs."""
        return {**_CLIENT_SETTINGS, **({"RAY_AUTH_TOKEN_PATH": self.token_path} if self.token_path else {})}

    def answers(self) -> bool:
        """Whether the dashboard and the job server take our token and answer."""
        return _ask(self) == ""


# --- start, status, stop ------------------------------------------------------------------------------------


def start(config: Config, *, port: int | None = None, dashboard_port: int | None = None,
          timeout_s: float = START_TIMEOUT_S, on_event: Listener = telemetry.ignore) -> Head:
    """Start the head, or give back the one that runs; returns when its job server answers.

    Args:
        config: `ray.num_cpus` is the size of the cluster, 0 for all cores.
        port, dashboard_port: TCP ports; without one Ray's usual port, or another where that is taken.
        on_event: is told where the head ran already, and of leftovers that were cleared away.

    Raises:
        InputError: a port is in use, or a running head is not the one that was asked for.
        ClusterError: it did not come up in time; all that had started is stopped again.
    """
    token_path = _token()
    with _locked():
        old = _load()
        if old and _holder(old) and old.answers():
            _check_same(old, port, dashboard_port, config.ray.num_cpus)
            on_event({"event": "note", "text": f"a local cluster runs already at {old.address}"})
            return old
        if old:
            _clear(old)
            on_event({"event": "note", "text": f"cleared away what an earlier cluster left in {old.temp_dir}"})
        ports = _ports(("port", port, DEFAULT_PORT), ("dashboard port", dashboard_port, DEFAULT_DASHBOARD_PORT))
        head = Head(f"{LOOPBACK}:{ports[0]}", f"http://{LOOPBACK}:{ports[1]}", short_folder(PREFIX),
                    config.ray.num_cpus or os.cpu_count() or 1, token_path,
                    datetime.now(UTC).isoformat(timespec="seconds"))
        try:
            return _start(head, timeout_s)
        except BaseException:
            _clear(head)
            raise


def _start(head: Head, timeout_s: float) -> Head:
    _save(head)  # before anything runs: a killed `start` leaves nothing that `stop` would not find
    port, dashboard_port = int(head.address.rpartition(":")[2]), int(head.dashboard_url.rpartition(":")[2])
    settings = {"temp_dir": f"{head.temp_dir}/ray", "port": port, "dashboard_port": dashboard_port,
                "num_cpus": head.num_cpus, "object_store_bytes": _object_store_bytes()}
    command = [sys.executable, "-P", "-m", "ncg_ray.actors.node", json.dumps(settings)]
    with open(_log(head), "wb") as log:
        process = subprocess.Popen(command, cwd=head.temp_dir, env=_environment(head), stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log, start_new_session=True)
    head = replace(head, processes=((process.pid, psutil.Process(process.pid).create_time()),))
    _save(head)
    deadline = time.monotonic() + timeout_s
    while reason := _ask(head):
        if process.poll() is not None:
            raise ClusterError(f"the local cluster did not start: {_tail(head)}")
        if time.monotonic() > deadline:
            raise ClusterError(f"the local cluster did not answer within {timeout_s:g} s ({reason}); see whether memory "
                               f"and cores are free, then start it again; its log ends: {_tail(head)}")
        time.sleep(POLL_S)
    process.returncode = 0  # it is not waited for, and Python need not warn of that
    head = replace(head, processes=tuple((p.pid, p.create_time()) for p in _processes(head)))
    _save(head)
    return head


def status() -> Head | None:
    """The head that was started and still lives, or None. Whether it answers too: `Head.answers()`."""
    head = _load()
    return head if head and _holder(head) else None


def stop() -> Head | None:
    """Stop the head and every process below it, remove its files; None where there was nothing to stop.

    Whatever else Ray runs on this machine is left alone. Raises ClusterError where a process cannot be ended.
    """
    with _locked():
        head = _load()
        if head is None:
            return None
        was_there = bool(_processes(head)) or Path(head.temp_dir).exists()
        _clear(head)
        return head if was_there else None


def _check_same(head: Head, port: int | None, dashboard_port: int | None, num_cpus: int) -> None:
    for name, wanted, there in (("port", port, head.address), ("dashboard port", dashboard_port, head.dashboard_url)):
        if wanted is not None and not there.endswith(f":{wanted}"):
            raise InputError(f"a local cluster runs already, with {name} {there.rpartition(':')[2]} and not {wanted}; "
                             "stop it first: ncg cluster stop")
    if num_cpus not in (0, head.num_cpus):
        raise InputError(f"a local cluster runs already, with {head.num_cpus} CPUs and not {num_cpus}; stop it first: "
                         "ncg cluster stop")


# --- what it needs: token, ports, folder, environment --------------------------------------------------------


def _token() -> str:
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


def _ports(*wanted: tuple[str, int | None, int]) -> list[int]:
    """For each (name, explicit port, usual port) one that is free, all different."""
    taken: list[int] = []
    for name, port, usual in wanted:
        if port is None:
            port = usual if usual not in taken and _is_free(usual) else _free_port(taken)
        elif not 1024 <= port <= 65535:
            raise InputError(f"{name} {port}: a TCP port from 1024 to 65535")
        elif port in taken or not _is_free(port):
            raise InputError(f"{name} {port} is in use; give another one, or none and a free one is taken")
        taken.append(port)
    return taken


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # else one that was just closed counts as taken
        try:
            probe.bind((LOOPBACK, port))
            return True
        except OSError:
            return False


def _free_port(taken: list[int]) -> int:
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


def _environment(head: Head) -> dict[str, str]:
    """Of the head and so of every job: the user's, with this Python first on the PATH."""
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    path = os.pathsep.join(filter(None, [str(Path(sys.executable).parent), environment("PATH")]))
    # The metrics of the dashboard have one port a machine by default, which another Ray may hold.
    return {**inherited, **_SETTINGS, **head.environment(), "PATH": path, "TMPDIR": head.temp_dir, MARK: head.temp_dir,
            "DASHBOARD_METRIC_PORT": str(_free_port([]))}


def _object_store_bytes() -> int:
    """A tenth of the free memory, within bounds, and within what /dev/shm has: beyond it Ray would use the disk."""
    room = psutil.virtual_memory().available // 10
    with contextlib.suppress(OSError):
        room = min(room, int(psutil.disk_usage("/dev/shm").free * 0.8))
    return max(LEAST_OBJECT_BYTES, min(room, MOST_OBJECT_BYTES))


# --- does it answer ------------------------------------------------------------------------------------------


def _ask(head: Head) -> str:
    """Empty where the job server takes our token, lists its jobs and knows of a node to run them; else what is wrong."""
    # Not urllib: a proxy that the environment names has no business on loopback.
    connection = http.client.HTTPConnection(head.dashboard_url.removeprefix("http://"), timeout=ANSWER_TIMEOUT_S)
    try:
        for path in ("/api/version", "/api/jobs/", "/nodes?view=summary"):
            connection.request("GET", path, headers={"Authorization": f"Bearer {_read_token(head)}"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                return f"{path} answers {answer.status} {body[:100].decode(errors='replace')}".strip()
        nodes = [node["raylet"]["state"] for node in json.loads(body)["data"]["summary"]]
        return "" if "ALIVE" in nodes else "no node has registered"
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        return f"{head.dashboard_url}: {error or type(error).__name__}"
    finally:
        connection.close()


def _read_token(head: Head) -> str:
    return Path(head.token_path).read_text(encoding="utf-8").strip() if head.token_path else environment("RAY_AUTH_TOKEN")


def _log(head: Head) -> Path:
    return Path(head.temp_dir) / "head.log"


def _tail(head: Head) -> str:
    with contextlib.suppress(OSError):
        lines = [line.strip() for line in _log(head).read_text(errors="replace").splitlines() if line.strip()]
        if lines:
            return " | ".join(lines[-LOG_LINES:])
    return "its log is empty"


# --- what belongs to it --------------------------------------------------------------------------------------


def _holder(head: Head) -> psutil.Process | None:
    """The process that holds the head, if it lives: a pid that another process has by now does not count."""
    for process in _recorded(head)[:1]:
        if head.processes[0][0] == process.pid:
            return process
    return None


def _recorded(head: Head) -> list[psutil.Process]:
    found = []
    for pid, created in head.processes:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            if abs(process.create_time() - created) < 0.02 and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _processes(head: Head) -> list[psutil.Process]:
    """Every living process of the head, the one that holds it first: recorded ones, their children, and marked ones."""
    found = dict.fromkeys(_recorded(head))
    for process in list(found):
        with contextlib.suppress(psutil.Error):
            found.update(dict.fromkeys(process.children(recursive=True)))
    mark = f"{MARK}={head.temp_dir}".encode()
    for pid in psutil.pids():
        with contextlib.suppress(OSError, psutil.Error):
            if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                found.setdefault(psutil.Process(pid))
    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}  # `stop` may run inside a job
    return [process for process in found if process.pid not in ours]


def _clear(head: Head) -> None:
    """End its processes, the holder first, since Ray's own order loses least; then remove its files and its state."""
    deadline = time.monotonic() + STOP_TIMEOUT_S
    family = _processes(head)
    for victims, patience_s in ((family[:1], 5.0), (family[1:], 2.0)):
        _signal(victims, "terminate")
        psutil.wait_procs(victims, timeout=patience_s)
    while family := _processes(head):
        _signal(family, "kill")
        psutil.wait_procs(family, timeout=1.0)
        if time.monotonic() > deadline:
            raise ClusterError(f"process {family[0].pid} of the local cluster does not end; see what holds it, then run "
                               "ncg cluster stop again")
    while not all(_is_free(int(url.rpartition(":")[2])) for url in (head.address, head.dashboard_url)):
        if time.monotonic() > deadline:
            break  # somebody else's by now
        time.sleep(POLL_S)
    if Path(head.temp_dir).name.startswith(PREFIX):
        shutil.rmtree(head.temp_dir, ignore_errors=True)
    _state_path().unlink(missing_ok=True)


def _signal(processes: list[psutil.Process], how: str) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            getattr(process, how)()


# --- the state file ------------------------------------------------------------------------------------------


def _state_path() -> Path:
    home = environment("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "ncg_ray" / "cluster.json"


def _save(head: Head) -> None:
    storage.write_text(_state_path(), json.dumps(asdict(head), indent=2) + "\n")


def _load() -> Head | None:
    """What the state file says; one that does not read as ours says nothing."""
    try:
        data: dict[str, Any] = json.loads(_state_path().read_text(encoding="utf-8"))
        return Head(**{**data, "processes": tuple((int(pid), float(at)) for pid, at in data["processes"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    """One `start` or `stop` of a user at a time; the lock of one that was killed is free again."""
    path = _state_path().with_suffix(".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open(path, "wb")
    except OSError as error:
        raise ConfigError(f"the state folder {str(path.parent)!r} cannot be used: {error.strerror}; set XDG_STATE_HOME to "
                          "one that can be written to") from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
