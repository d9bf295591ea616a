"""What the pipeline costs beside the language model: seconds a task with warm actors, and the driver's peak memory.

    python tests/benchmarks/overhead.py [--num 40]

A scripted generator inside a real actor answers at once, so that all that is left is ours: Ray, the sandbox, the
verifier, the analyser, the reward and the controller. Also measured: `import ncg_ray`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import resource
import subprocess
import sys
import time
from statistics import median, quantiles

from ncg_ray.actors import Ring
from ncg_ray.config import load
from ncg_ray.pipeline import solve
from ncg_ray.testing import ScriptedGenerator
from ncg_ray.types import Example, Task

CODE = "def f(xs: list[int]) -> int:\n    return sum(x * x for x in xs if x % 2 == 0)\n"
TASK = Task("Sum the squares of the even numbers.", signature="def f(xs: list[int]) -> int", entry_point="f", examples=(
    Example(([1, 2, 3, 4],), returns=20), Example(([],), returns=0), Example(([-2],), returns=4)))


def import_seconds() -> float:
    """Median of nine fresh interpreters, less the bare start."""
    def once(code: str) -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - begin
    return median(once("import ncg_ray") - once("pass") for _ in range(9))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--num", type=int, default=40, help="tasks to time")
    num = parser.parse_args().num
    seconds, stages = [], {}
    with Ring(load(), load=lambda notify: ScriptedGenerator([CODE])) as ring:
        for i in range(num + 5):
            trace = asyncio.run(solve(TASK, ring.parts, seed=i))
            assert trace.verdict == "TESTED", trace.answer
            if i >= 5:  # the first few warm the actors
                seconds.append(trace.timings_s["total"])
                for stage, s in trace.timings_s.items():
                    stages.setdefault(stage, []).append(s)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    print(f"machine {platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, commit {commit}\n")
    print("| what | measured | asked |\n|---|---|---|")
    print(f"| pipeline without the model, median of {num} tasks | {median(seconds):.3f} s | 0.15 s |")
    print(f"| the same, 90th percentile | {quantiles(seconds, n=10)[-1]:.3f} s | |")
    for stage, values in stages.items():
        if stage != "total":
            print(f"| of it: {stage} | {median(values):.3f} s | |")
    print(f"| driver's peak memory | {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB | 500 MB |")
    print(f"| import ncg_ray | {import_seconds():.3f} s | 0.1 s |")


if __name__ == "__main__":
    main()
