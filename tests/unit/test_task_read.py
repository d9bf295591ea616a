"""Tasks from files, stubs, mappings and words; and what is said about bad ones."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from ncg_ray.errors import TaskError
from ncg_ray.task.read import read_task, task_from_mapping, task_from_stub
from ncg_ray.task.signature import parse_signature
from ncg_ray.types import Contract, Example

STUB = '''import math
from typing import List


def half(x: float) -> float:
    """Half of it. half(2.0) == 1.0"""
    return x / 2


def halves(xs: List[float], times: int = 1) -> List[float]:
    """Halve every number.

    pre: times >= 0
    post: len(__return__) == len(__old__.xs)

    >>> halves([2.0, 4.0])
    [1.0, 2.0]
    """
'''
STUB_EXAMPLE = Example(([2.0, 4.0],), returns=[1.0, 2.0], origin="docstring")


def test_stub() -> None:
    task = task_from_stub(STUB, id="t/1")
    assert task.prompt == STUB and task.id == "t/1" and task.is_stub
    assert task.signature == "def halves(xs: List[float], times: int=1) -> List[float]"
    assert task.entry_point == "halves"
    assert task.context.startswith("import math\n") and task.context.endswith("return x / 2\n")
    assert task.docstring.startswith("Halve every number.\n\npre:")
    assert task.examples == (STUB_EXAMPLE,)
    assert task.contracts == (Contract("requires", "times >= 0", "docstring"),
                              Contract("ensures", "len(result) == len(old(xs))", "docstring"))


@pytest.mark.parametrize("end", [
    "", "\n", "\n    ", "\n    pass", "\n    ...", "\n    raise NotImplementedError",
    "\n    raise NotImplementedError('write me')\n", "\n    # here\n", '\n    """Words.', "\n\n\n",
])
def test_stub_with_any_ending(end: str) -> None:
    prompt = "import os\n\ndef first(xs: list) -> int:" + end
    task = task_from_stub(prompt)
    assert (task.prompt, task.signature) == (prompt, "def first(xs: list) -> int")
    assert task.context == "import os\n"
    assert task_from_stub("def first(xs)").signature == "def first(xs)"


def test_the_last_function_with_an_empty_body_is_the_one_to_write() -> None:
    source = ('def a(x):\n    """Do a."""\n\ndef b(x):\n    return a(x)\n\n'
              "assert a(1) == 2\ndef test_a():\n    assert a(2)\nif 1: a(1)\n")
    task = task_from_stub(source)
    assert task.entry_point == "a" and task.prompt.endswith('"""Do a."""\n')
    assert "def b(x):" in task.context and task.prompt.startswith("def b(x):")
    assert task.tests == "assert a(1) == 2\ndef test_a():\n    assert a(2)"
    assert task_from_stub("def a():\n    return 1\ndef b():\n    return 2\n").entry_point == "b"
    assert task_from_stub(source, entry_point="b").entry_point == "b"


def test_files_standard_input_and_words_read_alike(tmp_path: Path) -> None:
    data = {"prompt": "Halve it.", "signature": "def half(x: float) -> float", "examples": [{"args": [2], "returns": 1.0}]}
    toml = 'prompt = "Halve it."\nsignature = "def half(x: float) -> float"\nexamples = [{args = [2], returns = 1.0}]\n'
    (tmp_path / "half.json").write_text("\ufeff" + json.dumps(data), encoding="utf-8")
    (tmp_path / "half.toml").write_text(toml.replace("\n", "\r\n"), encoding="utf-8")
    (tmp_path / "halves.py").write_text(STUB, encoding="utf-8")
    expected = task_from_mapping({**data, "id": "half"})
    assert read_task(tmp_path / "half.json") == read_task(str(tmp_path / "half.toml")) == expected
    assert expected.examples == (Example((2,), returns=1.0, loose=True),)
    assert read_task(str(tmp_path / "halves.py")) == task_from_stub(STUB, id="halves")
    for text in (json.dumps(data), toml):
        assert read_task("-", text) == read_task(text) == task_from_mapping(data)
    assert read_task("-", STUB) == read_task(STUB) == task_from_stub(STUB)
    words = "Reverse the words of a sentence, see main.py"
    task = read_task(words)
    assert (task.prompt, task.docstring, task.entry_point, task.is_stub) == (words, words, "", False)


