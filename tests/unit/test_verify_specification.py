"""Contracts as they stand in code: every dialect becomes expressions over arguments, `result` and `old(x)`."""

from __future__ import annotations

import pytest

from ncg_ray.errors import TaskError
from ncg_ray.verify.module import choose, hinted, split_target
from ncg_ray.verify.searches import arguments_of, as_pep316, bounds_of
from ncg_ray.verify.shrink import smaller_values
from ncg_ray.verify.specification import read_specifications

SOURCE = '''
import icontract, deal
from icontract import require, ensure, snapshot

@icontract.require(lambda x: x > 0)
@icontract.ensure(lambda result, x: result > x)
def by_icontract(x: int) -> int:
    return x + 1

@snapshot(lambda xs: xs[:])
@ensure(lambda OLD, xs: len(xs) == len(OLD.xs) + 1)
def with_snapshot(xs: list[int]) -> None:
    xs.append(1)

@deal.pre(lambda a, b: a > b)
@deal.post(lambda r: r >= 0)
@deal.ensure(lambda _: _.result == _.a - _.b)
@deal.raises(ValueError)
def by_deal(a: int, b: int) -> int:
    return a - b

def by_docstring(x: int, ys: list[int]) -> int:
    """Words. Note: these are words too.

    pre: x > 0
    post[ys]: _ == __old__.x + len(ys)
    post: implies(x > 3, _ > 3)
    raises: ValueError, KeyError
    """

def by_assert(x: int) -> int:
    assert x > 3, "large"
    y = x
    assert y > 4
    return y

class Jar:
    """inv: self.size >= 0"""

    def __init__(self, size: int):
        """pre: size >= 1"""
        self.size = size

    def take(self) -> int:
        """post: _ >= 0"""
        self.size -= 1
        return self.size
'''


@pytest.fixture(scope="module")
def specs():
    return {spec.name: spec for spec in read_specifications(SOURCE)}


@pytest.mark.parametrize(
    "name,requires,ensures,raises",
    [
        ("by_icontract", ["x > 0"], ["result > x"], []),
        ("with_snapshot", [], ["len(xs) == len(old(xs[:])) + 1"], []),
        ("by_deal", ["a > b"], ["result == a - b", "result >= 0"], ["ValueError"]),
        ("by_docstring", ["x > 0"], ["result == old(x) + len(ys)", "not x > 3 or result > 3"], ["ValueError", "KeyError"]),
        ("by_assert", ["x > 3"], [], []),
        ("Jar.take", [], ["result >= 0"], []),
    ],
)
def test_every_dialect_is_read(specs, name, requires, ensures, raises):
    spec = specs[name]
    assert [c.expression for c in spec.requires] == requires
    assert [c.expression for c in spec.ensures] == ensures
    assert spec.raises == raises and not spec.problem


def test_a_class_keeps_its_own(specs):
    jar = specs["Jar.take"].classes["Jar"]
    assert (jar.requires, jar.invariants) == (["size >= 1"], ["self.size >= 0"])


def test_what_brackets_do_not_name_must_not_change():
    (spec,) = read_specifications('def f(a: list[int], b: list[int]):\n    """post[a]: True"""\n')
    assert [c.expression for c in spec.ensures] == ["True", "b == old(b)"]


@pytest.mark.parametrize(
    "clause,words",
    [
        ("post: _ > nowhere(3)", "unknown name 'nowhere'"),
        ("post: (x := 3) > 2", "not assign"),
        ("pre: result > 1", "not known before"),
        ("post: x ==", "not a Python expression"),
    ],
)
def test_a_clause_that_cannot_be_used_says_why(clause, words):
    (spec,) = read_specifications(f'def f(x: int) -> int:\n    """{clause}"""\n    return x\n')
    assert words in spec.problem and "line 2" in spec.problem


def test_the_last_definition_of_a_name_counts():
    (one,) = read_specifications('def f(x):\n    """post: _ > 1"""\ndef f(x):\n    """post: _ > 2"""\n')
    assert [c.expression for c in one.ensures] == ["result > 2"]


@pytest.mark.parametrize(
    "target,parts",
    [
        ("a.py", ("a.py", "")),
        ("a.py:f", ("a.py", "f")),
        ("a.py:C.m", ("a.py", "C.m")),
        ("x/y.py:g", ("x/y.py", "g")),
        ("b:c.py", ("b:c.py", "")),
    ],
)
def test_a_target_is_a_file_and_a_function(target, parts):
    assert split_target(target) == parts


def test_functions_with_a_contract_come_alone():
    assert [s.name for s in choose(SOURCE, "", "x.py")] == [
        "by_icontract",
        "with_snapshot",
        "by_deal",
        "by_docstring",
        "by_assert",
        "Jar.take",
    ]
    assert [s.name for s in choose("def _f(): pass\ndef g(): pass\n", "", "x.py")] == ["g"]
    with pytest.raises(TaskError, match="no function 'h'; it has: f"):
        choose("def f(): pass\n", "h", "x.py")
    with pytest.raises(TaskError, match="line 1"):
        choose("def f(:\n", "", "x.py")
    with pytest.raises(TaskError, match="at most"):
        choose("x = 1\n" * 400_000, "", "x.py")


def test_hints_of_the_task_go_onto_a_candidate():
    assert "def f(a: int, b)" in hinted("def f(a, b):\n    return a\n", "f", "def f(x: int, y) -> int")
    assert hinted("def f(", "f", "def f(x: int)") == "def f("


def test_preconditions_bound_what_is_drawn():
    bounds = bounds_of(["x", "xs", "s"], ["0 < x <= 9 and len(xs) >= 2", "len(s) < 4", "x != 3"])
    assert bounds == [(1, 9, 0, None), (None, None, 2, None), (None, None, 0, 3)]
    assert bounds_of(["x"], ["x > 3", "x < 2"]) == [(None, None, 0, None)]


def test_a_contract_travels_to_crosshair_and_its_answer_back():
    source = "@icontract.ensure(lambda result, x: result > x)\ndef f(x: int, *, y: int = 3) -> int:\n    return x\n"
    (spec,) = read_specifications(source)
    text, line = as_pep316(source, spec)
    assert "post: __return__ > x" in text and "icontract" not in text and text.splitlines()[line - 1].startswith("def f")
    told = arguments_of("5: error: false when calling f(1, y = -2) (which returns 1)", source, spec)
    assert told == ["1", "-2"]
    assert arguments_of("5: error: something else", source, spec) is None
    (clock,) = read_specifications("import time\ndef f():\n    'post: _ > 0'\n    return time.time()\n")
    told = arguments_of(
        "2: error: false when calling f() with crosshair.patch_to_return({time.time: [2.0]}) (which returns 0)",
        "def f(): pass\n",
        clock,
    )
    assert told == ["# [('time.time', [2.0])]"]


@pytest.mark.parametrize("value", [7, -7, 1 << 80, 2.5, "hello", [3, 4, 5], (1, "b"), {"a": 1}, {1, 2}, True])
def test_smaller_values_are_of_the_type_and_end(value):
    seen, size = 0, value
    while (smaller := next(iter(smaller_values(size)), None)) is not None and seen < 200:
        assert type(smaller) is type(value)
        size, seen = smaller, seen + 1
    assert seen < 200
