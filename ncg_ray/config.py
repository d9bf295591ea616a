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
        "auto", "auto: bfloat16, or float32 on a CPU without instructions for it; int8: quantised linear layers, CPU only")
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
    backend: Literal["auto", "bubblewrap", "gvisor", "landlock"] = _knob(
        "auto", "what holds untrusted code; auto: the first of these that works here")
    time_s: float = _knob(5.0, "seconds a call, without those that it waits for a CPU", 0.05, 3600)
    calibrate: bool = _knob(True, "time_s counts in seconds of a reference machine, so that a slow one judges alike")
    memory_mb: int = _knob(1024, "MiB of address space a process", 64, 1 << 20)
    output_kb: int = _knob(64, "KiB of one reply or of printed output", 1, 1 << 20)
    num_workers: int = _knob(2, "processes that check candidates at once", 1, 4096)


@dataclass(frozen=True, slots=True)
class VerifyConfig:
    timeout_s: float = _knob(10.0, "CPU seconds a function", 0.1, 86_400)
    num_probes: int = _knob(24, "sampled inputs for contracts and for agreement", 0, 100_000)
    max_proofs: int = _knob(3, "candidates of a batch whose contracts are proved; 0: contracts are only sampled", 0, 1000)
    num_workers: int = _knob(2, "verifier actors", 1, 1024)
    num_guesses: int = _knob(0, "replies in which the language model may guess loop invariants where the solver finds none; "
                             "0: it is not asked", 0, 1000)
    confirm: bool = _knob(False, "ask a second solver, cvc5, about every proof; where it does not agree nothing is proved")


@dataclass(frozen=True, slots=True)
class SearchConfig:
    temperature: float = _knob(0.4, "of every candidate but the greedy one", 0.01, 2.0)
    num_samples: int = _knob(10, "candidates beside the greedy one", 0, 10_000)
    num_neural_samples: int = _knob(0, "candidates that neural mode draws beside its answer, for pass@k", 0, 10_000)
    num_repairs: int = _knob(2, "model repairs of one candidate before resampling", 0, 100)
    edit_s: float = _knob(5.0, "seconds of search for edits of one failed candidate; 0: none", 0, 86_400)
    num_edited: int = _knob(2, "failed candidates whose edits are searched", 0, 100)
    synthesis_s: float = _knob(8.0, "seconds of search for programs where no candidate will do; 0: none", 0, 86_400)
    num_specifications: int = _knob(5, "samples that must agree on the examples of a task in words", 2, 100)
    deadline_s: float = _knob(600.0, "seconds a task", 1, 86_400)


@dataclass(frozen=True, slots=True)
class RepairConfig:
    timeout_s: float = _knob(20.0, "seconds of search for a patch; judging the patches found comes on top", 0.1, 86_400)
    max_pairs: int = _knob(20_000, "pairs of edits that are tried where no single edit will do", 0, 10_000_000)
    num_inputs: int = _knob(40, "generated inputs on which patches that pass are compared", 0, 10_000)
    history: str = _knob("", "SQLite file of what earlier repairs learned; empty: repair.sqlite in the cache folder; none: "
                         "nothing is learned")
    num_workers: int = _knob(1, "repair actors", 1, 1024)


@dataclass(frozen=True, slots=True)
class SynthesisConfig:
    timeout_s: float = _knob(10.0, "seconds of one search for programs without a model", 0.1, 86_400)
    num_candidates: int = _knob(5, "programs that one search gives, each of which behaves in its own way", 1, 1000)
    num_rounds: int = _knob(4, "searches a task, each with the counterexamples of those before", 1, 1000)
    max_terms: int = _knob(400_000, "expressions that a search keeps; each takes about 1 kB", 1000, 100_000_000)
    num_workers: int = _knob(1, "synthesiser actors", 1, 1024)


@dataclass(frozen=True, slots=True)
class AnalyseConfig:
    rules: tuple[str, ...] = _knob((), "semgrep rule files, or folders of them, beside our own pack")
    advisories: str = _knob("", "known vulnerabilities of packages: an OSV .json file, a folder or .zip of them, or `osv` "
                            "to ask the service; empty: not looked up")
    licence_allow: tuple[str, ...] = _knob((), "SPDX ids or patterns of licences that are welcome; empty: permissive ones")
    licence_review: tuple[str, ...] = _knob((), "of those that a person should look at, and which count half; empty: weak "
                                            "copyleft")
    licence_deny: tuple[str, ...] = _knob((), "of those that must not be used; empty: strong copyleft, and those with "
                                          "restrictions of use")
    licence_target: str = _knob("", "SPDX id of the licence that the code is to be under; empty: any")
    num_workers: int = _knob(1, "analyser actors", 1, 1024)


