"""Every knob, with its unit and range. This is the only module that reads the environment.

A config comes from defaults, then a TOML file (`--config`), then `--set section.key=value`, later ones winning.

Example:
    >>> load(sets=["sandbox.time_s=2"]).sandbox.time_s
    2.0
"""

from __future__ import annotations

import os
import tomllib
import typing
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ncg_ray.errors import ConfigError
from ncg_ray.records import stable_hash


def _knob(default: Any, doc: str, lo: float | None = None, hi: float | None = None) -> Any:
    return field(default=default, metadata={"doc": doc, "lo": lo, "hi": hi})


@dataclass(frozen=True, slots=True)
class ModelConfig:
    source: str = _knob("auto", "hub name, folder, .gguf file, `auto`, or an http(s) URL of an OpenAI-compatible server")
    name: str = _knob("", "model name to ask a server for; empty takes the first that it lists")
    dtype: Literal["auto", "bfloat16", "float32", "float16", "int8"] = _knob(
        "auto", "auto: bfloat16; int8: dynamic quantisation of the linear layers, CPU only")
    device_map: str = _knob("auto", "passed to transformers where a GPU is there; ignored on CPU")
    max_prompt_tokens: int = _knob(2048, "tokens; a longer prompt loses its middle", 64, 1_000_000)
    max_new_tokens: int = _knob(512, "tokens a candidate may have", 1, 32_768)
    top_p: float = _knob(0.95, "nucleus, in (0, 1]", 0.01, 1.0)
    batch_size: int = _knob(16, "sequences decoded at once", 1, 1024)
    num_threads: int = _knob(0, "CPU threads of the model; 0: one for each core", 0, 1024)
    hub_timeout_s: float = _knob(5.0, "seconds that `auto` waits for the hub", 0.1, 600)
    deadline_s: float = _knob(600.0, "seconds for one generation call", 1, 86_400)
    api_key_env: str = _knob("OPENAI_API_KEY", "environment variable that holds a server's key")


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    time_s: float = _knob(5.0, "wall seconds a call", 0.05, 3600)
    memory_mb: int = _knob(1024, "MiB of address space a process", 64, 1 << 20)
    output_kb: int = _knob(64, "KiB of one reply or of printed output", 1, 1 << 20)
    num_workers: int = _knob(2, "processes that check candidates at once", 1, 4096)


@dataclass(frozen=True, slots=True)
class VerifyConfig:
    timeout_s: float = _knob(10.0, "CPU seconds a function", 0.1, 86_400)
    num_probes: int = _knob(24, "sampled inputs for contracts and for agreement", 0, 100_000)


@dataclass(frozen=True, slots=True)
class SearchConfig:
    temperature: float = _knob(0.4, "of every candidate but the greedy one", 0.01, 2.0)
    num_samples: int = _knob(10, "candidates beside the greedy one", 0, 10_000)
    num_neural_samples: int = _knob(0, "candidates that neural mode draws beside its answer, for pass@k", 0, 10_000)
    num_repairs: int = _knob(2, "model repairs of one candidate before resampling", 0, 100)
    num_specifications: int = _knob(5, "samples that must agree on the examples of a task in words", 2, 100)
    deadline_s: float = _knob(600.0, "seconds a task", 1, 86_400)


