"""Fine-tune a model on code: `python jobs/train.py --config jobs/configs/laptop.toml`, also by `ray job submit`.

Reads Python source or JSONL, trains with LoRA under DeepSpeed, writes checkpoints and the merged model to the storage, logs
to MLflow. Where it was killed, the same command goes on at the last checkpoint.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

from ncg_ray.job import Job, Result, run_job


def body(job: Job) -> Result:
    from ncg_ray.actors import cluster
    from ncg_ray.training.plan import check, prepare

    check(job.config)
    num_cpus = math.ceil(job.config.train.num_workers * job.config.train.cpus_per_worker)
    with cluster.running(job.config.ray, min_cpus=num_cpus):
        plan = prepare(job.config, job.on_event)
        if job.dry_run:
            return Result(plan.document(), plan.text())
        from ncg_ray.training.run import train  # imports torch, which takes seconds

        report = train(plan, job.on_event)
    return Result(report, text(report))


def text(report: dict[str, Any]) -> str:
    """A report for people."""
    loss, held_out = report["loss"], report["validation_loss"]
    lines = [f"trained {report['name']}: {report['steps']} steps, {report['tokens']} tokens, "
             f"{report['tokens_per_s']:g} tokens/s",
             f"loss {loss['first']:.4f} -> {loss['last']:.4f} (perplexity {report['perplexity']:.2f})"]
    if held_out is not None:
        lines.append(f"held-out loss {held_out:.4f} (perplexity {report['validation_perplexity']:.2f})")
    return "\n".join([*lines, f"merged and live logits differ by {report['logits']['difference']:.1e} of the largest",
                      f"model: {report['model']}", f"use it: ncg generate TASK --set model.source={report['model']}"])


def main(argv: Sequence[str] | None = None) -> int:
    return run_job("train", "fine-tune a model on Python source", body, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
