"""`ncg repair` on one-function bugs, without a model or with one: docstring examples to work with, hidden tests to judge.

    python tests/benchmarks/repair.py SUITE.jsonl [--only N] [--set repair.timeout_s=20] [--out FILE.json]
    python tests/benchmarks/repair.py SUITE.jsonl --mode hybrid --set model.source=FOLDER

A row has `prompt` (a stub with docstring), `buggy_solution`, `canonical_solution`, `entry_point` and `test`. The suite is
public data and no part of the package; the search sees the prompt and the buggy body only.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from pathlib import Path
from statistics import median
from typing import Any

from ncg_ray import api, config, mend, telemetry
from ncg_ray.errors import TaskError
from ncg_ray.protocols import TestJob
from ncg_ray.types import Task

SETTLED = 0.5
"Agreement from which a patch counts as accepted without another look."


async def one(row: dict[str, Any], session: api.Session) -> dict[str, Any]:
    """What the search makes of one row, and what the hidden test says of it."""
    code = row["prompt"] + row["buggy_solution"]
    began = time.monotonic()
    try:
        task = mend.complete(Task("", row["task_id"], entry_point=row["entry_point"]), code)
    except TaskError as error:
        return {"id": row["task_id"], "status": f"bad input: {error}", "correct": False, "seconds": 0.0}
    if not task.examples:
        return {"id": row["task_id"], "status": "no examples", "correct": False, "seconds": 0.0}
    mended = await mend.mend(task, code, session.parts, session.executor)
    seconds = time.monotonic() - began
    found = mended.found
    assert found is not None
    correct = False
    if mended.status == "fixed":
        correct = await passes(session, row, mended.code)
    return {"id": row["task_id"], "status": mended.status, "correct": correct, "seconds": round(seconds, 2),
            "search_s": round(found.elapsed_s, 2), "evaluated": found.num_evaluated, "screen_s": round(found.screen_s, 3),
            "plausible": len(found.patches), "agreement": round(mended.agreement, 3), "reason": mended.reason[:1],
            "diff": mended.diff, "rejected": dict(found.rejected), "any_correct": await any_correct(session, row, mended)}


async def passes(session: api.Session, row: dict[str, Any], code: str) -> bool:
    """Whether the hidden test passes."""
    report, = await session.executor.test([TestJob(code, row["entry_point"], row["test"], context=row["prompt"])])
    return report.num_checked > 0 and report.num_passed == report.num_checked


async def any_correct(session: api.Session, row: dict[str, Any], mended: mend.Mended) -> int:
    """The place of the first correct patch in the ranking, from 1; 0 where there is none."""
    for place, ranked in enumerate(mended.ranked[:60], 1):
        if await passes(session, row, ranked.patch.code):
            return place
    return 0


def table(results: list[dict[str, Any]]) -> str:
    """The figures as Markdown."""
    fixed = [r for r in results if r["status"] == "fixed"]
    settled = [r for r in fixed if r["agreement"] >= SETTLED]
    right, sure = sum(r["correct"] for r in fixed), sum(r["correct"] for r in settled)
    evaluated, screen_s = sum(r.get("evaluated", 0) for r in results), sum(r.get("screen_s", 0.0) for r in results)
    rows = [("fixed by hidden tests", f"{right} of {len(results)}", "18 without a model, 30 with the 0.5B"),
            ("plausible patches that are correct", f"{right} of {len(fixed)} ({share(right, len(fixed))})", "85 %"),
            (f"those with agreement of {SETTLED} or more", f"{sure} of {len(settled)} ({share(sure, len(settled))})",
             "85 %"),
            ("median seconds", f"{median(r['seconds'] for r in results):.1f}", "20"),
            ("candidates a second", f"{evaluated / screen_s if screen_s else 0:.0f}", "1500")]
    return "\n".join(["| | result | asked |", "|---|---|---|", *(f"| {a} | {b} | {c} |" for a, b, c in rows)])


def share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("suite", type=Path)
    parser.add_argument("--only", type=int, default=0, help="so many rows from the beginning; default: all")
    parser.add_argument("--mode", choices=("symbolic", "hybrid"), default="symbolic", help="as in `ncg repair`")
    parser.add_argument("--set", action="append", default=[], metavar="A.B=C")
    parser.add_argument("--out", type=Path, help="every row's result as JSON")
    args = parser.parse_args()
    telemetry.configure("warning")
    rows = [json.loads(line) for line in args.suite.read_text(encoding="utf-8").splitlines()]
    results = []
    with api.session(config.load(None, args.set), model=args.mode == "hybrid", ray=False) as session:
        for row in rows[: args.only or len(rows)]:
            result = session.run(one(row, session))
            results.append(result)
            print({k: v for k, v in result.items() if k != "diff"}, flush=True)
    print(table(results))
    print(f"{platform.machine()}, Python {platform.python_version()}")
    if args.out:
        args.out.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
