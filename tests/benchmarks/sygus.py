"""SyGuS problems: our search with cvc5 behind it, beside cvc5 alone, in one run with the same CPU seconds a problem.

    python tests/benchmarks/sygus.py CLIA.jsonl PBE_SLIA.jsonl --budget 10 --out tests/benchmarks/sygus.md

A row of the data has `file` and `sl` (SyGuS-IF 2 text), and `contradictory` where no answer can be right. Both solvers start
cold for each problem, run one after the other and never at once, and have the same check: the answer is read again from its
text, must be in the grammar or logic, and must meet every constraint. Answers to examples are computed a second time by Z3's
simplifier. `--every N --from K` takes each Nth row.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median

from ncg_ray.generate.symbolic.sygus import Answer, solve, solve_with_cvc5
from ncg_ray.generate.symbolic.sygus.processes import run_cvc5
from ncg_ray.generate.symbolic.sygus.read import read_answer, read_problem

SOLVERS = {"ours": solve, "cvc5 alone": solve_with_cvc5}
Z95 = 1.96


def read_rows(path: Path, every: int, first: int) -> list[dict]:
    if not path.is_file():
        sys.exit(f"{path} is not there: give the path of a JSON Lines file whose rows have `file` and `sl`")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return rows[first::every]


def agrees_with_z3(text: str, answer: str) -> bool:
    """Whether Z3 finds that every constraint of examples holds; others are Z3's in the check already."""
    import z3

    from ncg_ray.generate.symbolic.sygus.z3_terms import z3_term
    problem = read_problem(text)
    if problem.examples() is None:
        return True
    functions = {name: function.with_body(problem.expanded(function.own_body()))
                 for name, function in read_answer(answer, problem).items()}
    return all(z3.is_true(z3.simplify(z3.simplify(z3_term(constraint))))  # once does not decide every comparison
               for constraint in problem.with_answers(functions))


def wilson(hits: int, total: int) -> str:
    """Wilson's 95 % interval of a share, in per cent."""
    if not total:
        return "-"
    share, spread = hits / total, Z95 * Z95 / total
    middle = (share + spread / 2) / (1 + spread)
    half = Z95 / (1 + spread) * math.sqrt(share * (1 - share) / total + spread / (4 * total))
    return f"{100 * (middle - half):.0f}-{100 * (middle + half):.0f} %"


def run(rows: list[dict], budget_s: float, verbose: bool) -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = {name: [] for name in SOLVERS}
    for row in rows:
        for name, solver in SOLVERS.items():
            answer = solver(row["sl"], budget_s)
            if answer.status == "solved" and not agrees_with_z3(row["sl"], answer.define_fun):
                answer = replace(answer, status="unsolved", reason="an answer that does not hold by Z3's simplifier")
            found[name].append(answer)
            if verbose:
                print(f"{_name(row):45} {name:10} {answer.status:13} {answer.found_by:6} "
                      f"{answer.cpu_s:6.2f} s  {answer.reason[:90]}", file=sys.stderr, flush=True)
    return found


def _name(row: dict) -> str:
    return row["file"].rsplit("/")[-1]


def report(title: str, rows: list[dict], found: dict[str, list[Answer]]) -> list[str]:
    """The table of one file, and who solved what alone."""
    apart = [bool(row.get("contradictory")) for row in rows]
    total, contradictory = apart.count(False), apart.count(True)
    head = f"## {title}: {total} problems" + (f", {contradictory} contradictory" if contradictory else "")
    lines = [head, "",
             "| | solved and checked | 95 % | told contradictory | refused by check | CPU s, median of solved | largest |",
             "|---|---|---|---|---|---|---|"]
    solved: dict[str, set[str]] = {}
    for name, answers in found.items():
        judged = list(zip(rows, answers, apart, strict=True))
        times = [a.cpu_s for _, a, bad in judged if a.status == "solved" and not bad]
        solved[name] = {_name(row) for row, a, bad in judged if a.status == "solved" and not bad}
        told = sum(a.status == "contradictory" for _, a, bad in judged if bad)
        wrong = sum("does not hold" in a.reason for a in answers if a.status == "unsolved") \
            + sum(a.status == ("solved" if bad else "contradictory") for _, a, bad in judged)
        took = f"{median(times):.2f} | {max(times):.2f}" if times else "- | -"
        lines.append(f"| {name} | {len(times)} of {total} | {wilson(len(times), total)} | {told} of {contradictory} | "
                     f"{wrong} | {took} |")
    lines.append("")
    for name, other in (("ours", "cvc5 alone"), ("cvc5 alone", "ours")):
        only = sorted(solved[name] - solved[other])
        lines.append(f"Solved by {name} only: {len(only)}" + (f" ({', '.join(only)})." if only else "."))
    possible = {_name(row) for row, bad in zip(rows, apart, strict=True) if not bad}
    neither = sorted(possible - solved["ours"] - solved["cvc5 alone"])
    by_cvc5 = sum(a.found_by == "cvc5" and a.status == "solved" for a in found["ours"])
    lines.append(f"Solved by neither: {len(neither)}" + (f" ({', '.join(neither)})." if neither else "."))
    crashed = sum("search: crashed" in a.reason for a in found["ours"])
    lines.append(f"Of ours, cvc5 found {by_cvc5} and our search the rest; our search crashed {crashed} times.")
    refused = [(_name(row), a.reason) for row, a in zip(rows, found["cvc5 alone"], strict=True)
               if "does not hold" in a.reason]
    lines += [f"Not counted for cvc5 alone: {name}, {reason[:170]}." for name, reason in refused]
    return [*lines, ""]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", type=Path, nargs="+", metavar="JSONL")
    parser.add_argument("--budget", type=float, default=10.0, help="CPU seconds a problem and solver")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--out", type=Path, help="the report as Markdown; standard output without it")
    parser.add_argument("--answers", type=Path, help="one JSON line a problem and solver, with the answer")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    suites = [(path, read_rows(path, options.every, options.first)) for path in options.suites]
    run_cvc5(suites[0][1][0]["sl"] if suites[0][1] else "", 1.0)  # its files are read from disk once, for neither solver
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    lines = ["# SyGuS problems, beside cvc5 alone", "",
             "```sh", "python tests/benchmarks/sygus.py CLIA.jsonl PBE_SLIA.jsonl --budget "
             f"{options.budget:g} --out tests/benchmarks/sygus.md", "```", "",
             f"One run, {options.budget:g} CPU s a problem for each solver, start-up included; machine {platform.machine()} "
             f"with {os.cpu_count()} cores that others used as well, Python {platform.python_version()}, commit {commit}. "
             "No seed: both are deterministic but for where the clock stops them.", ""]
    with (options.answers or Path(os.devnull)).open("w", encoding="utf-8") as sink:
        for path, rows in suites:
            found = run(rows, options.budget, options.verbose)
            lines += report(path.stem, rows, found)
            for name, answers in found.items():
                for row, answer in zip(rows, answers, strict=True):
                    sink.write(json.dumps({"file": row["file"], "solver": name, **asdict(answer)}) + "\n")
    text = "\n".join(lines)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
