"""Symbolic mode on MBPP: all asserts of a row but the last are its examples, the last one is hidden. No model.

    python tests/benchmarks/synthesis.py MBPP.jsonl --budget 5 --part 0 --parts 4

Each row goes through `pipeline.solve` in mode symbolic with real parts in this process, except that the analysers are left
out; the hidden assert is run in the sandbox. A row whose asserts do not read as examples counts as not solved. With
`--parts N` only rows whose hash falls into one of N parts are run.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import platform
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import mean, median

from ncg_ray import assemble, pipeline
from ncg_ray.config import load
from ncg_ray.errors import InputError
from ncg_ray.evaluate.suite import read_suite
from ncg_ray.protocols import TestJob
from ncg_ray.task.asserts import examples_from_asserts
from ncg_ray.task.signature import parse_signature
from ncg_ray.testing import CleanAnalyser

SURE = 0.9


def tasks(path: Path, part: int, parts: int):
    """(task or None, hidden assert) of each row of the part."""
    suite = {row.task_id: row for row in read_suite(path)}
    for line in path.read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        name = str(data["task_id"])
        if int(hashlib.sha256(name.encode()).hexdigest(), 16) % parts != part:
            continue
        *shown, hidden = data["test_list"]
        task = suite[name].task
        examples, rest = examples_from_asserts("\n".join(shown), task.entry_point, parse_signature(task.signature))
        setup = data.get("test_setup_code") or ""
        usable = replace(task, examples=tuple(examples), tests="", mode=None) if examples and not rest else None
        yield name, usable, f"{setup}\n{hidden}\n"


async def run(options: argparse.Namespace) -> list[dict]:
    config = load(sets=[f"synthesis.timeout_s={options.budget}", *options.sets])
    executor = assemble.executor(config.sandbox)
    parts = replace(assemble.local_parts(config, model=False, executor=executor), analyser=CleanAnalyser())
    rows = []
    for name, task, hidden in tasks(options.suite, options.part, options.parts):
        row = {"task_id": name, "answered": False, "right": False, "confidence": 0.0, "seconds": 0.0, "code": ""}
        if task is not None:
            begin = time.monotonic()
            try:
                trace = await pipeline.solve(task, parts, mode="symbolic")
            except InputError as error:
                row["code"] = f"# {error.message}"
                rows.append(row)
                continue
            row["seconds"] = round(time.monotonic() - begin, 2)
            if trace.answer is not None and trace.verdict == "TESTED":
                report, = await executor.test([TestJob(trace.code, task.entry_point, hidden)])
                fit = trace.attempts[trace.answer.attempt].candidate.fit
                row |= {"answered": True, "right": report.num_passed == report.num_checked > 0, "code": trace.code,
                        "confidence": trace.confidence, "bits": [fit.program_bits, fit.example_bits]}
        rows.append(row)
        if options.verbose:
            print(json.dumps(row), file=sys.stderr, flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=Path)
    parser.add_argument("--budget", type=float, default=5.0, help="seconds of search a task")
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], dest="sets")
    parser.add_argument("--out", type=Path, help="one JSON line a row")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    rows = asyncio.run(run(options))
    if options.out:
        options.out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    answered, right = [r for r in rows if r["answered"]], [r for r in rows if r["right"]]
    sure = [r for r in answered if r["confidence"] >= SURE]
    print(f"machine {platform.machine()}, Python {platform.python_version()}, commit {commit}, budget "
          f"{options.budget:g} s\n")
    print("| rows | answered | right on the hidden assert | solve rate | confidence >= 0.9 | of those wrong | "
          "s/task, median | mean |")
    print("|---|---|---|---|---|---|---|---|")
    seconds = [r["seconds"] for r in rows]
    print(f"| {len(rows)} | {len(answered)} | {len(right)} | {100 * len(right) / len(rows):.1f} % | {len(sure)} | "
          f"{sum(not r['right'] for r in sure)} | {median(seconds):.1f} | {mean(seconds):.1f} |")


if __name__ == "__main__":
    main()
