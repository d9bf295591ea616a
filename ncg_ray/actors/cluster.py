"""Ray itself: join the cluster that was asked for, or start a small local one, quietly, and stop only that."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import ray
from ray._private import grpc_utils, ray_constants, services, worker
from ray._raylet import AuthenticationTokenLoader
from ray._raylet import Config as RayletConfig
from ray.core.generated import gcs_service_pb2, gcs_service_pb2_grpc
from ray.exceptions import AuthenticationError

from ncg_ray.actors import head, provision
from ncg_ray.config import RayConfig, environment
from ncg_ray.errors import ClusterError

PROBE_TIMEOUT_S = 8.0
REMOVE_TIMEOUT_S = 5.0
OBJECT_STORE_BYTES = 200 << 20
LOOPBACK_NAMES = (provision.LOOPBACK, "localhost")
MEND = "start one with `ncg cluster start`, give --address HOST:PORT of a running one, or leave it and RAY_ADDRESS out"

_LOCAL_SETTINGS = {
    # Ray asks for a token by default, and rightly: else every user of this machine could run code as us. Left to
    # itself it would write one into the home directory; ours lives and dies with this process. RAY_AUTH_MODE stays
    # unset, because Ray then turns tokens on even where it was imported long before us.
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else a warning in every process
    # A model's threads wait for each other thousands of times a token: a short spin is a third faster than none, and an
    # endless one would take the cores from those who check candidates.
    "GOMP_SPINCOUNT": "10000",
}

_JOIN_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_gcs_server_port_wait_time_s": "3",  # tries, of about a second each; Ray's 20 are a wait for a cluster in the making
}


@contextlib.contextmanager
def running(config: RayConfig, min_cpus: int = 1) -> Iterator[None]:
    """Inside, Ray is up. Where this process is connected already, that connection is used and left alone.

    Raises ClusterError: nobody answers at the address, or a local cluster does not start.
    """
    if ray.is_initialized():
        yield
        return
    address = config.address or environment("RAY_ADDRESS")
    with _orderly_sigterm() as install_handler, contextlib.ExitStack() as stack:
        if address and address != "local":
            stack.callback(ray.shutdown)
            _join(address)
        else:
            _start(stack, max(config.num_cpus or os.cpu_count() or 1, min_cpus))
        # Ray prints what it thinks of a dead worker on standard output, whatever `log_to_driver` says.
        worker._worker_logs_enabled = False
        install_handler()
        yield


def starts_here(config: RayConfig) -> bool:
    """Whether `running` would start a cluster of its own, so that all actors run on this machine."""
    return not ray.is_initialized() and (config.address or environment("RAY_ADDRESS")) in ("", "local")


def _start(stack: contextlib.ExitStack, num_cpus: int) -> None:
    folder = provision.short_folder("ncg-ray-")
    stack.callback(_remove, folder)
    stack.callback(ray.shutdown)
    # Our actors are killed, not asked to tidy up: their temporary files lie in `folder`, where all goes in the end. Only
    # we can enter it; the one below Ray opens to everybody.
    try:
        with _settings({**_LOCAL_SETTINGS, "TMPDIR": folder}):
            # address="local": never the cluster that a `ray start` left its address behind for.
            ray.init(address="local", num_cpus=num_cpus, include_dashboard=False, log_to_driver=False,
                     logging_level=logging.ERROR, object_store_memory=OBJECT_STORE_BYTES, _temp_dir=f"{folder}/ray")
    except Exception as error:
        raise ClusterError(f"a local Ray cluster did not start: {_first_line(error)}; give --address of a running one, "
                           f"or see whether {folder} is writable and memory is free") from error


def _remove(folder: str) -> None:
    """On a busy machine Ray's processes end a little after `ray.shutdown`, and write their last words meanwhile."""
    until = time.monotonic() + REMOVE_TIMEOUT_S
    while os.path.exists(folder) and time.monotonic() < until:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.05)


def _join(address: str) -> None:
    _probe(address)
    try:
        with _settings(_JOIN_SETTINGS | _of_our_head(address)), _reachable_as(address):
            _check_token(address)
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except ClusterError:
        raise
    except Exception as error:
        raise ClusterError(f"no connection to the Ray cluster at {address!r}: {_first_line(error)}; {MEND}",
                           address=address) from error


