"""kill -9 of actors in the middle of `solve`: the right answer, once, with nothing lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

import psutil
import pytest

from ncg_ray.config import Config, SearchConfig
from ncg_ray.pipeline import solve
from ncg_ray.types import Example, Task

TASK = Task("Add seven to x.", signature="def f(x: int) -> int", entry_point="f",
            examples=tuple(Example((x,), returns=x + 7) for x in range(4)))
CONFIG = Config(search=SearchConfig(num_samples=8))


@pytest.fixture(scope="module")
def ring(ray_cluster):
    from ncg_ray.actors import Ring

    def load(notify):
        import asyncio

        from ncg_ray.protocols import ModelInfo
        from ncg_ray.types import Candidate

        class SlowGenerator:
            """Takes its time, and answers the same request alike, as a seeded model does."""

            async def info(self):
                return ModelInfo("slow", "0" * 16)

            async def generate(self, requests):
                await asyncio.sleep(1.5)
                return [[self.candidate(r, i) for i in range(r.num_candidates)] for r in requests]

            def candidate(self, request, i):
                code = f"import time\ndef f(x):\n    time.sleep(0.05)\n    return x + {i if request.temperature else -1}\n"
                return Candidate(code, "sample" if request.temperature else "greedy", "f", -0.1, 1)

        return SlowGenerator()

    with Ring(CONFIG, load=load) as ring:
        yield ring


@pytest.fixture(scope="module")
def undisturbed(ring):
    return asyncio.run(solve(TASK, ring.parts))


def pids_of(kind: str) -> list[int]:
    found = []
    for process in psutil.Process().children(recursive=True):  # of our own Ray, never of another on this machine
        with contextlib.suppress(psutil.Error):
            if "".join(process.cmdline()[:1]).startswith(f"ray::{kind}"):
                found.append(process.pid)
    return found


async def solve_and_kill(ring, kind: str, num: int, stage: str, num_candidates: int):
    """Solve; in the middle of this stage, kill -9 so many actors of this kind."""
    reached = asyncio.Event()
    events = []

    def listen(event):
        events.append(event)
        if event["event"] == "stage" and event["stage"] == stage and event["num_candidates"] == num_candidates:
            reached.set()

    solving = asyncio.ensure_future(solve(TASK, ring.parts, on_event=listen))
    await asyncio.wait_for(reached.wait(), 30)
    await asyncio.sleep(0.4)
    victims = pids_of(kind)[:num]
    assert len(victims) == num
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    assert not solving.done()
    return await asyncio.wait_for(solving, 60), events


def same(trace, expected):
    assert trace.verdict == expected.verdict == "TESTED"
    assert trace.code == expected.code
    assert "x + 7" in trace.code
    assert [(a.index, a.candidate, a.level, a.behaviour) for a in trace.attempts] == \
           [(a.index, a.candidate, a.level, a.behaviour) for a in expected.attempts]
    assert [d.action for d in trace.decisions] == ["generate", "generate", "stop"]
    assert len(trace.attempts) == 9


@pytest.mark.parametrize(("kind", "num", "stage"), [
    ("GeneratorActor", 1, "generate"), ("VerifierActor", 1, "check"), ("VerifierActor", 2, "check")])
async def test_kill_in_the_middle_of_solve(ring, undisturbed, kind, num, stage):
    trace, events = await solve_and_kill(ring, kind, num, stage, num_candidates=8)
    same(trace, undisturbed)
    assert [e["event"] for e in events].count("answer") == 1
    assert [e["event"] for e in events].count("attempt") == 9
