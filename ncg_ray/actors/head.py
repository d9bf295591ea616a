"""A local cluster to submit to: a Ray head that outlives the command which started it, and is stopped as a whole.

    start(config) -> Head           ray job submit --address <dashboard_url> ...
    status()      -> Head | None    ncg generate --address <address> ...
    stop()        -> Head | None    serve deploy --address <dashboard_url> ...

There is one a user. It listens on loopback only, asks every client for a token, and keeps all its files in one
temporary folder. A state file in the user's state folder says where it runs.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from ncg_ray import storage, telemetry
from ncg_ray.actors import family, provision
from ncg_ray.actors.provision import LOOPBACK
from ncg_ray.config import RayConfig, environment
from ncg_ray.errors import ClusterError, ConfigError, InputError
from ncg_ray.telemetry import Listener

DEFAULT_PORT, DEFAULT_DASHBOARD_PORT = 6379, 8265
"Where Ray's own commands look first; taken where they are free."
START_TIMEOUT_S = 120.0
PORTS_TIMEOUT_S = 10.0
ANSWER_TIMEOUT_S = 8.0
POLL_S = 0.1
PREFIX = "ncg-head-"
LOG_LINES = 4
TOO_SLOW = "timed out during startup"
"What Ray says where a process of its own took more than 30 s, as on a machine that is busy just now: worth another try."

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
    is_ready: bool = False
    "whether it has answered once"
    sandbox_resource: str = ""
    "custom resource that it offers, for those whose `ray.sandbox_resource` asks for it"
    processes: tuple[family.Entry, ...] = ()
    "the process that holds it first, then those that were there when it was ready"

    def environment(self) -> dict[str, str]:
        """What a process needs in its environment beside the address, to join with `ray.init` or to submit jobs."""
        return {**_CLIENT_SETTINGS, **({"RAY_AUTH_TOKEN_PATH": self.token_path} if self.token_path else {})}

    def answers(self) -> bool:
        """Whether the dashboard and the job server take our token and answer."""
        return _ask(self) == ""


# --- start, status, stop ------------------------------------------------------------------------------------


def start(config: RayConfig, *, port: int | None = None, dashboard_port: int | None = None,
          timeout_s: float = START_TIMEOUT_S, on_event: Listener = telemetry.ignore) -> Head:
    """Start the head, or give back the one that runs; returns when its job server answers.

    Args:
        config: `num_cpus` is the size of the cluster, 0 for all cores; it offers one `sandbox_resource` a CPU.
        port, dashboard_port: TCP ports; without one Ray's usual port, or another where that is taken.
        on_event: is told where the head ran already, and of leftovers that were cleared away.

    Raises:
        InputError: a port is in use, or a running head is not the one that was asked for.
        ClusterError: it did not come up in time; all that had started is stopped again.
    """
    token_path = provision.token_path()
    with _locked():
        old = _load()
        if old and old.is_ready and _lives(old):
            if reason := _ask(old):
                raise ClusterError(f"a local cluster runs at {old.address}, but does not answer ({reason}); to start "
                                   "another one, first stop it: ncg cluster stop")
            _check_same(old, port, dashboard_port, config.num_cpus)
            on_event({"event": "note", "text": f"a local cluster runs already at {old.address}"})
            return old
        if old:
            _clear(old)
            on_event({"event": "note", "text": f"cleared away what an earlier cluster left in {old.temp_dir}"})
        ports = provision.ports(("port", port, DEFAULT_PORT), ("dashboard port", dashboard_port, DEFAULT_DASHBOARD_PORT))
        deadline = time.monotonic() + timeout_s
        while True:
            head = Head(f"{LOOPBACK}:{ports[0]}", f"http://{LOOPBACK}:{ports[1]}", provision.short_folder(PREFIX),
                        config.num_cpus or os.cpu_count() or 1, token_path,
                        datetime.now(UTC).isoformat(timespec="seconds"), sandbox_resource=config.sandbox_resource)
            on_event({"event": "note", "text": f"starting a local cluster at {head.address}"})
            try:
                return _start(head, deadline)
            except BaseException as error:
                _clear(head)
                if TOO_SLOW not in str(error) or time.monotonic() > deadline:
                    raise


def _start(head: Head, deadline: float) -> Head:
    _save(head)  # before anything runs: a killed `start` leaves nothing that `stop` would not find
    with open(_log(head), "wb") as log:
        process = subprocess.Popen(_command(head), cwd=head.temp_dir, env=_environment(head), stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log, start_new_session=True)
    head = replace(head, processes=(family.entry(psutil.Process(process.pid)),))
    _save(head)
    while reason := _ask(head):
        if process.poll() is not None:
            raise ClusterError(f"the local cluster did not start: {_tail(head)}")
        if time.monotonic() > deadline:
            raise ClusterError(f"the local cluster did not answer in time ({reason}); see whether memory and cores are "
                               f"free, then start it again; its log ends: {_tail(head)}")
        time.sleep(POLL_S)
    process.returncode = 0  # it is not waited for, and Python need not warn of that
    head = replace(head, is_ready=True, processes=tuple(_entries(head)))
    _save(head)
    return head


def _entries(head: Head) -> Iterator[family.Entry]:
    for process in family.family(head.processes, head.temp_dir):
        with contextlib.suppress(psutil.Error):
            yield family.entry(process)


def status() -> Head | None:
    """The head that was started and still lives, or None. Whether it answers too: `Head.answers()`."""
    head = _load()
    return head if head and _lives(head) else None


def _lives(head: Head) -> bool:
    return bool(family.living(head.processes[:1]))


def stop() -> Head | None:
    """Stop the head and every process below it, remove its files; None where there was nothing to stop.

    Whatever else Ray runs on this machine is left alone. Raises ClusterError where a process cannot be ended, InputError
    inside a job of this very cluster.
    """
    with _locked():
        head = _load()
        if head is None:
            return None
        if environment(family.MARK) == head.temp_dir:
            raise InputError("this runs inside the cluster that it would stop; stop it from outside")
        was_there = Path(head.temp_dir).exists() or bool(family.family(head.processes, head.temp_dir))
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


# --- the process that holds it, and whether it answers --------------------------------------------------------


def _command(head: Head) -> list[str]:
    settings = {"temp_dir": f"{head.temp_dir}/ray", "port": _port(head.address), "dashboard_port": _port(head.dashboard_url),
                "num_cpus": head.num_cpus, "object_store_bytes": provision.object_store_bytes(),
                "resources": {head.sandbox_resource: head.num_cpus} if head.sandbox_resource else {}}
    return [sys.executable, "-P", "-m", "ncg_ray.actors.node", json.dumps(settings)]


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


def _environment(head: Head) -> dict[str, str]:
    """Of the head and so of every job: the user's, with this Python first on the PATH."""
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    path = os.pathsep.join(filter(None, [str(Path(sys.executable).parent), environment("PATH")]))
    # The metrics of the dashboard have one port a machine by default, which another Ray may hold.
    return {**inherited, **_SETTINGS, **head.environment(), "PATH": path, "TMPDIR": head.temp_dir,
            family.MARK: head.temp_dir, "DASHBOARD_METRIC_PORT": str(provision.free_port([]))}


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


# --- clearing away, and the state file ------------------------------------------------------------------------


def _clear(head: Head) -> None:
    """End its processes, then remove its files and its state."""
    family.end(head.processes, head.temp_dir)
    deadline = time.monotonic() + PORTS_TIMEOUT_S
    while not all(provision.is_free(_port(url)) for url in (head.address, head.dashboard_url)):
        if time.monotonic() > deadline:
            break  # somebody else's by now
        time.sleep(POLL_S)
    if Path(head.temp_dir).name.startswith(PREFIX):
        shutil.rmtree(head.temp_dir, ignore_errors=True)
    _state_path().unlink(missing_ok=True)


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
