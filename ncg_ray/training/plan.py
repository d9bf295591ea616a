"""Everything that can be said before a worker starts; `--dry-run` ends here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ray

from ncg_ray import corpus, storage
from ncg_ray.config import Config
from ncg_ray.errors import ConfigError, InfrastructureError, NCGError
from ncg_ray.learn.base import Base, Shape
from ncg_ray.learn.memory import Need, need, num_trained
from ncg_ray.telemetry import Listener
from ncg_ray.training import data, models, nodes, record
from ncg_ray.training.store import DONE, MODEL, RunFolder


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be trained, checked against the cluster and against what is stored."""

    config: Config
    base: Base
    shape: Shape
    need: Need
    nodes: Sequence[nodes.Node]
    documents: data.Documents
    folder: RunFolder
    identity: dict[str, Any]
    resume_step: int
    "Newest whole checkpoint of an earlier job; 0: none."
    report: dict[str, Any] | None
    "Of the run, where it is finished."

    def text(self) -> str:
        """A few lines for people."""
        train, shape = self.config.train, self.shape
        trained = num_trained(shape, train)
        tokens = train.batch_size * train.accumulation_steps * train.num_workers * self.config.data.sequence_tokens
        state = ("it is finished" if self.report else f"it goes on at step {self.resume_step}" if self.resume_step else
                 "it begins anew")
        return "\n".join([
            f"run:    {train.name}, {train.num_steps} steps of {tokens} tokens; {state}",
            f"model:  {self.base.id}, {shape.num_params:,} weights of which {trained:,} train, ZeRO-{train.zero_stage}, "
            f"{train.dtype}",
            f"data:   {self.documents.manifest.text()}", f"memory: {nodes.describe(self.nodes, train, self.need)}",
            f"result: {self.folder.path}"])

    def document(self) -> dict[str, Any]:
        """The same for programs."""
        return {"name": self.config.train.name, "num_steps": self.config.train.num_steps, "resume_step": self.resume_step,
                "finished": self.report is not None, "model": self.base.id, "num_weights": self.shape.num_params,
                "num_trained": num_trained(self.shape, self.config.train), "data": self.documents.manifest.to_json(),
                "worker_bytes": self.need.total, "free_bytes": {n.address: n.free_bytes for n in self.nodes},
                "path": self.folder.path}


def check(config: Config) -> None:
    """What needs no cluster and no model: impossible settings, a name that is none, no files. Raises InputError."""
    from ncg_ray.learn import zero

    zero.check(config.train)
    RunFolder(config.storage.uri, config.train.name)
    corpus.list_files(config.data.path)


def prepare(config: Config, on_event: Listener, probe: Callable[[], Sequence[nodes.Node]] = nodes.probe) -> Plan:
    """Check config, model, memory and data, in the order of what they cost, on a Ray that runs.

    Args:
        config: with `storage.uri`.
        probe: tells what the machines have; tests give smaller ones.

    Raises ConfigError, ModelError and InputError for what the user can mend; nothing is loaded or written by then.
    """
    check(config)
    folder = RunFolder(config.storage.uri, config.train.name)
    base = models.find(config.model, lambda text: on_event({"event": "note", "text": text}))
    shape: Shape = in_task(models.shape, base)
    if 0 < shape.max_tokens < config.data.sequence_tokens:
        raise ConfigError(f"data.sequence_tokens = {config.data.sequence_tokens}: the model {base.id!r} has positions for "
                          f"{shape.max_tokens}; lower it")
    needed = need(shape, config.train, config.data.sequence_tokens)
    found = probe()
    nodes.check(found, config.train, needed)
    on_event({"event": "stage", "stage": "read"})
    documents = data.read(config.data)
    identity = record.identity(config, base, documents.manifest)
    stored = folder.read("run.json")
    if stored is not None:
        record.check(stored["identity"], identity, config.train.name, folder.path)
    return Plan(config, base, shape, needed, found, documents, folder, identity, (folder.checkpoints() or [0])[-1],
                finished(folder))


def finished(folder: RunFolder) -> dict[str, Any] | None:
    """The report of a run that ended, whose model is there."""
    import json

    data = storage.read(folder.uri, report_name(folder.name))
    return json.loads(data) if data is not None and folder.read(f"{MODEL}/{DONE}") is not None else None


def report_name(name: str) -> str:
    return f"reports/train-{name}.json"


def in_task(function: Callable[..., Any], *args: Any) -> Any:
    """Call it in a process of its own, which pays for the imports and the memory. Our own errors come through whole."""
    try:
        return ray.get(ray.remote(function).options(num_cpus=1).remote(*args))
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, NCGError):
            raise error.cause from None
        raise InfrastructureError(f"{function.__name__}: {error.cause}") from error