def test_words_with_a_signature() -> None:
    task = task_from_mapping({"prompt": "Double n. dbl(2) -> 4", "signature": "def dbl( n:int )->int:", "mode": "symbolic",
                              "requires": "n > 0", "ensures": ["result == 2 * old(n)", "isinstance(result, int)"]})
    assert (task.signature, task.entry_point, task.mode) == ("def dbl(n: int) -> int", "dbl", "symbolic")
    assert task.examples == (Example((2,), returns=4, origin="docstring"),)
    assert [c.expression for c in task.contracts] == ["n > 0", "result == 2 * old(n)", "isinstance(result, int)"]
    named = task_from_mapping({"prompt": "Double n. dbl(2) -> 4", "entry_point": "dbl"})
    assert (named.signature, named.entry_point, len(named.examples)) == ("", "dbl", 1)


def test_examples_of_the_user_come_first_and_win() -> None:
    examples = [{"args": [[2.0, 4.0]], "returns": [1, 2.5]},
                {"args": [{"$tuple": [1]}], "kwargs": {"times": 0}, "returns": None}, {"args": ["a"], "raises": "TypeError"},
                {"args": [[0.1]], "returns": [0.05], "abs_tol": 1}]
    task = task_from_mapping({"prompt": STUB, "examples": examples, "context": "EPS = 1", "ensures": ["result != EPS"]})
    assert [e.args for e in task.examples] == [([2.0, 4.0],), ((1,),), ("a",), ([0.1],)]
    assert (task.examples[0].returns, task.examples[2].raises, task.examples[3].abs_tol) == ([1, 2.5], "TypeError", 1.0)
    assert task.context.startswith("EPS = 1\n\nimport math")
    assert [c.origin for c in task.contracts] == ["user", "docstring", "docstring"]


def test_asserts_in_tests_become_examples() -> None:
    task = task_from_mapping({"prompt": "Add.", "signature": "def add(a, b)",
                              "tests": "assert add(1, 2) == 3\nassert add(1, 1)\n"})
    assert task.examples == (Example((1, 2), returns=3),) and task.tests == "assert add(1, 1)\n"


GOOD = {"prompt": "Add two numbers.", "signature": "def add(a: int, b: int) -> int"}


@pytest.mark.parametrize(("change", "parts"), [
    ({"promt": "x"}, ["unknown key 'promt'", "'prompt'", "id, prompt, signature"]),
    ({"prompt": ""}, ["prompt is empty"]), ({"prompt": " \n"}, ["prompt is empty"]),
    ({"prompt": 3}, ["prompt is 3", "text"]), ({"prompt": "a\0b"}, ["NUL"]), ({"prompt": "\ud800"}, ["Unicode"]),
    ({"id": 3}, ["id is 3"]), ({"signature": "add(a, b)"}, ["'add(a, b)'", "does not parse", "def name("]),
    ({"signature": "def add(a,"}, ["does not parse"]), ({"signature": "async def add(a)"}, ["does not parse"]),
    ({"signature": "def add(a): return 1\ndef g()"}, ["does not parse"]), ({"entry_point": "sub"}, ["'sub'", "'add'"]),
    ({"entry_point": "2x", "signature": ""}, ["'2x'", "not a function name"]),
    ({"language": "rust"}, ["'rust'", "python"]), ({"mode": "fast"}, ["'fast'", "neural, symbolic, hybrid, adaptive"]),
    ({"mode": []}, ["mode []"]), ({"context": "def ("}, ["context does not parse"]),
    ({"tests": "assert ("}, ["tests do not parse"]), ({"tests": "x = 1"}, ["hold no assert"]),
    ({"examples": {}}, ["examples is a dict", "list"]),
    ({"examples": [3]}, ["examples[0] is 3"]),
    ({"examples": [{"args": [1, 2, 3], "returns": 1}]}, ["examples[0]", "add(1, 2, 3)", "does not fit", "too many"]),
    ({"examples": [{"args": [1], "returns": 1}]}, ["missing", "'b'"]),
    ({"examples": [{"args": [1, 2], "kwargs": {"c": 1}, "returns": 1}]}, ["does not fit", "'c'"]),
    ({"examples": [{"args": [1, 2]}]}, ["neither"]),
    ({"examples": [{"args": [1, 2], "returns": 1, "raises": "E"}]}, ["both"]),
    ({"examples": [{"arg": [1, 2], "returns": 1}]}, ["unknown key 'arg'", "'args'"]),
    ({"examples": [{"args": 3, "returns": 1}]}, ["[3]"]),
    ({"examples": [{"args": [1, 2], "kwargs": [], "returns": 1}]}, ["kwargs is []"]),
    ({"examples": [{"args": [1, 2], "raises": 3}]}, ["raises is 3", "ValueError"]),
    ({"examples": [{"args": [1, 2], "raises": None}]}, ["raises is null"]),
    ({"examples": [{"args": [1, 2], "returns": 1, "abs_tol": -1}]}, ["abs_tol is -1"]),
    ({"examples": [{"args": [1, 2], "returns": {"$tupel": []}}]}, ["unknown tag $tupel"]),
    ({"examples": [{"args": [1, 2], "returns": 3}, {"args": [1, 2], "returns": 4}]}, ["two examples", "f(1, 2)"]),
    ({"ensures": "result >"}, ["ensures 'result >'", "not a Python expression"]),
    ({"ensures": "x = 1"}, ["not a Python expression"]), ({"requires": [""]}, ["not a Python expression"]),
    ({"requires": "c > 0"}, ["unknown name 'c'", "a, b"]), ({"requires": 3}, ["requires is 3"]),
    ({"requires": "result > 0"}, ["'result'", "`ensures`"]), ({"ensures": "(y := 1) > 0"}, ["must not assign"]),
    ({"ensures": "1) or (2"}, ["not a"]), ({"ensures": "result > 0", "signature": ""}, ["needs a `signature`"]),
    ({"prompt": STUB, "signature": "", "entry_point": "third"}, ["third", "halves"]),
    ({"prompt": STUB}, ["no function 'add'"]),
])
def test_bad_mappings_are_one_line_that_names_the_value(change: dict, parts: list[str]) -> None:
    with pytest.raises(TaskError) as caught:
        task_from_mapping({**GOOD, **change}, "my.toml")
    message = caught.value.message
    assert "\n" not in message and len(message) < 400
    assert all(part in message for part in parts), message


