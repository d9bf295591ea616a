"""`serve deploy cluster/serve.yaml` on the local cluster: many requests, pressure, clients that leave, replicas that die.

The model is a scripted OpenAI-compatible server in this process, so that everything between the client's socket and the
model is real and the tests are quick.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import openai
import psutil
import pytest
import yaml
from openai_server import Server

SERVE_YAML = Path(__file__).parents[2] / "cluster" / "serve.yaml"
NUM_REPLICAS, MAX_RUNNING, MAX_WAITING = 2, 4, 16
"Each replica takes twenty requests, so that twenty at once find room however they are spread."
RING = {"GeneratorActor", "ExecutorActor", "VerifierActor", "AnalyserActor", "RewardActor", "SynthesiserActor",
        "ControllerActor", "RepairActor"}


def task(number: int, words: str = "Add") -> dict:
    return {"prompt": f"{words} {number} to x.", "signature": "def f(x: int) -> int",
            "examples": [{"args": [x], "returns": x + number} for x in range(3)]}


@dataclass
class Service:
    cluster: Any
    "`LocalCluster` of conftest.py."
    url: str
    slowly: threading.Event
    "Set: tasks that say `slowly` are answered too."

    def processes(self) -> dict[str, set[int]]:
        """The pids of this cluster's workers, by the class of their actor; `ServeReplica:ncg:Api` is one."""
        found: dict[str, set[int]] = {}
        for process in psutil.process_iter(["cmdline"]):
            with contextlib.suppress(psutil.Error):
                match = re.match(r"ray::([\w:]+)", "".join((process.info["cmdline"] or [])[:1]))
                raylet = process.parent() if match else None
                if match and raylet and str(self.cluster.temp_dir) in " ".join(raylet.cmdline()):
                    found.setdefault(match[1], set()).add(process.pid)
        return found

    def ring(self) -> dict[str, set[int]]:
        return {kind: pids for kind, pids in self.processes().items() if kind in RING}

    def client(self, timeout_s: float = 60) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.url, timeout=timeout_s, trust_env=False, limits=httpx2.Limits(
            max_connections=100))

    async def patient(self, body: dict, until_s: float = 60) -> dict:
        """The Trace, for a client that tries again when it is told to or loses its connection."""
        async with self.client() as http:
            for _ in range(100):
                with contextlib.suppress(httpx2.TransportError):
                    answer = await http.post("/v1/generate", json=body)
                    if answer.status_code == 200:
                        return answer.json()
                    assert answer.status_code in (429, 500, 503), answer.text
                await asyncio.sleep(0.5)
        raise AssertionError("no answer")


@pytest.fixture(scope="module")
def service(local_cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder, slowly = tmp_path_factory.mktemp("serve"), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]

    def reply(body: dict) -> str:
        text = body["messages"][0]["content"]
        if "slowly" in text:
            slowly.wait(60)
        if match := re.search(r"(?:Add|slowly) (\d+) to x", text):
            return f"```python\ndef f(x):\n    return x + {match[1]}\n```"
        return "```python\ndef add(a, b):\n    return a + b\n```"

    with Server(reply=reply) as model:
        spec = yaml.safe_load(SERVE_YAML.read_text())
        spec["http_options"]["port"] = port
        spec["applications"][0]["args"]["set"] += [
            f"model.source={model.url}", f"storage.uri={folder}/store", f"serve.keys_file={folder}/keys.json",
            f"serve.num_replicas={NUM_REPLICAS}", f"serve.max_running={MAX_RUNNING}", f"serve.max_waiting={MAX_WAITING}",
            "search.num_samples=1"]
        (folder / "serve.yaml").write_text(yaml.safe_dump(spec))
        address = ["--address", local_cluster.dashboard_url]
        try:
            done = local_cluster.run("serve", "deploy", str(folder / "serve.yaml"), *address)
            assert done.returncode == 0, done.stderr
            served = Service(local_cluster, f"http://127.0.0.1:{port}", slowly)
            asyncio.run(until_ready(served))
            yield served
        finally:
            slowly.set()
            local_cluster.run("serve", "shutdown", "--yes", *address)


