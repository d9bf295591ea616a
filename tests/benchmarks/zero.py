"""Does sharding change what is learned? ZeRO 0, 1, 2 and 3 on two workers, and plain PyTorch in one process.

    python tests/benchmarks/zero.py [--steps 10] [--dtype float32] [--set model.source=MODEL]

Every stage is a whole run of `ncg_ray.training` (Ray Data, Ray Train, DeepSpeed) of its own; the reference is a loop of
plain PyTorch over the same sequences. Prints a table with machine, commit and seed; exit code 1 where a curve is off.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import plain_training

from ncg_ray import corpus
from ncg_ray.actors import cluster
from ncg_ray.config import Config, load
from ncg_ray.learn import loading, lora
from ncg_ray.training import models
from ncg_ray.training.documents import order_key
from ncg_ray.training.plan import prepare
from ncg_ray.training.run import train

TOLERANCE = {"float32": 2e-3, "bfloat16": 0.1}
"Largest difference of two losses of one step, in nats."
DATA = Path(__file__).parents[2] / "ncg_ray" / "task" / "values.py"


def configure(folder: Path, args: argparse.Namespace, stage: int) -> Config:
    return load(sets=[
        f"storage.uri={folder}", f"data.path={DATA}", "data.sequence_tokens=64", "data.validation_share=0",
        f"train.num_steps={args.steps}", f"train.checkpoint_steps={args.steps}", "train.batch_size=2",
        "train.warmup_steps=2", "train.learning_rate=0.002", f"train.dtype={args.dtype}", f"seed={args.seed}",
        f"train.zero_stage={stage}", f"train.name=zero-{stage}", *args.set])


def reference(config: Config) -> list[float]:
    """Plain PyTorch, in float32 whatever `--dtype` says."""
    base = models.on_this_node(models.find(config.model, lambda text: None))
    tokenizer = loading.load_tokenizer(base)
    tokens = tokenizer(Path(config.data.path).read_text(), add_special_tokens=False).input_ids
    rows = corpus.pack([tokens], config.data.sequence_tokens, tokenizer.eos_token_id)
    rows = [rows[i] for i in sorted(range(len(rows)), key=lambda i: order_key(config.seed, "train", 0, i))]
    half = len(rows) // 2
    trainable = lora.attach(loading.load_model(base, "float32"), config.train, config.seed)
    return list(plain_training.losses(trainable, [rows[:half], rows[half:2 * half]], config.train))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--dtype", choices=list(TOLERANCE), default="float32")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], metavar="A.B=C")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        config = configure(Path(folder), args, 0)
        print("plain PyTorch", file=sys.stderr, flush=True)
        expected = reference(config)
        reports = {}
        with cluster.running(config.ray, min_cpus=2):
            for stage in range(4):
                print(f"ZeRO-{stage}", file=sys.stderr, flush=True)
                began = time.monotonic()
                plan = prepare(configure(Path(folder), args, stage), lambda event: None)
                reports[stage] = train(plan, lambda event: None) | {"wall_s": time.monotonic() - began}
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    print(f"machine {platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, commit {commit}, seed "
          f"{args.seed}, model {plan.base.id}, {args.dtype}, {args.steps} steps, tolerance {TOLERANCE[args.dtype]:g}\n")
    print("| | first loss | last loss | largest difference | tokens/s | whole run | merged differs by |")
    print("|---|---|---|---|---|---|---|")
    print(f"| plain PyTorch, one process | {expected[0]:.4f} | {expected[-1]:.4f} | | | | |")
    worst = 0.0
    for stage, report in reports.items():
        losses = [loss for _, loss in report["curve"]]
        difference = max(abs(a - b) for a, b in zip(losses, expected, strict=True))
        worst = max(worst, difference)
        print(f"| ZeRO-{stage}, two workers | {losses[0]:.4f} | {losses[-1]:.4f} | {difference:.1e} | "
              f"{report['tokens_per_s']:.0f} | {report['wall_s']:.0f} s | {report['logits']['difference']:.1e} |")
    return int(not worst <= TOLERANCE[args.dtype])


if __name__ == "__main__":
    sys.exit(main())
