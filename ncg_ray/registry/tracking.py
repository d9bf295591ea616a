"""One MLflow run: parameters, metrics, files and models."""

from __future__ import annotations

import contextlib
import fcntl
import json
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ncg_ray import telemetry
from ncg_ray.config import MlflowConfig
from ncg_ray.errors import ConfigError, InfrastructureError, InputError, NCGError
from ncg_ray.registry.place import Place, check_answers, place_of, prepare

MAX_VALUE_CHARS = 6000
"MLflow's limit for a parameter."
BATCH = 100
"MLflow's limit of parameters in one call."
PARENT_TAG = "mlflow.parentRunId"


class Tracking:
    """An open MLflow run. Every method raises InfrastructureError, naming the URI, where MLflow fails.

    Example:
        >>> with Tracking.open(config.mlflow, root, "sft") as run:   # doctest: +SKIP
        ...     run.log_params({"train.num_steps": 20})
        ...     run.log_metrics({"loss": 3.2}, step=1)
        ...     uri = run.log_model(folder, "sft")
    """

    def __init__(self, client: Any, place: Place, run: Any, resumed: bool) -> None:
        self._client, self.place, self._run = client, place, run
        self.run_id: str = run.info.run_id
        self.resumed = resumed
        "Whether this run had been begun before."

    @classmethod
    @contextlib.contextmanager
    def open(cls, config: MlflowConfig, storage_root: str, run_name: str, resume: bool = True,
             parent: Tracking | None = None) -> Iterator[Tracking]:
        """Begin a run, or with `resume` go on in the newest of that name that did not finish.

        A run with a `parent` stands below it, and is gone on with even where it finished: a name is there once.

        The run is FINISHED when the block ends, FAILED after an exception, KILLED after an interrupt or an exit. One
        whose process was killed stays RUNNING, and is the one that is gone on with; that it is not running any more is
        the caller's word.
        Raises ConfigError for a URI that cannot be, InfrastructureError where MLflow does not answer.
        """
        place = place_of(config, storage_root)
        check_answers(place)
        prepare()
        # Two processes that make the tables of one new file at the same time would both fail.
        with _asking(place), _alone(place.database_file):
            client = _client(place)
            experiment = _experiment(client, config.experiment, place.artifacts)
            found = _begun(client, experiment, run_name, parent) if resume else None
            if found is not None:
                client.update_run(found.info.run_id, status="RUNNING")
            tags = {PARENT_TAG: parent.run_id} if parent else {}
            run = found or client.create_run(experiment, run_name=run_name, tags=tags)
        tracking = cls(client, place, run, found is not None)
        try:
            yield tracking
        except BaseException as error:
            tracking._end("FAILED" if isinstance(error, Exception) else "KILLED", quietly=True)
            raise
        tracking._end("FINISHED")

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Log what the run was asked to do. MLflow never changes a value: one that differs in a run that goes on stands
        in the tag `resumed.<name>`."""
        from mlflow.entities import Param, RunTag

        texts = {_name(key): str(value)[:MAX_VALUE_CHARS] for key, value in params.items()}
        with _asking(self.place):
            before = self._client.get_run(self.run_id).data.params
            fresh = [Param(key, text) for key, text in texts.items() if key not in before]
            for i in range(0, len(fresh), BATCH):
                self._client.log_batch(self.run_id, params=fresh[i:i + BATCH])
            changed = [RunTag(f"resumed.{key}", text) for key, text in texts.items() if before.get(key, text) != text]
            if changed:
                self._client.log_batch(self.run_id, tags=changed)

    def log_metrics(self, metrics: Mapping[str, float | None], step: int = 0) -> None:
        """Log numbers of one step; what is None is left out."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        values = [Metric(_name(key), float(value), now, step) for key, value in metrics.items()
                  if value is not None]
        with _asking(self.place):
            self._client.log_batch(self.run_id, metrics=values)

    def log_json(self, value: Any, name: str) -> None:
        """Store a document as the file `name` of the run."""
        with _asking(self.place):
            self._client.log_text(self.run_id, json.dumps(value, indent=2, default=str), name)

    def log_file(self, path: str | Path) -> None:
        """Store a copy of a file under its own name. Raises InputError where it is not there."""
        if not Path(path).is_file():
            raise InputError(f"{str(path)!r} is not a file, so it cannot be logged")
        with _asking(self.place):
            self._client.log_artifact(self.run_id, str(path))

    def log_model(self, folder: str | Path, name: str) -> str:
        """Store a copy of a model's folder and register it as the next version of `name`; returns `models:/NAME/VERSION`.

        The files are copied as they are: nothing is loaded and nothing is pickled. `mlflow.artifacts.download_artifacts`
        gives the folder back. Raises InputError where there is no folder, ConfigError for a name that MLflow refuses.
        """
        if not Path(folder).is_dir():
            raise InputError(f"{str(folder)!r} is not a folder, so it cannot be registered as a model")
        if not name.strip() or re.search(r"[/:]", name):
            raise ConfigError(f"{name!r} is no name for a registered model; it needs one without / and :")
        with _asking(self.place):
            self._client.log_artifacts(self.run_id, str(folder), "model")
            if not self._client.search_registered_models(f"name = {_quoted(name)}"):
                self._client.create_registered_model(name)
            source = f"{self._run.info.artifact_uri}/model"
            version = self._client.create_model_version(name, source, run_id=self.run_id)
        return f"models:/{name}/{version.version}"

    def _end(self, status: str, quietly: bool = False) -> None:
        try:
            with _asking(self.place):
                self._client.set_terminated(self.run_id, status)
        except InfrastructureError as error:
            if not quietly:  # else the error that ends the block would be lost
                raise
            telemetry.logger("registry").warning("the run's end was not recorded", error=error.message)


