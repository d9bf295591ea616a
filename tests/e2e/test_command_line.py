"""`ncg` as a subprocess, as users start it. Nothing here loads a model."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"ray", "torch", "transformers", "deepspeed", "z3", "rich", "structlog", "bandit"}


def ncg(*argv: str, cwd: Path, stdin: str = "", timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ncg_ray", *argv], cwd=cwd, input=stdin, capture_output=True, text=True,
                          timeout=timeout_s)


def python(script: str) -> str:
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("argv", [["--help"], ["--version"], ["generate", "--help"], ["generate", "no.toml"]])
def test_what_needs_no_engine_loads_none(argv, tmp_path):
    script = ("import sys, time; began = time.perf_counter()\nfrom ncg_ray.cli import main\n"
              f"try: main({argv!r})\nexcept SystemExit: pass\n"
              "print(); print(time.perf_counter() - began); print(*sys.modules)")
    *_, seconds, modules = python(script).splitlines()
    heavy = HEAVY - ({"structlog", "rich"} if "no.toml" in argv else set())
    assert not heavy & set(modules.split())
    assert float(seconds) < 1.5


def test_importing_the_package_is_nothing():
    seconds, modules = python("import sys, time; before = set(sys.modules); began = time.perf_counter()\nimport ncg_ray\n"
                              "print(time.perf_counter() - began); print(*set(sys.modules) - before)").splitlines()
    assert float(seconds) < 0.1
    assert {m for m in modules.split() if m.startswith("ncg_ray")} == {"ncg_ray"} and not HEAVY & set(modules.split())


@pytest.mark.parametrize("argv,stdin,words", [
    (["generate", "nowhere.toml"], "", "nowhere.toml"),
    (["generate", "-"], " \n", "empty"),
    (["generate", "-"], '{"prompt": "x", "promt": "y"}', "promt"),
    (["generate", "-"], '{"prompt": "x", "signature": "def f(a", "examples": []}', "def f(a"),
    (["generate", "-"], '{"prompt": "x", "signature": "def f(a)", "examples": [{"args": [1, 2], "returns": 3}]}',
     "does not fit `def f(a)`"),
    (["generate", "-"], '{"prompt": "x", "signature": "def f(a)", "ensures": ["result = a"]}',
     "not a Python expression"),
    (["generate", "-"], '{"prompt": "x", "signature": "def f(a)", "tests": "x = 1"}', "hold no assert"),
    (["generate", "x", "--set", "model.sauce=y"], "", "model.sauce"),
    (["demo", "--set", "reward.weights=[1, 1, 0, 0]"], "", "sum to 1"),
    (["evaluate", "nowhere.jsonl", "--json"], "", "nowhere.jsonl"),
    (["generate", "write", "me", "something"], "", "quote it"),
])
def test_bad_input_is_one_line_and_exit_2(argv, stdin, words, tmp_path):
    ran = ncg(*argv, cwd=tmp_path, stdin=stdin)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert re.fullmatch(r"ncg: error: [^\n]+\n", ran.stderr) and words in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_suite_row_without_tests_is_bad_input(tmp_path):
    row = {"task_id": "a", "prompt": "def f(x):\n    pass\n", "entry_point": "f", "tests": " "}
    (tmp_path / "suite.jsonl").write_text(json.dumps(row))
    ran = ncg("evaluate", "suite.jsonl", "--out", "report.json", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert re.fullmatch(r"ncg: error: [^\n]*line 1: a: a row without tests [^\n]+\n", ran.stderr)
    assert [p.name for p in tmp_path.iterdir()] == ["suite.jsonl"]


@pytest.mark.parametrize("command,source,content", [
    (["generate", "double x", "--json"], "./nowhere", None),
    (["evaluate", "suite.jsonl", "--out", "report.json"], "./cut.gguf", b"GGUF\3\0\0\0")])
def test_a_model_that_is_not_there_or_damaged_is_bad_input(command, source, content, tmp_path):
    row = {"task_id": "a", "prompt": "def f(x):\n    pass\n", "entry_point": "f", "tests": "assert f(1) == 1"}
    (tmp_path / "suite.jsonl").write_text(json.dumps(row))
    if content is not None:
        (tmp_path / source).write_bytes(content)
    before = sorted(p.name for p in tmp_path.iterdir())
    ran = ncg(*command, "--set", f"model.source={source}", cwd=tmp_path, timeout_s=180)
    errors = [line for line in ran.stderr.splitlines() if not line.startswith("starting Ray")]
    assert (ran.returncode, ran.stdout) == (2, ""), ran.stderr
    assert len(errors) == 1 and errors[0].startswith("ncg: error: model") and source.strip("./") in errors[0]
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_a_task_that_is_not_text_is_bad_input(tmp_path):
    ran = subprocess.run([sys.executable, "-m", "ncg_ray", "generate", "-"], cwd=tmp_path, input=b"\xff\xfe\x00",
                         capture_output=True)
    assert ran.returncode == 2 and ran.stdout == b"" and ran.stderr.count(b"\n") == 1


def test_config_needs_nothing(tmp_path):
    ran = ncg("config", "--json", cwd=tmp_path)
    assert ran.returncode == 0 and ran.stderr == ""
    assert json.loads(ran.stdout)["model.source"]["default"] == "auto"


def test_an_unreachable_cluster_is_exit_3_and_one_line(tmp_path):
    ran = ncg("generate", "add two numbers", "--address", "127.0.0.1:1", "--json", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (3, "")
    errors = [line for line in ran.stderr.splitlines() if not line.startswith("starting Ray")]
    assert len(errors) == 1 and re.match(r"ncg: error: .*127\.0\.0\.1:1", errors[0]), ran.stderr
    assert "Traceback" not in ran.stderr


def test_ctrl_c_is_one_line_and_exit_130(tmp_path):
    os.mkfifo(tmp_path / "slow.toml")
    command = [sys.executable, "-m", "ncg_ray", "config", "--config", "slow.toml"]
    # Our end of the pipe opens when the command has opened its own: it is past its imports then, and reads.
    # A shell that runs the tests in the background makes them, and what they start, ignore SIGINT: undo that.
    with (subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as process,
          open(tmp_path / "slow.toml", "w")):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, "", "ncg: interrupted\n")


def test_a_broken_pipe_is_quiet(tmp_path):
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run([sys.executable, "-m", "ncg_ray", "config"], cwd=tmp_path, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert (ran.returncode, ran.stderr) == (141, b"")


@pytest.mark.parametrize("argv,words", [
    (["generate", "rows.jsonl"], "ncg evaluate"),
    (["evaluate", "rows.jsonl", "--out", "report.md"], "name of a JSON file"),
    (["evaluate", "rows.jsonl", "--out", "nowhere/report.json"], "folder"),
])
def test_a_wrong_file_is_said_before_anything_starts(argv, words, tmp_path):
    row = {"task_id": "a", "prompt": "def f(x):\n    \"\"\"Add 1.\"\"\"\n", "entry_point": "f", "tests": "assert f(1) == 2"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    ran = ncg(*argv, cwd=tmp_path, timeout_s=20)
    assert (ran.returncode, ran.stdout) == (2, "") and words in ran.stderr
    assert re.fullmatch(r"ncg: error: [^\n]+\n", ran.stderr)
    assert [p.name for p in tmp_path.iterdir()] == ["rows.jsonl"]


def test_events_on_a_full_disk_are_the_users_to_mend(tmp_path):
    ran = ncg("generate", "add one", "--events", "/dev/full", "--set", "model.source=/nowhere", cwd=tmp_path)
    assert ran.returncode == 2 and "--events" in ran.stderr and "Traceback" not in ran.stderr
