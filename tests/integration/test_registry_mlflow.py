"""The registry against MLflow itself with sqlite; one database for all tests, since making one takes seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ncg_ray.config import MlflowConfig
from ncg_ray.errors import ConfigError, InfrastructureError, InputError
from ncg_ray.registry import Tracking, prepare

CONFIG = MlflowConfig(experiment="tests")


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> str:
    return str(tmp_path_factory.mktemp("store"))


@pytest.fixture
def client(root):
    prepare()
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{root}/mlflow.db", registry_uri=f"sqlite:///{root}/mlflow.db")


def test_a_run_holds_what_was_logged(root, client, tmp_path):
    (tmp_path / "note.txt").write_text("note")
    with Tracking.open(CONFIG, root, "whole") as run:
        run.log_params({"train.num_steps": 20, "data.path": "x" * 9000, **{f"many.{i}": i for i in range(150)}})
        run.log_params({"train.num_steps": 20})
        run.log_metrics({"loss": 3.5, "pass@1": 0.25, "missing": None, "grad_norm": float("inf")}, step=1)
        run.log_metrics({"loss": 2.5}, step=2)
        run.log_json({"kept": 3}, "manifest.json")
        run.log_file(tmp_path / "note.txt")
    stored = client.get_run(run.run_id)
    assert (stored.info.status, stored.info.run_name, run.resumed) == ("FINISHED", "whole", False)
    assert stored.data.params["train.num_steps"] == "20" and len(stored.data.params) == 152
    assert stored.data.metrics == {"loss": 2.5, "pass_at_1": 0.25, "grad_norm": sys.float_info.max}  # sqlite has no infinity
    assert [(m.step, m.value) for m in client.get_metric_history(run.run_id, "loss")] == [(1, 3.5), (2, 2.5)]
    folder = Path(stored.info.artifact_uri)
    assert folder.is_relative_to(f"{root}/mlflow-artifacts")
    assert json.loads((folder / "manifest.json").read_text()) == {"kept": 3}
    assert (folder / "note.txt").read_text() == "note"


def test_a_model_is_registered_as_the_files_it_is(root, client, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    with Tracking.open(CONFIG, root, "model's") as run:
        assert run.log_model(tmp_path, "sft it's") == "models:/sft it's/1"
        assert run.log_model(tmp_path, "sft it's") == "models:/sft it's/2"
        for folder, name, error in [(tmp_path / "gone", "sft", InputError), (tmp_path, "a/b", ConfigError),
                                    (tmp_path, " ", ConfigError)]:
            with pytest.raises(error):
                run.log_model(folder, name)
        with pytest.raises(InputError, match="gone"):
            run.log_file(tmp_path / "gone")
    version = client.get_model_version("sft it's", "2")
    assert version.run_id == run.run_id
    assert [f.name for f in Path(version.source).iterdir()] == ["model.safetensors"]


def test_a_run_that_failed_goes_on_and_one_that_finished_does_not(root, client):
    with pytest.raises(ZeroDivisionError), Tracking.open(CONFIG, root, "again") as first:
        first.log_params({"steps": 20})
        raise ZeroDivisionError
    assert client.get_run(first.run_id).info.status == "FAILED"
    with Tracking.open(CONFIG, root, "again") as second:
        assert second.run_id == first.run_id and second.resumed
        assert client.get_run(first.run_id).info.status == "RUNNING"
        second.log_params({"steps": 40, "new": 1})
    stored = client.get_run(first.run_id)
    assert (stored.info.status, stored.data.params) == ("FINISHED", {"steps": "20", "new": "1"})
    assert stored.data.tags["resumed.steps"] == "40"
    with Tracking.open(CONFIG, root, "again") as third:
        assert third.run_id != first.run_id


def test_without_resume_and_under_another_name_a_run_is_new(root, client):
    with pytest.raises(KeyboardInterrupt), Tracking.open(CONFIG, root, "old") as first:
        raise KeyboardInterrupt
    assert client.get_run(first.run_id).info.status == "KILLED"
    with Tracking.open(CONFIG, root, "other") as other, Tracking.open(CONFIG, root, "old", resume=False) as fresh:
        assert len({first.run_id, other.run_id, fresh.run_id}) == 3


def test_a_killed_process_leaves_a_run_to_go_on_with_and_tells_nobody(root, client):
    code = ("import os, sys; from ncg_ray.config import MlflowConfig; from ncg_ray.registry import Tracking\n"
            "with Tracking.open(MlflowConfig(experiment='tests'), sys.argv[1], 'killed') as run:\n"
            "    run.log_metrics({'loss': 1.0}, step=1)\n"
            "    from mlflow.telemetry import get_telemetry_client\n"
            "    assert get_telemetry_client() is None\n"
            "    os.kill(os.getpid(), 9)\n")
    # Without the variables by which MLflow sees that it is being tested, and then keeps quiet by itself.
    plain = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")
             and key not in ("PYTEST_CURRENT_TEST", "CI", "DO_NOT_TRACK")}
    ended = subprocess.run([sys.executable, "-c", code, root], capture_output=True, text=True, timeout=120, env=plain)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-9, "", "")
    with Tracking.open(CONFIG, root, "killed") as run:
        assert run.resumed and client.get_run(run.run_id).data.metrics == {"loss": 1.0}


def test_a_name_that_cannot_be_searched_for_and_a_deleted_experiment_are_refused(root, client):
    with pytest.raises(ConfigError, match="both kinds of quotes"), Tracking.open(CONFIG, root, "'\""):
        pass
    client.delete_experiment(client.create_experiment("deleted"))
    config = MlflowConfig(experiment="deleted")
    with pytest.raises(ConfigError, match="'deleted' was deleted"), Tracking.open(config, root, "a"):
        pass


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "mlflow.db").write_bytes(b"not a database at all" * 100)
    place = rf"MLflow at 'sqlite:///{tmp_path}/mlflow\.db' failed: .*; see mlflow\.uri"
    with pytest.raises(InfrastructureError, match=place), Tracking.open(CONFIG, str(tmp_path), "a"):
        pass
