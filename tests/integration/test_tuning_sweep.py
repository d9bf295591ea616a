"""Sweeps under Ray Tune: a killed trial and a killed driver change nothing about what comes out."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from openai_server import Server
from stored_traces import BothSolutions, Made, file_bytes, line

from ncg_ray import config as configs
from ncg_ray.errors import InfrastructureError
from ncg_ray.tuning.score import StoredScorer
from ncg_ray.tuning.traces import read_cases
from ncg_ray.tuning.weights import Trial, best, sample

JOB = Path(__file__).parents[2] / "jobs" / "tune_rewards.py"
SPEC = importlib.util.spec_from_file_location("tune_rewards", JOB)
JOB_MODULE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(JOB_MODULE)
DEFAULT = configs.Config().reward.weights


def traces(num=12) -> bytes:
    """Tasks in which the secure attempt is always right: weights that always pick it are best after every part, so that
    ASHA, which is asynchronous, cannot lose them."""
    return file_bytes(*(line(f"t/{n}", Made(risk=0.1 + 0.05 * n, hidden=n % 3 == 0), Made(quality=0.95 - 0.06 * n))
                        for n in range(num)))


def expected(data: bytes, num_trials: int, num_rungs=4, seed=0) -> tuple[list[Trial], Trial]:
    """All trials and the winner, by the pure parts alone."""
    scorer = StoredScorer(read_cases(data, "x").eligible, DEFAULT, num_rungs, seed)
    trials = [Trial(i, w, tuple(scorer(w)), True) for i, w in enumerate(sample(num_trials, DEFAULT, seed))]
    winner = best(trials, 0.5)
    for part, score in enumerate(winner.scores):
        assert score.objective(0.5) == max(t.scores[part].objective(0.5) for t in trials), "ASHA might stop the winner"
    assert winner.index != 0 and len({t.score.objective(0.5) for t in trials}) > 2, "these traces test little"
    return trials, winner


class Dying:
    """A scorer whose process is killed once, in the middle of one trial."""

    def __init__(self, scorer, victim, marker):
        self.scorer, self.victim, self.marker, self.num_parts = scorer, victim, str(marker), scorer.num_parts

    def __call__(self, weights):
        for part, score in enumerate(self.scorer(weights)):
            if weights == self.victim and part == 1 and not os.path.exists(self.marker):
                open(self.marker, "w").close()
                os.kill(os.getpid(), signal.SIGKILL)
            yield score


def test_a_killed_trial_is_restored(ray_cluster, tmp_path):
    """With restarts within the sweep used up (there are none), the same call again restores that trial alone."""
    from ray import cloudpickle

    from ncg_ray.tuning import trials

    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the workers do not know this file
    data, events, told = traces(), [], []
    pure, winner = expected(data, 8)
    weights = [trial.weights for trial in pure]
    scorer = Dying(StoredScorer(read_cases(data, "x").eligible, DEFAULT, 4, 0), winner.weights, tmp_path / "died")

    def run():
        return trials.run(weights, scorer, name="s", uri=f"file://{tmp_path}", security_share=0.5, max_parallel=2,
                          max_failures=0, on_event=events.append, on_trial=told.append)

    with pytest.raises(InfrastructureError, match=f"1 of 8 trials failed.*trial {winner.index}: .*the same command goes on"):
        run()
    assert (tmp_path / "died").exists() and {t.index for t in told} == set(range(8)) - {winner.index}
    before = len(events)
    found = run()
    assert [e.get("trial", e["text"]) for e in events[before:]] == ["going on: 7 of 8 trials are done", winner.index]
    assert best(found, 0.5) == winner and found[0].finished
    for trial in found:  # those that ASHA stopped have fewer scores, but no others
        assert trial.scores == pure[trial.index].scores[:len(trial.scores)]


def command(tmp_path, *more: str) -> list[str]:
    sets = [f"tune.traces={tmp_path}/x.traces.jsonl", f"storage.uri={tmp_path}/s", "tune.num_trials=16"]
    options = [option for text in sets for option in ("--set", text)]
    return [sys.executable, str(JOB), *options, "--json", "--events", f"{tmp_path}/events.jsonl", *more]


def events_of(path: Path) -> list[dict]:
    with contextlib.suppress(OSError):
        return [json.loads(text) for text in path.read_text().splitlines() if text.endswith("}")]
    return []


@pytest.fixture(scope="module")
def swept(ray_address, tmp_path_factory):
    """A sweep whose driver was killed in the middle, and the same command again: (folder, document)."""
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "x.traces.jsonl").write_bytes(traces())
    environment = os.environ | {"RAY_ADDRESS": ray_address, "RAY_AUTH_MODE": "token", "OMP_NUM_THREADS": "1"}
    first = subprocess.Popen(command(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        deadline = time.monotonic() + 240
        while sum(e["event"] == "progress" for e in events_of(folder / "events.jsonl")) < 9:
            assert first.poll() is None and time.monotonic() < deadline, first.communicate()
            time.sleep(0.05)
        os.kill(first.pid, signal.SIGKILL)
        assert first.communicate(timeout=30)[0] == "" and not (folder / "s/reports/reward-weights.json").exists()
    finally:
        first.kill()
    again = subprocess.run(command(folder), capture_output=True, text=True, env=environment, timeout=300)
    assert again.returncode == 0, again.stderr
    return folder, json.loads(again.stdout), environment


def test_a_killed_driver_goes_on_and_ends_right(swept):
    folder, document, _ = swept
    pure, winner = expected(traces(), 16)
    notes = [e["text"] for e in events_of(folder / "events.jsonl") if e["event"] == "note"]
    assert any(note.startswith("going on: ") and not note.startswith("going on: 0 ") for note in notes), notes
    assert document["winner"]["trial"] == winner.index and document["winner"]["finished"]
    assert tuple(document["winner"]["weights"].values()) == winner.weights
    assert [row["trial"] for row in document["trials"]] == list(range(16))
    assert document["finished"] + document["stopped_early"] == 16
    for row in document["trials"]:
        assert row["objective"] == round({s.num_tasks: s for s in pure[row["trial"]].scores}[row["tasks"]].objective(0.5), 6)


def test_what_it_leaves_behind(swept):
    folder, document, _ = swept
    store = folder / "s"
    assert json.loads((store / "reports/reward-weights.json").read_text()) == {
        key: value for key, value in document.items() if key != "files"}
    assert (store / "reports/reward-weights.png").read_bytes().startswith(b"\x89PNG\r\n")
    assert "| winner, front |" in (store / "reports/reward-weights.md").read_text()
    assert set(document["files"].values()) <= {str(path) for path in store.glob("*/*")}
    loaded = configs.load(store / "policies/reward-weights.toml")
    assert loaded.reward.weights == tuple(document["winner"]["weights"].values())


def test_every_trial_is_in_mlflow_once(swept):
    from mlflow import MlflowClient

    folder, document, _ = swept
    client = MlflowClient(f"sqlite:///{folder}/s/mlflow.db")
    runs = client.search_runs([client.get_experiment_by_name("ncg_ray").experiment_id], max_results=1000)
    parent, = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    children = [run for run in runs if run is not parent]
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert Counter(run.info.run_name for run in children) == Counter(f"reward-weights/trial-{i:05}" for i in range(16))
    assert {run.info.status for run in runs} == {"FINISHED"} and float(parent.data.params["num_trials"]) == 16
    for run in children:
        row = document["trials"][int(run.info.run_name[-5:])]
        assert run.data.metrics["objective"] == pytest.approx(row["objective"], abs=1e-6)
        assert {name: float(run.data.params[f"weight.{name}"]) for name in row["weights"]} == row["weights"]
        steps = {metric.step for metric in client.get_metric_history(run.info.run_id, "objective")}
        assert steps == set(range(4 if row["finished"] else len(steps)))
    assert {file.path for file in client.list_artifacts(parent.info.run_id)} == {
        "report.json", "reward-weights.png", "reward-weights.toml"}


def test_a_finished_sweep_says_so_and_another_one_is_refused(swept):
    folder, document, environment = swept
    environment = {key: value for key, value in environment.items() if key != "RAY_ADDRESS"}
    again = subprocess.run(command(folder), capture_output=True, text=True, env=environment, timeout=120)
    assert again.returncode == 0 and json.loads(again.stdout) == document and "is finished" in again.stderr
    other = subprocess.run(command(folder, "--set", "tune.security_share=0.4"), capture_output=True, text=True,
                           env=environment, timeout=120)
    assert other.returncode == 2 and other.stdout == ""
    assert "security_share 0.5 there and 0.4 now" in other.stderr and len(other.stderr.splitlines()) == 1


@pytest.mark.parametrize("option", [["--dry-run"], []])
def test_no_cluster_at_the_address(tmp_path, option):
    (tmp_path / "x.traces.jsonl").write_bytes(traces())
    done = subprocess.run(command(tmp_path, *option, "--set", "ray.address=127.0.0.1:1"), capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 3 and done.stdout == "" and len(done.stderr.splitlines()) == 1
    assert "no Ray cluster answers at '127.0.0.1:1'" in done.stderr


def test_without_traces_the_packaged_tasks_are_evaluated_once(ray_cluster, tmp_path, monkeypatch, capsys):
    """On a few of them; the model is a server that knows both solutions."""
    from ncg_ray.tuning import rewards

    names = ("calculate", "serve_page", "find_user_ids")
    few = [row for row in rewards.SUITE.read_text().splitlines() if json.loads(row)["entry_point"] in names]
    (tmp_path / "few.jsonl").write_text("\n".join(few))
    monkeypatch.setattr(rewards, "SUITE", tmp_path / "few.jsonl")
    rows = BothSolutions(tmp_path / "few.jsonl").rows.values()

    def reply(body):
        asked, = [row for row in rows if f"def {row['entry_point']}(" in body["messages"][-1]["content"]]
        return f"```python\n{asked['canonical_solution' if body['temperature'] else 'insecure_solution']}\n```"

    with Server(reply=reply) as server:
        sets = [f"model.source={server.url}", f"storage.uri={tmp_path}/s", "search.num_samples=1", "tune.num_trials=2"]
        argv = ["--json", *(option for text in sets for option in ("--set", text))]
        assert JOB_MODULE.main(argv) == 0
        first = json.loads(capsys.readouterr().out)
        num_asked = len(server.requests)
        # Another sweep of the same model reads the same Traces, whatever its weights.
        assert JOB_MODULE.main([*argv, "--set", "tune.name=other", "--set", "reward.weights=[0.4, 0.2, 0.2, 0.2]"]) == 0
        other = json.loads(capsys.readouterr().out)
        assert len(server.requests) == num_asked == 6
    assert first["tasks"] == 3 and first["differing"]["security"] == 3 and first["traces"] == other["traces"]
    assert list((tmp_path / "s/reports").glob("sweep-tasks-*.traces.jsonl")) == [Path(first["traces"])]
    assert list(other["configured"]["weights"].values()) == [0.4, 0.2, 0.2, 0.2]