def _check_token(address: str) -> None:
    """See whether the cluster takes our token: Ray itself would try for seconds, and write to standard error meanwhile."""
    if address == "auto" or address.startswith("ray://"):
        return
    try:
        with grpc_utils.init_grpc_channel(address) as channel:
            stub = gcs_service_pb2_grpc.NodeInfoGcsServiceStub(channel)
            stub.GetClusterId(gcs_service_pb2.GetClusterIdRequest(), timeout=PROBE_TIMEOUT_S)
        return
    except AuthenticationError:
        what = "asks for a token, and there is none"
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.UNAUTHENTICATED:  # type: ignore[attr-defined]  # it is a Call as well
            return  # `ray.init` says it better
        what = "asks for another token than ours"
    raise ClusterError(f"the Ray cluster at {address!r} {what}; set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN_PATH to the "
                       "file with its token, or RAY_AUTH_TOKEN", address=address)


def _of_our_head(address: str) -> dict[str, str]:
    """Where the address is that of the head which this user started: how to join it. Elsewhere no token is sent unasked."""
    host, _, port = address.rpartition(":")
    ours = head.status() if host in LOOPBACK_NAMES else None
    return ours.environment() if ours and ours.address.endswith(f":{port}") else {}


@contextlib.contextmanager
def _reachable_as(address: str) -> Iterator[None]:
    """Let Ray go to the loopback address that it is given where nobody answers at the one it would replace it by."""
    host, _, port = address.rpartition(":")
    before = ray_constants.ENABLE_RAY_CLUSTER
    if host in LOOPBACK_NAMES:
        try:
            socket.create_connection((services.get_node_ip_address(), int(port)), PROBE_TIMEOUT_S).close()
        except OSError:
            ray_constants.ENABLE_RAY_CLUSTER = False
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before


def _probe(address: str) -> None:
    """See whether a gRPC server is there: Ray itself would try for minutes.

    A server that speaks HTTP/2 answers the connection preface with a SETTINGS frame (RFC 9113, 3.4 and 6.5).
    """
    if address == "auto":
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit() or "/" in host:
        raise ClusterError(f"{address!r} is not the address of a Ray cluster: write HOST:PORT (usually port 6379), "
                           f"ray://HOST:PORT (usually 10001) or auto", address=address)
    try:
        with socket.create_connection((host.strip("[]"), int(port)), PROBE_TIMEOUT_S) as connection:
            if environment("RAY_USE_TLS") == "1":
                return
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
            connection.settimeout(PROBE_TIMEOUT_S)
            answer = connection.recv(9)
    except (OSError, OverflowError) as error:
        raise ClusterError(f"no Ray cluster answers at {address!r} ({_first_line(error)}); {MEND}",
                           address=address) from None
    if answer[3:4] != b"\4":
        raise ClusterError(f"what answers at {address!r} is not a Ray cluster (is it the dashboard's port?); {MEND}",
                           address=address)


@contextlib.contextmanager
def _settings(values: dict[str, str]) -> Iterator[None]:
    """The environment that Ray's processes start with; what the user has set for Ray stays."""
    before = dict(os.environ)
    AuthenticationTokenLoader.instance().reset_cache()  # it may hold the token of an earlier cluster
    os.environ.update({name: value for name, value in values.items() if name == "TMPDIR" or not environment(name)})
    if environment("RAY_AUTH_MODE"):
        RayletConfig.initialize("")  # Ray has read the mode when it was imported
    try:
        yield
    finally:
        for name in ("RAY_AUTH_MODE", *values):  # Ray sets the first one itself
            if name in before:
                os.environ[name] = before[name]
            else:
                os.environ.pop(name, None)


@contextlib.contextmanager
def _orderly_sigterm() -> Iterator[Callable[[], Any]]:
    """Make SIGTERM unwind this process as an exit does, once the given function is called, after `ray.init`.

    Ray's own handlers print a C++ stack and leave its files behind. A handler that the user had set comes back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    before = signal.getsignal(signal.SIGTERM)

    def leave(signum: int, frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not interrupt the clearing up
        sys.exit(128 + signum)

    try:
        yield functools.partial(signal.signal, signal.SIGTERM, before if callable(before) else leave)
    finally:
        signal.signal(signal.SIGTERM, before if before is not None else signal.SIG_DFL)


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__
