"""What the search adds to a language model, and the model to the search.

Policies: the bare model; the default mode without search (samples, execution, repairs by the model); the search without a
model (`--mode symbolic`); the default mode; `--mode hybrid`, which always searches too.

    python tests/benchmarks/default_mode.py SUITE.jsonl --set model.source=FOLDER --seed 0 --replies replies.jsonl

All see the same replies of the model, which `--replies` keeps between runs: what is asked again with the same words, seed
and temperature is not generated twice. Judged by the hidden tests, after the oracle gate. The intervals are Wilson's, that
of the gain a bootstrap over tasks of the paired difference.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import mean

from evaluate import interval

from ncg_ray import assemble, pipeline
from ncg_ray.config import Config, load
from ncg_ray.evaluate.grade import Grader
from ncg_ray.evaluate.metrics import wilson
from ncg_ray.evaluate.suite import SuiteRow, read_suite
from ncg_ray.generate import NeuralGenerator
from ncg_ray.generate.lm import LanguageModel
from ncg_ray.protocols import Completion, CompletionRequest
from ncg_ray.records import stable_hash

POLICIES = {"bare model": "neural", "without search": "adaptive", "search alone": "symbolic", "default": "adaptive",
            "hybrid": "hybrid"}
"Each with its mode."
WITHOUT = {"edit_s": 0.0, "synthesis_s": 0.0}


class RememberedModel:
    """A language model whose replies are kept in a file."""

    def __init__(self, model: LanguageModel, path: Path | None) -> None:
        self.model, self.path, self.info, self.is_chat = model, path, model.info, model.is_chat
        self.known: dict[str, list[dict]] = {}
        if path is not None and path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                self.known |= dict([json.loads(line)])

    def complete(self, requests: Sequence[CompletionRequest], cancelled: Callable[[], bool]) -> list[list[Completion]]:
        return [self._one(request, cancelled) for request in requests]

    def _one(self, request: CompletionRequest, cancelled: Callable[[], bool]) -> list[Completion]:
        key = stable_hash([self.info.hash, request])
        if key not in self.known:
            batch, = self.model.complete([request], cancelled)
            self.known[key] = [asdict(reply) for reply in batch]
            if self.path is not None:
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([key, self.known[key]]) + "\n")
        return [Completion(**reply) for reply in self.known[key]]


async def run(options: argparse.Namespace, config: Config) -> list[dict]:
    executor = assemble.executor(config.sandbox)
    grader = Grader(executor, config.sandbox)
    parts = assemble.local_parts(config, model=True, executor=executor)
    remembered = RememberedModel(parts.generator.model, options.replies)
    generator = NeuralGenerator(remembered, config.model.max_new_tokens)
    search = {name: replace(config.search, **WITHOUT) if name == "without search" else config.search for name in POLICIES}
    every = {}
    for name in POLICIES:
        own = replace(config, search=search[name])
        every[name] = replace(parts, config=own, generator=generator, repairer=assemble.repairer(generator),
                              specifier=assemble.specifier(generator, own), controllers=assemble.controllers(own, True))
    rows = []
    for row in read_suite(options.suite)[:options.rows]:
        gate = await grader.gate(row)
        if gate.left_out:
            print(f"left out: {row.task_id}: {gate.left_out}", file=sys.stderr)
            continue
        for seed in options.seeds:
            for name in options.policies:
                if name in ("bare model", "search alone") and seed != options.seeds[0]:
                    continue  # a seed changes nothing
                rows.append(await solved(row, name, seed, every[name], grader, gate.time_limit_s))
                print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    return rows


async def solved(row: SuiteRow, policy: str, seed: int, parts: pipeline.Parts, grader: Grader, limit_s: float) -> dict:
    began = time.monotonic()
    trace = await pipeline.solve(row.task, parts, mode=POLICIES[policy], seed=seed)
    took_s = time.monotonic() - began
    codes = [trace.code, *dict.fromkeys(a.candidate.code for a in trace.attempts)]
    grade, *others = await grader.grade(row, codes, limit_s)
    best = trace.attempts[trace.answer.attempt].candidate if trace.answer else None
    return {"task_id": row.task_id, "policy": policy, "seed": seed, "solved": grade.solved,
            "among": any(other.solved for other in others), "verdict": trace.verdict,
            "confidence": trace.confidence, "origin": best.origin if best else "", "seconds": round(took_s, 1),
            "tokens": trace.counts["tokens"], "steps": [d.action for d in trace.decisions], "code": trace.code}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=Path)
    parser.add_argument("--set", action="append", default=[], dest="sets")
    parser.add_argument("--seed", action="append", type=int, dest="seeds")
    parser.add_argument("--policy", action="append", choices=list(POLICIES), dest="policies",
                        help="default: all")
    parser.add_argument("--rows", type=int, help="the first so many rows")
    parser.add_argument("--replies", type=Path, help="JSON lines: the model's replies, read and added to")
    parser.add_argument("--out", type=Path, help="JSON lines: each answer")
    parser.add_argument("--add", type=Path, action="append", default=[], metavar="FILE",
                        help="what another run wrote with --out: its answers count as well; with --rows 0 nothing is run")
    options = parser.parse_args()
    options.seeds, options.policies = options.seeds or [0], options.policies or list(POLICIES)
    rows = [json.loads(line) for file in options.add for line in file.read_text(encoding="utf-8").splitlines()]
    if options.rows != 0:
        rows += asyncio.run(run(options, load(sets=options.sets)))
    if options.out:
        options.out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    print(f"machine {platform.machine()}, Python {platform.python_version()}, commit {commit}, seeds {options.seeds}\n")
    print(table(options.suite.stem, rows))


def table(suite: str, rows: Sequence[dict]) -> str:
    """As Markdown, a line a policy. Gains are over the bare model and over the policy without search."""
    heads = ("suite", "policy", "solved, share", "95 % interval", "over the bare model, points", "over no search",
             "a right one among all tried", "tokens/task", "answers of the search")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    shares: dict[str, dict[str, float]] = {}
    for name in POLICIES:
        mine = [r for r in rows if r["policy"] == name]
        if not mine:
            continue
        share = {t: mean(r["solved"] for r in mine if r["task_id"] == t) for t in dict.fromkeys(r["task_id"] for r in mine)}
        lo, hi = wilson(mean(share.values()), len(share))
        cells = (suite, name, f"{sum(share.values()):g} of {len(share)} = {mean(share.values()):.1%}",
                 f"{lo:.1%} .. {hi:.1%}",
                 *(gain(share, shares.get(other)) for other in ("bare model", "without search")),
                 f"{mean(r['among'] for r in mine):.1%}", f"{mean(r['tokens'] for r in mine):.0f}",
                 str(sum(r["origin"] in ("edit", "symbolic") for r in mine)))
        lines.append(f"| {' | '.join(cells)} |")
        shares[name] = share
    return "\n".join(lines)


def gain(share: dict[str, float], other: dict[str, float] | None) -> str:
    """The mean paired difference on the tasks that both have, with its interval."""
    both = [share[t] - other[t] for t in share if t in other] if other else []
    if not both:
        return ""
    lo, hi = interval(both)
    return f"{100 * mean(both):+.1f} ({100 * lo:+.1f} .. {100 * hi:+.1f})"


if __name__ == "__main__":
    main()
