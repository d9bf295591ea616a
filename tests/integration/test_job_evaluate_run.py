"""A whole run of jobs/evaluate.py: real sandbox, grader and MLflow; only the model is a script."""

from __future__ import annotations

import functools
import importlib.util
import json
from pathlib import Path

import pytest

import ncg_ray
from ncg_ray import api
from ncg_ray.analyse import CodeAnalyser
from ncg_ray.config import Config
from ncg_ray.control import NeuralController
from ncg_ray.pipeline import Parts
from ncg_ray.reward import FormulaRewarder
from ncg_ray.sandbox import SandboxExecutor
from ncg_ray.testing import ScriptedGenerator
from ncg_ray.verify import ExampleVerifier

JOB = Path(ncg_ray.__file__).parents[1] / "jobs" / "evaluate.py"
EXECUTOR = SandboxExecutor(Config().sandbox)
ROWS = [{"task_id": f"t/{n}", "entry_point": f"times{n}",
         "prompt": f'def times{n}(x):\n    """{n} times x.\n\n    >>> times{n}(2)\n    {2 * n}\n    """\n',
         "tests": f"assert times{n}(5) == {5 * n}\nassert times{n}(0) == 0\n",
         "canonical_solution": f"def times{n}(x):\n    return {n} * x\n"} for n in (3, 4)]
ANSWERS = ["def times3(x):\n    return 3 * x\n", "def times4(x):\n    return 8\n"]


class Stopped(BaseException):
    """Ends the process as an interrupt does, but in a test."""


@pytest.fixture(scope="module")
def job():
    spec = importlib.util.spec_from_file_location("job_evaluate", JOB)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> str:
    """One for all tests: to make it takes seconds."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


@pytest.fixture
def suite(tmp_path) -> Path:
    path = tmp_path / "times.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def start(config: Config, *, model: bool, on_event, answers=ANSWERS):
    parts = Parts(ExampleVerifier(EXECUTOR), CodeAnalyser(), FormulaRewarder(), {"neural": NeuralController(config.search)},
                  ScriptedGenerator(answers), isolation="bubblewrap")
    return api.session(config, parts=parts, executor=EXECUTOR, on_event=on_event)


def arguments(suite: Path, storage: object, database: str) -> list[str]:
    return ["--suite", str(suite), "--mode", "neural", "--json", "--set", f"storage.uri={storage}", "--set",
            f"mlflow.uri={database}", "--set", "model.source=a/b"]


def logged(database: str, suite: str):
    from mlflow import MlflowClient

    client = MlflowClient(database, registry_uri=database)
    experiment = client.get_experiment_by_name("ncg_ray")
    return client, client.search_runs([experiment.experiment_id], f"attributes.run_name = 'evaluate-sft-{suite}'")


def test_a_run_is_reported_stored_and_logged(job, suite, tmp_path, database, capsys):
    assert job.main(arguments(suite, tmp_path / "store", database), start=start) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["tasks"], report["modes"]["neural"]["solved"], report["modes"]["neural"]["pass@1"]) == (2, 1, 0.5)
    reports = tmp_path / "store" / "reports"
    assert json.loads((reports / "evaluate-sft-times.json").read_text()) == report
    assert len((reports / "evaluate-sft-times.traces.jsonl").read_text().splitlines()) == 2
    assert len(list((tmp_path / "store" / "traces").glob("*.json"))) == 2
    client, (run,) = logged(database, "times")
    assert run.info.status == "FINISHED" and run.data.params["model.source"] == "a/b"
    assert run.data.metrics["neural.pass_at_1"] == 0.5 and run.data.metrics["tasks"] == 2
    assert {f.path for f in client.list_artifacts(run.info.run_id)} == {"evaluate-sft-times.json", "evaluate-sft-times.md"}


def test_behind_a_url_a_stopped_run_is_kept_and_goes_on_elsewhere(job, suite, tmp_path, database, capsys, monkeypatch):
    suite = suite.rename(tmp_path / "far.jsonl")
    given = arguments(suite, "memory://evaluate-run", database)

    def stopping(config, *, model, on_event):
        def listen(event):
            on_event(event)
            if event["event"] == "progress":
                raise Stopped

        return start(config, model=model, on_event=listen)

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "first"))
    with pytest.raises(Stopped):
        job.main(given, start=stopping)
    assert [run.info.status for run in logged(database, "far")[1]] == ["KILLED"]
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "second"))  # as on another machine
    capsys.readouterr()
    assert job.main(given, start=functools.partial(start, answers=ANSWERS[1:])) == 0
    captured = capsys.readouterr()
    assert "going on: 1 of 2" in captured.err and json.loads(captured.out)["modes"]["neural"]["solved"] == 1
    import fsspec

    names = [name.rpartition("/")[2] for name in fsspec.filesystem("memory").ls("/evaluate-run/reports", detail=False)]
    assert sorted(names) == [f"evaluate-sft-far{end}" for end in (".json", ".md", ".run.json", ".traces.jsonl")]
    assert [run.info.status for run in logged(database, "far")[1]] == ["FINISHED"]
