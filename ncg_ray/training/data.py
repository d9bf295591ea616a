"""Ray Data: files -> documents -> kept documents -> tokens -> packed sequences -> one shard a worker, in a fixed order.

The order of the sequences depends on `seed` and on the data alone: not on how many blocks, tasks or machines took part, nor
on how often the run was resumed.
"""

from __future__ import annotations

import functools
import hashlib
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
from ncg_ray.errors import InputError
from ncg_ray.learn.base import Base

GROUP_BYTES = 1 << 20
"Files up to this size are read, tokenised and packed together; a JSONL file is not taken apart."
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Documents:
    """What was read: the texts, in Ray's object store, and what is known of them."""

    groups: ray.data.Dataset
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
    groups = [{"group": i, "paths": paths} for i, paths in enumerate(_groups(files))]
    read = ray.data.from_items(groups, override_num_blocks=len(groups)).map(
        _read, fn_kwargs={"config": config}).materialize()
    rows = [corpus.Row(**row) for row in read.flat_map(_facts).iter_rows()]
    manifest = corpus.Manifest.of(config.path, rows)
    manifest.check()
    duplicates = {row.source for row in corpus.drop_duplicates(rows) if row.dropped == "duplicate"}
    return Documents(read, manifest, frozenset(duplicates))


def pack(documents: Documents, base: Base, config: DataConfig, *, seed: int, num_workers: int,
         num_validation: int) -> Sequences:
    """Tokenise, pack, order and share out. Raises InputError where there is not one sequence of two tokens."""
    packed = documents.groups.flat_map(_pack, fn_kwargs={
        "base": base, "sequence_tokens": config.sequence_tokens, "left_out": documents.left_out, "seed": seed}).materialize()
    # Only what is shorter than a sequence altogether is packed into a short one.
    longest = packed.max("num_tokens") if packed.count() else 0
    if not longest or longest < 2:
        raise InputError(f"data.path {config.path!r} has too little text for one sequence; give more")
    whole = packed.filter(expr=f"num_tokens == {longest}")
    train = _shares(whole.filter(expr="split == 'train'").sort("key").materialize(), num_workers)
    validation = _shares(whole.filter(expr="split == 'validation'").sort("key").limit(num_validation).materialize(),
                         num_workers)
    if not train:
        raise InputError(f"data.path {config.path!r} has too little text to train on for one sequence of {longest} tokens; "
                         "give more, or set data.validation_share=0")
    return Sequences(train, validation, train[0].count(), sum(share.count() for share in train),
                     sum(share.count() for share in validation))


class InOrder(ray.train.DataConfig):
    """Gives each worker its own share, in its order; Ray's own split hands blocks to whoever asks first."""

    def __init__(self, shares: dict[str, list[ray.data.Dataset]]) -> None:
        super().__init__()
        self.shares = shares

    def configure(self, datasets: dict[str, Any], world_size: int, *_: Any, **__: Any) -> list[dict[str, Any]]:
        return [{name: self.shares[name][rank].iterator() for name in datasets} for rank in range(world_size)]


def order_key(seed: int, split: str, group: int, index: int) -> int:
    """Where a sequence stands among the others: 63 bits that look random and are the same each time."""
    digest = hashlib.blake2b(f"{seed}:{split}:{group}:{index}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


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


# --- what runs in Ray's tasks; a row is one group of files ---------------------------------------------------


def _read(row: dict[str, Any], config: DataConfig) -> dict[str, Any]:
    documents = [document for path in row["paths"]
                 for document in corpus.documents_of(path, Path(path).read_bytes(), config)]
    return {"group": row["group"], "documents": [
        {"source": d.source, "text": d.text, "sha256": d.sha256, "split": d.split, "dropped": d.dropped} for d in documents]}


def _facts(row: dict[str, Any]) -> Rows:
    return [{"source": d["source"], "sha256": d["sha256"], "split": d["split"], "dropped": d["dropped"],
             "num_chars": len(d["text"])} for d in row["documents"]]


def _pack(row: dict[str, Any], base: Base, sequence_tokens: int, left_out: frozenset[str], seed: int) -> Rows:
    tokenizer = _tokenizer(base)
    packed: Rows = []
    for split in ("train", "validation"):
        texts = [d["text"] for d in row["documents"]
                 if d["split"] == split and not d["dropped"] and d["source"] not in left_out]
        tokens = tokenizer(texts, add_special_tokens=False).input_ids if texts else []
        packed += [{"split": split, "key": order_key(seed, split, row["group"], i), "num_tokens": len(sequence),
                    "tokens": sequence}
                   for i, sequence in enumerate(corpus.pack(tokens, sequence_tokens, tokenizer.eos_token_id))]
    return packed


@functools.lru_cache(maxsize=1)
def _tokenizer(base: Base) -> Any:
    from ncg_ray.learn.base import load_tokenizer
    from ncg_ray.training.models import on_this_node

    return load_tokenizer(on_this_node(base))


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
