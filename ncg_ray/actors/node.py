"""The process that holds a local Ray head: it starts Ray's processes, and they end with it.

`python -m ncg_ray.actors.node SETTINGS` does what `ray start --head --block` does, with two differences. Ray's command takes
an address that the network reaches; here the node's address is the loopback one, so that nothing of it listens
elsewhere. And no autoscaler and no Ray Client server run, which a cluster of one node has no use for.
"""

from __future__ import annotations

import json
import sys
import time

from ncg_ray.actors.provision import LOOPBACK

POLL_S = 1.0


def hold(*, temp_dir: str, port: int, dashboard_port: int, num_cpus: int, object_store_bytes: int,
         resources: dict[str, float]) -> int:
    """Start the head and return only when one of its processes has died; SIGTERM ends it and all of them.

    Ports that are not named here are whatever is free.
    """
    from ray._private.node import Node
    from ray._private.parameter import RayParams
    from ray._private.utils import write_ray_address

    params = RayParams(
        node_ip_address=LOOPBACK, node_name=LOOPBACK, gcs_server_port=port, num_cpus=num_cpus,
        resources=resources, object_store_memory=object_store_bytes, temp_dir=temp_dir, include_dashboard=True,
        dashboard_host=LOOPBACK, dashboard_port=dashboard_port, dashboard_agent_listen_port=0, min_worker_port=0,
        max_worker_port=0, no_monitor=True)
    node = Node(params, head=True, shutdown_at_exit=True, spawn_reaper=True)
    write_ray_address(node.gcs_address, temp_dir)  # else the job server might take another Ray of this machine for ours
    while not (dead := node.dead_processes()):
        time.sleep(POLL_S)
    node.kill_all_processes(check_alive=False, allow_graceful=False)
    sys.stderr.write(f"Ray's {', '.join(sorted(kind for kind, _ in dead))} ended; the cluster was stopped\n")
    return 1


if __name__ == "__main__":
    sys.exit(hold(**json.loads(sys.argv[1])))