async def until_ready(service: Service, timeout_s: float = 120) -> None:
    """Every replica, so several times in a row."""
    async with service.client() as http, asyncio.timeout(timeout_s):
        num = 0
        while num < 4 * NUM_REPLICAS:
            with contextlib.suppress(httpx2.TransportError):
                answer = await http.get("/readyz")
                num = num + 1 if answer.status_code == 200 else 0
            if not num:
                await asyncio.sleep(0.3)


async def test_twenty_at_once_by_http_and_by_the_openai_client(service):
    ai = openai.AsyncOpenAI(base_url=f"{service.url}/v1", api_key="none", max_retries=0, timeout=60)

    async def plain(http, i):
        answer = await http.post("/v1/generate", json=task(i))
        assert answer.status_code == 200, answer.text
        return answer.json()["answer"]["code"]

    async def streamed(http, i):
        names, trace = [], {}
        async with http.stream("POST", "/v1/generate", json={**task(i), "stream": True}) as answer:
            assert answer.status_code == 200, await answer.aread()
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    names.append(line[7:])
                elif line.startswith("data: ") and names[-1] == "answer":
                    trace = json.loads(line[6:])["trace"]
        assert names[0] == "decision" and "attempt" in names and names[-1] == "answer"
        return trace["answer"]["code"]

    async def chat(http, i):
        stub = f'def f(x: int) -> int:\n    """Add {i} to x. For example f(1) == {1 + i} and f(2) == {2 + i}.\n    """\n'
        ask = {"model": "ncg", "messages": [{"role": "user", "content": stub}]}
        if i % 2:
            answer = await ai.chat.completions.create(**ask)
            assert answer.ncg["verdict"] == "TESTED"
            return answer.choices[0].message.content
        chunks = [chunk async for chunk in await ai.chat.completions.create(**ask, stream=True)]
        assert chunks[-1].ncg["verdict"] == "TESTED"
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

    async with service.client() as http:
        kinds = [plain] * 8 + [streamed] * 6 + [chat] * 6
        codes = await asyncio.gather(*(kind(http, i) for i, kind in enumerate(kinds)))
        assert all(f"x + {i}\n" in code for i, code in enumerate(codes))
        assert [model.id async for model in ai.models.list()] == [
            "ncg", "ncg-neural", "ncg-adaptive", "ncg-hybrid", "ncg-symbolic"]
        made = (await http.post("/v1/generate", json=task(3))).json()
        for _ in range(6):  # whichever replica is asked
            assert (await http.get(f"/v1/traces/{made['id']}")).json() == made
    await ai.close()


async def test_bad_input_costs_nobody_a_replica(service):
    before = service.processes()["ServeReplica:ncg:Api"]
    headers = {"content-type": "application/json"}
    async with service.client() as http:
        for content, status in [(b"{", 400), (b"[" * 100_000, 400), (b'{"prompt": 3}', 400), (b'{"seed": NaN}', 400),
                                (b" " * (10 << 20), 413), (b'{"prompt": "\\u0000"}', 400), (b'{"no": 1}', 400)]:
            answer = await http.post("/v1/generate", content=content, headers=headers)
            assert answer.status_code == status and answer.json()["error"]["message"] and "Traceback" not in answer.text

        async def chunked():
            for _ in range(64):
                yield b" " * 65_536

        with contextlib.suppress(httpx2.TransportError):  # the answer may come while we still send
            assert (await http.post("/v1/generate", content=chunked(), headers=headers)).status_code == 413
        for method, path, status in [("GET", "/v1/generate", 405), ("GET", "/nowhere", 404), ("GET", "/v1/traces/x", 404)]:
            answer = await http.request(method, path)
            assert answer.status_code == status and answer.json()["error"]["message"]
        assert (await http.get("/v1/models", headers={"host": "evil.example"})).status_code == 403
        assert (await http.post("/v1/generate", json=task(1))).status_code == 200
    assert service.processes()["ServeReplica:ncg:Api"] == before


