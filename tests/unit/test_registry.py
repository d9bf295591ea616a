"""Where MLflow's data goes, and what is said where it cannot; see tests/integration for MLflow itself."""

from __future__ import annotations

import socket

import pytest

from ncg_ray.config import MlflowConfig
from ncg_ray.errors import ConfigError, InfrastructureError
from ncg_ray.registry import place_of
from ncg_ray.registry.place import check_answers


def test_the_place_follows_the_storage_and_the_uri(tmp_path):
    root = str(tmp_path)
    default = place_of(MlflowConfig(), root)
    assert (default.uri, default.artifacts) == (f"sqlite:///{root}/mlflow.db", f"{root}/mlflow-artifacts")
    assert place_of(MlflowConfig(), f"file://{root}") == default
    assert place_of(MlflowConfig(uri="http://a:5000"), "s3://bucket/x").artifacts is None
    assert place_of(MlflowConfig(uri="sqlite:////data/m.db"), "s3://bucket/x").artifacts == "s3://bucket/x/mlflow-artifacts"
    with_password = place_of(MlflowConfig(uri="postgresql+psycopg2://me:secret@db:5432/mlflow"), root)
    assert with_password.shown == "postgresql+psycopg2://me:***@db:5432/mlflow"


@pytest.mark.parametrize("uri,storage,words", [
    ("", "s3://bucket/x", "mlflow.uri is empty"), ("ftp://host", "/tmp", "mlflow.uri = 'ftp://host'"),
    ("runs", "/tmp", "mlflow.uri = 'runs'"), ("sqlite://m.db", "/tmp", "three slashes")])
def test_a_place_that_cannot_be_says_what_to_write(uri, storage, words):
    with pytest.raises(ConfigError, match="sqlite:////PATH/mlflow") as caught:
        place_of(MlflowConfig(uri=uri), storage)
    assert words in caught.value.message


def test_a_server_that_is_not_there_is_named_at_once():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        uri = f"http://me:secret@127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(InfrastructureError, match="no MLflow server answers at") as caught:
        check_answers(place_of(MlflowConfig(uri=uri), "/tmp"))
    assert "secret" not in caught.value.message
