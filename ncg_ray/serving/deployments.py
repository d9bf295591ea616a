"""Two Serve deployments: the Steward owns the actors, and any number of Api replicas answer HTTP with them.

    client -> Serve's proxy -> Api -> generator, executors, analyser, ... (the actors of `ncg generate`)
                                |          owns
                                +-> Steward --^      hands out the Parts, makes new ones when they are lost

A killed Api replica changes nothing for the actors. A killed Steward takes them along; its successor makes new ones, and
the Api answers 503 until they are there. `serve shutdown` ends all of them.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ray import cloudpickle, serve
from ray.serve.handle import DeploymentHandle

from ncg_ray import config as configs
from ncg_ray import storage, telemetry
from ncg_ray.actors.crew import translated
from ncg_ray.actors.generator import Load
from ncg_ray.actors.spawn import Ring
from ncg_ray.config import Config, keys_path, storage_root
from ncg_ray.errors import ConfigError, NCGError
from ncg_ray.serving.gate import Gate
from ncg_ray.serving.keys import KeyRing
from ncg_ray.serving.metrics import RayMetrics
from ncg_ray.serving.routes import make_app
from ncg_ray.serving.service import Service
from ncg_ray.serving.supply import Grant, Supply, try_model, try_sandbox

APP_NAME = "ncg"
API_CPUS = 0.1
"Share of a CPU that Ray sets aside for a replica: it waits most of the time."
SPARE_REQUESTS = 100
"Requests that Serve lets into a replica beyond those that we admit, so that it is we who refuse, with a 429."
ARGS = ("config", "set")


class Steward:
    """Owner of a `Ring`.

    Args:
        load: makes the generator, in place of `config.model`; tests give a scripted one.
        patient: keep the error of a start that failed for whoever asks, rather than let Serve try again.
    """

    async def __init__(self, config: Config, load: Load | None, patient: bool) -> None:
        telemetry.configure()
        self._config, self._load = config, load
        self._lock = asyncio.Lock()
        self._ring: Ring | None = None
        self._grant: Grant | None = None
        self._error: NCGError | None = None
        try:
            await self._open()
        except NCGError as error:
            if not patient:
                raise
            self._error = error

    async def grant(self, lost: str) -> bytes:
        """A pickled Grant; a new one where `lost` names the ring that we have. Raises NCGError.

        Pickled here and read by the replica in a thread: Parts look their actors up by name, and where Serve reads an
        answer, in its event loop, that would wait for ever.
        """
        async with self._lock:
            if self._error is not None:
                raise self._error
            if self._grant is None or self._grant.ring == lost:
                await self._close()
                await self._open()
            return cloudpickle.dumps(self._grant)  # type: ignore[no-any-return]

    async def _open(self) -> None:
        notes: list[str] = []

        def hear(event: telemetry.Event) -> None:
            if event["event"] == "note":
                notes.append(event["text"])

        ring = Ring(self._config, on_event=hear, load=self._load)
        await asyncio.to_thread(ring.__enter__)  # it waits for the actors
        self._ring = ring
        await try_sandbox(ring.parts)
        await try_model(ring.parts)
        self._grant = Grant(ring.namespace, ring.parts, ring.executor, tuple(notes))

    async def _close(self) -> None:
        self._grant = None
        if self._ring is not None:
            ring, self._ring = self._ring, None
            await asyncio.to_thread(ring.__exit__)

    async def __del__(self) -> None:
        await self._close()


class Api:
    """One HTTP replica."""

    async def __init__(self, config: Config, steward: DeploymentHandle) -> None:
        telemetry.configure()
        self._keys = KeyRing(keys_path(config))
        self._steward = steward
        self._supply = Supply(self._fetch)
        self._metrics = RayMetrics()
        self._service = Service(config, self._supply, self._metrics)
        self._background = [asyncio.create_task(work) for work in (self._supply.keep(), self._service.report())]
        self._listens_on = await asyncio.to_thread(http_host)

    def __serve_build_asgi_app__(self) -> Gate:
        return Gate(make_app(self._service), self._keys, self._metrics, self._listens_on)

    async def _fetch(self, lost: str) -> Grant:
        with translated("steward"):
            pickled = await self._steward.grant.remote(lost)
            return await asyncio.to_thread(cloudpickle.loads, pickled)


def http_host() -> str:
    """The address that Serve's HTTP server binds, as its controller knows it."""
    from ray.serve.context import _get_global_client

    client = _get_global_client()
    return str(client.http_config.host) if client is not None else ""


def application(config: Config, load: Load | None = None, patient: bool = False) -> serve.Application:
    """Both deployments, sized by `config.serve`. Raises ConfigError for a store that cannot be written to."""
    storage.open_store(storage_root(config))
    knobs = config.serve
    steward = serve.deployment(Steward, name="Steward", num_replicas=1, ray_actor_options={"num_cpus": 0},
                               max_ongoing_requests=1000, graceful_shutdown_timeout_s=5, graceful_shutdown_wait_loop_s=0.1)
    # What one client can occupy without being admitted is a body that arrives slowly, hence the factor.
    most = 2 * (knobs.max_running + knobs.max_waiting) + SPARE_REQUESTS
    api = serve.deployment(serve.ingress()(Api), name="Api", num_replicas=knobs.num_replicas, max_ongoing_requests=most,
                           ray_actor_options={"num_cpus": API_CPUS}, graceful_shutdown_wait_loop_s=0.5)
    return api.bind(config, steward.bind(config, load, patient))


def read_args(args: dict[str, Any]) -> Config:
    """The config of a Serve config's `args`. Raises ConfigError."""
    if unknown := sorted(set(args) - set(ARGS)):
        raise ConfigError(f"args: unknown key {unknown[0]!r}; known: config (a TOML file) and set (a list of section.key="
                          "value)")
    sets = args.get("set") or []
    if not isinstance(sets, list) or not all(isinstance(item, str) for item in sets):
        raise ConfigError(f"args: set is {sets!r}; write a list such as [\"serve.max_running=4\"]")
    return configs.load(args.get("config") or None, sets)
