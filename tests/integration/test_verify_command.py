"""`ncg verify FILE[:FUNC]`: the report, the document, exit codes, and what a user may get wrong."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import ncg_ray
from ncg_ray import cli

SOURCE = '''from rates import RATE


def right(x: int) -> int:
    """post: _ > x"""
    return x + RATE


def wrong(xs: list[int]) -> int:
    """
    pre: len(xs) > 0
    post: _ >= 0
    """
    return sum(xs)


def crash(xs: list[int]) -> int:
    """post: True"""
    y = len(xs)
    return xs[y]
'''


@pytest.fixture
def verify(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rates.py").write_text("RATE = 2\n")
    (tmp_path / "code.py").write_text(SOURCE)

    def run(*argv: str) -> tuple[int, str, str]:
        try:
            code = cli.main(["verify", *argv])
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return run


def test_the_document_has_what_others_rely_on(verify):
    code, out, _ = verify("code.py", "--project", ".", "--json")
    found = {f["name"]: f for f in json.loads(out)["functions"]}
    assert code == 1 and list(found) == ["right", "wrong", "crash"]
    assert found["wrong"]["verdict"] == "REFUTED" and found["wrong"]["reason"] == "counterexample"
    assert found["wrong"]["counterexample"] | {"expected": 0, "call": 0} == {
        "args": [[-1]], "kwargs": {}, "got": "-1", "expected": 0, "call": 0}
    assert found["crash"]["counterexample"]["got"].startswith("IndexError")
    for function in found.values():
        assert {"name", "verdict", "engine", "reason", "elapsed_s"} <= function.keys()
    # RATE is another module's, so that the solver cannot know it: what is left are the inputs that were tried.
    assert found["right"]["verdict"] == "TESTED" and "RATE" in json.dumps(found["right"]["outside"])


def test_the_report_shows_line_input_expected_and_got(verify):
    code, out, _ = verify("code.py:crash", "--project", ".")
    assert code == 1
    for words in ("REFUTED  crash", "input     crash([])", "expected  no exception", "got       IndexError",
                  "at        line 20: return xs[y]"):
        assert words in out, out


def test_exit_code_0_where_all_is_tested_or_better(verify, tmp_path):
    (tmp_path / "good.py").write_text('def f(x: int) -> int:\n    """post: _ == x"""\n    return x\n')
    assert verify("good.py:f")[0] == 0
    (tmp_path / "none.py").write_text("x = 1\n")
    code, out, err = verify("none.py")
    assert (code, out) == (0, "") and "no function" in err


@pytest.mark.parametrize("argv,words", [
    (["nowhere.py"], "nowhere.py"), (["code.py:nothing"], "no function 'nothing'; it has: right, wrong, crash"),
    (["broken.py"], "line 1"), (["code.py", "--project", "nowhere"], "--project 'nowhere'"),
    (["code.py", "--against", "nowhere.py"], "nowhere.py"), (["code.py", "--dump-smt", "code.py"], "cannot make the folder"),
    (["code.py", "--set", "verify.timeout_s=0"], "verify.timeout_s")])
def test_bad_input_is_one_line_and_exit_code_2(verify, tmp_path, argv, words):
    (tmp_path / "broken.py").write_text("def f(:\n")
    code, _, err = verify(*argv)
    assert code == 2 and words in err and len(err.strip().splitlines()) == 1, err


def test_queries_are_written_for_other_solvers(verify, tmp_path):
    (tmp_path / "good.py").write_text('def f(x: int, y: int) -> int:\n    """post: y == 0 or _ <= x // y"""\n    if y > 0:\n'
                                     '        return x // y\n    return x // y if y else 0\n')
    code, out, _ = verify("good.py", "--dump-smt", "queries", "--set", "verify.confirm=true")
    assert code == 0 and "cvc5 confirmed" in out
    whole = sorted(p.name for p in (tmp_path / "queries").iterdir() if not p.name.endswith(".core.smt2"))
    assert whole and len(list((tmp_path / "queries").glob("*.core.smt2"))) == len(whole)
    from ncg_ray.verify.smt.journal import second_opinion

    for path in (tmp_path / "queries").iterdir():
        answer = second_opinion(path.read_text())
        assert answer == "unsat" or (path.name.endswith(".core.smt2") and answer == "unknown"), path  # products are hard
        assert " div " not in path.read_text() or not path.name.endswith(".core.smt2")


def test_two_files_are_compared(verify, tmp_path):
    (tmp_path / "one.py").write_text("def f(a: int, b: int) -> int:\n    return max(a, b)\n")
    (tmp_path / "two.py").write_text("def f(a, b):\n    return a if a >= b else b\n")
    (tmp_path / "three.py").write_text("def f(a, b):\n    return a\n")
    assert verify("one.py", "--against", "two.py")[1].startswith("PROVED")
    code, out, _ = verify("one.py", "--against", "three.py")
    assert code == 1 and out.startswith("REFUTED") and "input     f(" in out


def test_from_python_and_what_is_suggested(tmp_path):
    (tmp_path / "a.py").write_text("def smaller(a: int, b: int) -> int:\n    return min(a, b)\n")
    result, = ncg_ray.verify(tmp_path / "a.py", verify__timeout_s=4)
    assert result.verdict.level.name == "PROVED" and result.verdict.obligation == "crash-free"
    suggested = dict(result.suggestions)
    assert suggested["result <= a"] > 0.5 and suggested["result <= b"] > 0.5


def test_help_names_it():
    done = subprocess.run([sys.executable, "-m", "ncg_ray", "verify", "--help"], capture_output=True, text=True)
    assert "FILE[:FUNC]" in done.stdout and "--dump-smt" in done.stdout
