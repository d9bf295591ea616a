"""The analysers: seconds against the tools' own commands, recall and false alarms, and the reward from what is stored.

    python tests/benchmarks/analyse.py [--programs SUITE.jsonl] [--traces 1000]

Without SUITE the programs are the repaired halves of `twins/`; a row of it has `prompt` and `canonical_solution`, or
`code`. All figures come from one run, so that their ratios hold on a busy machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median

from ncg_ray import assemble, pipeline
from ncg_ray.analyse import CodeAnalyser
from ncg_ray.analyse.semgrep_rules import PACK, read_rules
from ncg_ray.config import load
from ncg_ray.records import from_json, to_json
from ncg_ray.reward import recomputed
from ncg_ray.types import Example, Reward, Task

TWINS, SECOND = Path(__file__).with_name("twins"), Path(__file__).with_name("twins_second")
"The first set was read to mend the rules; the second was written after that, by somebody who had not read them."
LIBRARY = ("json", "csv", "textwrap", "heapq", "bisect", "statistics", "dataclasses")
RANKS = ("critical", "high", "medium", "low")
LOUD = ("critical", "high", "medium")


def programs(path: Path | None) -> list[str]:
    if path is None:
        return [p.read_text(encoding="utf-8") for p in sorted(TWINS.glob("*.repaired.py"))]
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [row["prompt"] + row["canonical_solution"] if "canonical_solution" in row else row["code"] for row in rows]


def ours(analyser: CodeAnalyser, codes: list[str]) -> tuple[float, float]:
    """Median seconds of one program alone, and seconds of 50 in one batch."""
    analyser.analyse_all(codes[:3])
    alone = []
    for code in codes[:40]:
        time.sleep(0.8)  # as between the steps of a search; the next process starts meanwhile
        began = time.perf_counter()
        analyser.analyse_all([code])
        alone.append(time.perf_counter() - began)
    batches = []
    for _ in range(4):
        time.sleep(2.0)
        began = time.perf_counter()
        analyser.analyse_all([codes[i % len(codes)] for i in range(50)])
        batches.append(time.perf_counter() - began)
    return median(alone), median(batches[1:])  # the first one starts what the others find waiting


def theirs(codes: list[str]) -> float:
    """Seconds a program of calling semgrep, bandit, mypy and ruff on it, each as its own command."""
    tool = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "rules.json"
        rules.write_text(json.dumps({"rules": [rule for _, rule in read_rules([str(PACK)])[0]]}))
        began = time.perf_counter()
        for number, code in enumerate(codes):
            path = Path(folder) / f"c{number}.py"
            path.write_text(code, encoding="utf-8")
            for command in (
                    [tool / "semgrep", "scan", "--metrics=off", "--disable-version-check", "--quiet", "--json", "--config",
                     rules, path], [tool / "bandit", "-q", "-f", "json", path],
                    [tool / "mypy", "--ignore-missing-imports", "--check-untyped-defs", "--cache-dir",
                     f"{folder}/mypy", path],
                    [tool / "ruff", "check", "--isolated", "--no-cache", "--exit-zero", "--output-format", "json", path]):
                subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
                               env={**os.environ, "PATH": f"{tool}{os.pathsep}{os.environ['PATH']}"})
        return (time.perf_counter() - began) / len(codes)


def recall(analyser: CodeAnalyser, folder: Path, details: bool) -> None:
    """Vulnerable programs that are flagged in their family, and repaired ones that are flagged at all."""
    families = json.loads((folder / "families.json").read_text(encoding="utf-8"))
    bad, good = ([p for p in sorted(folder.glob(f"*.{kind}.py"))] for kind in ("vulnerable", "repaired"))
    print(f"\n| `{folder.name}/` | measured | asked |\n|---|---|---|")
    seen, alarms = ([set() for _ in bad], [set() for _ in good])
    truth: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for paths, found, place in ((bad, seen, 0), (good, alarms, 1)):
        analyses = analyser.analyse_all([p.read_text(encoding="utf-8") for p in paths])
        for path, mine, analysis in zip(paths, found, analyses, strict=True):
            family = set(families[f"CWE-{int(path.name[3:].split('_')[0])}"])
            for f in analysis.findings:
                if f.kind == "security":
                    hit = f.cwe in family
                    if hit or place == 0 or f.severity in LOUD:
                        mine.add((f.rule, f.cwe, f.severity, f.confidence, hit))
                    if hit or place == 1:
                        truth[f.severity, f.confidence][place] += 1
    flagged = [any(hit for *_, hit in mine) for mine in seen]
    false = [bool([m for m in mine if m[-1] or m[2] in LOUD]) for mine in alarms]
    by_bandit = [any(m[-1] and m[0].startswith("B") and m[0][1:].isdigit() for m in mine) for mine in seen]
    print(f"| vulnerable programs flagged in their CWE family | {sum(flagged)} of {len(bad)} = "
          f"{sum(flagged) / len(bad):.0%} | 85 % |")
    print(f"| of these by bandit's finding | {sum(by_bandit)} | |")
    print(f"| repaired twins flagged (medium or more, or in the family) | {sum(false)} of {len(good)} = "
          f"{sum(false) / len(good):.0%} | at most 10 % |", flush=True)
    print("\n| severity, confidence | findings that name the flaw | findings on repaired twins | share true | weight |\n"
          "|---|---|---|---|---|")
    from ncg_ray.analyse.security import CONFIDENCE_WEIGHTS, SEVERITY_WEIGHTS
    for rank in RANKS:
        for sure in ("high", "medium", "low"):
            true, wrong = truth[rank, sure]
            if true + wrong:
                print(f"| {rank}, {sure} | {true} | {wrong} | {true / (true + wrong):.0%} | "
                      f"{SEVERITY_WEIGHTS[rank] * CONFIDENCE_WEIGHTS[sure]:.2f} |")
    if details:
        print("\nmissed: " + ", ".join(p.name.split(".")[0] for p, hit in zip(bad, flagged, strict=True) if not hit))
        for path, mine, wrong in zip(good, alarms, false, strict=True):
            if wrong:
                said = "; ".join(f"{m[0]} {m[1]} {m[2]}/{m[3]}" for m in sorted(mine, key=str))
                print(f"alarm: {path.name.split('.')[0]}: {said}")


def false_alarms(analyser: CodeAnalyser) -> None:
    paths = [p for name in LIBRARY for p in _files(name)]
    analyses = analyser.analyse_all([p.read_text(encoding="utf-8") for p in paths])
    found = Counter(f.severity for a in analyses for f in a.findings if f.kind != "quality")
    high = [(p.name, f.rule, f.line) for p, a in zip(paths, analyses, strict=True) for f in a.findings
            if f.severity in ("critical", "high")]
    print(f"| high-severity findings in {', '.join(LIBRARY)} of the standard library | {len(high)} {high or ''} | 0 |")
    print(f"| other security, dependency and licence findings there | {sum(found.values()) - len(high)} | |", flush=True)


def _files(name: str) -> list[Path]:
    root = Path(os.__file__).parent
    return sorted((root / name).glob("*.py")) or [root / f"{name}.py"]


async def traces(number: int, seed: int) -> tuple[int, int]:
    """So many Traces of real checks, written and read again; how many were made, and how many rewards are the same."""
    config = load(sets=["storage.uri="])
    chance = random.Random(seed)
    parts = assemble.local_parts(config, model=False)
    same = 0
    for start in range(0, number, 50):
        tasks, codes = [], []
        for i in range(start, min(start + 50, number)):
            a, b = chance.randint(-9, 9), chance.choice([0, 1, 2])
            tasks.append(Task(f"t{i}", "a linear function", entry_point="f", examples=tuple(
                Example((x,), returns=a * x + b) for x in chance.sample(range(-50, 50), 4))))
            codes.append(chance.choice([
                f"def f(x):\n    return {a} * x + {b}\n", f"def f(x):\n    return {a} * x\n", f"def f(x):\n    return {b}\n",
                "def f(x):\n    return x\n", f"def f(x):\n    return eval('{a} * x + {b}')\n",
                f"import os\n\n\ndef f(x):\n    y = {a} * x\n    return y + {b} if x else {b}\n", "def f(:\n",
                f"def f(x: int) -> str:\n    return {a} * x + {b}\n"]))
        for trace in await asyncio.gather(*(pipeline.check(t, c, parts) for t, c in zip(tasks, codes, strict=True))):
            text = json.dumps(to_json(trace))
            stored: Reward = from_json(type(trace), json.loads(text)).answer.reward
            fresh = recomputed(stored, config.reward.weights)
            written = json.dumps(json.loads(text)["answer"]["reward"])
            same += json.dumps(to_json(fresh)) == json.dumps(to_json(stored)) == written
    return number, same


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=Path, metavar="SUITE.jsonl")
    parser.add_argument("--commands", type=int, default=5, help="programs that the tools' own commands are called on")
    parser.add_argument("--traces", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--details", action="store_true", help="also name what was missed")
    options = parser.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    codes = programs(options.programs)
    analyser = CodeAnalyser()
    analyser.warm_up()
    print(f"machine {platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, commit {commit}, seed "
          f"{options.seed}, load {os.getloadavg()[0]:.1f}; {len(codes)} programs; {len(read_rules([str(PACK)])[0])} rules\n")
    print("| what | measured | asked |\n|---|---|---|")
    if options.commands:
        alone, batch = ours(analyser, codes)
        print(f"| one program, warm: security, quality, types, licence; median | {1000 * alone:.0f} ms | 150 ms |")
        print(f"| 50 programs in one batch | {batch:.2f} s | 2 s |", flush=True)
        command = theirs(codes[:options.commands])
        print(f"| the commands semgrep, bandit, mypy and ruff on one program | {command:.1f} s | |")
        print(f"| throughput of a batch against the commands | {command / (batch / 50):.0f} x | 20 x |", flush=True)
    false_alarms(analyser)
    if options.traces:
        number, same = asyncio.run(traces(options.traces, options.seed))
        print(f"| rewards of {number} Traces recomputed from their breakdown, byte for byte | {same} | {number} |",
              flush=True)
    for folder in (TWINS, SECOND):
        recall(analyser, folder, options.details)
    analyser.close()


if __name__ == "__main__":
    main()
