"""`train`: fit, follow, and write down what came of it."""

from __future__ import annotations

import contextlib
import json
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import ray
import ray.train
from ray.train.torch import TorchConfig, TorchTrainer

from ncg_ray import storage
from ncg_ray.errors import ActorError, InfrastructureError, NCGError
from ncg_ray.learn import state
from ncg_ray.learn.sft import perplexity
from ncg_ray.registry import Tracking
from ncg_ray.telemetry import Event, Listener
from ncg_ray.training import channel, data
from ncg_ray.training.plan import Plan, report_name
from ncg_ray.training.store import DONE, MODEL
from ncg_ray.training.worker import Work, train_loop

Report = dict[str, Any]


def train(plan: Plan, on_event: Listener) -> Report:
    """Train what was planned, or what is left of it, and return the report, which `reports/train-<name>.json` holds too.

    A run that is finished is not touched. Raises InfrastructureError where training cannot go on; what was checkpointed by
    then stays, and the same call goes on from there. InputError where another job trains the same run.
    """
    if plan.report is not None:
        on_event({"event": "note", "text": f"the run {plan.folder.name!r} is finished; this is its report"})
        return plan.report
    config, report = plan.config, None
    try:
        with channel.opened(plan.folder.name) as events, \
                Tracking.open(config.mlflow, config.storage.uri, config.train.name, resume=True) as tracking:
            if plan.folder.read("run.json") is None:
                plan.folder.write("run.json", {"identity": plan.identity, "data": plan.documents.manifest.to_json()})
            plan.folder.tidy(config.train.keep_checkpoints)
            books = _Books(tracking, on_event)
            books.begin(plan)
            done = plan.folder.read(f"{MODEL}/{DONE}") or _fit(plan, events, books.listen)
            plan.folder.tidy(config.train.keep_checkpoints)
            report = _report(plan, done) | {"mlflow": books.end(plan)}
            storage.write(config.storage.uri, report_name(plan.folder.name), json.dumps(report, indent=2).encode())
    except InfrastructureError as error:
        if report is None:
            raise
        on_event({"event": "note", "text": error.message})  # MLflow did not take the end of a run that is all there
    return report


def _fit(plan: Plan, events: Any, listen: Listener) -> dict[str, Any]:
    """Run Ray Train to its end; returns what `worker.train_loop` says of the model."""
    config, train = plan.config, plan.config.train
    listen({"event": "stage", "stage": "pack"})
    sequences = data.pack(plan.documents, plan.base, config.data, seed=config.seed, num_workers=train.num_workers,
                          num_validation=train.validation_sequences)
    shares = {"train": sequences.train, **({"validation": sequences.validation} if sequences.validation else {})}
    listen({"event": "note", "text": f"{sequences.num_train} sequences to train on, {sequences.num_validation} held out"})
    work = Work(config, plan.base, plan.folder, sequences.rows_per_worker, (plan.folder.checkpoints() or [0])[-1],
                tuple(shares), events)
    trainer = TorchTrainer(
        train_loop, train_loop_config={"work": work}, torch_config=TorchConfig("nccl" if train.use_gpu else "gloo"),
        scaling_config=ray.train.ScalingConfig(
            num_workers=train.num_workers, use_gpu=train.use_gpu,
            resources_per_worker={"CPU": train.cpus_per_worker, **({"GPU": 1} if train.use_gpu else {})}),
        run_config=ray.train.RunConfig(
            name=plan.folder.name, storage_path=plan.folder.parent, storage_filesystem=plan.folder.filesystem(),
            failure_config=ray.train.FailureConfig(max_failures=train.max_failures),
            checkpoint_config=ray.train.CheckpointConfig(num_to_keep=train.keep_checkpoints),
            callbacks=[_Failures(events)]),
        datasets={name: parts[0] for name, parts in shares.items()}, dataset_config=data.InOrder(shares))
    listen({"event": "stage", "stage": "start"})
    try:
        answer = _follow(trainer.fit, events, listen).return_value
    except ray.train.TrainingFailedError as error:
        raise _failure(plan, error) from error
    if answer is None or "trouble" in answer:
        raise InfrastructureError(answer["trouble"] if answer else "the workers ended without an answer")
    return dict(answer["model"])


def _follow(fit: Callable[[], Any], events: Any, listen: Listener) -> Any:
    """Call `fit` in a thread and pass on what the workers tell meanwhile. Events stay in this thread, and so do signals."""
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["result"] = fit()
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=run, name="ncg-fit", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            for event in ray.get(events.take.remote(0.5)):
                listen(event)
        for event in ray.get(events.take.remote(0.0)):
            listen(event)
    except ray.exceptions.RayActorError as error:
        raise ActorError(f"the cluster lost the training's channel: {channel.gist(error)}; run the same command again, it "
                         "goes on at the last checkpoint") from error
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]


