"""Test files, and asserts that are examples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ncg_ray.errors import TaskError
from ncg_ray.task.asserts import examples_from_asserts
from ncg_ray.task.contracts import read_contracts
from ncg_ray.task.signature import parse_signature
from ncg_ray.task.tests_file import read_tests
from ncg_ray.types import Contract, Example


@pytest.mark.parametrize(("source", "example"), [
    ("assert f(3) == 5", Example((3,), returns=5)), ("assert 5 == f(3), 'why'", Example((3,), returns=5)),
    ("assert f([1, (2,)], k={'a': -1}) == {1, 2}", Example(([1, (2,)],), {"k": {"a": -1}}, {1, 2})),
    ("assert f(3) is None", Example((3,), returns=None)), ("assert (f(3) is True)", Example((3,), returns=True)),
    ("assert f('a' * 3) == 10**3 + 1", Example(("aaa",), returns=1001)),
    ("assert f(float('inf')) == set()", Example((float("inf"),), returns=set())),
    ("assert abs(f(3) - 0.5) < 1e-6", Example((3,), returns=0.5, abs_tol=1e-6)),
    ("assert 0.1 >= abs(2 - f(3))", Example((3,), returns=2, abs_tol=0.1)),
    ("assert math.isclose(f(3), 0.5, abs_tol=0.01)", Example((3,), returns=0.5, abs_tol=0.01)),
    ("assert f(3) == pytest.approx(0.5, abs=0.01)", Example((3,), returns=0.5, abs_tol=0.01)),
])
def test_plain_asserts_are_examples(source: str, example: Example) -> None:
    assert examples_from_asserts(source, "f") == ([example], "")


@pytest.mark.parametrize("source", [
    "assert f(3)", "assert not f(3)", "assert f(x) == 5", "assert f(3) == x", "assert f(3) != 5", "assert f(3) is 5",
    "assert f(3) < 5", "assert g(3) == 5", "assert f(g(3)) == 5", "assert f(*[3]) == 5", "assert f(3) == 5 == 5",
    "assert len(f(3)) == 5", "assert f(3) == ...", "assert round(f(3), 2) == 0.33", "assert f(3) == 5 or f(3) == 6",
    "assert f(**{}) == 5", "assert f(3) == '%s' % x", "assert f(3) in [5]", "assert f(10**10**10) == 1",
    "assert abs(f(3) - 0.5) < eps",
])
def test_other_asserts_stay_code(source: str) -> None:
    assert examples_from_asserts(source, "f") == ([], source + "\n")


def test_only_code_without_state_is_taken_apart() -> None:
    mixed = "import math\nassert f(3) == 5\nassert f(4)\n"
    assert examples_from_asserts(mixed, "f") == ([Example((3,), returns=5)], "import math\nassert f(4)\n")
    for stateful in ("x = 3\nassert f(3) == 5", "f.cache = {}\nassert f(3) == 5", "def check(g):\n    assert g(3) == 5\n",
                     "assert f(", "f(2)\nassert f(3) == 5"):
        assert examples_from_asserts(stateful, "f") == ([], stateful)
    assert examples_from_asserts("assert f(3, 4) == 5", "f", parse_signature("def f(a)")) == ([], "assert f(3, 4) == 5\n")


def test_test_files(tmp_path: Path) -> None:
    def write(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    rows = [{"args": [3], "returns": [5]}, {"args": [-1], "raises": "ValueError"}]
    examples = (Example((3,), returns=[5], loose=True), Example((-1,), raises="ValueError", loose=True))
    assert read_tests(write("a.json", json.dumps(rows)), "f") == (examples, "", "f")
    assert read_tests(write("b.json", json.dumps({"entry_point": "f", "examples": rows}))) == (examples, "", "f")
    assert read_tests(write("c.py", "assert f(3) == 5\nassert max(f(4), 1) == 2\n")) == (
        (Example((3,), returns=5),), "assert max(f(4), 1) == 2\n", "f")
    for code in ("def check(candidate):\n    assert candidate(3) == 5\n", "def test_f():\n    assert f(3) == 5\n"):
        assert read_tests(write("d.py", code), "f") == ((), code, "f")
        assert read_tests(write("d.py", code)) == ((), code, None)
    assert read_tests(write("e.py", "assert f(3) == 5\nassert g(3) == 5\n"))[2] is None


@pytest.mark.parametrize(("name", "text", "part"), [
    ("a.json", "[", "not JSON"), ("a.json", "3", "is a int"), ("a.json", "[]", "no examples"),
    ("a.json", "[{\"args\": [1]}]", "neither"), ("a.json", '{"entrypoint": "f", "examples": []}', "'entry_point'"),
    ("a.json", '{"entry_point": 3, "examples": []}', "entry_point is 3"),
    ("a.json", '{"entry_point": "g", "examples": [{"args": [1], "returns": 1}]}', "'g' but 'f'"),
    ("a.py", "assert (", "do not parse"), ("a.py", "x = 1", "no assert"), ("a.txt", "x", "give a .json"),
    ("b.py", None, "cannot read"),
])
def test_bad_test_files(tmp_path: Path, name: str, text: str | None, part: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(TaskError) as caught:
        read_tests(tmp_path / name, "f")
    assert part in caught.value.message and "\n" not in caught.value.message


def test_contracts_of_docstrings() -> None:
    docstring = """Words.

    pre: n > 0  # always
    pre: the list is sorted
    pre: m > 0
    pre:
        n < 10
        len(xs) == (
    post: _ >= __old__.n
    post[xs]: xs == __old__.xs[::-1] and all(_ > 0 for _ in xs)
    post: __return__ != unknown_name
    raises: ValueError
    postscript: nothing
    """
    assert read_contracts(docstring, {"n", "xs"}) == [
        Contract("requires", "n > 0", "docstring"), Contract("requires", "n < 10", "docstring"),
        Contract("ensures", "result >= old(n)", "docstring"),
        Contract("ensures", "xs == old(xs)[::-1] and all((result > 0 for result in xs))", "docstring")]
    assert read_contracts("pre: " + "(" * 50_000 + "\npost: " + "-" * 50_000 + "n\npre: \0", {"n"}) == []
