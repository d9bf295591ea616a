"""gVisor: a kernel of its own in user space between the code and the host's; the choice for production.

Covers: what bubblewrap covers, and the host's kernel: system calls are served by gVisor's (user 65534, no capabilities,
resource limits, our own filter inside besides).
Does not cover: timing channels; a run's folder is limited by looking at it, not by a mount; a project stays read-only.
Budgets are wall seconds: the host cannot see how long a process inside waited for a CPU.

Source: the OCI runtime specification, config.json.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import Any

from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Environment
from ncg_ray.sandbox import policy

INSIDE, SITE, PROJECT, PACKAGES = "/sandbox", "/site", "/project", "/packages"
USER = 65534
NUM_FILES = 256


class Gvisor:
    """`backends.Backend`."""

    name = "gvisor"
    is_relayed = True

    def command(self, control_fd: int, environment: Environment) -> list[str]:
        """`runsc run` of a bundle made for this; orders come over standard input. Raises SandboxError."""
        runsc = shutil.which("runsc")
        if runsc is None:
            raise SandboxError("gVisor's runsc is not installed: on Debian `apt install runsc`, else see gvisor.dev")
        bundle = Path(tempfile.mkdtemp(prefix="ncg-gvisor-"))
        mounts = self._mounts(environment)
        self._make_root(bundle / "rootfs", mounts)
        (bundle / "config.json").write_text(json.dumps(self._config(mounts)), encoding="utf-8")
        state = bundle / "state"
        state.mkdir(mode=0o700)
        options = ["--rootless", "--network=none", "--ignore-cgroups", f"--root={state}"]
        return ["/bin/sh", "-c", 'folder=$1; shift; "$@"; code=$?; rm -rf "$folder"; exit $code', "ncg-gvisor", str(bundle),
                runsc, *options, "run", f"--bundle={bundle}", f"ncg-{uuid.uuid4().hex[:12]}"]

    def setup(self, environment: Environment) -> dict[str, Any]:
        """What is the same for all runs of a zygote."""
        return {**policy.calls(own_pid_namespace=False), "namespaces": False, "tmp_bytes": policy.TMP_BYTES, "site": SITE,
                "path": self._import_path(environment), "project": PROJECT if environment.project else "",
                "num_threads": 0, "visible": []}

    def explain(self, stderr: str) -> str:
        """What runsc's last words mean."""
        text = " ".join(stderr.split()) or "it ended without a word"
        return (f"gVisor did not start: {text[-400:]}; see whether `runsc --rootless --network=none do true` works, and "
                "allow user namespaces or ptrace where it does not")

    def _import_path(self, environment: Environment) -> list[str]:
        packages = [f"{PACKAGES}/{n}" for n in range(len(environment.packages))]
        return [PROJECT, *packages] if environment.project else packages

    def _mounts(self, environment: Environment) -> dict[str, str]:
        """Inside to outside, all read-only."""
        mounts = {path: os.path.realpath(path) for path in policy.LIBRARIES if os.path.isdir(path)
                  and not os.path.islink(path)}
        mounts |= {path: os.path.realpath(path) for path in policy.interpreter_paths()}
        mounts |= {f"{SITE}/{name}": source for name, source in policy.site_packages().items()}
        mounts |= dict(zip(self._import_path(environment), policy.folders(environment), strict=True))
        for path in ("/etc/ld.so.cache", "/usr/share/zoneinfo"):
            if os.path.exists(path):
                mounts[path] = path
        return {**mounts, INSIDE: policy.our_files()}

    def _make_root(self, root: Path, mounts: dict[str, str]) -> None:
        """A tree that holds nothing but the places to mount at."""
        root.mkdir()
        for path in policy.LIBRARIES:
            if os.path.islink(path):
                (root / path.lstrip("/")).symlink_to(os.readlink(path))
        for inside, outside in mounts.items():
            place = root / inside.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.mkdir(exist_ok=True) if os.path.isdir(outside) else place.touch()
        for name in ("tmp", "dev", "proc"):
            (root / name).mkdir(exist_ok=True)
        root.chmod(0o755)

    def _config(self, mounts: dict[str, str]) -> dict[str, Any]:
        binds = [{"type": "bind", "source": outside, "destination": inside, "options": ["bind", "ro", "nosuid", "nodev"]}
                 for inside, outside in mounts.items()]
        nothing: dict[str, list[str]] = {kind: [] for kind in ("bounding", "effective", "inheritable", "permitted")}
        return {
            "ociVersion": "1.0.2", "hostname": "sandbox", "root": {"path": "rootfs", "readonly": True},
            "process": {"terminal": False, "user": {"uid": USER, "gid": USER}, "cwd": "/tmp",
                        "args": policy.interpreter_command(INSIDE, "-"), "env": ["PYTHONHASHSEED=0", "HOME=/tmp"],
                        "capabilities": nothing, "noNewPrivileges": True,
                        "rlimits": [{"type": "RLIMIT_NOFILE", "hard": NUM_FILES, "soft": NUM_FILES},
                                    {"type": "RLIMIT_CORE", "hard": 0, "soft": 0}]},
            # /proc would show one run the memory of another; where none is asked for, runsc mounts its own
            "mounts": [*binds, *({"type": "tmpfs", "source": "tmpfs", "destination": f"/{name}", "options": ["nosuid"]}
                                 for name in ("tmp", "dev", "proc"))],
            "linux": {"namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount", "network")]}}
