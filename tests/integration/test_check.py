"""`ncg check FILE --tests T`: judging code that exists, through the real sandbox, without Ray or a model."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import ncg_ray
from ncg_ray import cli
from ncg_ray.errors import TaskError
from ncg_ray.records import from_json, to_json
from ncg_ray.task.given import find_project, read_given
from ncg_ray.types import Trace

RIGHT = "def double(x):\n    if x > 1000:\n        return 2 * x\n    return x + x\n"
EXAMPLES = [{"args": [3], "returns": 6}, {"args": [0], "returns": 0}, {"args": [-1], "returns": -2}]


@pytest.fixture
def check(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(code: str | bytes, tests: object, *options: str, name: str = "t.json") -> tuple[int, str, str]:
        (tmp_path / "code.py").write_bytes(code if isinstance(code, bytes) else code.encode())
        (tmp_path / name).write_text(tests if isinstance(tests, str) else json.dumps(tests))
        try:
            exit_code = cli.main(["check", "code.py", "--tests", name, *options])
        except SystemExit as stop:
            exit_code = stop.code
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return exit_code, captured.out, captured.err

    return run


def test_everything_passed_is_exit_code_0_and_the_report_says_what_it_took(check):
    code, out, _ = check(RIGHT, EXAMPLES)
    assert code == 0 and out.startswith("TESTED") and "3 of 3  examples" in out
    assert "reached  3 of 4 lines; not reached: 3" in out and "MiB" in out and "isolation" in out


def test_the_trace_has_outcome_reward_usage_and_coverage(check):
    code, out, _ = check(RIGHT, "assert double(2) == 4\nfor n in range(3):\n    assert double(n) == 2 * n\n", "--json",
                         name="t.py")
    trace = from_json(Trace, json.loads(out))
    attempt, = trace.attempts
    assert code == 0 and trace.mode == trace.answer.mode == "given" and trace.code == RIGHT
    assert {v.outcome for v in attempt.verdicts} == {"passed"}
    assert attempt.usage.cpu_s > 0 and attempt.observation.missing_lines == (3,)
    assert trace.answer.reward.total > 0.9 and trace.answer.reward.gated is not None
    assert to_json(trace) == json.loads(out)


@pytest.mark.parametrize("body,outcome,words", [
    ("return x", "failed", "gave 3, expected 6"), ("return 1 // 0", "raised", "ZeroDivisionError"),
    ("while True: pass", "timeout", "ran out of time"), ("return bytearray(1 << 40)", "memory", "memory"),
    ("while True: print('x' * 9999)", "output", "printed too much"), ("import os; os._exit(0)", "crashed", "crashed"),
    ("import ctypes; ctypes.CDLL(None).unshare(0)", "killed", "unshare"),
    ("return object()", "not_plain", "not plain")])
def test_every_outcome_is_told_and_only_a_pass_is_exit_code_0(check, body, outcome, words):
    code, out, _ = check(f"def double(x):\n    {body}\n", EXAMPLES, "--json", "--set", "sandbox.time_s=0.3")
    verdict, = json.loads(out)["answer"]["evidence"]
    assert (code, verdict["outcome"]) == (1, outcome)
    assert words in verdict["detail"]


@pytest.mark.parametrize("code", ["def double(", "x = 1\n", "", b"def double(x): return '\xed\xa0\x80'"[:22],
                                  "import nowhere\ndef double(x): return 2 * x"])
def test_code_that_does_not_load_is_an_outcome(check, code):
    exit_code, out, _ = check(code, {"entry_point": "double", "examples": EXAMPLES}, "--json")
    assert exit_code == 1 and json.loads(out)["answer"]["verdict"] == "REFUTED"


@pytest.mark.parametrize("code,said", [("def double(x):\n    return (2 * x\n", "ncg: code.py does not parse: line 2: '('"),
                                       (RIGHT, "")])
def test_a_file_that_does_not_parse_is_said_to_be_that(check, code, said):
    _, _, err = check(code, EXAMPLES)
    assert said in err if said else "does not parse" not in err


def test_tests_that_import_the_code_are_told_of_the_project(check):
    exit_code, _, err = check(RIGHT, "from code_of_mine import double\ndef test_it(): assert double(2) == 4\n", name="t.py")
    assert exit_code == 2 and "'code_of_mine'" in err and "--project DIR" in err


def test_tests_that_could_be_faked_count_only_where_the_code_is_trusted(check):
    code = "class Box:\n    def __init__(self, x): self.x = x\ndef double(x): return Box(2 * x)\n"
    tests = "def test_box():\n    assert isinstance(double(2), Box) and double(2).x == 4\n"
    exit_code, out, _ = check(code, tests, name="t.py")
    assert exit_code == 1 and out.startswith("UNKNOWN") and "could fake it" in out
    assert check(code, tests, "--trust", name="t.py")[0] == 0
    assert check(code.replace("2 * x", "x"), tests, "--trust", name="t.py")[0] == 1


@pytest.mark.parametrize("argv,words", [
    (["nowhere.py", "--tests", "t.json"], "nowhere.py"), (["code.py", "--tests", "nowhere.json"], "nowhere.json"),
    (["code.py"], "--tests"), (["code.py", "--tests", "t.json", "--project", "nowhere"], "--project 'nowhere'"),
    (["code.py", "--tests", "one.json"], "one.json is one example; write a list"),
    (["code.py", "--tests", "empty.json"], "no examples"), (["code.py", "--tests", "words.py"], "no assert"),
    (["code.py", "--tests", "broken.py"], "do not parse"), (["latin.py", "--tests", "t.json"], "not UTF-8"),
    (["huge.py", "--tests", "t.json"], "larger than")])
def test_bad_input_is_one_line_and_exit_code_2(check, tmp_path, argv, words, capsys):
    (tmp_path / "code.py").write_text(RIGHT)
    (tmp_path / "latin.py").write_bytes(b"# caf\xe9\n")
    (tmp_path / "huge.py").write_text("x = 1\n" * 2_000_000)
    for name, text in {"t.json": json.dumps(EXAMPLES), "one.json": json.dumps(EXAMPLES[0]), "empty.json": "[]",
                       "words.py": "x = 1\n", "broken.py": "assert ("}.items():
        (tmp_path / name).write_text(text)
    try:
        code = cli.main(["check", *argv])
    except SystemExit as stop:
        code = stop.code
    err = capsys.readouterr().err
    assert code == 2 and words in err and len(err.strip().splitlines()) == 1, err


def ray_is_up() -> bool:
    return "ray" in sys.modules and sys.modules["ray"].is_initialized()


def test_from_python_in_one_line(tmp_path):
    before = ray_is_up()
    (tmp_path / "a.py").write_text(RIGHT)
    (tmp_path / "t.json").write_text(json.dumps(EXAMPLES))
    assert ncg_ray.check(tmp_path / "a.py", tmp_path / "t.json").verdict == "TESTED"
    assert ray_is_up() == before


def test_code_of_a_project_imports_its_siblings(check, tmp_path):
    (tmp_path / "rates.py").write_text("RATE = 2\n")
    code = "from rates import RATE\ndef double(x): return RATE * x\n"
    assert check(code, EXAMPLES)[0] == 1
    exit_code, out, _ = check(code, EXAMPLES, "--project", ".")
    assert exit_code == 0, out
    exit_code, out, _ = check(code, "from code import double\ndef test_it(tmp_path): assert double(2) == 4\n", "--project",
                              ".", "--trust", name="t.py")
    assert exit_code == 0, out


@pytest.mark.parametrize("file,module", [("a.py", "a"), ("pkg/a.py", "pkg.a"), ("pkg/__init__.py", "pkg"),
                                         ("src/pkg/a.py", "pkg.a"), ("../outside.py", "outside")])
def test_a_file_has_its_place_in_a_project(tmp_path, file, module):
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    project = find_project(root, root / file, root / "tests" / "test_a.py")
    assert (project.module, project.tests_path) == (module, "tests/test_a.py")
    assert project.packages[0] == str(root / "src") and all(Path(p).is_dir() for p in project.packages)


def test_the_function_under_test_is_found(tmp_path):
    (tmp_path / "a.py").write_text("def helper(): pass\ndef f(x): return g(x)\ndef g(x):\n    'Words.'\n    return x\n")
    for tests, name in (("assert f(1) == 1\n", "f"), ("def test_a():\n    assert f(1) == g(1)\n", "g"),
                        ("def check(candidate):\n    assert candidate(1) == 1\n", "g")):
        (tmp_path / "t.py").write_text(tests)
        task, _ = read_given(tmp_path / "a.py", tmp_path / "t.py")
        assert task.entry_point == name
    assert task.docstring == "Words."
    with pytest.raises(TaskError, match="directory"):
        read_given(tmp_path, tmp_path / "t.py")
