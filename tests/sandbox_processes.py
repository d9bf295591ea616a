"""What this process's sandboxes are doing, as the host sees it."""

import contextlib
import shutil

import psutil

from ncg_ray.sandbox import landlock

BACKENDS = ["bubblewrap", "landlock", "gvisor"]


def missing(backend: str) -> str:
    """Why a back end cannot be tested on this machine; empty where it can."""
    if backend == "landlock" and landlock.abi() < 1:
        return "this kernel has no Landlock"
    if backend == "gvisor" and shutil.which("runsc") is None:
        return "gVisor's runsc is not installed (Debian: apt install runsc)"
    return ""


def zygotes() -> list[psutil.Process]:
    """The processes that are ready to run: children of bubblewrap, which is a child of ours."""
    return [zygote for child in psutil.Process().children() if _name(child) == "bwrap"
            for zygote in _children(child)]


def runs() -> list[psutil.Process]:
    """Runs and their supervisors: whatever a zygote has forked, but for what stands by."""
    return [process for zygote in zygotes() for process in _children(zygote, recursive=True)
            if _name(process) in ("ncg-run", "ncg-watch")]


def _name(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return process.name()
    return ""


def _children(process: psutil.Process, recursive: bool = False) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return [p for p in process.children(recursive=recursive) if p.status() != psutil.STATUS_ZOMBIE]
    return []
