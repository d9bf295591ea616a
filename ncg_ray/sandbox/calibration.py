"""How fast this machine is: budgets are seconds of a reference machine, so that the same code ends alike elsewhere.

A budget of `time_s` becomes `time_s * factor` active seconds here, where `factor` is the time that a fixed piece of
Python takes in the sandbox, divided by what it took on the reference machine. It is measured once a process, as the
fastest of several runs on a clock that stands still while others have the CPU (`session.py`).
"""

from __future__ import annotations

from dataclasses import replace

from ncg_ray.protocols import Call, Limits
from ncg_ray.sandbox.caller import Caller, call_request
from ncg_ray.sandbox.worker import Worker

CODE = """
def work():
    table, total = {}, 0
    for i in range(60_000):
        table[i % 97] = table.get(i % 89, 0) + i
        total += len(str(i)) * (i % 7)
    return total
"""
REFERENCE_S = 0.016
"What `work` takes on the machine of the README's results, with CPython 3.11; it is what `time_s` counts in."
NUM_RUNS = 5
SLOWEST, FASTEST = 10.0, 0.5
"Bounds of the factor: beyond them it is the measurement that is wrong."


async def factor(worker: Worker) -> float:
    """Active seconds here for one second of the reference machine."""
    request = call_request("work", Call())
    async with await Caller.start(worker, Limits(time_s=30.0), NUM_RUNS) as caller:
        await caller.load(CODE, "work")
        seconds = [(await caller.ask(request))[0].elapsed_s for _ in range(NUM_RUNS)]
    return min(SLOWEST, max(FASTEST, min(seconds) / REFERENCE_S))


def scaled(limits: Limits, factor: float) -> Limits:
    """The same limits in this machine's seconds."""
    return replace(limits, time_s=limits.time_s * factor)