@pytest.mark.parametrize("data", [[], "text", 3, None])
def test_a_task_is_an_object(data: object) -> None:
    with pytest.raises(TaskError, match="not a task"):
        task_from_mapping(data)


def test_bad_files(tmp_path: Path) -> None:
    files = {"a.toml": b"prompt = ", "b.json": b"{", "c.py": b"def f(:\n", "d.py": b"x = 1\n", "e.toml": b"prompt = '\xff'",
             "f.py": b"", "g.json": b"[" * 50_000, "h.py": b"def f(x):\n    '''a\0b'''",
             "i.json": b'{"prompt": "x", "id": "a\\u0000"}'}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    wanted = {"a.toml": "not TOML", "b.json": "not JSON", "c.py": "line 1", "d.py": "no function", "e.toml": "not UTF-8",
              "f.py": "empty", "g.json": "not JSON", "h.py": "NUL", "i.json": "NUL",
              "missing.toml": "no such file", "": "directory"}
    for name, part in wanted.items():
        with pytest.raises(TaskError, match=part) as caught:
            read_task(str(tmp_path / name))
        assert "\n" not in caught.value.message
    (tmp_path / "big.toml").write_bytes(b"#" * (5 << 20))
    with pytest.raises(TaskError, match="4 MiB"):
        read_task(tmp_path / "big.toml")
    with pytest.raises(TaskError, match="cannot read"):
        read_task(tmp_path / "gone.json")


@pytest.mark.parametrize("text", ["", "  \n", "a\0b", "\ud800x"])
def test_bad_words(text: str) -> None:
    for source, stdin in ((text, None), ("-", text)):
        with pytest.raises(TaskError):
            read_task(source, stdin)


@pytest.mark.parametrize("text", [
    "Write def add(a, b): to add", "def is a keyword in Python", "{curly} words", "prompt = words go here",
    "x" * 10_000, "[1, 2] to [2, 1]", "read the numbers from values.json", "def f(:\nthis is no Python",
])
def test_words_that_look_like_something_else(text: str) -> None:
    assert read_task(text).prompt == text


def test_signature() -> None:
    signature = parse_signature("def f(a, /, b: 'x' = 1, *c, d: int = 2, e, **g) -> list[int]:")
    assert signature.text() == "def f(a, /, b: 'x'=1, *c, d: int=2, e, **g) -> list[int]"
    assert [p.name for p in signature.positional] == ["a", "b"] and [p.name for p in signature.required] == ["a", "e"]
    assert signature.fits(Example((1,), {"e": 2}))
    assert not signature.fits(Example((1,))) and not signature.fits(Example((), {"a": 1, "e": 2}))
    assert "e" in signature.misfit((1,), {})


def test_a_megabyte_is_read_in_bounded_time() -> None:
    start = time.process_time()
    assert len(read_task("-", "def f(x):\n    '''" + "f(3) == 5 " * 100_000 + "'''\n").examples) == 1
    asserts = "assert f(3)  # é\n" * 5_000 + "assert 'é' == f(3)\n"
    assert task_from_mapping({"prompt": "x", "entry_point": "f", "tests": asserts}).tests.count("\n") == 5_000
    assert time.process_time() - start < 3.0


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
def test_any_line_end(line_end: str) -> None:
    task = task_from_stub(STUB.replace("\n", line_end))
    assert task.context == task_from_stub(STUB).context and task.examples == (STUB_EXAMPLE,)
