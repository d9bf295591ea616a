"""Measure modes on suites over several seeds, side by side, and write a table.

    python tests/benchmarks/evaluate.py SUITE.jsonl --set model.source=FOLDER --seed 0 --seed 1 --seed 2

Runs `ncg evaluate` once for `neural` (greedy: a seed changes nothing) and once a seed for `adaptive`; each run can be
resumed. The difference is paired by task: its interval is a bootstrap over tasks of the mean over seeds.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import subprocess
import sys
from pathlib import Path
from statistics import mean


def graded(suite: Path, mode: str, seed: int, sets: list[str], folder: Path) -> tuple[dict, dict[str, bool]]:
    """The report and, by task, whether the answer passed the hidden tests."""
    out = folder / f"{suite.stem}.{mode}.{seed}.json"
    options = [word for item in sets for word in ("--set", item)]
    subprocess.run([sys.executable, "-m", "ncg_ray", "evaluate", str(suite), "--mode", mode, "--seed", str(seed),
                    "--out", str(out), "--json", *options], check=True, stdout=subprocess.DEVNULL)
    rows = [json.loads(line) for line in out.with_suffix(".traces.jsonl").read_text().splitlines()]
    return json.loads(out.read_text()), {r["task_id"]: bool(r["graded"]["solved"]) for r in rows if "graded" in r}


def interval(differences: list[float], num_draws: int = 10_000) -> tuple[float, float]:
    """95 % percentile bootstrap of the mean."""
    rng = random.Random(0)
    means = sorted(mean(rng.choices(differences, k=len(differences))) for _ in range(num_draws))
    return means[int(0.025 * num_draws)], means[int(0.975 * num_draws)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="+", type=Path)
    parser.add_argument("--set", action="append", default=[], dest="sets")
    parser.add_argument("--seed", action="append", type=int, dest="seeds")
    parser.add_argument("--folder", type=Path, default=Path("evaluate-runs"), help="where reports and Traces go")
    options = parser.parse_args()
    seeds = options.seeds or [0]
    options.folder.mkdir(parents=True, exist_ok=True)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    print(f"machine {platform.machine()}, Python {platform.python_version()}, commit {commit}, seeds {seeds}\n")
    print("| suite | tasks | neural | adaptive, by seed | mean | gain, points | 95 % interval | s/task |")
    print("|---|---|---|---|---|---|---|---|")
    for suite in options.suites:
        _, base = graded(suite, "neural", seeds[0], options.sets, options.folder)
        runs = [graded(suite, "adaptive", seed, options.sets, options.folder) for seed in seeds]
        gains = [mean(run[task] for _, run in runs) - base[task] for task in base]
        lo, hi = interval(gains)
        solved = [sum(run.values()) for _, run in runs]
        seconds = mean(report["modes"]["adaptive"]["seconds"] for report, _ in runs) / len(base)
        print(f"| {suite.stem} | {len(base)} | {sum(base.values())} | {', '.join(map(str, solved))} | {mean(solved):.1f} | "
              f"{100 * mean(gains):+.1f} | {100 * lo:+.1f} .. {100 * hi:+.1f} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
