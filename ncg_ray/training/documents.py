"""What Ray Data's tasks do with one group of files. A row of theirs is a group: `{"group": index, "documents": [...]}`."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

from ncg_ray import corpus
from ncg_ray.config import DataConfig
from ncg_ray.errors import InputError
from ncg_ray.learn.base import Base

Row = dict[str, Any]


def read_group(row: Row, config: DataConfig) -> Row:
    """The documents of one group of files."""
    documents = [document for path in row["paths"] for document in corpus.documents_of(path, _content(path), config)]
    return {"group": row["group"], "documents": [
        {"source": d.source, "text": d.text, "sha256": d.sha256, "split": d.split, "dropped": d.dropped} for d in documents]}


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"data.path: {path!r}: {error.strerror}; every machine must be able to read it") from None


def facts(row: Row) -> list[Row]:
    """What a manifest needs of a group, without the texts."""
    return [{"source": d["source"], "sha256": d["sha256"], "split": d["split"], "dropped": d["dropped"],
             "num_chars": len(d["text"])} for d in row["documents"]]


def pack_group(row: Row, split: str, base: Base, sequence_tokens: int, left_out: frozenset[str], seed: int,
               alone: bool) -> list[Row]:
    """Packed sequences of one split, in order.

    Args:
        left_out: sources of documents to skip.
        alone: this group is all there is. Then a text that is shorter than one sequence makes a short one; among other
            groups it would not fit into a batch with theirs.
    """
    texts = [d["text"] for d in row["documents"]
             if d["split"] == split and not d["dropped"] and d["source"] not in left_out]
    if not texts:
        return []
    tokenizer = _tokenizer(base)
    packed = corpus.pack(tokenizer(texts, add_special_tokens=False).input_ids, sequence_tokens, tokenizer.eos_token_id)
    rows = [{"key": order_key(seed, split, row["group"], i), "tokens": tokens} for i, tokens in enumerate(packed)
            if len(tokens) == sequence_tokens or (alone and len(tokens) > 1)]
    return sorted(rows, key=lambda row: row["key"])


def order_key(seed: int, split: str, group: int, index: int) -> int:
    """Where a sequence stands among the others: 63 bits that look random and are the same each time."""
    digest = hashlib.blake2b(f"{seed}:{split}:{group}:{index}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


@functools.lru_cache(maxsize=1)
def _tokenizer(base: Base) -> Any:
    from ncg_ray.learn.loading import load_tokenizer
    from ncg_ray.training.models import on_this_node

    return load_tokenizer(on_this_node(base))
