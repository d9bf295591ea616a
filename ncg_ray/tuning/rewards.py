"""The sweep of the reward's weights, from a config and a file of Traces to the files in the storage.

    <storage>/sweeps/<name>/sweep.json    what the sweep is; beside it Ray Tune's snapshots
              reports/<name>.json .md .png
              policies/<name>.toml        the winner, for `--config`
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ncg_ray import storage, telemetry
from ncg_ray.config import Config
from ncg_ray.errors import ConfigError, InputError
from ncg_ray.registry import Tracking
from ncg_ray.registry.place import check_answers, place_of
from ncg_ray.reward.score import TERMS
from ncg_ray.telemetry import Listener
from ncg_ray.tuning import plot, report, trials
from ncg_ray.tuning.report import Report
from ncg_ray.tuning.score import StoredScorer
from ncg_ray.tuning.traces import Cases, load_bytes, read_cases
from ncg_ray.tuning.weights import Trial, sample

SUITE = Path(__file__).with_name("tasks.jsonl")
"The packaged tasks: insecure code passes their visible tests."


@dataclass(frozen=True, slots=True)
class Plan:
    """A sweep that can begin: everything in it was checked."""

    config: Config
    source: str
    "Where the Traces are."
    cases: Cases
    identity: dict[str, Any]
    "What must be the same for a sweep of this name to go on."

    @property
    def name(self) -> str:
        return self.config.tune.name

    @property
    def uri(self) -> str:
        return self.config.storage.uri


def check(config: Config) -> None:
    """Say what is wrong with the config or with MLflow before any Trace is read or made. Raises ConfigError."""
    name = config.tune.name
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise ConfigError(f"config tune.name = {name!r}: letters, digits, dots, dashes and underscores, at most 100, since "
                          "files are named after it")
    check_answers(place_of(config.mlflow, config.storage.uri))


def plan(config: Config, source: str) -> Plan:
    """Read the Traces and see whether a sweep of this name was begun with others.

    Raises InputError for Traces that a sweep can learn nothing from, ConfigError where the name is taken.
    """
    check(config)
    data = load_bytes(source)
    cases, tune = read_cases(data, source), config.tune
    identity = {
        "traces_hash": hashlib.sha256(data).hexdigest()[:16], "weights": list(config.reward.weights),
        "num_trials": tune.num_trials, "num_rungs": tune.num_rungs, "security_share": tune.security_share,
        "seed": config.seed}
    known = storage.read(config.storage.uri, _identity_file(tune.name))
    if known is not None:
        _compare(known, identity, config)
    return Plan(config, source, cases, identity)


def _compare(known: bytes, identity: dict[str, Any], config: Config) -> None:
    folder = f"{config.storage.uri.rstrip('/')}/{trials.FOLDER}/{config.tune.name}"
    mend = f"take another tune.name, or delete {folder}"
    try:
        before = json.loads(known)
        changed = [f"{key} {before[key]} there and {now} now" for key, now in identity.items() if before[key] != now]
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"config tune.name = {config.tune.name!r}: {folder}/sweep.json is not the description of a sweep; "
                          f"{mend}") from None
    if changed:
        raise ConfigError(f"config tune.name = {config.tune.name!r}: a sweep of this name was begun with others "
                          f"({', '.join(changed)}); {mend}")


def finished(plan: Plan) -> Report | None:
    """The report of this very sweep, where it is done."""
    if storage.read(plan.uri, _identity_file(plan.name)) is None:
        return None
    data = storage.read(plan.uri, f"reports/{plan.name}.json")
    if data is None:
        return None
    try:
        found: Report = json.loads(data)
        return found if found["sweep"] == plan.identity else None
    except (ValueError, KeyError, TypeError):
        return None  # not a report of ours: it is made anew


def sweep(plan: Plan, on_event: Listener = telemetry.ignore) -> Report:
    """Run the trials that are left, and write the report, the picture and the winner's config. Ray must be up.

    Raises InputError where another process runs this sweep, ClusterError, InfrastructureError: the same call goes on.
    """
    config, tune = plan.config, plan.config.tune
    with _alone(plan):
        done = finished(plan)
        if done is not None:
            on_event({"event": "note", "text": f"the sweep {plan.name} is finished; this is its result"})
            return done
        storage.write(plan.uri, _identity_file(plan.name), json.dumps(plan.identity, indent=2).encode())
        weights = sample(tune.num_trials, config.reward.weights, config.seed)
        scorer = StoredScorer(plan.cases.eligible, config.reward.weights, tune.num_rungs, config.seed)
        with Tracking.open(config.mlflow, plan.uri, plan.name) as parent:
            parent.log_params({**plan.identity, "traces": plan.source, "tasks": len(plan.cases.eligible)})

            def log(trial: Trial) -> None:
                with Tracking.open(config.mlflow, plan.uri, f"{plan.name}/trial-{trial.index:05}", parent=parent) as run:
                    _log(run, trial, tune.security_share)

            results = trials.run(
                weights, scorer, name=plan.name, uri=plan.uri, security_share=tune.security_share,
                max_parallel=tune.max_parallel, max_failures=config.ray.max_restarts, on_event=on_event, on_trial=log)
            result = report.build(plan.name, plan.identity, plan.source, plan.cases, results, tune.security_share)
            _write(plan, result, parent)
    return result


def _log(run: Tracking, trial: Trial, security_share: float) -> None:
    run.log_params({f"weight.{name}": weight for name, weight in zip(TERMS, trial.weights, strict=True)}
                   | {"finished": trial.finished})
    for part, score in enumerate(trial.scores):
        run.log_metrics({"pass_rate": score.pass_rate, "security_rate": score.security_rate, "quality": score.quality,
                         "objective": score.objective(security_share), "tasks": score.num_tasks,
                         "changed": score.num_changed}, step=part)


def _write(plan: Plan, result: Report, parent: Tracking) -> None:
    """The report last: where it is there, all is there."""
    picture, policy = plot.draw(result), report.policy(result)
    winner = result["winner"]
    parent.log_metrics({f"winner.{key}": winner[key] for key in ("pass_rate", "security_rate", "quality", "objective")})
    parent.log_json(result, "report.json")
    with tempfile.TemporaryDirectory() as folder:
        for name, data in ((f"{plan.name}.png", picture), (f"{plan.name}.toml", policy.encode())):
            (Path(folder) / name).write_bytes(data)
            parent.log_file(Path(folder) / name)
    storage.write(plan.uri, f"policies/{plan.name}.toml", policy.encode())
    storage.write(plan.uri, f"reports/{plan.name}.png", picture)
    storage.write(plan.uri, f"reports/{plan.name}.md", report.to_markdown(result).encode())
    storage.write(plan.uri, f"reports/{plan.name}.json", report.to_json_text(result).encode())


def files(plan: Plan) -> dict[str, str]:
    """Where the results of this sweep are."""
    root = plan.uri.rstrip("/")
    return {"policy": f"{root}/policies/{plan.name}.toml", "report": f"{root}/reports/{plan.name}.json",
            "page": f"{root}/reports/{plan.name}.md", "plot": f"{root}/reports/{plan.name}.png"}


def _identity_file(name: str) -> str:
    return f"{trials.FOLDER}/{name}/sweep.json"


@contextlib.contextmanager
def _alone(plan: Plan) -> Iterator[None]:
    """Only one process of this machine runs a sweep; the lock goes with the process."""
    if storage.is_remote(plan.uri):
        yield
        return
    place = Path(plan.uri).expanduser() / trials.FOLDER / f"{plan.name}.lock"
    place.parent.mkdir(parents=True, exist_ok=True)
    with open(place, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"another process runs the sweep {plan.name!r} in {plan.uri!r}; wait for it, or take another "
                             "tune.name") from None
        yield
