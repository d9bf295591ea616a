"""The model to start from, on whichever machine asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ncg_ray import gguf_files
from ncg_ray.config import ModelConfig, cache_home
from ncg_ray.errors import ConfigError, ModelError
from ncg_ray.generate.loading import find_model
from ncg_ray.learn.base import Base, Shape


def find(config: ModelConfig, notify: Callable[[str], None]) -> Base:
    """Resolve `model.source`. Raises ModelError, and ConfigError for a model behind a URL, which has no weights here."""
    if config.source.startswith(("http://", "https://")):
        raise ConfigError(f"model.source = {config.source!r} is a server; training needs weights: give a hub name, a "
                          "folder, a .gguf file, or auto")
    files = find_model(config.source, config.hub_timeout_s, notify)
    return Base(files.id, files.folder.absolute(), files.gguf_file, files.hash)


def on_this_node(base: Base) -> Base:
    """The same model where this process runs, ready to load: looked up again where the folder is not there.

    Raises ModelError where this machine has another model under the same name, or none.
    """
    from ncg_ray.learn.loading import unpacked

    if not base.folder.is_dir():
        files = find_model(base.id if "/" in base.id else "auto", 5.0, lambda text: None)
        if files.hash != base.hash:
            raise ModelError(f"model {base.id!r} is not the same on all machines; give model.source a hub name, or a folder "
                             f"that they share")
        base = replace(base, folder=files.folder, gguf_file=files.gguf_file)
    return unpacked(base, cache())


def cache() -> Path:
    """Where unpacked GGUF models are kept: `~/.cache/ncg_ray/models`, or below XDG_CACHE_HOME."""
    return Path(cache_home()) / "models"


def shape(base: Base) -> Shape:
    """For a task: the driver stays without torch, and a GGUF file is read in the process that will unpack it."""
    from ncg_ray.learn.loading import if_unpacked, load_tokenizer, shape_of, vocabulary_fits

    base = if_unpacked(base, cache())
    with gguf_files.read_once(base.gguf_file):
        found = shape_of(base)
        vocabulary_fits(load_tokenizer(base), found, base)
    return found
