"""The verifier beside its peers on labelled contracts, and its verdicts against brute force.

    python tests/benchmarks/verify.py CONTRACTS.jsonl [--budget 5] [--out FILE]   three tools, one budget, one table
    python tests/benchmarks/verify.py --truth 3000 [--seed 0]                      random programs against CPython

A row of CONTRACTS is `{"source", "imports", "target", "label", "file", "test"}`. Rows that do not load by themselves are
left out, and counted. All tools get the same module, with the imports that it uses, and the same seconds a row, one row
after the other.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import multiprocessing
import os
import platform
import re
import subprocess
import sys
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ncg_ray.config import SandboxConfig, VerifyConfig
from ncg_ray.protocols import Environment, Limits, ModuleJob
from ncg_ray.sandbox import SandboxExecutor
from ncg_ray.verify import Portfolio, Solver, replay, searches
from ncg_ray.verify.specification import Specification, read_specifications

sys.path.insert(0, str(Path(__file__).parents[1]))

TOOLS = ("ncg_ray", "CrossHair", "Hypothesis")
OVERRUN = 1.1


@dataclass
class Outcome:
    verdict: str
    seconds: float
    gap: str = ""


def loads(source: str, target: str) -> bool:
    """Whether the module loads by itself. It is run in a process of its own."""
    code = f"import sys\n{source}\nx = sys.modules['__main__']\nfor p in {target!r}.split('.'):\n    x = getattr(x, p)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    return done.returncode == 0


def module_of(row: dict[str, str]) -> str:
    """The row's source under those of its file's imports that it uses and that can be had."""
    used = {n.id for n in ast.walk(ast.parse(row["source"])) if isinstance(n, ast.Name)}
    used |= {word for word in re.findall(r"\w+", row["source"])}
    lines = []
    for node in ast.parse(row["imports"]).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            star = any(a.name == "*" for a in node.names)
            node.names = [a for a in node.names if star or (a.asname or a.name).split(".")[0] in used]
            if not node.names:
                continue
        lines.append(ast.unparse(node))
    return "\n".join([*lines, row["source"]]) + "\n"


async def ours(portfolio: Portfolio, source: str, spec: Specification, budget: float) -> Outcome:
    began = time.perf_counter()
    result = await portfolio.verify(source, spec, budget_s=budget)
    gap = result.gaps[0][0] if result.gaps else str(result.verdict.reason or result.verdict.detail)
    return Outcome(result.verdict.level.name, time.perf_counter() - began, gap)


async def crosshair(executor: SandboxExecutor, source: str, spec: Specification, budget: float) -> Outcome:
    """As its users run it, on the module as it stands, with nothing of ours but the sandbox."""
    line = replay.find_node(source, spec.name).lineno
    args = (
        "check",
        "--analysis_kind=PEP316",
        "--report_all",
        f"--per_condition_timeout={budget:g}",
        f"subject.py:{line}",
    )
    began = time.perf_counter()
    job = ModuleJob(
        "crosshair",
        args,
        {"subject.py": source},
        searches.with_packages(Environment()),
        Limits(budget * 6, 2 << 30),
    )
    (report,) = await executor.run_module([job])
    seconds = time.perf_counter() - began
    if "error:" in report.stdout:
        return Outcome("REFUTED", seconds)
    return Outcome("CONFIRMED" if "Confirmed over all paths" in report.stdout else "UNKNOWN", seconds)


async def hypothesis(executor: SandboxExecutor, source: str, spec: Specification, budget: float) -> Outcome:
    began = time.perf_counter()
    found = await searches.by_hypothesis(executor, source, spec, budget, Environment())
    return Outcome("REFUTED" if found else "UNKNOWN", time.perf_counter() - began)


async def compare(path: Path, budget: float) -> str:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    chosen = [row for row in rows if row["label"].startswith(("CONFIRMED", "POST_FAIL"))]
    alone = [row for row in chosen if loads(module_of(row), row["target"])]
    executor = SandboxExecutor(SandboxConfig())
    table: dict[str, list[tuple[dict[str, str], Outcome]]] = {tool: [] for tool in TOOLS}
    async with Solver() as solver:
        portfolio = Portfolio(executor, solver, VerifyConfig(), Limits())
        warm = "def f(x: int) -> int:\n    'post: _ == x'\n    return x\n"
        for text in (warm, "import z3\n" + warm):  # both kinds of worker are there, as in any session
            await portfolio.verify(text, read_specifications(text)[0])
        for number, row in enumerate(alone, 1):
            source = module_of(row)
            spec = next(s for s in read_specifications(source) if s.name == row["target"])
            for tool, outcome in (
                ("ncg_ray", await ours(portfolio, source, spec, budget)),
                ("CrossHair", await crosshair(executor, source, spec, budget)),
                ("Hypothesis", await hypothesis(executor, source, spec, budget)),
            ):
                table[tool].append((row, outcome))
            print(
                f"[{number} of {len(alone)}] {row['test']}: {row['label'][:9]} "
                + " ".join(f"{tool} {table[tool][-1][1].verdict}" for tool in TOOLS),
                file=sys.stderr,
                flush=True,
            )
    return page(table, len(chosen) - len(alone), budget)


def page(table: dict[str, list[tuple[dict[str, str], Outcome]]], left_out: int, budget: float) -> str:
    num = Counter(row["label"].split(",")[0] for row, _ in table["ncg_ray"])
    lines = [
        f"{num['CONFIRMED']} CONFIRMED and {num['POST_FAIL']} POST_FAIL rows load alone, {left_out} do not; "
        f"{budget:g} s a row.",
        "",
        machine(),
        "",
        "| | refuted, of POST_FAIL | refuted, of CONFIRMED | proved, of CONFIRMED | bounded or proved | median s to a "
        "counterexample | slowest s | over 1.1 x budget |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for tool, results in table.items():
        fail = [o for row, o in results if row["label"].startswith("POST_FAIL")]
        hold = [o for row, o in results if row["label"].startswith("CONFIRMED")]
        times = [o.seconds for o in fail if o.verdict == "REFUTED"]
        proved = sum(o.verdict in ("PROVED", "CONFIRMED") for o in hold)
        bounded = sum(o.verdict in ("PROVED", "BOUNDED") for o in hold) if tool == "ncg_ray" else None
        over = sum(o.seconds > OVERRUN * budget for _, o in results)
        lines.append(
            f"| {tool} | {len(times)} | {sum(o.verdict == 'REFUTED' for o in hold)} | {proved} ({proved / len(hold):.0%}) | "
            f"{'-' if bounded is None else f'{bounded} ({bounded / len(hold):.0%})'} | {median(times):.2f} | "
            f"{max(o.seconds for _, o in results):.1f} | {over} |"
        )
    ours_by_test = {(r["file"], r["test"], r["source"]): o for r, o in table["ncg_ray"]}
    lines += [
        "",
        'CrossHair\'s "proved" is its "confirmed over all paths", with floats as reals.',
        "",
        "CONFIRMED rows that are neither proved nor bounded, by what stopped them:",
        "",
    ]
    lines += [
        f"- {row['test']}: {o.verdict}, {o.gap}"
        for row, o in table["ncg_ray"]
        if row["label"].startswith("CONFIRMED") and o.verdict not in ("PROVED", "BOUNDED")
    ]
    lines += ["", "POST_FAIL rows that are not refuted:", ""]
    for row, theirs in table["CrossHair"]:
        mine = ours_by_test[row["file"], row["test"], row["source"]]
        if row["label"].startswith("POST_FAIL") and mine.verdict != "REFUTED":
            lines.append(f"- {row['test']}: {mine.verdict}, {mine.gap}; CrossHair: {theirs.verdict}")
    return "\n".join(lines) + "\n"


def machine() -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=Path(__file__).parent
    ).stdout.strip()
    load, version = os.getloadavg()[0], platform.python_version()
    return f"{platform.machine()}, {os.cpu_count()} CPUs (load {load:.1f}), Python {version}, commit {commit}"


def judge(job: tuple[int, int]) -> tuple[Counter[str], list[str]]:
    """Verdicts on some programs, and those that brute force contradicts."""
    from small_programs import contradiction, programs

    warnings.simplefilter("ignore")
    seed, number = job
    counts: Counter[str] = Counter()
    wrong = []
    for program in programs(seed, number):
        level, problem = contradiction(program, budget_s=1.0)
        counts[level] += 1
        if problem:
            wrong.append(problem)
    return counts, wrong


def truth(number: int, seed: int) -> str:
    chunk = 50
    jobs = [(seed * 1000 + i, min(chunk, number - i * chunk)) for i in range((number + chunk - 1) // chunk)]
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    began = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        for done, (some, bad) in enumerate(pool.imap_unordered(judge, jobs), 1):
            counts += some
            wrong += bad
            print(f"[{done} of {len(jobs)}] {dict(counts)}, {len(wrong)} wrong", file=sys.stderr, flush=True)
    kinds = ", ".join(f"{count} {level}" for level, count in counts.most_common())
    seconds = time.monotonic() - began
    text = f"{machine()}, seed {seed}\n\n{number} random programs, 1 CPU second each, {seconds:.0f} s in all: {kinds}.\n"
    return text + f"Wrong PROVED, BOUNDED or REFUTED: {len(wrong)}.\n" + "\n".join(wrong)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("contracts", nargs="?", type=Path)
    parser.add_argument("--budget", type=float, default=5.0)
    parser.add_argument("--truth", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    if args.truth:
        text = truth(args.truth, args.seed)
    elif args.contracts:
        text = asyncio.run(compare(args.contracts, args.budget))
    else:
        parser.error("give CONTRACTS.jsonl or --truth N")
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
