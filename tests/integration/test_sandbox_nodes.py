"""The pool over two nodes: work is spread, and what a dying node had in hand is done again elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys

DRIVER = """
import asyncio, json, os, time
os.environ.update(RAY_health_check_initial_delay_ms="500", RAY_health_check_period_ms="500",
                  RAY_health_check_failure_threshold="3", RAY_USAGE_STATS_ENABLED="0")
import ray
from ray.cluster_utils import Cluster
from ncg_ray.actors import Ring
from ncg_ray.config import load
from ncg_ray.protocols import Call, ExecutionJob

cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
second = cluster.add_node(num_cpus=1, resources={"second": 1})
ray.init(address=cluster.address, log_to_driver=False)
slow = ExecutionJob("import time\\ndef f(x):\\n    time.sleep(0.2)\\n    return x + 1", "f", (Call((1,)),))
events = []
with Ring(load(sets=["sandbox.num_workers=2", "sandbox.calibrate=false"]), model=False, on_event=events.append) as ring:
    async def work():
        await ring.executor.execute([slow] * 4)
        nodes = len({n["NodeID"] for n in ray.nodes() if n["Alive"]})
        running = asyncio.ensure_future(ring.executor.execute([slow] * 40))
        await asyncio.sleep(1.0)
        cluster.remove_node(second, allow_graceful=False)
        began = time.monotonic()
        executions = await running
        return nodes, [e.outcomes[0].value for e in executions], time.monotonic() - began
    nodes, values, seconds = asyncio.run(work())
print(json.dumps({"nodes": nodes, "values": values, "seconds": seconds,
                  "died": [e["text"] for e in events if "died" in e.get("text", "")]}))
ray.shutdown()
cluster.shutdown()
"""


def test_a_node_that_dies_takes_no_run_with_it(tmp_path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    done = subprocess.run([sys.executable, "-c", DRIVER], env={**environment, "RAY_AUTH_MODE": "disabled",
                                                               "HOME": str(tmp_path)},
                          capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    assert told["nodes"] == 2 and told["values"] == [2] * 40
    assert told["died"], "no executor was on the node that died"
