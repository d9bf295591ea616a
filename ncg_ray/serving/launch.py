"""`ncg serve`: everything that can be wrong is said before anything starts, and only what was started is taken down."""

from __future__ import annotations

import contextlib
import errno
import logging
import math
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

from ncg_ray import assemble
from ncg_ray.actors import cluster
from ncg_ray.actors.spawn import CPUS
from ncg_ray.config import Config, environment, keys_path, storage_root
from ncg_ray.errors import ClusterError, ConfigError, DeadlineError, NCGError
from ncg_ray.serving.gate import is_loopback
from ncg_ray.serving.keys import KeyRing
from ncg_ray.telemetry import Listener

WATCH_S = 5.0
READY_TIMEOUT_S = 60.0
"Seconds between a Steward that has its actors and a replica that answers."


def launch(config: Config, on_event: Listener) -> None:
    """See `ncg_ray.serving.run`."""
    access = check_access(config)
    address = config.ray.address or environment("RAY_ADDRESS")
    starts_here = address in ("", "local")
    if starts_here:
        check_port(config)
        assemble.check_model(config.model)
    with contextlib.ExitStack() as stack:
        if in_main_thread():
            stack.callback(signal.signal, signal.SIGINT, signal.getsignal(signal.SIGINT))
        stack.enter_context(cluster.running(config.ray, min_cpus=min_cpus(config)))
        on_event({"event": "stage", "stage": "load"})
        notes = stack.enter_context(_deployed(config))
        for text in notes:
            on_event({"event": "note", "text": text})
        url = f"http://{config.serve.host}:{config.serve.port}"
        if starts_here:
            _await_ready(config)
        where = "" if starts_here else f" on the nodes of the cluster at {address}"
        on_event({"event": "note", "text": f"listening on {url}{where}; {access}; traces go to {storage_root(config)}; "
                                           "Ctrl-C stops it"})
        _wait()
        on_event({"event": "note", "text": "stopping"})


def check_access(config: Config) -> str:
    """Say who may come in, in words. Raises ConfigError where that would be everybody."""
    host, path = config.serve.host, keys_path(config)
    keys = KeyRing(path)
    if not keys.required():
        if not is_loopback(host):
            raise ConfigError(f"serve.host = {host!r} can be reached from other machines, and there are no keys "
                              f"({str(path)!r} is not there): make one with `ncg keys create NAME`, or leave serve.host at "
                              "127.0.0.1")
        return "no keys, so requests from this machine only (`ncg keys create NAME` makes one)"
    if not keys.names:
        raise ConfigError(f"{str(path)!r} holds no key, so nobody could come in: make one with `ncg keys create NAME`, or "
                          "remove the file to serve this machine without keys")
    return f"keys of {', '.join(keys.names[:5])}{' and others' if len(keys.names) > 5 else ''}"


def check_port(config: Config) -> None:
    """Raise ConfigError for an address that cannot be bound on this machine."""
    host, port = config.serve.host, config.serve.port
    try:
        kind, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            probe.listen(1)
    except OSError as error:
        mend = {errno.EADDRINUSE: "another program has it; stop that, or take another with --set serve.port=PORT",
                errno.EACCES: "ports below 1024 need privileges; take another with --set serve.port=PORT",
                }.get(error.errno or 0, "serve.host must be an address of this machine, such as 127.0.0.1")
        raise ConfigError(f"serve.port = {port}: {host}:{port} cannot be bound ({error.strerror}); {mend}") from None


def min_cpus(config: Config) -> int:
    """What a local cluster must offer, so that all actors fit."""
    from ncg_ray.serving.deployments import API_CPUS

    executors = CPUS["executor"] * (config.sandbox.num_workers - 1)
    return math.ceil(sum(CPUS.values()) + executors + API_CPUS * config.serve.num_replicas)


@contextlib.contextmanager
def _deployed(config: Config) -> Iterator[tuple[str, ...]]:
    """The application runs inside; gives what the user should know about the model."""
    from ray import cloudpickle, serve

    from ncg_ray.actors.crew import translated
    from ncg_ray.serving.deployments import APP_NAME, application

    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    app = application(config, patient=True)
    take_down = _take_down(config, APP_NAME)
    try:
        try:
            serve.start(http_options={"host": config.serve.host, "port": config.serve.port})
            serve.run(app, name=APP_NAME, route_prefix="/")
            with translated("steward"):
                steward = serve.get_deployment_handle("Steward", APP_NAME)
                grant = cloudpickle.loads(steward.grant.remote("").result(timeout_s=config.ray.start_timeout_s))
        except NCGError:
            raise
        except Exception as error:
            raise ClusterError(f"the service did not start: {_why(APP_NAME) or error}") from error
        yield grant.notes
    finally:
        if in_main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
        with contextlib.suppress(Exception):
            take_down()


def _take_down(config: Config, app_name: str) -> Callable[[], None]:
    """What takes down that which this process is about to start: Serve as a whole, or our application only.

    Raises ConfigError where a Serve that runs already is in the way.
    """
    from ray import serve
    from ray.serve.context import _get_global_client

    knobs = config.serve
    client = _get_global_client(raise_if_no_controller_running=False)
    if client is None:
        return serve.shutdown
    there = client.http_config
    if (there.host, there.port) != (knobs.host, knobs.port):
        raise ConfigError(f"Ray Serve runs on this cluster already and listens on {there.host}:{there.port}: set serve.host "
                          f"and serve.port to these, or end it with `serve shutdown`")
    for name in serve.status().applications:
        if name == app_name or client.get_serve_details()["applications"][name].get("route_prefix") == "/":
            raise ConfigError(f"the Serve application {name!r} runs on this cluster already; end it with `serve shutdown`, "
                              "or use another cluster")
    return lambda: serve.delete(app_name)


def _why(app_name: str) -> str:
    """The last line of what Serve has to say about the deployments that failed."""
    from ray import serve

    with contextlib.suppress(Exception):
        for name, deployment in serve.status().applications[app_name].deployments.items():
            if lines := [line.strip() for line in deployment.message.splitlines() if line.strip()]:
                return f"{name}: {lines[-1][:400]}"
    return ""


def _await_ready(config: Config) -> None:
    """Until a replica answers; the actors are there by now. Raises DeadlineError."""
    host = config.serve.host
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    url = f"http://{f'[{local}]' if ':' in local else local}:{config.serve.port}/readyz"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + READY_TIMEOUT_S
    while True:
        with contextlib.suppress(OSError):
            with opener.open(url, timeout=READY_TIMEOUT_S):
                return
        if time.monotonic() > until:
            raise DeadlineError(f"the service does not answer at {url} after {READY_TIMEOUT_S:g} s")
        time.sleep(0.1)


def _wait() -> None:
    """Until SIGINT or SIGTERM. Raises ClusterError where the cluster goes away meanwhile."""
    from ray import serve

    stop = threading.Event()
    if in_main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
    while not stop.wait(WATCH_S):
        try:
            serve.status()
        except Exception as error:
            raise ClusterError(f"the Ray cluster went away: {' '.join(str(error).split())[:200]}") from error


def in_main_thread() -> bool:
    """Where signals may be handled."""
    return threading.current_thread() is threading.main_thread()
