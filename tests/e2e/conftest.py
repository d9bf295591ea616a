"""One local cluster for all end-to-end tests: a head that `ncg cluster start` starts, with a home folder of its own."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
HEAD = """
import dataclasses, json, sys
from ncg_ray.actors import head
from ncg_ray.config import RayConfig
if sys.argv[1] == "start":
    config = RayConfig(num_cpus=2, sandbox_resource="sandbox")
    answer = head.start(config, port=int(sys.argv[2]), dashboard_port=int(sys.argv[3]))
else:
    answer = getattr(head, sys.argv[1])()
print(json.dumps(answer and {**dataclasses.asdict(answer), "environment": answer.environment()}))
"""


@dataclass(frozen=True)
class LocalCluster:
    """A running head, and how a user would get at it."""

    address: str
    "host:port, for `ncg ... --address` and `ray.init`"
    dashboard_url: str
    "for `ray job submit` and `serve deploy`"
    env: dict[str, str]
    "the whole environment of a subprocess that uses it"
    temp_dir: Path

    def run(self, *argv: str, cwd: Path | None = None, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """A command of this environment (`ray`, `serve`, `ncg`, `python`), such as `run("serve", "status")`."""
        return subprocess.run(argv, env=self.env, cwd=cwd, capture_output=True, text=True, timeout=timeout_s)

    def submit(self, command: str, *, working_dir: Path, timeout_s: float = 180) -> tuple[str, str]:
        """`ray job submit`, as a user types it: (SUCCEEDED, FAILED, STOPPED or TIMEOUT; what it printed)."""
        job = f"test-{uuid.uuid4().hex[:8]}"
        address = ["--address", self.dashboard_url]
        argv = ["ray", "job", "submit", *address, "--submission-id", job, "--working-dir", str(working_dir), "--",
                *shlex.split(command)]
        try:
            done = self.run(*argv, timeout_s=timeout_s)
        except subprocess.TimeoutExpired:
            self.run("ray", "job", "stop", *address, job)
            logs = self.run("ray", "job", "logs", *address, job)
            return "TIMEOUT", logs.stdout + logs.stderr
        text = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        if f"'{job}' was stopped" in text:
            return "STOPPED", text
        return "SUCCEEDED" if done.returncode == 0 and f"'{job}' succeeded" in text else "FAILED", text


def user_environment(home: Path) -> dict[str, str]:
    """That of somebody who has only just logged in: none of the developer's settings, tokens, state or results."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("RAY_", "XDG_", "NCG_"))}
    folders = {"XDG_STATE_HOME": "state", "XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache"}
    # What g++ made of DeepSpeed's sources is no setting; making it again would take half a minute.
    kernels = os.environ.get("TORCH_EXTENSIONS_DIR", str(Path.home() / ".cache" / "torch_extensions"))
    return {**env, **{name: str(home / folder) for name, folder in folders.items()}, "HOME": str(home),
            "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1",
            "TORCH_EXTENSIONS_DIR": kernels}


def free_ports(num: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(num)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def call_head(env: dict[str, str], *argv: object) -> dict:
    command = [sys.executable, "-c", HEAD, *map(str, argv)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def local_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """A local head with two CPUs and a job server. Leave it as you found it: stop your jobs, shut your Serve apps down."""
    env = user_environment(tmp_path_factory.mktemp("home"))
    try:
        head = call_head(env, "start", *free_ports(2))
        yield LocalCluster(head["address"], head["dashboard_url"], {**env, **head["environment"]}, Path(head["temp_dir"]))
    finally:
        call_head(env, "stop")
