"""Repairs of security findings: how many vulnerable twins lose the flaw of their family, and whether they still work.

    python tests/benchmarks/security_repair.py [--set twins_second] [--details]

A flagged twin counts as repaired where no finding of its CWE family is left (under the rules that flagged it, or any of
medium severity or more), no new finding of medium severity or more came,
all of its functions, their parameters and classes are still there, and its benign check in `twins_tests/` passes where there
is one. A check counts only where the vulnerable and the hand-repaired twin both pass it; repairs do not see the checks. The
table goes to `security_repair.md`.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ncg_ray.config import Config
from ncg_ray.mend.flaws import FlawMender
from ncg_ray.types import Finding

HERE = Path(__file__).parent
SETS = ("twins", "twins_second")
CHECK_S = 120


@dataclass(slots=True)
class Row:
    """What became of one vulnerable twin."""

    name: str
    is_flagged: bool = False
    left: int = 0
    "Findings of its family after the repair: of the rules that spoke before, and others of medium severity or more."
    new: int = 0
    "New findings of medium severity or more."
    keeps_interface: bool = True
    check: str = "none"
    "`passed`, `failed`, `none`, or `unfit` where a twin itself does not pass."
    rewrites: tuple[str, ...] = ()
    elapsed_s: float = 0.0

    @property
    def is_repaired(self) -> bool:
        return not self.left and not self.new and self.keeps_interface and self.check != "failed"


async def repair(mender: FlawMender, path: Path, family: set[str]) -> tuple[Row, str]:
    """(row, repaired code)."""
    code = path.read_text(encoding="utf-8")
    row = Row(path.name.split(".")[0])
    before, = mender.findings([code], "security")
    row.is_flagged = any(f.kind == "security" and f.cwe in family for f in before)
    if not row.is_flagged:
        return row, code
    began = time.monotonic()
    outcome = await mender.mend(code)
    row.elapsed_s = time.monotonic() - began
    after, = mender.findings([outcome.code], "security")
    rules = {f.rule for f in before}
    row.left = sum(f.cwe in family and (f.severity != "low" or f.rule in rules) for f in after)
    row.new = len(_new(before, after))
    row.rewrites = tuple(m.edit.template for m in outcome.mends)
    row.keeps_interface = _interface(code) <= _interface(outcome.code)
    return row, outcome.code


def _new(before: tuple[Finding, ...], after: tuple[Finding, ...]) -> list[str]:
    was, now = (Counter(f.rule for f in some if f.severity != "low") for some in (before, after))
    return list((now - was).elements())


def _interface(code: str) -> set[str]:
    """Functions with the names of their parameters, and classes."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found |= {f"{node.name}({a.arg})" for a in (*node.args.args, *node.args.kwonlyargs)} | {node.name}
    return found


def passes(name: str, code: Path) -> int:
    """0 passed, 1 failed, 2 no check, 3 cannot be loaded here."""
    try:
        return subprocess.run([sys.executable, str(HERE / "twins_tests/run.py"), name, str(code)], capture_output=True,
                              timeout=CHECK_S).returncode
    except subprocess.TimeoutExpired:
        return 1


def checked(folder: Path, row: Row, code: str) -> str:
    """Whether the repaired twin does what both twins do."""
    names = re.findall(r"^def (cwe\w+)", "".join(p.read_text() for p in (HERE / "twins_tests").glob("*.py")), re.M)
    if folder.name != "twins" or row.name not in names:
        return "none"
    if any(passes(row.name, folder / f"{row.name}.{half}.py") for half in ("vulnerable", "repaired")):
        return "unfit"
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "code.py")
        path.write_text(code, encoding="utf-8")
        return "passed" if passes(row.name, path) == 0 else "failed"


async def measure(folder: Path, details: bool) -> list[Row]:
    families = json.loads((folder / "families.json").read_text(encoding="utf-8"))
    mender = FlawMender(("security",), Config().analyse)
    mender.findings([p.read_text(encoding="utf-8") for p in folder.glob("*.vulnerable.py")], "security")  # kept for below
    rows = []
    for path in sorted(folder.glob("*.vulnerable.py")):
        row, code = await repair(mender, path, set(families[f"CWE-{int(path.name[3:].split('_')[0])}"]))
        if row.is_flagged and row.rewrites:
            row.check = checked(folder, row, code)
        rows.append(row)
        if details:
            print(row, file=sys.stderr, flush=True)
    mender.close()
    return rows


def table(rows: dict[str, list[Row]]) -> str:
    lines = ["| | " + " | ".join(f"`{name}/`" for name in rows) + " | asked |", "|---|" + "---|" * (len(rows) + 1)]

    def line(words: str, number, asked: str = "") -> None:
        lines.append(f"| {words} | " + " | ".join(str(number(some)) for some in rows.values()) + f" | {asked} |")
    line("vulnerable programs", len)
    line("flagged in their CWE family", lambda some: sum(r.is_flagged for r in some))
    line(
        "**of these repaired**: flaw gone, nothing new of medium severity or more, interface kept, check passed",
        lambda some: (
            lambda f: f"**{sum(r.is_repaired for r in f)} = {sum(r.is_repaired for r in f) / max(1, len(f)):.0%}**"
        )([r for r in some if r.is_flagged]),
        "80 %",
    )
    line("flaw still found", lambda some: sum(r.left > 0 for r in some if r.is_flagged))
    line("a new finding of medium severity or more", lambda some: sum(r.new > 0 for r in some if r.is_flagged))
    line("interface changed", lambda some: sum(not r.keeps_interface for r in some if r.is_flagged))
    line(
        "repaired and run on benign inputs that both twins pass",
        lambda some: sum(r.check in ("passed", "failed") for r in some),
    )
    line("of these passed", lambda some: sum(r.check == "passed" for r in some))
    line(
        "seconds a program, median",
        lambda some: f"{sorted(r.elapsed_s for r in some if r.is_flagged)[sum(r.is_flagged for r in some) // 2]:.1f}",
    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", choices=SETS, help="default: both")
    parser.add_argument("--details", action="store_true", help="a line for each program on standard error")
    parser.add_argument("--out", type=Path, default=HERE / "security_repair.md")
    options = parser.parse_args()
    rows = {name: asyncio.run(measure(HERE / name, options.details)) for name in options.set or SETS}
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    text = [
        "# Repairs of security findings",
        "",
        "`python tests/benchmarks/security_repair.py`. "
        f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, commit {commit}, load "
        f"{os.getloadavg()[0]:.1f}.",
        "",
        "The rewrites were written with a view of the vulnerable halves of `twins/`; `twins_second/` was not read. What "
        "counts is in the head of the script.",
        "",
        table(rows),
        "",
    ]
    for name, some in rows.items():
        if name == "twins":
            bad = [r.name for r in some if r.is_flagged and not r.is_repaired]
            text += [f"Not repaired in `{name}/`: {', '.join(bad) or 'none'}.", ""]
    options.out.write_text("\n".join(text), encoding="utf-8")
    print("\n".join(text))


if __name__ == "__main__":
    main()