@dataclass(frozen=True, slots=True)
class RewardConfig:
    weights: tuple[float, ...] = _knob((0.6, 0.15, 0.15, 0.1), "tests, security, quality, licence; sum to 1", 0.0, 1.0)
    refutation_weight: float = _knob(1.0, "failed tests that a contract clause counts as where the verifier has a "
                                     "counterexample", 1.0, 1000.0)
    num_workers: int = _knob(1, "reward actors", 1, 1024)


@dataclass(frozen=True, slots=True)
class RayConfig:
    address: str = _knob("", "a running cluster (host:port, ray://..., auto); empty starts a local one")
    num_cpus: int = _knob(0, "CPUs of a local cluster; 0: all cores", 0, 4096)
    max_restarts: int = _knob(4, "restarts of one actor", 0, 1000)
    call_timeout_s: float = _knob(900.0, "deadline of one actor call", 1, 86_400)
    start_timeout_s: float = _knob(300.0, "deadline for an actor to be ready (loading a model)", 1, 86_400)
    sandbox_resource: str = _knob("", "custom resource that every executor takes 0.25 of, and every verifier 0.05, in place "
                                      "of a CPU, so that candidates run on nodes which offer it; empty: on any node")


@dataclass(frozen=True, slots=True)
class StorageConfig:
    uri: str = _knob("", "folder or fsspec URL for traces, checkpoints, reports and policies; empty: `generate` keeps "
                         "nothing, `serve` and jobs use ~/.local/share/ncg_ray")


@dataclass(frozen=True, slots=True)
class DataConfig:
    path: str = _knob("", "what to train on: a .py or .jsonl file, or a folder of them")
    text_key: str = _knob("", "JSONL key of code; empty: of text, content, code, canonical_solution the first that parses")
    max_file_kb: int = _knob(512, "KiB; a larger document is left out", 1, 1 << 20)
    sequence_tokens: int = _knob(512, "tokens of one packed training sequence", 8, 1 << 20)
    validation_share: float = _knob(0.05, "share of documents held out, by hash", 0.0, 0.5)


@dataclass(frozen=True, slots=True)
class TrainConfig:
    name: str = _knob("sft", "of the run: the same name goes on where it stopped, another one begins anew")
    num_workers: int = _knob(2, "processes, one model each", 1, 4096)
    use_gpu: bool = _knob(False, "one GPU a worker; without it CPU and gloo")
    cpus_per_worker: float = _knob(1.0, "CPUs that Ray sets aside for a worker", 0.1, 1024)
    zero_stage: int = _knob(2, "DeepSpeed ZeRO: 0 none, 1 optimizer, 2 and gradients, 3 and parameters", 0, 3)
    dtype: Literal["float32", "bfloat16", "float16"] = _knob("float32", "of weights and activations; float16: GPU only")
    lora_rank: int = _knob(8, "0 trains every weight", 0, 1024)
    lora_alpha: float = _knob(16.0, "scale of the adapter is alpha / rank", 0.001, 4096)
    lora_dropout: float = _knob(0.0, "of the adapter's input", 0.0, 0.9)
    num_steps: int = _knob(100, "optimizer steps", 1, 100_000_000)
    batch_size: int = _knob(2, "sequences a worker and micro-step", 1, 65_536)
    accumulation_steps: int = _knob(1, "micro-steps an optimizer step", 1, 65_536)
    learning_rate: float = _knob(2e-4, "peak, of AdamW", 0.0, 10.0)
    warmup_steps: int = _knob(5, "steps of linear warm-up; then linear decay to 0", 0, 1_000_000)
    weight_decay: float = _knob(0.0, "of AdamW", 0.0, 1.0)
    max_grad_norm: float = _knob(1.0, "gradients are clipped to this norm", 0.0, 1e6)
    checkpoint_steps: int = _knob(20, "steps between checkpoints; the last step has one too", 1, 1_000_000)
    keep_checkpoints: int = _knob(2, "newest ones that stay", 1, 10_000)
    validation_sequences: int = _knob(64, "held-out sequences that each checkpoint is measured on", 1, 1_000_000)
    max_failures: int = _knob(2, "worker failures before the job gives up", 0, 1000)


@dataclass(frozen=True, slots=True)
class MlflowConfig:
    uri: str = _knob("", "tracking server or database; empty: sqlite file mlflow.db in the storage folder")
    experiment: str = _knob("ncg_ray", "MLflow experiment")


