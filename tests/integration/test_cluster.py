"""Ray itself: addresses where nobody answers, joining a running cluster, and a quiet local one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import pytest

from ncg_ray.config import RayConfig
from ncg_ray.errors import ClusterError

DRIVER = """
import asyncio, contextlib, json, os, re, sys
import psutil
from ncg_ray.actors import Ring
from ncg_ray.config import Config, RayConfig
from ncg_ray.pipeline import solve
from ncg_ray.types import Example, Task

def load(notify):
    from ncg_ray.testing import ScriptedGenerator
    return ScriptedGenerator(["def f(x):\\n    return x + 1\\n"])

def kill(kind):
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "".join(process.cmdline()[:1]).startswith("ray::" + kind):
                process.kill()

task = Task("Add one.", signature="def f(x: int) -> int", entry_point="f", examples=(Example((1,), returns=2),) * 3)
with Ring(Config(ray=RayConfig(address=sys.argv[1])), load=load) as ring:
    asyncio.run(solve(task, ring.parts))
    if sys.argv[1] == "local":
        kill("ControllerActor")
    trace = asyncio.run(solve(task, ring.parts))
with open("/proc/self/status") as file:  # not ru_maxrss, which begins with what the process that started this one had
    peak_kb = int(re.search(r"VmHWM:\\s*(\\d+)", file.read())[1])
print(json.dumps({"verdict": trace.verdict, "peak_mb": peak_kb >> 10,
                  "heavy": sorted({"torch", "transformers", "z3", "deepspeed"} & set(sys.modules))}))
"""


def drive(address: str, env: dict[str, str]) -> dict:
    """Run a ring in a process of its own, which must print its answer and nothing else."""
    done = subprocess.run([sys.executable, "-c", DRIVER, address], env=env, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    assert done.returncode == 0
    return json.loads(done.stdout)


def test_a_local_ring_is_quiet_small_and_leaves_nothing_behind(tmp_path):
    env = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    with tempfile.TemporaryDirectory(dir="/tmp") as temp:  # a short path, for the sake of Ray's sockets
        answer = drive("local", {**env, "HOME": str(tmp_path), "TMPDIR": temp})
        assert os.listdir(temp) == []
    assert not (tmp_path / ".ray").exists()
    assert answer["verdict"] == "TESTED"
    assert answer["peak_mb"] < 500
    assert answer["heavy"] == []


TERMINATED = """
import time
from ncg_ray.actors import cluster
from ncg_ray.config import RayConfig
with cluster.running(RayConfig(address="local")):
    print("up", flush=True)
    time.sleep(60)
"""


def test_sigterm_ends_it_quietly_and_leaves_nothing_behind():
    with tempfile.TemporaryDirectory(dir="/tmp") as temp:
        process = subprocess.Popen([sys.executable, "-c", TERMINATED], env={**os.environ, "TMPDIR": temp}, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout.readline() == "up\n"
        process.terminate()
        process.terminate()
        assert process.communicate(timeout=60) == ("", "")
        assert process.returncode == 128 + signal.SIGTERM
        assert os.listdir(temp) == []


def test_joins_a_running_cluster(ray_cluster):
    import ray

    address = ray.get_runtime_context().gcs_address
    assert drive(address, {**os.environ, "RAY_AUTH_MODE": "token"})["verdict"] == "TESTED"
    assert ray.is_initialized()
    assert len(ray.nodes()) == 1


@pytest.fixture
def web_server():
    """Somebody who answers, but does not speak gRPC: the dashboard's port, say."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def unconnected(monkeypatch):
    import ray

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", lambda *args, **kwargs: pytest.fail("must be found out before"))
    monkeypatch.setattr(ray, "shutdown", lambda: None)  # the cluster of other tests may be up


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "no-such-host.invalid:6379", "garbage",
                                     "http://127.0.0.1:8265", "127.0.0.1:99999"])
def test_nobody_there_is_a_cluster_error_that_names_the_address(unconnected, address):
    from ncg_ray.actors import cluster

    started = time.monotonic()
    with pytest.raises(ClusterError) as caught, cluster.running(RayConfig(address=address)):
        pass
    assert address in caught.value.message
    assert caught.value.exit_code == 3
    assert time.monotonic() - started < 12


def test_a_web_server_is_not_a_cluster(unconnected, web_server):
    from ncg_ray.actors import cluster

    with pytest.raises(ClusterError, match="not a Ray cluster"), cluster.running(RayConfig(address=web_server)):
        pass


def test_the_address_may_come_from_the_environment(unconnected, monkeypatch):
    from ncg_ray.actors import cluster

    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(ClusterError, match=r"127\.0\.0\.1:1"), cluster.running(RayConfig()):
        pass
