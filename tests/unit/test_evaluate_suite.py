from __future__ import annotations

import dataclasses
import json

import pytest

from ncg_ray.errors import SuiteError
from ncg_ray.evaluate import read_suite
from ncg_ray.records import to_json

STUB = 'def double(x):\n    """Twice x.\n\n    >>> double(2)\n    4\n    """\n'
OURS = {"task_id": "t/1", "prompt": STUB, "entry_point": "double", "tests": "assert double(21) == 42",
        "canonical_solution": "def double(x):\n    return x + x\n"}
HUMANEVAL = {"task_id": "HumanEval/900", "prompt": STUB, "entry_point": "double",
             "canonical_solution": "    return 2 * x\n", "test": "def check(candidate):\n    assert candidate(21) == 42\n"}
MBPP = {"task_id": 7, "text": "Write a function to double.",
        "code": "def half(x):\r\n  return x\r\ndef dbl(x) : \r\n  return 2*x",
        "test_list": ["assert dbl(1) == 2", "assert dbl(77) == 154"], "test_setup_code": "",
        "challenge_test_list": ["assert dbl(-9) == -18"]}


@pytest.fixture
def suite(tmp_path):
    def write(*rows):
        path = tmp_path / "suite.jsonl"
        path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
        return path

    return write


def test_reads_our_rows(suite):
    row, = read_suite(suite(OURS, "", "  "))
    assert dataclasses.asdict(row) == OURS
    assert row.task.entry_point == "double" and row.task.id == "t/1"
    assert [e.returns for e in row.task.examples] == [4]


def test_canonical_solution_is_optional(suite):
    row, = read_suite(suite({k: v for k, v in OURS.items() if k != "canonical_solution"}))
    assert row.canonical_solution is None
    assert read_suite(suite(OURS | {"canonical_solution": None}))[0].canonical_solution is None


def test_reads_humaneval_and_completes_its_solution(suite):
    row, = read_suite(suite(HUMANEVAL))
    assert row.tests == HUMANEVAL["test"]
    names: dict = {}
    exec(row.canonical_solution, names)
    assert names["double"](4) == 8


def test_reads_mbpp(suite):
    row, = read_suite(suite(MBPP))
    assert row.task_id == "7" and row.entry_point == "dbl"
    assert row.prompt == 'def dbl(x):\n    """Write a function to double.\n\n    Example: assert dbl(1) == 2\n    """\n'
    assert row.tests.split("\n") == ["assert dbl(1) == 2", "assert dbl(77) == 154", "assert dbl(-9) == -18"]
    assert [(e.args, e.returns) for e in row.task.examples] == [((1,), 2)]


def test_mbpp_helpers_that_the_tests_name_stand_before_the_stub(suite):
    row, = read_suite(suite(MBPP | {
        "code": "import sys\nclass Node:\n    pass\nclass Unused:\n    pass\ndef dbl(n):\n    return 1",
        "test_setup_code": "root = Node()", "test_list": ["assert dbl(root) == 1"], "challenge_test_list": []}))
    assert row.prompt.startswith("class Node:\n    pass\n\n\ndef dbl(n):")
    assert row.tests == "root = Node()\nassert dbl(root) == 1"
    assert "class Node" in row.task.context


def test_mbpp_docstring_survives_quotes_and_backslashes(suite):
    row, = read_suite(suite(MBPP | {"text": 'Say """hi""" with \\d', "test_list": [r"assert dbl('\n') == 2"]}))
    namespace: dict = {}
    exec(row.prompt, namespace)
    assert r"dbl('\n')" in namespace["dbl"].__doc__ and "\\d" in namespace["dbl"].__doc__


def test_the_task_holds_no_hidden_test_and_no_solution(suite):
    for row in read_suite(suite(OURS, HUMANEVAL, MBPP)):
        seen = json.dumps(to_json(row.task))
        for hidden in ("42", "77", "154", "-18", "x + x", "2 * x", "2*x", "check"):
            assert hidden not in seen


def test_line_separators_inside_strings_do_not_split_rows(suite):
    text = json.dumps(OURS | {"tests": "assert double('\u2028') == '\u2028\u2028'"}, ensure_ascii=False)
    assert "\u2028" in read_suite(suite(text))[0].tests


@pytest.mark.parametrize(("row", "message"), [
    ("{not json", "not JSON"),
    ("[1, 2]", "a JSON list, not an object"),
    ("[" * 100_000, "not JSON"),
    ({k: v for k, v in OURS.items() if k != "task_id"}, "task_id is None"),
    (OURS | {"task_id": ""}, "task_id is ''"),
    ({k: v for k, v in OURS.items() if k != "prompt"}, "the key 'prompt' is missing"),
    ({k: v for k, v in OURS.items() if k != "entry_point"}, "the key 'entry_point' is missing"),
    ({k: v for k, v in OURS.items() if k != "tests"}, "the key 'tests' is missing"),
    (OURS | {"tests": " \n"}, "a row without tests measures nothing"),
    (OURS | {"tests": ["assert True"]}, "tests is ['assert True']"),
    (OURS | {"entry_point": "triple"}, "'triple' does not stand in the prompt"),
    (OURS | {"entry_point": "not a name"}, "is not a name"),
    (OURS | {"prompt": "def double(x:\n  ]"}, "is not a Python stub"),
    (OURS | {"canonical_solution": 5}, "canonical_solution is 5"),
    (MBPP | {"test_list": []}, "a row without tests"),
    (MBPP | {"test_list": "assert dbl(1) == 2"}, "give a list of asserts"),
    (MBPP | {"code": "def dbl(x) return"}, "code does not parse"),
    (MBPP | {"code": "def other(x):\n  return x"}, "calls none of the functions of code (other)"),
])
def test_bad_rows_name_the_line_and_the_mend(suite, row, message):
    with pytest.raises(SuiteError) as caught:
        read_suite(suite(OURS | {"task_id": "fine"}, row))
    assert "line 2" in caught.value.message and message in caught.value.message
    assert caught.value.context["line"] == 2
    assert "\n" not in caught.value.message


def test_duplicate_task_id(suite):
    with pytest.raises(SuiteError, match="line 3: task_id 't/1' is also on line 1"):
        read_suite(suite(OURS, HUMANEVAL, OURS))


def test_unusable_files(tmp_path, suite):
    with pytest.raises(SuiteError, match="No such file"):
        read_suite(tmp_path / "nowhere.jsonl")
    with pytest.raises(SuiteError, match="directory"):
        read_suite(tmp_path)
    with pytest.raises(SuiteError, match="has no rows"):
        read_suite(suite())
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SuiteError, match="not UTF-8"):
        read_suite(tmp_path / "binary")
