"""What serving costs beside the work itself: milliseconds of one `POST /v1/generate` that are not `solve()`.

    python tests/benchmarks/serve.py [--num 60] [--seed 0]

A scripted generator answers at once. Each round asks a bare Serve deployment for a ping, calls `solve()` here on the
actors that the service uses, and sends the same task to the service; one connection, one request at a time. The cost of
serving is the request less the call of the same round; it is asked to be at most 10 ms above the ping. Less noisy on a
busy machine, and shown beside it: the request less what its own Trace says `solve()` took. Once with Serve's own proxy
and once with HAProxy, each on a Ray of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from statistics import median, quantiles
from typing import Any

ASKED_MS = 10.0
CODE = "def f(xs: list[int]) -> int:\n    return sum(x * x for x in xs if x % 2 == 0)\n"
TASK = {"prompt": "Sum the squares of the even numbers.", "signature": "def f(xs: list[int]) -> int", "examples": [
    {"args": [[1, 2, 3, 4]], "returns": 20}, {"args": [[]], "returns": 0}, {"args": [[-2]], "returns": 4}]}
NUM_WARM = 10


class Client:
    """One connection that stays open."""

    def __init__(self, port: int, key: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        self.connection.request(method, path, body, self.headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def measure(num: int, seed: int) -> dict[str, list[float]]:
    """Milliseconds of each round: `ping`, `solve`, `generate`, and `inside`, what the answer's Trace says of itself."""
    from ray import cloudpickle, serve

    from ncg_ray.actors import cluster
    from ncg_ray.config import keys_path, load
    from ncg_ray.pipeline import solve
    from ncg_ray.serving import keys
    from ncg_ray.serving.deployments import application
    from ncg_ray.task.mapping import task_from_mapping
    from ncg_ray.testing import ScriptedGenerator

    @serve.deployment(ray_actor_options={"num_cpus": 0})
    class Ping:
        async def __call__(self, request: Any) -> str:
            return "pong"

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        config = load(sets=["ray.address=local", f"serve.port={port}", f"storage.uri={folder}/store",
                            f"serve.keys_file={folder}/keys.json"])
        key = keys.create(keys_path(config), "benchmark")
        with cluster.running(config.ray):
            serve.start(http_options={"host": "127.0.0.1", "port": port})
            serve.run(Ping.bind(), name="ping", route_prefix="/ping")
            serve.run(application(config, lambda notify: ScriptedGenerator([CODE])), name="ncg", route_prefix="/")
            client = Client(port, key)
            while client.ask("GET", "/readyz")[0] != 200:
                time.sleep(0.2)
            steward = serve.get_deployment_handle("Steward", "ncg")
            parts = cloudpickle.loads(steward.grant.remote("").result()).parts
            task, body = task_from_mapping(TASK), json.dumps({**TASK, "seed": seed}).encode()
            times: dict[str, list[float]] = {"ping": [], "solve": [], "generate": [], "inside": []}

            async def rounds() -> None:
                for i in range(num + NUM_WARM):
                    begin = time.perf_counter()
                    assert client.ask("GET", "/ping") == (200, b"pong")
                    pinged = time.perf_counter()
                    trace = await solve(task, parts, seed=seed)
                    solved = time.perf_counter()
                    status, answer = client.ask("POST", "/v1/generate", body)
                    done = time.perf_counter()
                    made = json.loads(answer)
                    assert status == 200 and made["answer"]["verdict"] == trace.verdict == "TESTED"
                    spans = pinged - begin, solved - pinged, done - solved, made["timings_s"]["total"]
                    for name, span in zip(times, spans, strict=True):
                        times[name] += [1000 * span] if i >= NUM_WARM else []

            asyncio.run(rounds())
            serve.shutdown()
    return times


def row(name: str, times: dict[str, list[float]]) -> str:
    ping = median(times["ping"])

    def above(less: str) -> str:
        cost = [g - s for g, s in zip(times["generate"], times[less], strict=True)]
        spread = quantiles(cost, n=10)
        return f"{median(cost) - ping:.1f} ({spread[0] - ping:.1f} to {spread[-1] - ping:.1f})"

    return (f"| {name} | {ping:.1f} | {median(times['solve']):.1f} | {median(times['generate']):.1f} | {above('solve')} | "
            f"{above('inside')} | {ASKED_MS:g} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--num", type=int, default=60, help="rounds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        sys.stdout.write(json.dumps(measure(args.num, args.seed)))
        return
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    lines = []
    load_before = os.getloadavg()[0]
    for name, flag in (("Serve's own proxy", "0"), ("HAProxy (`RAY_SERVE_ENABLE_HA_PROXY=1`)", "1")):
        command = [sys.executable, __file__, "--one", "--num", str(args.num), "--seed", str(args.seed)]
        environment = {**os.environ, "RAY_SERVE_ENABLE_HA_PROXY": flag}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
        lines.append(row(name, json.loads(done.stdout)) if done.returncode == 0 else f"| {name} | failed | | | | | |")
    print(f"machine {platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, commit {commit}, "
          f"seed {args.seed}, {args.num} rounds, load average before {load_before:.1f}\n")
    print("| p50, ms | ping | `solve()` | `/v1/generate` | request - `solve()` - ping (p10 to p90) | request - its own "
          "Trace's total - ping (p10 to p90) | asked |\n"
          "|---|---|---|---|---|---|---|")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