async def test_pressure_is_a_429_and_clients_that_leave_stop_their_work(service):
    capacity = NUM_REPLICAS * (MAX_RUNNING + MAX_WAITING)
    async with service.client() as http:
        asked = [asyncio.ensure_future(http.post("/v1/generate", json=task(i, "slowly"))) for i in range(capacity + 16)]
        while sum(request.done() for request in asked) < 16:
            await asyncio.wait(asked, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        refused = [request.result() for request in asked if request.done()]
        assert {answer.status_code for answer in refused} == {429}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
        assert (await http.get("/healthz")).status_code == 200
    # Leaving closed their connections. The model is still at the slow task of the first one, unless that was stopped.
    for request in asked:
        request.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    started = time.monotonic()
    trace = await service.patient(task(5))
    assert trace["answer"]["verdict"] == "TESTED" and time.monotonic() - started < 20


async def test_numbers_are_on_ray_s_prometheus_endpoint(service):
    targets = json.loads((service.cluster.temp_dir / "ray" / "prom_metrics_service_discovery.json").read_text())
    async with service.client() as http, asyncio.timeout(60):
        while True:
            places = [place for group in targets for place in group["targets"]]
            text = "".join([(await http.get(f"http://{place}/metrics")).text for place in places])
            if 'verdict="TESTED"' in text and 'status="429"' in text:
                break
            await asyncio.sleep(1)
    for name in ("requests_total", "latency_s_bucket", "running_requests", "waiting_requests", "verdicts_total"):
        assert f"ray_ncg_serve_{name}{{" in text
    assert re.search(r'ray_ncg_serve_requests_total{.*path="/v1/generate".*} \d+', text)


async def test_a_killed_replica_costs_patient_clients_nothing(service):
    ring = service.ring()
    assert set(ring) == RING
    asked = [asyncio.ensure_future(service.patient(task(i))) for i in range(20)]
    await asyncio.sleep(0.5)
    victim = next(iter(service.processes()["ServeReplica:ncg:Api"]))
    os.kill(victim, signal.SIGKILL)
    traces = await asyncio.gather(*asked)
    assert all(f"x + {i}\n" in trace["answer"]["code"] for i, trace in enumerate(traces))
    assert service.ring() == ring, "actors were touched"
    async with asyncio.timeout(180):
        while len(service.processes().get("ServeReplica:ncg:Api", ())) < NUM_REPLICAS:
            await asyncio.sleep(0.2)
    assert victim not in service.processes()["ServeReplica:ncg:Api"]


def test_a_second_service_on_the_same_cluster_is_refused(service):
    port = service.url.rpartition(":")[2]
    done = service.cluster.run("ncg", "serve", "--address", service.cluster.address, "--port", port)
    assert done.returncode == 2 and done.stdout == "" and "Traceback" not in done.stderr, done.stderr
    assert "'ncg' runs on this cluster already" in done.stderr


async def test_a_killed_steward_takes_its_actors_along_and_its_successor_makes_new_ones(service):
    before = service.ring()
    os.kill(next(iter(service.processes()["ServeReplica:ncg:Steward"])), signal.SIGKILL)
    async with service.client() as http, asyncio.timeout(60):
        while (answer := await http.post("/v1/generate", json=task(2))).status_code == 200:
            await asyncio.sleep(0.2)
        assert answer.status_code == 503 and int(answer.headers["retry-after"]) >= 1
        assert (await http.get("/readyz")).status_code == 503
        assert (await http.get("/healthz")).status_code == 200
    await until_ready(service)
    assert (await service.patient(task(2)))["answer"]["verdict"] == "TESTED"
    after = service.ring()
    assert set(after) == RING and not any(before[kind] & after[kind] for kind in RING)


def test_shutdown_leaves_nothing_behind(service):  # last, since it ends the module's service
    done = service.cluster.run("serve", "shutdown", "--yes", "--address", service.cluster.dashboard_url)
    assert done.returncode == 0, done.stderr
    until = time.monotonic() + 30

    def left() -> set[str]:
        return {kind for kind in service.processes() if kind in RING or kind.startswith("ServeReplica")}

    while left() and time.monotonic() < until:
        time.sleep(0.2)
    assert left() == set()
    with pytest.raises(httpx2.TransportError):
        httpx2.get(f"{service.url}/healthz", trust_env=False)

