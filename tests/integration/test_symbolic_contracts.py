"""Contracts over whole numbers become SyGuS problems whose answers hold on all inputs."""

import itertools

import pytest

from ncg_ray.errors import TaskError
from ncg_ray.generate.symbolic import contracts
from ncg_ray.generate.symbolic.interpret import Clauses
from ncg_ray.generate.symbolic.problem import problem_of
from ncg_ray.types import Contract, Example, Task

CLAMP = ("def clamp(x: int, low: int, high: int) -> int", ["low <= high"],
         ["low <= result <= high", "result == x if low <= x <= high else True", "x >= low or result == low",
          "x <= high or result == high"])


def asked(signature, requires, ensures, examples=()):
    written = [Contract("requires", r) for r in requires] + [Contract("ensures", e) for e in ensures]
    problem = problem_of(Task("Do it.", signature=signature, contracts=tuple(written), examples=tuple(examples)))
    return (problem, *(Clauses(written, kind, problem.names) for kind in ("requires", "ensures")))


def made(*task):
    """The code, and the function."""
    problem, requires, ensures = asked(*task)
    code = contracts.solved(problem, contracts.sygus_text(problem, requires, ensures), budget_s=6)
    namespace = {}
    exec(code, namespace)  # found by our own search from our own text
    return code, namespace[code.split()[1].partition("(")[0]]


def test_a_clamp_holds_on_all_inputs():
    code, clamp = made(*CLAMP)
    for x, low, high in itertools.product(range(-3, 4), repeat=3):
        if low <= high:
            assert clamp(x, low, high) == min(max(x, low), high)
    assert "not " not in code and code.startswith("def clamp(x: int, low: int, high: int) -> int:")


def test_a_median_of_displays_and_comprehensions():
    _, middle = made("def middle(a: int, b: int, c: int) -> int", [],
                     ["result in (a, b, c)", "min(a, b) <= result or result >= c", "result >= min(a, b)",
                      "result <= max(a, b)", "result >= min(max(a, b), c)", "result <= max([min(a, b), c])",
                      "all(v != result or True for v in (a, b))"])
    for values in itertools.product(range(-2, 3), repeat=3):
        assert middle(*values) == sorted(values)[1]


def test_a_string_by_its_parts():
    _, greet = made("def greet(name: str) -> str", [], [
        "result.startswith('Dear ')", "result.endswith(name)", "len(result) == len(name) + 5"])
    assert (greet("Ada"), greet("")) == ("Dear Ada", "Dear ")


def test_a_choice_between_strings():
    _, longer = made("def longer(a: str, b: str) -> str", [], [
        "result == a or result == b", "len(result) >= len(a)", "len(result) >= len(b)"])
    assert {longer("abc", "x"), longer("x", "abc")} == {"abc"}


def test_examples_count_as_clauses():
    _, f = made("def f(n: int) -> int", [], ["result == n or result == -n"], [Example((3,), returns=-3),
                                                                           Example((-2,), returns=-2)])
    assert (f(3), f(-2)) == (-3, -2)


@pytest.mark.parametrize("signature,ensures", [
    ("def f(x: float) -> float", ["result >= x"]),
    ("def f(x: int) -> int", ["result % x == 0"]),
    ("def f(x: int) -> int", ["result == len(str(x))"]), ("def f(x: str) -> str", ["result + 1 == x"]),
    ("def f(x: str) -> str", ["result < x"]), ("def f(x: str) -> str", ["result == '\\n'"]),
    ("def f(x: str) -> bool", ["result == (x in 3)"]), ("def f(x: str) -> str", ["result == x[0]"]),
    ("def f(x: int) -> int", ["result >= x", "len(str(result)) > 1"]),
    ("def f(x: int) -> int", ["result and x"]),
    ("def f(x: bool) -> int", ["result == x"]),
    ("def f(x) -> int", ["result >= x"]),
    ("def f(x: int) -> int", ["result / 2 > x"]),
    ("def f(x: int) -> int", ["result in range(x)"]),
    ("def f(x: int) -> int", []), ("def f(x: int) -> int", ["result < 1" + "0" * 1200]),
])
def test_what_does_not_translate_is_no_problem(signature, ensures):
    assert contracts.sygus_text(*asked(signature, [], ensures)) == ""


def test_a_precondition_that_does_not_translate_is_left_out():
    text = contracts.sygus_text(*asked("def f(x: int) -> int", ["len(str(x)) < 5", "x > 0"], ["result > x"]))
    assert "(> p0 0)" in text and "len" not in text


def test_clauses_that_contradict_each_other_are_told():
    problem, requires, ensures = asked("def f(x: int) -> int", [], ["result > x", "result < x"])
    with pytest.raises(TaskError, match="contradict each other"):
        contracts.solved(problem, contracts.sygus_text(problem, requires, ensures), budget_s=5)
    made_up = contracts.sygus_text(problem, requires, ensures, is_assumed=True)
    assert contracts.solved(problem, made_up, budget_s=5) == ""
    problem, requires, ensures = asked("def f(x: int) -> int", ["len(str(x)) < 1"], ["result > x", "result < x"])
    assert contracts.solved(problem, contracts.sygus_text(problem, requires, ensures), budget_s=5) == ""
