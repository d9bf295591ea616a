"""Landlock, a system call filter and resource limits: for machines that give no user namespaces.

Covers: no network, the system's libraries and this interpreter read-only, one folder per run to write into, no signal
to any other process, an empty environment.
Does not cover, beside kernel bugs and timing channels: that other processes and the names and sizes of files are seen to
exist (system calls that take a process number or a path say so); a run's folder is limited by looking at it, so a file that
was deleted and is still open counts for nothing; the number of threads; a project stays read-only. Nobody should run it
as root.

Source: landlock(7).
"""

from __future__ import annotations

import ctypes
import os
import tempfile
from typing import Any

from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Environment
from ncg_ray.sandbox import policy

_CREATE_RULESET, _VERSION_FLAG = 444, 1


class Landlock:
    """`backends.Backend`."""

    name = "landlock"
    is_relayed = False

    def command(self, control_fd: int, environment: Environment) -> list[str]:
        """The zygote itself: each of its runs confines itself. Raises SandboxError where the kernel has no Landlock."""
        if abi() < 1:
            raise SandboxError("this kernel has no Landlock (Linux 5.13 or newer, with landlock among its LSMs: add it to "
                               "the kernel's lsm= parameter)")
        policy.folders(environment)
        zygote = policy.interpreter_command(policy.our_files(), control_fd)
        return ["/usr/bin/env", "-i", "PYTHONHASHSEED=0", "HOME=/tmp", *zygote]

    def setup(self, environment: Environment) -> dict[str, Any]:
        """What is the same for all runs of a zygote."""
        folders = policy.folders(environment)
        packages = list(policy.site_packages().values())
        visible = [*policy.LIBRARIES, "/etc/ld.so.cache", "/usr/share/zoneinfo", *policy.interpreter_paths(),
                   policy.our_files(), *packages, *folders]
        return {**policy.calls(own_pid_namespace=False), "namespaces": False, "tmp_bytes": policy.TMP_BYTES,
                "site": policy.site_folder(), "path": folders, "project": folders[0] if environment.project else "",
                "num_threads": 0, "runs": tempfile.mkdtemp(prefix="ncg-run-"), "devices": list(policy.DEVICES),
                "landlock": abi(),
                "visible": sorted({os.path.realpath(path) for path in visible if os.path.exists(path)})}

    def explain(self, stderr: str) -> str:
        """What the zygote's last words mean."""
        return f"the sandbox did not start: {' '.join(stderr.split()) or 'it ended without a word'}"


def abi() -> int:
    """The kernel's version of Landlock; below 1 there is none."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return int(libc.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG))
