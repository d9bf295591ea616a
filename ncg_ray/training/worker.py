"""What each worker of a Ray Train run does: load, resume, step, checkpoint, and in the end merge."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import ray.train

from ncg_ray.config import Config, preset
from ncg_ray.errors import InfrastructureError, NCGError
from ncg_ray.learn.base import Base
from ncg_ray.training import models
from ncg_ray.training.store import DONE, DRAFT, MODEL, Progress, RunFolder

PROBE_ROWS = 1
"Training sequences on which merged and live logits are compared."


@dataclass(frozen=True, slots=True)
class Work:
    """All that a worker is told."""

    config: Config
    base: Base
    folder: RunFolder
    rows_per_worker: int
    resume_step: int
    "Newest whole checkpoint when the job began; 0: none."
    splits: tuple[str, ...]
    "`train`, and `validation` where something is held out."
    channel: Any
    "Where events go; see channel.py."


def train_loop(settings: dict[str, Work]) -> dict[str, Any]:
    """Runs on every worker. Returns `{"model": {...}}`, or `{"trouble": words}` where going on makes no sense."""
    preset({"DS_ACCELERATOR": "cuda" if settings["work"].config.train.use_gpu else "cpu", "TOKENIZERS_PARALLELISM": "false"})
    worker = _Worker(settings["work"])
    trouble = worker.train()
    return {"trouble": trouble} if trouble else worker.finish()


class _Worker:
    def __init__(self, work: Work) -> None:
        _quiet()
        from ncg_ray.learn import lora, state, zero
        from ncg_ray.learn.loading import load_model

        self.work, self.config, self.folder = work, work.config.train, work.folder
        self.rank = ray.train.get_context().get_world_rank()
        if self.folder.read("run.json") is None:
            raise InfrastructureError(f"storage.uri = {self.folder.uri!r} is not seen by all machines; give a folder that "
                                      f"they share, or an fsspec URL")
        self.base = models.on_this_node(work.base)
        self.shards = {name: ray.train.get_dataset_shard(name) for name in work.splits}
        model = lora.attach(load_model(self.base, self.config.dtype), self.config, work.config.seed)
        self.engine = zero.start(model, self.config)
        self.progress = Progress()
        reported = ray.train.get_checkpoint()  # of this job; one of an earlier job is named in `work`
        step = int(reported.path.rpartition("_")[2]) if reported else work.resume_step
        if step:
            with self.folder.local(step) as local:
                state.load(self.engine, local)
            self.progress = self.folder.progress(step)
        self.say({"event": "note", "text": f"going on at step {step} of {self.config.num_steps}" if step else
                  f"training {self.config.num_steps} steps"})

    def say(self, event: dict[str, Any]) -> None:
        if self.rank == 0:
            self.work.channel.put.remote(event)

    def train(self) -> str:
        """Do the steps that are left; returns why it stopped early, or nothing."""
        import torch

        from ncg_ray.learn import sft

        config, progress = self.config, self.progress
        batches = sft.batches_from(self.rows, self.work.rows_per_worker, config.batch_size,
                                   start=progress.step * config.accumulation_steps)
        while progress.step < config.num_steps:
            # Dropout: each step its own numbers, the same after a resume.
            torch.manual_seed((self.work.config.seed * config.num_steps + progress.step) * config.num_workers + self.rank)
            began = time.perf_counter()
            step = sft.train_step(self.engine, (next(batches).to(self.engine.device)
                                                for _ in range(config.accumulation_steps)))
            seconds = time.perf_counter() - began
            progress.add(step, seconds, config.num_steps)
            self.say({"event": "step", "step": progress.step, "total": config.num_steps, "loss": step.loss,
                      "perplexity": sft.perplexity(step.loss), "grad_norm": step.grad_norm,
                      "learning_rate": step.learning_rate, "tokens_per_s": step.num_tokens / seconds,
                      "memory_mb": sft.max_over_ranks(_memory_mb(self.engine), self.engine.device)})
            if not math.isfinite(step.loss):
                return (f"the loss of step {progress.step} is {step.loss}: the training diverged; begin anew with a smaller "
                        "train.learning_rate and another train.name")
            if progress.step % config.checkpoint_steps == 0 or progress.step == config.num_steps:
                if trouble := self.checkpoint():
                    return trouble
        return ""

    def checkpoint(self) -> str:
        """Validate and save; returns why it could not be saved, the same on all ranks."""
        from ncg_ray.learn import sft

        loss = sft.validate(self.engine, self.validation())
        if loss is not None:
            self.progress.validation.append([self.progress.step, loss])
        step, before = self.progress.step, self.folder.checkpoints()
        if trouble := self._save(step):
            last = [s for s in before if s != step][-1:]
            return (f"the checkpoint of step {step} was not saved: {trouble}; "
                    f"{f'that of step {last[0]} is whole' if last else 'there is none before it'}; make room and run the "
                    "same command again, it goes on from there")
        metrics = {"step": step, "loss": self.progress.curve[-1][1], "validation_loss": loss}
        checkpoint = ray.train.Checkpoint(self.folder.checkpoint(step), self.folder.filesystem()) if self.rank == 0 else None
        ray.train.report(metrics, checkpoint=checkpoint, checkpoint_upload_mode=ray.train.CheckpointUploadMode.NO_UPLOAD)
        self.say({"event": "checkpoint", "step": step, "path": self.folder.checkpoint(step), "validation_loss": loss,
                  "validation_perplexity": sft.perplexity(loss)})
        return ""

    def _save(self, step: int) -> str:
        """Write the checkpoint; a failed one is removed. Returns what went wrong on any rank."""
        from ncg_ray.learn import state

        place = Path(self.folder.checkpoint(step))

        def agreed(write: Callable[[], None], all_ranks: bool = False) -> str:
            """What goes wrong here or elsewhere; an exception of one rank would leave the others waiting."""
            trouble = ""
            if all_ranks or self.rank == 0:
                try:
                    write()
                except (OSError, NCGError) as error:
                    trouble = state.problem(error, place)
            return state.agree(trouble)

        if trouble := agreed(lambda: self.folder.forget(step)):  # a job that was killed here may have left one
            return trouble
        if self.folder.is_local:
            trouble = state.save(self.engine, place)
        else:
            with tempfile.TemporaryDirectory() as scratch:
                trouble = state.save(self.engine, Path(scratch)) or agreed(
                    lambda: _copy(scratch, self.folder, str(place)), all_ranks=True)
        trouble = trouble or agreed(lambda: self.folder.seal(self.progress))
        if trouble:
            agreed(lambda: self.folder.forget(step))
        return trouble

    def finish(self) -> dict[str, Any]:
        """Merge, compare, save: rank 0, from weights and logits that take all ranks to gather."""
        from ncg_ray.learn import lora, merge, sft

        if (done := self.folder.read(f"{MODEL}/{DONE}")) is not None:
            return {"model": done}
        self.say({"event": "stage", "stage": "merge"})
        batch = next(sft.batches_from(self.rows, self.work.rows_per_worker, PROBE_ROWS, 0))
        live = merge.live_logits(self.engine, batch.to(self.engine.device))
        weights = lora.trained_state(self.engine.module)
        if self.rank:
            return {}
        return self._merge(batch, live, weights)

    def _merge(self, batch: Any, live: Any, weights: dict[str, Any]) -> dict[str, Any]:
        from ncg_ray.learn import merge, state
        from ncg_ray.learn.loading import load_tokenizer

        place = Path(self.folder.path)
        try:
            # In the run's folder, where a rename is enough to publish it.
            with tempfile.TemporaryDirectory(prefix=DRAFT, dir=place if self.folder.is_local else None) as scratch:
                draft = Path(scratch, MODEL)
                agreement = merge.save_merged(self.base, weights, load_tokenizer(self.base), self.config,
                                              self.work.config.seed, batch, live, draft)
                done = {"step": self.progress.step, "logits": asdict(agreement)}
                _publish(draft, done, self.folder)
        except InfrastructureError as error:
            return {"trouble": error.message}
        except Exception as error:
            if not state.is_full(error, place):
                raise
            return {"trouble": f"the model was not saved: {state.problem(error, place)}; make room and run the same command "
                               "again, it goes on from there"}
        return {"model": done}

    def rows(self) -> Iterator[list[int]]:
        for row in self.shards["train"].iter_rows():
            yield row["tokens"]

    def validation(self) -> Iterator[Any]:
        import torch

        if "validation" in self.shards:
            rows = [list(row["tokens"]) for row in self.shards["validation"].iter_rows()]
            for i in range(0, len(rows), self.config.batch_size):
                yield torch.tensor(rows[i:i + self.config.batch_size]).to(self.engine.device)


def _publish(draft: Path, done: dict[str, Any], folder: RunFolder) -> None:
    """Give the finished model its name; where that cannot be done at once, `training.json` comes last."""
    import json

    if folder.is_local:
        (draft / DONE).write_text(json.dumps(done, indent=2), encoding="utf-8")
        draft.rename(Path(folder.path, MODEL))
    else:
        _copy(str(draft), folder, f"{folder.path}/{MODEL}")
        folder.write(f"{MODEL}/{DONE}", done)


def _copy(source: str, folder: RunFolder, target: str) -> None:
    from pyarrow import fs

    files = folder.filesystem()
    files.create_dir(target)
    fs.copy_files(source, target, source_filesystem=fs.LocalFileSystem(), destination_filesystem=files)


def _memory_mb(engine: Any) -> float:
    """Of this process and its GPU, MiB: resident now, and the GPU's peak."""
    import psutil
    import torch

    gpu = torch.cuda.max_memory_allocated(engine.device) if engine.device.type == "cuda" else 0
    return (psutil.Process().memory_info().rss + gpu) / (1 << 20)


def _quiet() -> None:
    """Nothing that libraries say about themselves belongs into a worker's log."""
    import logging
    import warnings

    warnings.simplefilter("ignore", FutureWarning)
    for name in ("DeepSpeed", "ray.train", "ray.data"):
        logging.getLogger(name).setLevel(logging.WARNING)