def _client(place: Place) -> Any:
    from mlflow import MlflowClient

    return MlflowClient(place.uri, registry_uri=place.uri)


@contextlib.contextmanager
def _alone(database: Path | None) -> Iterator[None]:
    if database is None:
        yield
        return
    database.parent.mkdir(parents=True, exist_ok=True)
    with open(database.with_name(f".{database.name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _asking(place: Place) -> Iterator[None]:
    """Whatever MLflow raises becomes one error of ours. It has no error class in common with what lies below it."""
    try:
        yield
    except NCGError:
        raise
    except Exception as error:
        gist = next((line for line in str(error).strip().splitlines() if line), type(error).__name__)
        raise InfrastructureError(f"MLflow at {place.shown!r} failed: {gist[:300]}; see mlflow.uri",
                                  cause=type(error).__name__) from error


def _experiment(client: Any, name: str, artifacts: str | None) -> str:
    found = client.get_experiment_by_name(name)
    if found is None:
        return str(client.create_experiment(name, artifact_location=artifacts))
    if found.lifecycle_stage != "active":
        raise ConfigError(f"mlflow.experiment = {name!r} was deleted; restore it in MLflow, or take another name")
    return str(found.experiment_id)


def _begun(client: Any, experiment: str, run_name: str, parent: Tracking | None) -> Any | None:
    which = f"tags.`{PARENT_TAG}` = '{parent.run_id}'" if parent else "attributes.status != 'FINISHED'"
    runs = client.search_runs([experiment], f"attributes.run_name = {_quoted(run_name)} and {which}",
                              max_results=1, order_by=["attributes.start_time DESC"])
    return runs[0] if runs else None


def _quoted(text: str) -> str:
    """A string in MLflow's filter language, which has two kinds of quotes and no escapes."""
    if '"' not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    raise ConfigError(f"the name {text!r} has both kinds of quotes, which MLflow cannot search for; take one of them out")


def _name(key: str) -> str:
    """A name that MLflow takes: `pass@1` is `pass_at_1`."""
    return re.sub(r"[^\w.\- /]", "_", key.replace("@", "_at_"))
