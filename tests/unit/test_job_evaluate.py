"""jobs/evaluate.py and what all jobs share, up to the point where something would start; see tests/integration for a run."""

from __future__ import annotations

import importlib.util
import json
import socket
from pathlib import Path

import pytest

import ncg_ray
from ncg_ray import command
from ncg_ray.errors import ClusterError, InputError
from ncg_ray.job import Job, Result, run_job

JOB = Path(ncg_ray.__file__).parents[1] / "jobs" / "evaluate.py"
ROW = {"task_id": "t/1", "prompt": 'def triple(n):\n    """Three times n.\n\n    >>> triple(2)\n    6\n    """\n',
       "entry_point": "triple", "tests": "assert triple(5) == 15\n",
       "canonical_solution": "def triple(n):\n    return 3 * n\n"}


def load():
    spec = importlib.util.spec_from_file_location("job_evaluate", JOB)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


job_evaluate = load()


@pytest.fixture
def evaluate(monkeypatch, tmp_path, capsys):
    """Run the job; gives (exit code, stdout, stderr). Whatever it is given, the user sees no traceback."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)

    def run(*argv: str, **options):
        try:
            code = job_evaluate.main(["--set", f"storage.uri={tmp_path / 'store'}", *map(str, argv)], **options)
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return run


def suite(folder: Path, *rows: object) -> Path:
    path = folder / "suite.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_dry_run_says_what_would_be_done_and_starts_nothing(evaluate, tmp_path):
    code, out, err = evaluate("--dry-run", "--mode", "neural", "--set", "train.name=mine", "--set", "model.source=a/b")
    assert (code, err) == (0, "")
    assert out == (f"ok: 50 tasks of tasks.jsonl in neural on the model a/b; the report goes to "
                   f"{tmp_path}/store/reports/evaluate-mine-tasks.json\n")
    assert not [f for f in (tmp_path / "store").rglob("*") if f.is_file()]


def test_the_trained_model_is_taken_where_it_is_whole(evaluate, tmp_path):
    model = tmp_path / "store" / "checkpoints" / "mine" / "model"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    plan = ("--dry-run", "--json", "--set", "train.name=mine")
    assert json.loads(evaluate(*plan)[1])["model"] == "auto"
    (model / "training.json").write_text("{}")
    assert json.loads(evaluate(*plan)[1])["model"] == str(model)
    other = tmp_path / "other"
    other.mkdir()
    code, _, err = evaluate(*plan, "--model", other)
    assert code == 2 and f"model.source = '{other}': the folder has no config.json" in err
    (other / "config.json").write_text("{}")
    assert json.loads(evaluate(*plan, "--model", other)[1])["model"] == str(other)


@pytest.mark.parametrize("argv,words", [
    (["--model", "nowhere"], "--model 'nowhere' is not there; give the folder that jobs/train.py wrote"),
    (["--suite", "nowhere.jsonl"], "suite 'nowhere.jsonl': No such file or directory; give a readable JSONL file"),
    (["--mode", "best"], "argument --mode: invalid choice: 'best'"),
    (["--out", "nowhere/report.json"], "cannot write 'nowhere/report.json': there is no folder 'nowhere'; make it first"),
    (["--out", "report.md"], "--out 'report.md': give the name of a JSON file"),
    (["--set", "mlflow.uri=runs"], "mlflow.uri = 'runs': give http(s)://HOST:PORT of a tracking server, or a database"),
    (["--set", "storage.uri=memory://x"], "mlflow.uri is empty, and its default, an sqlite file, cannot lie in"),
    (["--set", "train.nmae=x"], "unknown config key 'train.nmae'"),
    (["--config", "nowhere.toml"], "config file 'nowhere.toml': No such file or directory"),
    (["--events", "nowhere/e.jsonl"], "--events 'nowhere/e.jsonl': No such file or directory; name a writable file")])
def test_bad_input_is_one_line_that_names_the_value(evaluate, argv, words):
    code, out, err = evaluate(*argv)
    assert (code, out, err.count("\n")) == (2, "", 1) and words in err


def test_a_broken_row_is_named_by_line(evaluate, tmp_path):
    broken = {key: value for key, value in ROW.items() if key != "tests"} | {"task_id": "t/2"}
    code, out, err = evaluate("--suite", suite(tmp_path, ROW, broken))
    assert (code, out) == (2, "") and "line 2: t/2: the key 'tests' is missing" in err


def test_no_cluster_at_the_address_and_no_mlflow_at_the_uri_are_our_failure(evaluate, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    rows = suite(tmp_path, ROW)
    for dry in (["--dry-run"], []):
        code, out, err = evaluate("--suite", rows, "--set", f"ray.address={address}", "--set", "model.source=a/b", *dry)
        assert (code, out) == (3, "") and f"no Ray cluster answers at '{address}'" in err
    code, out, err = evaluate("--suite", rows, "--set", f"mlflow.uri=http://{address}")
    assert (code, out) == (3, "") and f"no MLflow server answers at 'http://{address}'" in err


def test_a_model_behind_a_url_is_out_of_reach(evaluate):
    import fsspec

    files = fsspec.filesystem("memory")
    files.pipe_file("/evaluate-job/checkpoints/sft/model/training.json", b"{}")
    sets = ["storage.uri=memory://evaluate-job", "mlflow.uri=sqlite:////tmp/m.db"]
    code, _, err = evaluate("--dry-run", *(word for item in sets for word in ("--set", item)))
    assert code == 2 and "copy checkpoints/sft/model to a folder that every machine of the cluster sees" in err


# --- what all jobs share -------------------------------------------------------------------------------------


def body(job: Job) -> Result:
    job.on_event({"event": "note", "text": f"times {job.args.times}"})
    if job.args.times < 0:
        raise InputError(f"--times {job.args.times}: give a number from 0")
    if job.args.times > 10:
        raise ClusterError("too many for this cluster")
    if job.args.times == 7:
        raise ZeroDivisionError("seven")
    return Result({"times": job.args.times, "dry": job.dry_run, "storage": job.storage}, f"done {job.args.times} times",
                  command.NOT_SOLVED if job.args.times == 0 else command.DONE)


def run(*argv: str) -> int:
    return run_job("count", "count", body, arguments=lambda parser: parser.add_argument("--times", type=int, default=1),
                   argv=argv)


def test_a_job_answers_on_stdout_and_progress_goes_to_stderr_and_events(tmp_path, capsys):
    options = ["--set", f"storage.uri={tmp_path}/store", "--events", f"{tmp_path}/events.jsonl"]
    assert run(*options) == 0
    assert capsys.readouterr() == ("done 1 times\n", "times 1\n")
    assert run("--json", "--dry-run", *options, "--times", "0") == 1
    assert json.loads(capsys.readouterr().out) == {"times": 0, "dry": True, "storage": f"{tmp_path}/store"}
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [e["text"] for e in events] == ["times 0"]
    assert sorted(f.name for f in (tmp_path / "store").iterdir()) == ["checkpoints", "policies", "reports", "traces"]


@pytest.mark.parametrize("times,code,words", [
    (-1, 2, "count: error: --times -1: give a number from 0"), (11, 3, "count: error: too many for this cluster"),
    (7, 3, "count: error: ZeroDivisionError: seven; this is a defect of count, --debug shows where")])
def test_errors_of_a_job_are_one_line_and_a_code(tmp_path, capsys, times, code, words):
    assert run("--set", f"storage.uri={tmp_path}", "--times", str(times)) == code
    captured = capsys.readouterr()
    assert captured.out == "" and words in captured.err and "Traceback" not in captured.err


def test_a_submitted_job_with_a_relative_place_for_results_says_where_they_go(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("--set", "storage.uri=store") == 0 and "relative" not in capsys.readouterr().err
    monkeypatch.setenv("RAY_JOB_CONFIG_JSON_ENV_VAR", "{}")
    assert run("--set", "storage.uri=store") == 0
    assert f"'store' is relative, and a submitted job runs in a temporary folder that Ray clears away: results go to " \
           f"{tmp_path}/store" in capsys.readouterr().err
    assert run("--set", f"storage.uri={tmp_path}/store") == 0 and "relative" not in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_said_before_the_body_runs(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert run("--set", f"storage.uri={tmp_path}/file/store") == 2
    assert "storage.uri = " in capsys.readouterr().err