def _failure(plan: Plan, error: BaseException) -> NCGError:
    """One line about a training that failed for good."""
    reason = channel.cause(error)
    if isinstance(reason, NCGError):
        return reason
    whole = plan.folder.checkpoints()
    place = f"the checkpoint of step {whole[-1]} is whole" if whole else "there is no checkpoint yet"
    if plan.folder.is_local and state.is_full(reason, Path(plan.folder.path)):
        return InfrastructureError(f"training stopped: the disk that holds {plan.folder.path!r} is full; {place}; make room "
                                   "and run the same command again")
    return InfrastructureError(f"training failed after {plan.config.train.max_failures} retries (train.max_failures): "
                               f"{channel.gist(reason)}; {place}, the same command goes on from it")


def _report(plan: Plan, done: dict[str, Any]) -> Report:
    """What came of a run, from what its last checkpoint says."""
    progress = plan.folder.progress(done["step"])
    losses = [loss for _, loss in progress.curve]
    held_out = progress.validation[-1][1] if progress.validation else None
    return {
        "name": plan.folder.name, "finished": True, "steps": progress.step, "tokens": progress.num_tokens,
        "seconds": round(progress.seconds, 1), "tokens_per_s": round(progress.num_tokens / max(progress.seconds, 1e-9), 1),
        "loss": {"first": losses[0], "last": losses[-1]}, "perplexity": perplexity(losses[-1]),
        "validation_loss": held_out, "validation_perplexity": perplexity(held_out), "curve": progress.curve,
        "validation": progress.validation, "logits": done["logits"], "base": {"id": plan.base.id, "hash": plan.base.hash},
        "data": plan.documents.manifest.to_json(), "settings": plan.identity, "worker_bytes": asdict(plan.need),
        "checkpoints": [plan.folder.checkpoint(step) for step in plan.folder.checkpoints()],
        "model": f"{plan.folder.path}/{MODEL}"}


class _Failures(ray.train.UserCallback):
    """Tells of workers that failed; Ray Train calls it in its controller."""

    def __init__(self, channel: Any) -> None:
        self.channel = channel

    def after_exception(self, run_context: Any, worker_exceptions: dict[int, Exception]) -> None:
        ranks = ", ".join(map(str, sorted(worker_exceptions)))
        first = channel.gist(next(iter(worker_exceptions.values())))
        self.channel.put.remote({"event": "note", "kind": "worker_failed", "text": f"worker {ranks} failed: {first}"})


class _Books:
    """MLflow's view of the run. Once it has begun, a tracking server that fails does not stop the training."""

    def __init__(self, tracking: Tracking, on_event: Listener) -> None:
        self.tracking, self.on_event = tracking, on_event
        self.error = ""

    def begin(self, plan: Plan) -> None:
        self.tracking.log_params({**plan.identity, "data.path": plan.config.data.path})
        self.tracking.log_json(plan.documents.manifest.to_json(), "manifest.json")

    def listen(self, event: Event) -> None:
        """Show an event, and log the numbers in it."""
        self.on_event(event)
        if event["event"] in ("step", "checkpoint"):
            numbers = {name: value for name, value in event.items()
                       if isinstance(value, float) or (value is None and name != "event")}
            self._log(lambda: self.tracking.log_metrics(numbers, step=event["step"]))

    def end(self, plan: Plan) -> dict[str, Any]:
        """Log the model; returns where it is registered."""
        self.on_event({"event": "stage", "stage": "register"})
        found: dict[str, Any] = {"uri": self.tracking.place.shown, "run_id": self.tracking.run_id, "model": None}
        with _local_model(plan) as folder:
            self._log(lambda: found.update(model=self.tracking.log_model(folder, plan.folder.name)))
        return {**found, **({"error": self.error} if self.error else {})}

    def _log(self, call: Callable[[], object]) -> None:
        if self.error:
            return
        try:
            call()
        except InfrastructureError as error:
            self.error = error.message
            self.on_event({"event": "note", "text": f"{error.message}; the training goes on without MLflow"})


@contextlib.contextmanager
def _local_model(plan: Plan) -> Iterator[Path]:
    """The merged model as a folder here."""
    from pyarrow import fs

    if plan.folder.is_local:
        yield Path(plan.folder.path, MODEL)
        return
    with tempfile.TemporaryDirectory() as scratch:
        fs.copy_files(f"{plan.folder.path}/{MODEL}", scratch, source_filesystem=plan.folder.filesystem(),
                      destination_filesystem=fs.LocalFileSystem())
        yield Path(scratch)
