"""The HTTP app in this process, on the fakes that ship: no Ray, no model, no sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from pathlib import Path

import httpx2

from ncg_ray import assemble
from ncg_ray.config import Config, keys_path, load
from ncg_ray.pipeline import Parts
from ncg_ray.serving.gate import Gate
from ncg_ray.serving.keys import KeyRing
from ncg_ray.serving.routes import make_app
from ncg_ray.serving.service import Service
from ncg_ray.serving.supply import Grant, Supply
from ncg_ray.testing import CleanAnalyser, ScriptedGenerator, TableVerifier
from ncg_ray.types import Level, Verdict

CODE = "def f(x):\n    return x + 1\n"
PASSED = Verdict(Level.TESTED, "examples", "examples", num_passed=3, num_checked=3)
TASK = {"prompt": "Add one to x.", "signature": "def f(x: int) -> int",
        "examples": [{"args": [x], "returns": x + 1} for x in range(3)]}
CHAT = {"model": "ncg", "messages": [{"role": "user", "content": 'def f(x: int) -> int:\n    """Add one.\n\n    >>> f(1)\n'
                                                                 '    2\n    """\n'}]}


class SlowGenerator(ScriptedGenerator):
    """Works until it is told to end, and knows how many calls began and how many were cancelled."""

    def __init__(self) -> None:
        super().__init__([CODE], replies=["x"])
        self.go_on, self.num_started, self.num_cancelled = asyncio.Event(), 0, 0

    async def generate(self, requests):
        self.num_started += 1
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.num_cancelled += 1
            raise
        return await super().generate(requests)


class FakeExecutor:
    async def isolation(self) -> str:
        return "none"


class Recorder:
    """Metrics that a test can look at."""

    def __init__(self) -> None:
        self.requests, self.loads, self.verdicts = [], [], []

    def request(self, route, status, seconds):
        self.requests.append((route, status))

    def load(self, num_running, num_waiting):
        self.loads.append((num_running, num_waiting))

    def verdict(self, verdict):
        self.verdicts.append(verdict)


def fake_parts(config: Config, generator=None, **changes) -> Parts:
    generator = generator or ScriptedGenerator([CODE], replies=["x"])
    parts = Parts(verifier=TableVerifier({}, (PASSED,)), analyser=CleanAnalyser(), rewarder=assemble.rewarder(config),
                  controllers=assemble.controllers(config, True, engines=()), generator=generator, repairer=generator,
                  config=config)
    return dataclasses.replace(parts, **changes)


@contextlib.asynccontextmanager
async def served(folder: Path, *sets: str, generator=None, fetch=None, listens_on="127.0.0.1", client="127.0.0.1",
                 host="localhost:8000", wait=True, **changes):
    """(client, service) of an app whose store and keys lie in `folder`."""
    config = load(sets=[f"storage.uri={folder}/store", f"serve.keys_file={folder}/keys.json", *sets])

    async def grant(lost: str) -> Grant:
        return Grant("ring-1", fake_parts(config, generator, **changes), FakeExecutor())

    service = Service(config, Supply(fetch or grant), Recorder())
    app = Gate(make_app(service), KeyRing(keys_path(config)), service.metrics, listens_on)
    keeping = asyncio.ensure_future(service.supply.keep())
    transport = httpx2.ASGITransport(app=app, client=(client, 50_000))
    async with httpx2.AsyncClient(transport=transport, base_url=f"http://{host}", timeout=20) as http:
        http.app = app
        try:
            if wait:
                await until(lambda: service.supply._grant)
            yield http, service
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)


async def until(condition, timeout_s: float = 5.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.005)
