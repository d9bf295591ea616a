"""The tokenizer and the weights of a base, its shape before they are loaded, and GGUF files unpacked once."""

from __future__ import annotations

import contextlib
import fcntl
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import transformers

from ncg_ray import gguf_files
from ncg_ray.errors import InfrastructureError, ModelError
from ncg_ray.learn.base import Base, Shape


def quiet() -> None:
    """No progress bars and no advice from transformers."""
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


def shape_of(base: Base) -> Shape:
    """Count parameters on torch's meta device: no weight is read. Raises ModelError."""
    quiet()
    with _readable(base):
        config = transformers.AutoConfig.from_pretrained(base.folder, **_options(base))
        with torch.device("meta"):
            model = transformers.AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    head = model.get_output_embeddings()
    linear = [m for m in model.modules() if isinstance(m, torch.nn.Linear) and m is not head]
    return Shape(sum(p.numel() for p in model.parameters()), config.num_hidden_layers, config.hidden_size,
                 config.vocab_size, getattr(config, "max_position_embeddings", 0) or 0,
                 sum(m.in_features + m.out_features for m in linear))


def load_tokenizer(base: Base) -> Any:
    """The tokenizer; without a pad token it takes the end token, which packed sequences never need for padding.

    Raises ModelError where there is no end token either: documents that are packed together must end somewhere.
    """
    quiet()
    with _readable(base):
        tokenizer = transformers.AutoTokenizer.from_pretrained(base.folder, **_options(base))
    if tokenizer.eos_token_id is None:
        raise ModelError(f"model {base.id!r}: its tokenizer has no end token, so packed documents could not be told apart; "
                         f"set eos_token in {base.folder / 'tokenizer_config.json'}")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(base: Base, dtype: str) -> Any:
    """The weights, in `dtype`, on the CPU, ready to train. Raises ModelError."""
    quiet()
    with _readable(base):
        model = transformers.AutoModelForCausalLM.from_pretrained(base.folder, dtype=getattr(torch, dtype), **_options(base))
    model.config.use_cache = False
    return model


def unpacked(base: Base, cache: Path) -> Base:
    """The same model as a folder of safetensors: a GGUF file is converted once and kept in `cache`.

    Reading a GGUF file takes transformers some ten seconds, and every worker and the merge would pay that again. The
    weights are stored in float32, which holds what the quantised ones mean without loss.
    Raises ModelError, and InfrastructureError where the cache cannot be written to.
    """
    if base.gguf_file is None:
        return base
    ready = _place(base, cache)
    folder = ready.folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / f".{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # several workers of a node want it at once; the first one makes it
            if not folder.is_dir():
                with (tempfile.TemporaryDirectory(dir=cache, prefix=".draft-") as draft,
                      gguf_files.read_once(base.gguf_file)):
                    save_model(load_model(base, "float32"), load_tokenizer(base), Path(draft, "model"))
                    Path(draft, "model").rename(folder)
    except OSError as error:
        raise InfrastructureError(f"{base.gguf_file} cannot be unpacked into {str(cache)!r}: {error.strerror or error}; "
                                  "make room there, or set XDG_CACHE_HOME to a folder that has some") from None
    return ready


def if_unpacked(base: Base, cache: Path) -> Base:
    """What `unpacked` would give where that costs nothing; else the base as it is. Writes nothing."""
    ready = _place(base, cache)
    return ready if ready.folder.is_dir() else base


def _place(base: Base, cache: Path) -> Base:
    if base.gguf_file is None:
        return base
    return Base(base.id, cache / f"{Path(base.gguf_file).stem}-{base.hash}", None, base.hash)


def save_model(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write safetensors, config and tokenizer into a folder that `from_pretrained` and `ncg` read."""
    config = model.config
    if hasattr(config, "quantization_config"):  # from GGUF: the weights are whole by now, but transformers refuses to save
        del config.quantization_config
        plain = type(model)(config).to(next(model.parameters()).dtype)
        plain.load_state_dict(model.state_dict())
        model = plain
    config.use_cache = True
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def vocabulary_fits(tokenizer: Any, shape: Shape, base: Base) -> None:
    """Raise ModelError where the tokenizer speaks tokens that the model has no row for."""
    if len(tokenizer) > shape.vocab_size:
        raise ModelError(f"model {base.id!r}: its tokenizer has {len(tokenizer)} tokens and its weights only "
                         f"{shape.vocab_size}; the files in {base.folder} belong to different models: fetch them again")


def _options(base: Base) -> dict[str, Any]:
    gguf = {"gguf_file": base.gguf_file} if base.gguf_file else {}
    return {"local_files_only": True, "trust_remote_code": False, **gguf}


@contextlib.contextmanager
def _readable(base: Base) -> Iterator[None]:
    """Turn the many kinds of error that transformers raises for broken files into one; read a GGUF file once."""
    try:
        with gguf_files.read_once(base.gguf_file):
            yield
    except Exception as error:  # many kinds; all mean the same to a user
        first = (str(error).splitlines() or [""])[0]
        raise ModelError(f"model {str(base.folder / (base.gguf_file or ''))!r} cannot be loaded: {type(error).__name__}: "
                         f"{first[:200]}; the files are damaged or of an unknown kind: fetch them again",
                         folder=str(base.folder)) from error
