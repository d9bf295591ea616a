"""The processes of a local head: which they are, though pids are used again, and how they end.

A process is known by its pid and start time where it was recorded, by being the child of one that is, or by a mark in
its environment, which all descendants inherit: so those are found too whose parents died before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import psutil

from ncg_ray.errors import ClusterError

MARK = "NCG_RAY_HEAD"
"Environment variable of all processes of a head; its value is the head's folder."
START_TIME_ERROR_S = 0.02
HOLDER_PATIENCE_S, PATIENCE_S = 5.0, 2.0
MOST_KILLS = 10

Entry = tuple[int, float]
"(pid, start time)"


def entry(process: psutil.Process) -> Entry:
    """How a process is recorded."""
    return process.pid, process.create_time()


def living(entries: Sequence[Entry]) -> list[psutil.Process]:
    """Those of the recorded processes that still run."""
    found = []
    for pid, created in entries:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            same = abs(process.create_time() - created) < START_TIME_ERROR_S
            if same and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def family(entries: Sequence[Entry], folder: str) -> list[psutil.Process]:
    """Every living process of the head with this folder: recorded ones in their order, their children, marked ones."""
    found = dict.fromkeys(living(entries))
    for process in list(found):
        with contextlib.suppress(psutil.Error):
            found.update(dict.fromkeys(process.children(recursive=True)))
    mark = f"{MARK}={folder}".encode()
    for pid in psutil.pids():
        with contextlib.suppress(OSError, psutil.Error):
            if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                found.setdefault(psutil.Process(pid))
    return list(found)


def end(entries: Sequence[Entry], folder: str) -> None:
    """Ask the first to end, which ends the others in Ray's own order; then ask the rest; then kill.

    Raises ClusterError where one does not end even so.
    """
    members = family(entries, folder)
    for victims, patience_s in ((members[:1], HOLDER_PATIENCE_S), (members[1:], PATIENCE_S)):
        _signal(victims, "terminate")
        psutil.wait_procs(victims, timeout=patience_s)
    for _ in range(MOST_KILLS):
        members = family(entries, folder)
        if not members:
            return
        _signal(members, "kill")
        psutil.wait_procs(members, timeout=PATIENCE_S)
    raise ClusterError(f"process {members[0].pid} of the local cluster does not end; see what holds it, then run "
                       "ncg cluster stop again")


def _signal(processes: Sequence[psutil.Process], how: str) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            getattr(process, how)()
