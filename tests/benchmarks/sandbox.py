"""The sandbox against bubblewrap started anew: seconds a run, runs and evaluations a second, memory; and a long soak.

    python tests/benchmarks/sandbox.py [--backend bubblewrap] [--soak 20000]

All figures come from one run, so that their ratios hold on a busy machine. The soak makes so many runs, some of which
die in ugly ways, while it kills workers at random; it counts processes, descriptors, mounts and megabytes before and
after, and compares every outcome.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import subprocess
import time
from pathlib import Path
from statistics import median

import psutil

from ncg_ray.config import SandboxConfig
from ncg_ray.protocols import Call, ExecutionJob, Limits, ScreenJob
from ncg_ray.sandbox import SandboxExecutor, backends, bubblewrap, policy
from ncg_ray.sandbox.worker import Worker
from ncg_ray.types import OutcomeKind as Kind

HONEST = ExecutionJob("def f(x): return x + 1", "f", (Call((41,)),))
UGLY = [("import os\ndef f(x): os._exit(1)", Kind.CRASHED), ("def f(x):\n while True: pass", Kind.TIMEOUT),
        ("import os\ndef f(x): os.abort()", Kind.CRASHED), ("def f(x): return bytearray(1 << 40)", Kind.MEMORY),
        ("def f(x):\n while True: print('x' * 9999)", Kind.OUTPUT),
        ("import ctypes\ndef f(x): ctypes.CDLL(None).unshare(0)", Kind.KILLED)]


def cold_s(num: int) -> float:
    """Median seconds of `bwrap python -c pass`, with what the interpreter needs and no more."""
    command = [*bubblewrap.arguments(), "--", policy.interpreter(), "-s", "-S", "-P", "-B", "-c", "pass"]
    seconds = []
    for _ in range(num):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - began)
    return median(seconds)


async def warm_s(executor: SandboxExecutor, num: int) -> float:
    """Median seconds of one whole job: a fresh process, the module, one call, and its burial."""
    seconds = []
    for _ in range(num):
        began = time.perf_counter()
        execution, = await executor.execute([HONEST])
        seconds.append(time.perf_counter() - began)
        assert execution.outcomes[0].value == 42, execution
    return median(seconds)


async def runs_per_s(executor: SandboxExecutor, num: int) -> float:
    began = time.perf_counter()
    executions = await executor.execute([HONEST] * num)
    assert all(e.outcomes[0].value == 42 for e in executions)
    return num / (time.perf_counter() - began)


async def evaluations_per_s(executor: SandboxExecutor, num_candidates: int, num_inputs: int) -> float:
    codes = tuple(f"def f(xs):\n    return sorted(xs)[{i % 3}] + {i}" for i in range(num_candidates))
    calls = tuple(Call(([k, 3, 1, 2],)) for k in range(num_inputs))
    began = time.perf_counter()
    found, = await executor.screen([ScreenJob(codes, "f", calls)])
    seconds = time.perf_counter() - began
    for i, outcomes in enumerate(found):
        assert [o.value for o in outcomes] == [sorted([k, 3, 1, 2])[i % 3] + i for k in range(num_inputs)]
    return num_candidates * num_inputs / seconds


def idle_mb(backend: str) -> float:
    """Resident memory of one idle worker: its zygote and what holds it."""
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    worker = Worker(backends.choices(backend)[0])
    try:
        new = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
        return sum(p.memory_info().rss for p in new) / 2**20
    finally:
        worker.close()


def footprint() -> dict[str, float]:
    """What this process and all below it hold."""
    me = psutil.Process()
    return {"processes": len(me.children(recursive=True)), "descriptors": me.num_fds(),
            "mounts": len(Path("/proc/self/mounts").read_text().splitlines()),
            "folders": len([n for n in os.listdir("/tmp") if n.startswith(("ncg-run-", "ncg-gvisor-"))]),
            "megabytes": me.memory_info().rss / 2**20}


async def soak(backend: str, num: int, seed: int) -> tuple[dict[str, float], dict[str, float], int, int]:
    """Footprint after a warm-up and at the end, workers killed, wrong outcomes."""
    rng = random.Random(seed)
    executor = SandboxExecutor(SandboxConfig(backend=backend))
    await executor.execute([HONEST] * 50)
    before, killed, wrong, done = footprint(), 0, 0, 0
    while done < num:
        size = min(500, num - done)
        plan = [rng.choice(UGLY) if rng.random() < 0.05 else (HONEST.code, Kind.RETURNED) for _ in range(size)]
        jobs = [ExecutionJob(code, "f", HONEST.calls, Limits(time_s=0.1 if kind is Kind.TIMEOUT else 2.0))
                for code, kind in plan]
        running = asyncio.ensure_future(executor.execute(jobs))
        while not running.done():
            await asyncio.wait({running}, timeout=rng.uniform(0.5, 2.0))
            workers = [p for p in psutil.Process().children() if "python" not in p.name()]
            if workers and not running.done():
                victim = rng.choice(workers)
                for process in [victim, *victim.children()][rng.randrange(2):][:1]:  # what holds the zygote, or itself
                    process.kill()
                    killed += 1
        for execution, (_, kind) in zip(running.result(), plan, strict=True):
            outcome = execution.outcomes[0]
            wrong += outcome.kind is not kind or (kind is Kind.RETURNED and outcome.value != 42)
        done += size
        print(f"  {done} runs, {killed} workers killed, {wrong} wrong outcomes, {footprint()}", flush=True)
    executor.close()
    await asyncio.sleep(1)
    after = footprint()
    return before, after, killed, wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", default="bubblewrap", choices=["bubblewrap", "landlock", "gvisor"])
    parser.add_argument("--num", type=int, default=200, help="runs to time")
    parser.add_argument("--soak", type=int, default=0, metavar="RUNS")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    executor = SandboxExecutor(SandboxConfig(backend=options.backend))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    print(f"machine {platform.machine()}, {os.cpu_count()} CPUs, Linux {platform.release()}, Python "
          f"{platform.python_version()}, commit {commit}, back end {options.backend}, seed {options.seed}, "
          f"load {os.getloadavg()[0]:.1f}\n")

    async def measure() -> None:
        await warm_s(executor, 20)
        cold, warm = cold_s(max(10, options.num // 4)), await warm_s(executor, options.num)
        rate = await runs_per_s(executor, 2 * options.num)
        evaluations = await evaluations_per_s(executor, 20 * options.num, 5)
        print("| what | measured | asked |\n|---|---|---|")
        print(f"| cold `bwrap python -c pass`, median | {1000 * cold:.1f} ms | |")
        print(f"| warm run, median of {options.num} | {1000 * warm:.1f} ms = {warm / cold:.2f} x cold | 0.33 x |")
        print(f"| runs a second, two workers | {rate:.0f} | 100 |")
        print(f"| (candidate, input) evaluations a second in batches | {evaluations:.0f} | 2000 |")
        print(f"| an idle worker's memory | {idle_mb(options.backend):.0f} MB | 60 MB |", flush=True)

    asyncio.run(measure())
    if options.soak:
        print()
        before, after, killed, wrong = asyncio.run(soak(options.backend, options.soak, options.seed))
        print(f"\n| soak of {options.soak} runs, {killed} workers killed | before | after |\n|---|---|---|")
        for name in before:
            print(f"| {name} | {before[name]:.0f} | {after[name]:.0f} |")
        print(f"| wrong outcomes | | {wrong} |")


if __name__ == "__main__":
    main()
