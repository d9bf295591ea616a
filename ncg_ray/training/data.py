"""Ray Data: files -> documents -> kept documents -> tokens -> packed sequences -> one shard a worker, in a fixed order.

The order of the sequences depends on `seed` and on the data alone: not on how many blocks, tasks or machines took part, nor
on how often the run was resumed.
"""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
import ray.data
import ray.train

from ncg_ray import corpus
from ncg_ray.config import DataConfig
from ncg_ray.errors import InfrastructureError, InputError, NCGError
from ncg_ray.learn.base import Base
from ncg_ray.training.documents import facts, pack_group, read_group

GROUP_BYTES = 1 << 20
"Files up to this size are read, tokenised and packed together; a JSONL file is not taken apart."


@dataclass(frozen=True, slots=True)
class Documents:
    """What was read: the texts, in Ray's object store, and what is known of them."""

    groups: ray.data.Dataset
    num_groups: int
    manifest: corpus.Manifest
    left_out: frozenset[str]
    "Sources of duplicates; what is left out for another reason has no text."


@dataclass(frozen=True, slots=True)
class Sequences:
    """Packed sequences, the same number for each worker, in the order in which it sees them."""

    train: list[ray.data.Dataset]
    validation: list[ray.data.Dataset]
    "Empty where nothing is held out."
    rows_per_worker: int
    num_train: int
    "Of all workers; the few that do not divide evenly are not among them."
    num_validation: int


def read(config: DataConfig) -> Documents:
    """Read and filter everything below `data.path`. Raises InputError where nothing is left to train on."""
    _quiet()
    files = corpus.list_files(config.path)
    if not _has_working_dir():  # a job's files lie elsewhere on each machine, and tasks run where they lie
        files = [file.absolute() for file in files]
    groups: list[dict[str, Any]] = [{"group": i, "paths": paths} for i, paths in enumerate(_groups(files))]
    with _translated():
        read = ray.data.from_items(groups, override_num_blocks=len(groups)).map(
            read_group, fn_kwargs={"config": config}).materialize()
        rows = [corpus.Row(**row) for row in read.flat_map(facts).iter_rows()]
    manifest = corpus.Manifest.of(config.path, rows)
    manifest.check()
    duplicates = {row.source for row in corpus.drop_duplicates(rows) if row.dropped == "duplicate"}
    return Documents(read, len(groups), manifest, frozenset(duplicates))


def pack(documents: Documents, base: Base, config: DataConfig, *, seed: int, num_workers: int,
         num_validation: int) -> Sequences:
    """Tokenise, pack, order and share out. Raises InputError where there is not one sequence to train on."""

    def packed(split: str) -> ray.data.Dataset:
        rows = documents.groups.flat_map(pack_group, fn_kwargs={
            "split": split, "base": base, "sequence_tokens": config.sequence_tokens, "left_out": documents.left_out,
            "seed": seed, "alone": documents.num_groups == 1})
        return rows.sort("key") if documents.num_groups > 1 else rows  # a group is in order already

    with _translated():
        train = _shares(packed("train").materialize(), num_workers)
        held_out = documents.manifest.splits["validation"]
        validation = _shares(packed("validation").limit(num_validation).materialize(), num_workers) if held_out else []
    if not train:
        raise InputError(f"data.path {config.path!r} has too little text to train on; give more, or data.validation_share=0")
    return Sequences(train, validation, train[0].count(), sum(share.count() for share in train),
                     sum(share.count() for share in validation))


class InOrder(ray.train.DataConfig):
    """Gives each worker its own share, in its order; Ray's own split hands blocks to whoever asks first."""

    def __init__(self, shares: dict[str, list[ray.data.Dataset]]) -> None:
        super().__init__()
        self.shares = shares

    def configure(self, datasets: dict[str, Any], world_size: int, *_: Any, **__: Any) -> list[dict[str, Any]]:
        return [{name: self.shares[name][rank].iterator() for name in datasets} for rank in range(world_size)]


def _shares(rows: ray.data.Dataset, num_workers: int) -> list[ray.data.Dataset]:
    """As many rows for each worker, in their order; fewer rows than workers are given out more than once."""
    num_rows = rows.count()
    if not num_rows:
        return []
    if num_rows < num_workers:
        few = rows.take_all()
        rows = ray.data.from_items((few * math.ceil(num_workers / num_rows))[:num_workers]).materialize()
        num_rows = num_workers
    each = num_rows // num_workers
    # Here, where CPUs are free: once the workers hold them all, a task that splits would wait for ever.
    return list(rows.split_at_indices([each * i for i in range(1, num_workers + 1)])[:num_workers])


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """What a task raised, out of Ray Data's wrappings."""
    try:
        yield
    except NCGError:
        raise
    except Exception as error:
        reason: BaseException | None = error
        while reason is not None and not isinstance(reason, NCGError):
            reason = getattr(reason, "cause", None) or reason.__cause__
        if reason is not None:
            raise reason from None
        raise InfrastructureError(f"reading data.path failed: {(str(error).splitlines() or [''])[0][:200]}") from error


def _groups(files: list[Path]) -> Iterator[list[str]]:
    group: list[str] = []
    size = 0
    for file in files:
        size += file.stat().st_size
        group.append(str(file))
        if size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _has_working_dir() -> bool:
    return bool(ray.get_runtime_context().runtime_env.get("working_dir"))


def _quiet() -> None:
    for name in ("ray.data", "ray.data._internal.progress"):  # the second one warns that there are no progress bars
        logging.getLogger(name).setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False
