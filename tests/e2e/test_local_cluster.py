"""`ncg cluster`: a head to submit to and to join, that keeps strangers out, leaves nothing behind and harms nobody else."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from openai_server import Server

from ncg_ray.actors import family, provision

JOB = """
import os, sys, ncg_ray, ray
ray.init()
print("sees", sorted(os.listdir(".")), "with", sys.executable, "and", int(ray.cluster_resources()["CPU"]), "CPUs")
"""


def without_ray(env: dict[str, str]) -> dict[str, str]:
    """A shell in which nobody has exported anything for Ray."""
    return {name: value for name, value in env.items() if not name.startswith("RAY_")}


def generate(cluster, env: dict[str, str], url: str, *sets: str) -> subprocess.CompletedProcess[str]:
    argv = ["ncg", "generate", "-", "--json", "--address", cluster.address]
    for item in (f"model.source={url}", "search.num_samples=0", *sets):
        argv += ["--set", item]
    task = {"prompt": "Add seven to x.", "signature": "def f(x: int) -> int", "examples": [{"args": [1], "returns": 8}]}
    return subprocess.run(argv, env=env, input=json.dumps(task), capture_output=True, text=True, timeout=120)


def test_a_job_gets_the_files_but_not_the_ignored_ones_and_this_environment(local_cluster, tmp_path):
    (tmp_path / ".gitignore").write_text("big.bin\n")
    (tmp_path / "big.bin").write_bytes(b"x" * 1000)
    (tmp_path / "hello.py").write_text(JOB)
    status, logs = local_cluster.submit("python hello.py", working_dir=tmp_path)
    assert status == "SUCCEEDED", logs
    assert f"sees ['.gitignore', 'hello.py'] with {Path(local_cluster.env['PATH'].split(':')[0]) / 'python'}" in logs
    assert "and 2 CPUs" in logs


def test_ncg_joins_it_with_nothing_exported(local_cluster):
    with Server(reply=lambda body: "```python\ndef f(x):\n    return x + 7\n```") as server:
        done = generate(local_cluster, without_ray(local_cluster.env), server.url, "ray.sandbox_resource=sandbox")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["answer"]["verdict"] == "TESTED"


def test_candidates_run_only_where_the_resource_is_that_they_ask_for(local_cluster):
    sets = "ray.sandbox_resource=none-such", "ray.start_timeout_s=1"
    with Server() as server:
        done = generate(local_cluster, local_cluster.env, server.url, *sets)
    assert done.returncode == 3
    assert "the executor actor did not answer in time" in done.stderr and "ray.sandbox_resource" in done.stderr


@pytest.mark.parametrize("token,words", [("wrong", "asks for another token than ours"), (None, "asks for a token")])
def test_another_token_is_one_line(local_cluster, tmp_path, token, words):
    elsewhere = {**without_ray(local_cluster.env), "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path),
                 "RAY_AUTH_MODE": "token", **({"RAY_AUTH_TOKEN": token} if token else {})}
    began = time.monotonic()
    done = generate(local_cluster, elsewhere, "http://127.0.0.1:9/v1")
    assert (done.returncode, done.stdout) == (3, "")
    _progress, error = done.stderr.splitlines()
    assert error.startswith("ncg: error: ") and words in error
    assert time.monotonic() - began < 30


def test_it_listens_on_loopback_only_and_asks_for_a_token(local_cluster):
    members = family.family((), str(local_cluster.temp_dir))
    assert len(members) > 5
    listening = [c.laddr for member in members for c in connections(member) if c.status == psutil.CONN_LISTEN]
    assert {int(local_cluster.address.rpartition(":")[2]), int(local_cluster.dashboard_url.rpartition(":")[2])} <= {
        laddr.port for laddr in listening}
    assert {laddr.ip.removeprefix("::ffff:") for laddr in listening} == {"127.0.0.1"}
    assert local_cluster.temp_dir.stat().st_mode & 0o077 == 0
    connection = http.client.HTTPConnection(local_cluster.dashboard_url.removeprefix("http://"), timeout=10)
    for headers, status in (({}, 401), ({"Authorization": "Bearer wrong"}, 403)):
        connection.request("POST", "/api/jobs/", body='{"entrypoint": "true"}', headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
    connection.close()


def connections(process: psutil.Process) -> list:
    with contextlib.suppress(psutil.Error):
        return process.net_connections("inet")
    return []


def test_starting_it_again_changes_nothing(local_cluster):
    before = json.loads(local_cluster.run("ncg", "cluster", "status", "--json").stdout)
    again = local_cluster.run("ncg", "cluster", "start", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == before
    assert (before["running"], before["address"], before["dashboard_url"]) == (
        True, local_cluster.address, local_cluster.dashboard_url)
    other = local_cluster.run("ncg", "cluster", "start", "--set", "ray.num_cpus=3")
    assert (other.returncode, other.stderr.count("\n")) == (2, 1) and "ncg cluster stop" in other.stderr


def test_serve_s_own_commands_reach_it(local_cluster):
    done = local_cluster.run("serve", "status", "--address", local_cluster.dashboard_url)
    assert done.returncode == 0 and "applications: {}" in done.stdout, done.stderr


# --- another one beside it -----------------------------------------------------------------------------------


@pytest.fixture
def neighbour(local_cluster, tmp_path):
    """The environment of another user of this machine, who has no cluster yet and none afterwards."""
    env = {**without_ray(local_cluster.env), "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    yield env
    subprocess.run(["ncg", "cluster", "stop"], env=env, timeout=60, check=True)


def state_of(env: dict[str, str]) -> dict:
    with contextlib.suppress(OSError, ValueError):
        return json.loads(Path(env["XDG_STATE_HOME"], "ncg_ray", "cluster.json").read_text())
    return {}


def ncg(env: dict[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ncg", *argv], env=env, capture_output=True, text=True, timeout=180)


def test_it_starts_beside_another_and_stops_alone(local_cluster, neighbour):
    assert ncg(neighbour, "cluster", "status").returncode == 1
    started = ncg(neighbour, "cluster", "start", "--json", "--set", "ray.num_cpus=1")
    assert started.returncode == 0, started.stderr
    address, state = json.loads(started.stdout)["address"], state_of(neighbour)
    assert address != local_cluster.address
    members = family.family((), state["temp_dir"])
    assert members[0].pid == state["processes"][0][0] and len(members) > 5

    stopped = ncg(neighbour, "cluster", "stop")
    assert stopped.returncode == 0, stopped.stderr
    assert not [member for member in members if member.is_running()]
    assert not family.family((), state["temp_dir"])
    assert not os.path.exists(state["temp_dir"]) and not state_of(neighbour)
    for url in (state["address"], state["dashboard_url"]):
        assert provision.is_free(int(url.rpartition(":")[2]))
    assert ncg(neighbour, "cluster", "status").returncode == 1
    assert ncg(neighbour, "cluster", "stop").returncode == 0
    assert local_cluster.run("ncg", "cluster", "status").returncode == 0, "the other cluster was harmed"


def test_a_start_that_is_killed_leaves_nothing_that_stop_does_not_find(neighbour):
    starting = subprocess.Popen(["ncg", "cluster", "start"], env=neighbour, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (state := state_of(neighbour)).get("processes"):
        assert time.monotonic() < deadline and starting.poll() is None
        time.sleep(0.02)
    starting.send_signal(signal.SIGKILL)
    starting.wait()
    time.sleep(1.0)  # Ray's own processes are on their way up
    assert family.family((), state["temp_dir"])
    assert ncg(neighbour, "cluster", "stop").returncode == 0
    assert not family.family((), state["temp_dir"]) and not os.path.exists(state["temp_dir"])
