"""`ncg repair` as a subprocess, as users start it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

WRONG = "def area(w, h):\n    # of a rectangle\n    return w + h\n"


def ncg(*argv: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ncg_ray", *argv], cwd=cwd, capture_output=True, text=True, timeout=120)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "area.py").write_text(WRONG)
    (tmp_path / "t.py").write_text("assert area(2, 3) == 6\nassert area(4, 5) == 20\n")
    return tmp_path


def test_the_diff_applies_and_the_file_is_left_alone(folder):
    done = ncg("repair", "area.py", "--tests", "t.py", cwd=folder)
    assert done.returncode == 0 and (folder / "area.py").read_text() == WRONG, done
    (folder / "patch").write_text(done.stdout.split("\n\n")[0] + "\n")
    subprocess.run(["git", "apply", "-p0", "patch"], cwd=folder, check=True)
    assert (folder / "area.py").read_text() == WRONG.replace("+", "*")
    assert ncg("repair", "area.py", "--tests", "t.py", cwd=folder).stdout.endswith("nothing was changed\n")


def test_json_is_one_trace_on_stdout(folder):
    done = ncg("repair", "area.py", "--tests", "t.py", "--json", cwd=folder)
    trace = json.loads(done.stdout)
    assert done.returncode == 0 and trace["answer"]["mode"] == "symbolic" and trace["answer"]["verdict"] == "TESTED"
    assert trace["attempts"][0]["candidate"]["origin"] == "repair" and "fixed" in done.stderr


@pytest.mark.parametrize("argv,code,words", [
    (["area.py", "--tests", "nowhere.py"], 2, "nowhere.py"), (["area.py", "--kinds", "behaviour"], 2, "needs tests"),
    (["area.py", "--tests", "t.py", "--mode", "adaptive"], 2, "no mode 'adaptive'"),
    (["area.py", "--tests", "t.py", "--out", "no/where.py"], 2, "no folder"),
    (["area.py", "--tests", "t.py", "--set", "repair.timeout_s=0"], 2, "repair.timeout_s")])
def test_bad_input_is_one_line(folder, argv, code, words):
    done = ncg("repair", *argv, cwd=folder)
    assert done.returncode == code and words in done.stderr and len(done.stderr.strip().splitlines()) == 1
