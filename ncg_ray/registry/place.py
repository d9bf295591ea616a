"""Where MLflow keeps runs and files, and how it is kept quiet.

By default both lie in the storage folder: `mlflow.db`, an sqlite file, and `mlflow-artifacts/`. A database needs a real
file, so storage behind an fsspec URL needs `mlflow.uri`; MLflow's files then go to that storage, unless `mlflow.uri` is a
server, which has a place of its own for them.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from ncg_ray.config import MlflowConfig, preset
from ncg_ray.errors import ConfigError, InfrastructureError
from ncg_ray.storage import is_remote

ARTIFACTS = "mlflow-artifacts"
PROBE_TIMEOUT_S = 5.0
_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # else it reports its use to its makers
    "MLFLOW_LOGGING_LEVEL": "WARNING",  # else tables and migrations are told one by one
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "4",  # about half a minute in all; its 7 are four minutes
    "GIT_PYTHON_REFRESH": "quiet",  # else a warning where there is no git
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where runs and their files go."""

    uri: str
    "Of the tracking server or database."
    artifacts: str | None
    "Root of the files of a new experiment; None: the server says."

    @property
    def shown(self) -> str:
        """The URI for people and logs: without a password."""
        parts = urlsplit(self.uri)
        if parts.password is None:
            return self.uri
        return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{parts.netloc.rpartition('@')[2]}"))

    @property
    def database_file(self) -> Path | None:
        """The file of an sqlite database."""
        return Path(unquote(self.uri.removeprefix("sqlite:///"))) if self.uri.startswith("sqlite:///") else None


def prepare() -> None:
    """Settings that MLflow reads when it is imported: call this before."""
    preset(_SETTINGS)


def place_of(config: MlflowConfig, storage_root: str) -> Place:
    """Where this config and this storage put MLflow's data. Raises ConfigError for what cannot be."""
    root = storage_root.removeprefix("file://")
    if not config.uri:
        if is_remote(root):
            raise ConfigError(f"mlflow.uri is empty, and its default, an sqlite file, cannot lie in storage.uri = "
                              f"{storage_root!r}; set mlflow.uri to a tracking server (http://HOST:PORT) or to "
                              "sqlite:////PATH/mlflow.db")
        folder = Path(root).expanduser().resolve()
        return Place(f"sqlite:///{folder / 'mlflow.db'}", str(folder / ARTIFACTS))
    scheme = urlsplit(config.uri).scheme.partition("+")[0]
    if scheme in ("http", "https"):
        return Place(config.uri, None)
    if scheme not in _DATABASES:
        raise ConfigError(f"mlflow.uri = {config.uri!r}: give http(s)://HOST:PORT of a tracking server, or a database: "
                          "sqlite:////PATH/mlflow.db, postgresql://..., mysql://..., mssql://...")
    place = Place(config.uri, f"{root.rstrip('/')}/{ARTIFACTS}" if is_remote(root) else
                  str(Path(root).expanduser().resolve() / ARTIFACTS))
    if scheme == "sqlite" and place.database_file is None:
        raise ConfigError(f"mlflow.uri = {config.uri!r}: write three slashes and the path: sqlite:////PATH/mlflow.db")
    return place


def check_answers(place: Place) -> None:
    """Raise InfrastructureError where nothing listens at a server's address: MLflow itself would try for long."""
    parts = urlsplit(place.uri)
    if parts.scheme not in ("http", "https"):
        return
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), PROBE_TIMEOUT_S).close()
    except (OSError, ValueError) as error:
        raise InfrastructureError(f"no MLflow server answers at {place.shown!r} ({error}); start it, or change mlflow.uri "
                                  "(empty: a file in the storage folder)") from None