@dataclass(frozen=True, slots=True)
class ServeConfig:
    host: str = _knob("127.0.0.1", "address to bind; any other than loopback needs keys")
    port: int = _knob(8000, "TCP port", 1, 65_535)
    keys_file: str = _knob("", "hashed API keys (`ncg keys create`); empty: keys.json in ~/.config/ncg_ray, if it is there")
    num_replicas: int = _knob(1, "HTTP replicas; they share one set of actors", 1, 1000)
    max_running: int = _knob(8, "requests that a replica works on at once", 1, 10_000)
    max_waiting: int = _knob(64, "requests that may wait in a replica; one more is a 429", 0, 100_000)
    deadline_s: float = _knob(300.0, "longest that a request may take; it may ask for less", 0.1, 86_400)
    max_body_kb: int = _knob(1024, "KiB of one request body; a larger one is a 413", 1, 1 << 20)


@dataclass(frozen=True, slots=True)
class TuneConfig:
    traces: str = _knob("", "a .traces.jsonl file of `ncg evaluate`; empty: made by evaluating the packaged sweep tasks")
    name: str = _knob("reward-weights", "of the sweep: the same name goes on where it stopped")
    num_trials: int = _knob(32, "weight vectors to try", 1, 100_000)
    num_rungs: int = _knob(4, "ASHA: parts that the tasks are scored in, each of which may end a trial", 1, 1000)
    max_parallel: int = _knob(2, "trials at once", 1, 10_000)
    security_share: float = _knob(0.5, "objective: hidden-test pass rate x (1 - share) + security rate x share", 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Config:
    """All sections. Frozen; `hash` goes into every Trace."""

    model: ModelConfig = ModelConfig()
    sandbox: SandboxConfig = SandboxConfig()
    verify: VerifyConfig = VerifyConfig()
    search: SearchConfig = SearchConfig()
    synthesis: SynthesisConfig = SynthesisConfig()
    repair: RepairConfig = RepairConfig()
    analyse: AnalyseConfig = AnalyseConfig()
    reward: RewardConfig = RewardConfig()
    ray: RayConfig = RayConfig()
    storage: StorageConfig = StorageConfig()
    data: DataConfig = DataConfig()
    train: TrainConfig = TrainConfig()
    mlflow: MlflowConfig = MlflowConfig()
    serve: ServeConfig = ServeConfig()
    tune: TuneConfig = TuneConfig()
    seed: int = _knob(0, "of every random choice", 0, 2**63 - 1)

    @property
    def hash(self) -> str:
        """Of all that can change an answer: where Ray runs, where results go, training and serving are left out."""
        return stable_hash({name: getattr(self, name) for name in _ANSWERS})


_ANSWERS = ("model", "sandbox", "verify", "search", "synthesis", "repair", "analyse", "reward", "seed")


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
        kind = typing.get_args(hint)[0]
        if not isinstance(value, (list, tuple)):
            such = "numbers, such as [0.6, 0.15, 0.15, 0.1]" if kind is float else 'texts, such as ["one", "two"]'
            raise ConfigError(f"config {key} = {value!r}: a list of {such}")
        return tuple(_convert(key, kind, item, knob) for item in value)
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


def storage_root(config: Config) -> str:
    """Where results rest: `storage.uri`, else a folder of this user's (for `serve` and jobs, which always keep them)."""
    data = environment("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return config.storage.uri or str(Path(data) / "ncg_ray")


def cache_home() -> str:
    """What can be made again: `~/.cache/ncg_ray`, or below XDG_CACHE_HOME."""
    return str(Path(environment("XDG_CACHE_HOME") or Path.home() / ".cache") / "ncg_ray")


def keys_path(config: Config) -> Path:
    """The file of hashed API keys: `serve.keys_file`, else one in the user's config folder. It may not be there."""
    home = environment("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(config.serve.keys_file).expanduser() if config.serve.keys_file else Path(home) / "ncg_ray" / "keys.json"


def environment(name: str, default: str = "") -> str:
    """One environment variable. Others go through this function, so that what is read stays countable."""
    return os.environ.get(name, default)


def preset(values: dict[str, str]) -> None:
    """Set environment variables for a library that is told in no other way; what the user has set stays."""
    for name, value in values.items():
        os.environ.setdefault(name, value)


def describe() -> list[tuple[str, Any, str]]:
    """(key, default, meaning) of every knob, for `ncg config` and the README."""
    rows: list[tuple[str, Any, str]] = []
    for section in fields(Config):
        value = getattr(Config(), section.name)
        inner = [(section.name + "." + f.name, getattr(value, f.name), f.metadata["doc"]) for f in fields(value)
                 ] if is_dataclass(value) else [(section.name, value, section.metadata["doc"])]
        rows += inner
    return rows
