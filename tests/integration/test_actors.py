"""Crews and rings on a real Ray: errors, deadlines, retries, and the order of a batch."""

from __future__ import annotations

import asyncio
import time

import pytest

from ncg_ray.config import Config, ModelConfig, RayConfig
from ncg_ray.errors import (
    ActorError,
    ConfigError,
    DeadlineError,
    GenerationError,
    InfrastructureError,
    ModelError,
    SandboxError,
)
from ncg_ray.protocols import GenerationRequest
from ncg_ray.types import Task

pytestmark = pytest.mark.usefixtures("ray_cluster")


def crew(make, num=1, timeout_s=20.0, max_restarts=0, on_event=lambda event: None):
    """A crew of a class that is defined inside `make`, so that it travels to the workers by value."""
    import uuid

    import ray

    from ncg_ray.actors.crew import Crew

    namespace = uuid.uuid4().hex
    options = {"num_cpus": 0.01, "max_restarts": max_restarts, "namespace": namespace}
    actors = {f"thing-{i}": ray.remote(make()).options(name=f"thing-{i}", **options).remote() for i in range(num)}
    return Crew("thing", actors, namespace, timeout_s, on_event)


def thing():
    import asyncio
    import os
    import signal

    from ncg_ray.errors import ConfigError, GenerationError

    class Thing:
        def __init__(self):
            self.num_calls = 0

        async def pids(self, items):
            await asyncio.sleep(0.05)
            return [(item, os.getpid()) for item in items]

        async def refuse(self):
            raise ConfigError("a.b = 3: no", key="a.b")

        async def crash(self):
            raise KeyError("k")

        async def fail(self, num):
            self.num_calls += 1
            if self.num_calls <= num:
                raise GenerationError(f"failure {self.num_calls}")
            return self.num_calls

        async def sleep(self, seconds):
            await asyncio.sleep(seconds)

        async def die(self):
            os.kill(os.getpid(), signal.SIGKILL)

    return Thing


async def test_errors_come_back_as_they_were_raised():
    one = crew(thing)
    with pytest.raises(ConfigError, match=r"a\.b = 3: no") as caught:
        await one.call(lambda actor: actor.refuse.remote())
    assert type(caught.value) is ConfigError
    assert caught.value.context == {"key": "a.b"}
    with pytest.raises(InfrastructureError, match="thing actor: KeyError: 'k'"):
        await one.call(lambda actor: actor.crash.remote())
    assert await one.call(lambda actor: actor.fail.remote(2)) == 3  # retryable, so it was asked three times


async def test_retries_of_a_retryable_error_end():
    with pytest.raises(GenerationError, match="failure 3"):
        await crew(thing).call(lambda actor: actor.fail.remote(9))


async def test_a_call_has_a_deadline_and_leaves_the_actor_free():
    one = crew(thing, timeout_s=1.0)
    await asyncio.wait_for(_up(one), 30)
    started = time.monotonic()
    with pytest.raises(DeadlineError, match="thing"):
        await one.call(lambda actor: actor.sleep.remote(60))
    assert time.monotonic() - started < 5
    assert len(await one.call(lambda actor: actor.pids.remote([1]))) == 1


async def _up(one):
    while True:
        try:
            return await one.call(lambda actor: actor.pids.remote([0]))
        except DeadlineError:
            continue


async def test_an_actor_without_restarts_is_an_actor_error():
    events = []
    one = crew(thing, on_event=events.append)
    with pytest.raises(ActorError, match="gone for good"):
        await one.call(lambda actor: actor.die.remote())
    assert events == []  # nothing was repeated


async def test_a_batch_keeps_its_order_and_uses_the_whole_pool():
    pool = crew(thing, num=2)
    answers = await pool.spread(range(9), lambda actor, chunk: actor.pids.remote(chunk))
    assert [item for item, _ in answers] == list(range(9))
    assert len({pid for _, pid in answers}) == 2
    assert await pool.spread([], lambda actor, chunk: actor.pids.remote(chunk)) == []


async def test_the_work_of_a_dead_member_goes_to_the_others():
    import ray

    events = []
    pool = crew(thing, num=2, on_event=events.append)
    await pool.spread(range(2), lambda actor, chunk: actor.pids.remote(chunk))
    ray.kill(pool.handles[0])
    answers = await pool.spread(range(5), lambda actor, chunk: actor.pids.remote(chunk))
    assert [item for item, _ in answers] == list(range(5))
    assert len({pid for _, pid in answers}) == 1
    assert events == [{"event": "note", "text": "the actor thing-0 died; its call is repeated"}]


async def test_an_error_in_one_chunk_ends_the_batch():
    pool = crew(thing, num=2)
    with pytest.raises(ConfigError):
        await pool.spread(range(4), lambda actor, chunk: actor.refuse.remote())


def test_a_missing_model_is_a_model_error_at_the_caller():
    from ncg_ray.actors import Ring

    events = []
    with pytest.raises(ModelError, match="no/such/folder"), \
            Ring(Config(model=ModelConfig(source="/no/such/folder")), on_event=events.append):
        pass
    assert events == [{"event": "stage", "stage": "load"}]


def test_a_missing_sandbox_is_reported_before_the_model_is_there(monkeypatch):
    from ncg_ray.actors import Ring, spawn

    class NoSandbox:
        def __init__(self, config):
            pass

        async def isolation(self):
            raise SandboxError("no bubblewrap here; install it")

    def load(notify):
        import time
        time.sleep(60)

    monkeypatch.setattr(spawn, "ExecutorActor", NoSandbox)
    started = time.monotonic()
    with pytest.raises(SandboxError, match="no bubblewrap here"), Ring(Config(), load=load):
        pass
    assert time.monotonic() - started < 30


def test_a_ring_tells_the_loader_s_notes_and_serves_any_loop():
    from ncg_ray.actors import Ring

    def load(notify):
        from ncg_ray.testing import ScriptedGenerator
        notify("using the small one")
        return ScriptedGenerator(["def f():\n    return 1\n"])

    events = []
    with Ring(Config(ray=RayConfig(call_timeout_s=60)), on_event=events.append, load=load) as ring:
        requests = [GenerationRequest(Task("one", entry_point="f"))]
        codes = [asyncio.run(ring.parts.generator.generate(requests))[0][0].code for _ in range(2)]
        assert codes == ["def f():\n    return 1\n"] * 2
        assert ring.parts.isolation == "bubblewrap"
        assert set(ring.parts.controllers) == {"neural", "adaptive", "hybrid", "symbolic"}
    assert events == [{"event": "stage", "stage": "load"}, {"event": "note", "text": "using the small one"}]


def test_a_ring_without_a_model_has_no_generator():
    from ncg_ray.actors import Ring

    with Ring(Config(), model=False) as ring:
        assert (ring.parts.generator, ring.parts.repairer, ring.parts.specifier) == (None, None, None)
        assert len(asyncio.run(ring.parts.analyser.analyse(["x = 1\n"]))) == 1


def test_a_whole_ring_and_two_replicas_fit_on_two_cores():
    from ncg_ray.actors.spawn import CPUS
    from ncg_ray.serving.deployments import API_CPUS

    config = Config()
    extra = CPUS["executor"] * (config.sandbox.num_workers - 1) + CPUS["verifier"] * (config.verify.num_workers - 1)
    assert sum(CPUS.values()) + extra + 2 * API_CPUS <= 2
