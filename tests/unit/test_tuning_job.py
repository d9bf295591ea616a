"""`jobs/tune_rewards.py` before any trial starts: what it checks, and what it says of bad input."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from stored_traces import Made, file_bytes, line, mixed

JOB = Path(__file__).parents[2] / "jobs" / "tune_rewards.py"


@pytest.fixture(scope="module")
def main():
    spec = importlib.util.spec_from_file_location("tune_rewards", JOB)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


@pytest.fixture
def run(main, tmp_path, monkeypatch, capsys):
    """Run the job on these traces; gives back (exit code, standard output, standard error)."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)

    def call(*argv: str, traces: bytes | None = mixed(), sets: tuple[str, ...] = ()):
        sets = (f"storage.uri={tmp_path / 'store'}", *sets)
        if traces is not None:
            (tmp_path / "x.traces.jsonl").write_bytes(traces)
            sets = (f"tune.traces={tmp_path / 'x.traces.jsonl'}", *sets)
        code = main([*argv, *(option for text in sets for option in ("--set", text))])
        return code, *capsys.readouterr()

    return call


def test_a_dry_run_checks_everything_and_starts_nothing(run, tmp_path):
    code, out, err = run("--dry-run", "--json")
    assert code == 0 and err == ""
    assert json.loads(out) == {"name": "reward-weights", "trials": 32, "traces": str(tmp_path / "x.traces.jsonl"),
                               "storage": str(tmp_path / "store"), "finished": False}
    assert not [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    code, out, _ = run("--dry-run")
    assert code == 0 and out.startswith("ok: 32 trials; 12 tasks; candidates differ in tests in 12, ")


def test_a_dry_run_without_traces_names_the_packaged_tasks(run):
    code, out, _ = run("--dry-run", traces=None)
    assert code == 0 and "made from tasks.jsonl" in out


@pytest.mark.parametrize("traces,message", [
    (b"", "has no lines"),
    (mixed(2) + b'{"task_id": "x"', "line 3 is not a Trace"),
    (file_bytes(line("a", Made(), Made(), graded={"solved": True})), "line 1: the attempts are not graded"),
    (file_bytes(line("a", Made()), line("b", Made())), "no task has two different candidates"),
], ids=["empty", "broken", "not graded", "no choice"])
def test_traces_that_a_sweep_can_learn_nothing_from(run, traces, message):
    code, out, err = run(traces=traces)
    assert code == 2 and out == "" and message in err
    assert len(err.splitlines()) == 1 and err.startswith("tune_rewards: error: tune.traces = ")


@pytest.mark.parametrize("setting,message", [
    ("tune.num_trials=0", "tune.num_trials = 0: from 1 to"),
    ("reward.weights=[0.5, 0.5, 0.5, 0.5]", "sum to 1; these sum to 2"),
    ("tune.name=../up", "tune.name = '../up': letters"), ("tune.name=", "tune.name = ''"),
    ("tune.security_share=2", "security_share"), ("tune.traces=missing.jsonl", "No such file"),
    ("storage.uri=memory://sweeps", "mlflow.uri"), ("storage.uri=/proc/none", "storage.uri"),
    ("mlflow.uri=ftp://x", "mlflow.uri = 'ftp://x'"),
])
def test_settings_that_cannot_be(run, setting, message):
    code, out, err = run("--dry-run", sets=(setting,))
    assert code == 2 and out == "" and message in err and len(err.splitlines()) == 1, err


def test_no_mlflow_server_at_its_address(run):
    code, _, err = run("--dry-run", sets=("mlflow.uri=http://127.0.0.1:1",))
    assert code == 3 and "no MLflow server answers" in err


@pytest.mark.parametrize("known,message", [("{}", "not the description of a sweep"), ("[", "not the description"),
                                           ('{"traces_hash": "other"}', "not the description")])
def test_a_name_that_something_else_has(run, tmp_path, known, message):
    place = tmp_path / "store/sweeps/reward-weights"
    place.mkdir(parents=True)
    (place / "sweep.json").write_text(known)
    code, _, err = run("--dry-run")
    assert code == 2 and message in err and f"delete {place}" in err


def test_a_sweep_that_runs_elsewhere(run, tmp_path, monkeypatch):
    import fcntl

    place = tmp_path / "store/sweeps/reward-weights.lock"
    place.parent.mkdir(parents=True)
    from ncg_ray import config as configs
    from ncg_ray.errors import InputError
    from ncg_ray.tuning import rewards

    (tmp_path / "x.traces.jsonl").write_bytes(mixed())
    plan = rewards.plan(configs.load(sets=[f"storage.uri={tmp_path / 'store'}"]), str(tmp_path / "x.traces.jsonl"))
    with open(place, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another process runs the sweep 'reward-weights'"):
            rewards.sweep(plan)