@dataclass(frozen=True, slots=True)
class RewardConfig:
    weights: tuple[float, ...] = _knob((0.6, 0.15, 0.15, 0.1), "tests, security, quality, licence; sum to 1", 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class RayConfig:
    address: str = _knob("", "a running cluster (host:port, ray://..., auto); empty starts a local one")
    num_cpus: int = _knob(0, "CPUs of a local cluster; 0: all cores", 0, 4096)
    max_restarts: int = _knob(4, "restarts of one actor", 0, 1000)
    call_timeout_s: float = _knob(900.0, "deadline of one actor call", 1, 86_400)
    start_timeout_s: float = _knob(300.0, "deadline for an actor to be ready (loading a model)", 1, 86_400)


@dataclass(frozen=True, slots=True)
class StorageConfig:
    uri: str = _knob("", "folder (or fsspec URL) for Traces; empty keeps none")


@dataclass(frozen=True, slots=True)
class Config:
    """All sections. Frozen; `hash` goes into every Trace."""

    model: ModelConfig = ModelConfig()
    sandbox: SandboxConfig = SandboxConfig()
    verify: VerifyConfig = VerifyConfig()
    search: SearchConfig = SearchConfig()
    reward: RewardConfig = RewardConfig()
    ray: RayConfig = RayConfig()
    storage: StorageConfig = StorageConfig()
    seed: int = _knob(0, "of every random choice", 0, 2**63 - 1)

    @property
    def hash(self) -> str:
        """Of all that can change an answer: where Ray runs and where Traces go is left out."""
        return stable_hash(replace(self, ray=RayConfig(), storage=StorageConfig()))


def load(path: str | Path | None = None, sets: Sequence[str] = ()) -> Config:
    """Read a config. Raises ConfigError naming the key, the value and what is allowed."""
    data: dict[str, Any] = {}
    if path is not None:
        try:
            data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError(f"config file {str(path)!r}: {error.strerror}; give --config a readable TOML file") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"config file {str(path)!r} is not TOML: {error}") from None
    config = _apply(Config(), data, "")
    for item in sets:
        key, sep, text = item.partition("=")
        if not sep or not key.strip():
            raise ConfigError(f"--set {item!r}: write it as section.key=value")
        nested: Any = _literal(text)
        for part in reversed(key.strip().split(".")):
            nested = {part: nested}
        config = _apply(config, nested, "")
    return _checked(config)


def _literal(text: str) -> Any:
    """A TOML value where it reads as one, else the text itself, so that `model.source=auto` needs no quotes."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _apply(section: Any, data: dict[str, Any], prefix: str) -> Any:
    known = {f.name: f for f in fields(section)}
    hints = typing.get_type_hints(type(section))
    changes: dict[str, Any] = {}
    for name, value in data.items():
        key = prefix + name
        if name not in known:
            meant = [f" (did you mean {full}?)" for full, _, _ in describe() if full.endswith("." + name)][:1]
            raise ConfigError(f"unknown config key {key!r}{''.join(meant)}; known here: "
                              f"{', '.join(prefix + k for k in known)}")
        if is_dataclass(hints[name]):
            if not isinstance(value, dict):
                raise ConfigError(f"config key {key!r} is a section; write {key}.{fields(hints[name])[0].name}=...")
            changes[name] = _apply(getattr(section, name), value, key + ".")
        else:
            changes[name] = _convert(key, hints[name], value, known[name].metadata)
    return replace(section, **changes)


_KINDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


def _convert(key: str, hint: Any, value: Any, knob: typing.Mapping[str, Any]) -> Any:
    origin = typing.get_origin(hint)
    if origin is Literal:
        if value not in typing.get_args(hint):
            raise ConfigError(f"config {key} = {value!r}: one of {', '.join(typing.get_args(hint))}")
        return value
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise ConfigError(f"config {key} = {value!r}: a list of numbers, such as [0.6, 0.15, 0.15, 0.1]")
        return tuple(_convert(key, float, item, knob) for item in value)
    if hint is str and isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise ConfigError(f"config {key} = {value!r}: {_KINDS[hint]} is needed ({knob['doc']})")
    lo, hi = knob["lo"], knob["hi"]
    if lo is not None and not (lo <= value <= hi):  # NaN fails this too
        raise ConfigError(f"config {key} = {value!r}: from {lo} to {hi} ({knob['doc']})")
    return value


def _checked(config: Config) -> Config:
    weights = config.reward.weights
    if len(weights) != 4 or abs(sum(weights) - 1.0) > 1e-6:
        raise ConfigError(f"config reward.weights = {list(weights)}: four numbers (tests, security, quality, licence) "
                          f"that sum to 1; these sum to {sum(weights):g}")
    return config


def environment(name: str, default: str = "") -> str:
    """One environment variable. Others go through this function, so that what is read stays countable."""
    return os.environ.get(name, default)


def describe() -> list[tuple[str, Any, str]]:
    """(key, default, meaning) of every knob, for `ncg config` and the README."""
    rows: list[tuple[str, Any, str]] = []
    for section in fields(Config):
        value = getattr(Config(), section.name)
        inner = [(section.name + "." + f.name, getattr(value, f.name), f.metadata["doc"]) for f in fields(value)
                 ] if is_dataclass(value) else [(section.name, value, section.metadata["doc"])]
        rows += inner
    return rows
