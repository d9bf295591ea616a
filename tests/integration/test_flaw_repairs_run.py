"""`ncg repair FILE` by findings: real scanner, real sandbox, with and without tests."""

from __future__ import annotations

import json

import pytest

import ncg_ray
from ncg_ray import cli
from ncg_ray.records import from_json
from ncg_ray.types import Trace

SQL = "import sqlite3\n\n\ndef find(base, name):\n    return base.execute(f\"SELECT id FROM t WHERE name = '{name}'\").fetchall()\n"  # noqa: E501


@pytest.fixture(scope="module", autouse=True)
def shared_session():
    """Sandbox and analysers start once for all."""
    with ncg_ray.session(model=False, ray=False):
        yield


@pytest.fixture
def repair(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(code: str, *options: str, tests: str = "") -> tuple[int, str, str]:
        (tmp_path / "code.py").write_text(code)
        if tests:
            (tmp_path / "t.py").write_text(tests)
            options = ("--tests", "t.py", *options)
        try:
            exit_code = cli.main(["repair", "code.py", *options])
        except SystemExit as stop:
            exit_code = stop.code
        captured = capsys.readouterr()
        assert "Traceback (most" not in captured.err
        assert "--write" in options or (tmp_path / "code.py").read_text() == code
        return exit_code, captured.out, captured.err

    return run


def test_a_flaw_is_mended_without_tests_and_told_with_its_rule(repair):
    exit_code, out, _ = repair(SQL)
    assert exit_code == 0 and '+    return base.execute("SELECT id FROM t WHERE name = ?", (name,)).fetchall()' in out
    assert "CWE-89" in out and "bound parameter in SQL, line 5" in out and "no tests were given" in out


def test_tests_that_pass_judge_the_rewrite(repair):
    code = "def read(raw):\n    return eval(raw)\n"
    exit_code, out, _ = repair(code, tests="assert read('2 + 3') == 5\n")  # literals alone would break this
    assert exit_code == 0 and "evaluate(raw)" in out and "the tests pass" in out and "TESTED, tested" in out, out


def test_a_repair_that_breaks_a_test_is_not_taken(repair):
    code = "import hashlib\n\n\ndef digest(data):\n    return hashlib.md5(data).hexdigest()\n"
    exit_code, out, _ = repair(code, tests="assert digest(b'') == 'd41d8cd98f00b204e9800998ecf8427e'\n")
    assert exit_code == 1 and "not fixed" in out and "breaks a test" in out and "B324" in out, out


def test_failing_tests_are_mended_first_then_the_flaws(repair):
    code = "def total(raw):\n    return sum(eval(raw)) + 1\n"
    exit_code, out, _ = repair(
        code, tests="assert total('[1, 2]') == 3\nassert total('[]') == 0\nassert total('[5]') == 5\n"
    )
    assert exit_code == 0 and "ast.literal_eval(raw)" in out and "+ 1" not in out.split("+    return")[1].split("\n")[0], out
    exit_code, out, _ = repair(code, "--kinds", "security", tests="assert total('[1, 2]') == 3\n")
    assert exit_code == 1 and "repair the behaviour first" in out


def test_what_cannot_be_repaired_is_named(repair):
    exit_code, out, _ = repair("def run(script):\n    exec(script)\n")
    assert exit_code == 1 and "code.py: not fixed" in out and "left: line 2" in out and "code-exec-parameter, CWE-94" in out


def test_part_of_it_is_mended_and_the_rest_named(repair):
    exit_code, out, _ = repair(SQL + "\n\ndef run(script):\n    exec(script)\n")
    assert exit_code == 1 and "WHERE name = ?" in out and "left: line 9" in out and "partly fixed" in out


def test_nothing_to_do(repair):
    exit_code, out, _ = repair("def f(x):\n    return x + 1\n")
    assert exit_code == 0 and out == "code.py: nothing was found; nothing was changed\n"


def test_a_reasoned_excuse_is_obeyed(repair):
    code = "import os\n\n\ndef f(x):\n    os.system(x)  # ncg: ignore[CWE-78, B605]: x is a constant of the caller's\n"
    exit_code, out, _ = repair(code)
    assert exit_code == 0 and "nothing was changed" in out, out


@pytest.mark.parametrize("code,options,words", [
    ("x = 1\n", ("--kinds", "behaviour"), "needs tests"), ("x = 1\n", ("--kinds", "magic"), "unknown kind of repair 'magic'"),  # noqa: E501
    ("def f(:\n", (), "does not parse in line 1")])
def test_bad_input_is_one_line(repair, code, options, words):
    exit_code, _, err = repair(code, *options)
    assert exit_code == 2 and words in err and len(err.strip().splitlines()) == 1


def test_the_trace_has_a_decision_for_each_change_and_the_file_is_written_on_request(repair, tmp_path):
    exit_code, out, err = repair(SQL, "--json", "--write")
    trace = from_json(Trace, json.loads(out))
    assert exit_code == 0 and "fixed" in err and trace.attempts[0].candidate.origin == "repair"
    assert [d.action for d in trace.decisions] == ["repair"] and "sql-string-built" in trace.decisions[0].reason
    assert trace.code == (tmp_path / "code.py").read_text() and "= ?" in trace.code and trace.mode == "symbolic"


def test_style_and_types_on_request(repair):
    code = "import os\n\n\ndef first(xs: list[int]) -> str:\n    return xs[0]\n"
    exit_code, out, _ = repair(code, "--kinds", "style,type", tests="assert first([7, 8]) == '7' or first([7, 8]) == 7\n")
    assert exit_code == 0 and "-import os" in out and "return str(xs[0])" in out and "ruff's fix of F401" in out, out


def test_the_python_door(tmp_path):
    (tmp_path / "c.py").write_text("import yaml\n\n\ndef read(text):\n    return yaml.load(text, Loader=yaml.Loader)\n")
    mended = ncg_ray.repair(tmp_path / "c.py", kinds=["security"])
    assert mended.status == "fixed" and "yaml.safe_load(text)" in mended.code and not mended.left
    assert mended.mends[0].finding.cwe == "CWE-502" and mended.trust == "scanned"
