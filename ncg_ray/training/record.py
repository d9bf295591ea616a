"""What makes a run the run that it is: settings and data that a resumed job must share with the one that began."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from ncg_ray.config import Config
from ncg_ray.corpus import Manifest
from ncg_ray.errors import ConfigError
from ncg_ray.learn.base import Base

_FREE = {"name", "cpus_per_worker", "use_gpu", "checkpoint_steps", "keep_checkpoints", "max_failures",
         "validation_sequences"}
"Knobs of [train] that may change between attempts: they move work and files, not numbers."


def identity(config: Config, base: Base, manifest: Manifest) -> dict[str, Any]:
    """Everything that the numbers of a run depend on, by the name of its knob."""
    train = {f"train.{f.name}": getattr(config.train, f.name) for f in fields(config.train) if f.name not in _FREE}
    return {"model.source": f"{base.id} ({base.hash})", "data": f"{manifest.text()} (sha256 {manifest.sha256[:16]})",
            "data.sequence_tokens": config.data.sequence_tokens, "seed": config.seed, **train}


def check(stored: dict[str, Any], now: dict[str, Any], name: str, place: str) -> None:
    """Raise ConfigError where the run of this name was begun with other settings or other data."""
    changed = [f"{key} was {stored.get(key)!r} and is {now.get(key)!r}"
               for key in {**stored, **now} if stored.get(key) != now.get(key)]
    if changed:
        raise ConfigError(f"the run {name!r} in {place!r} was begun differently: {'; '.join(changed)}; to go on with it set "
                          f"that back, to begin anew give train.name another value")
