"""Test code against candidates: how units are counted, what crosses between the two sandboxes, whose fault it is."""

from __future__ import annotations

import pytest

from ncg_ray.config import SandboxConfig
from ncg_ray.errors import TaskError
from ncg_ray.protocols import Limits, TestJob, TestReport
from ncg_ray.sandbox import SandboxExecutor
from ncg_ray.types import OutcomeKind as Kind

LIMITS = Limits()
EXECUTOR = SandboxExecutor(SandboxConfig())
INC = "def f(x):\n    return x + 1\n"


async def trial(code: str, tests: str, limits: Limits = LIMITS, entry_point: str = "f") -> TestReport:
    return (await EXECUTOR.test([TestJob(code, entry_point, tests, limits)]))[0]


def score(report: TestReport) -> tuple[int, int, str, bool]:
    return report.num_passed, report.num_checked, report.outcome, report.forgeable


async def test_each_assert_is_a_unit_and_the_first_failure_is_told() -> None:
    report = await trial(INC, "x = f(1)\nassert x == 2\nassert f(3) == 5, 'five'\nassert candidate(4) == 5\n")
    assert score(report) == (2, 3, "failed", False)
    assert report.failure == "assert f(3) == 5, 'five', but f(3) gave 4"
    assert report.failed_call == "f(3) -> 4"
    assert report.load.kind is Kind.RETURNED and report.num_runs == 2 and report.elapsed_s > 0


@pytest.mark.parametrize("call", ["", "check(f)", "check(candidate)", "if __name__ == '__main__':\n    check(f)"])
async def test_each_assert_of_check_is_a_unit(call: str) -> None:
    tests = ("def check(candidate):\n    base = 1\n    assert candidate(base) == 2\n    assert candidate(2) == 0\n"
             "    for n in range(3):\n        assert candidate(n) == n + 1\n    base += 1\n"
             "    assert candidate(base) == 3\n")
    report = await trial(INC, tests + call)
    assert score(report) == (3, 4, "failed", False) and report.failure == "assert candidate(2) == 0, but f(2) gave 3"


async def test_an_exception_between_the_asserts_of_check_fails_the_rest() -> None:
    tests = "def check(c):\n    assert c(1) == 2\n    x = c('a')\n    assert c(2) == 3\n    assert x\n"
    report = await trial(INC, tests)
    assert score(report) == (1, 3, "raised", False)
    assert report.failure.startswith("x = c('a'): TypeError") and "return x + 1" in report.traceback
    assert report.failed_call.startswith("f('a') raised TypeError")


async def test_pytest_functions_with_raises_approx_parametrize_and_fixtures() -> None:
    tests = ("import pytest\n@pytest.fixture\ndef base():\n    return 3\n"
             "@pytest.mark.parametrize('a, b', [(1, 2), (2, 0), pytest.param(3, 4)])\ndef test_add(a, b):\n"
             "    assert f(a) == b\n"
             "def test_raises():\n    with pytest.raises(TypeError, match='str'):\n        f('a')\n"
             "def test_close(base):\n    assert f(base + 0.1) == pytest.approx(4.1)\n"
             "@pytest.mark.skip\ndef test_not_now():\n    assert False\n"
             "class TestMore:\n    def test_one(self):\n        assert f(1) == 2\n")
    assert score(await trial(INC, tests)) == (5, 6, "failed", False)


async def test_unittest_classes_and_async_functions() -> None:
    tests = ("import unittest\nclass T(unittest.TestCase):\n    def setUp(self): self.n = 1\n"
             "    def test_it(self): self.assertEqual(f(self.n), 2)\n    def test_no(self): self.assertEqual(f(1), 3)\n"
             "async def test_async():\n    assert f(1) == 3\nif __name__ == '__main__':\n    unittest.main()\n")
    assert score(await trial(INC, tests)) == (1, 3, "failed", False)


async def test_arguments_changed_in_place_iterators_exceptions_and_constants_cross() -> None:
    code = ("import math\nfrom math import pi\nLIMIT = (1, 2)\nclass Odd(ValueError): pass\n"
            "def f(xs, **named):\n    xs.append(0)\n    xs[1].append(9)\n    named.get('d', {}).update(k=1)\n    return xs\n"
            "def gen(n):\n    i = 0\n    while True:\n        yield i * n\n        i += 1\n"
            "def view(): return range(3)\ndef bad(): raise Odd('no', 3)\ndef key(): return {}['k']\n")
    tests = ("from itertools import islice\ninner = [1]\nxs, d = [[2], inner], {}\n"
             "assert f(xs, d=d) is xs\n"
             "assert inner == [1, 9] and xs == [[2], [1, 9], 0] and xs[1] is inner and d == {'k': 1}\n"
             "assert list(islice(gen(2), 3)) == [0, 2, 4]\nassert next(gen(1)) == 0\nassert view() == range(3)\n"
             "assert LIMIT == (1, 2) and math.floor(pi) == 3\n"
             "try:\n    bad()\n    assert False\nexcept Odd as e:\n"
             "    assert e.args == ('no', 3) and isinstance(e, ValueError)\n"
             "try:\n    key()\n    assert False\nexcept KeyError as e:\n    assert str(e) == \"'k'\"\n")
    report = await trial(code, tests)
    assert score(report) == (8, 8, "passed", False), report


@pytest.mark.parametrize("tests", [
    "assert apply(lambda x: x + 1, 2) == 3", "p = Point(3)\nassert p.x == 3", "assert make(3).x == 3",
    "assert apply(f, 2) == 2"])
async def test_what_cannot_cross_runs_together_and_says_so(tests: str) -> None:
    code = ("class Point:\n    def __init__(self, x): self.x = x\ndef f(x): return x\n"
            "def apply(g, x): return g(x)\ndef make(x): return Point(x)\n")
    report = await trial(code, tests + "\nassert f(1) == 2")
    assert score(report) == (1, 2, "failed", True) and report.num_runs == 3


async def test_a_candidate_that_does_not_load_fails_all_units() -> None:
    report = await trial("raise OSError('at import')", "assert f(1) == 2\nassert f(2) == 3")
    assert score(report) == (0, 2, "raised", False)
    assert report.load.error_type == "OSError" and "at import" in report.failure


@pytest.mark.parametrize(("body", "outcome"), [
    ("while x: pass", "timeout"), ("import os; os._exit(0)", "crashed"), ("print('x' * 10**6)", "output")])
async def test_a_call_that_ends_the_process_ends_the_run(body: str, outcome: str) -> None:
    report = await trial(f"def f(x):\n    {body}\n    return x", "assert f(0) == 0\n" * (outcome == "timeout")
                         + "assert f(1) == 1\nassert f(2) == 2", Limits(time_s=0.3))
    passed = int(outcome == "timeout")
    assert score(report) == (passed, passed + 2, outcome, False)
    assert report.failed_call == "f(1)"


async def test_endless_tests_end() -> None:
    assert (await trial(INC, "while f(1): pass\nassert f(1) == 2", Limits(time_s=0.05))).outcome == "timeout"


async def test_a_missing_helper_is_the_candidates_fault() -> None:
    report = await trial(INC, "assert f(1) == 2\nassert helper(1) == 2")
    assert score(report) == (1, 2, "failed", False) and "NameError" in report.failure


@pytest.mark.parametrize(("tests", "message"), [
    ("assert f(1) ==", "line 1"), ("x = 1\ny = 1 / 0\nassert f(1)", "line 2"), ("f(1)", "no assert"),
    ("import nothing_here\nassert f(1)", "line 1.*nothing_here"),
    ("from solution import f\nassert f(1)", "line 1.*in scope without an import"),
    ("def test_x(tmp_path): assert f(1)", "tmp_path"), ("x = '\0'", "parse")])
async def test_tests_that_are_at_fault_are_an_error_with_the_line(tests: str, message: str) -> None:
    with pytest.raises(TaskError, match=message):
        await trial(INC, tests)


@pytest.mark.parametrize("tests", [
    "import pytest\n@pytest.mark.parametrize('a,b', [(1, 2, 3)])\ndef test_a(a, b):\n    assert f(a) == b\n",
    "class TestA:\n    def setup_method(self):\n        raise ValueError\n    def test_a(self):\n        assert f(1)\n"])
async def test_what_breaks_around_the_tests_is_no_failure_of_the_candidate(tests: str) -> None:
    with pytest.raises(TaskError, match="the tests fail by themselves"):
        await trial(INC, tests)


async def test_what_the_candidate_breaks_around_the_tests_is_its_own_failure() -> None:
    tests = ("class TestA:\n    def setup_method(self):\n        self.x = f(0)[0]\n"
             "    def test_a(self):\n        assert self.x\n")
    assert (await trial(INC, tests)).outcome == "failed"
    tests = tests.replace("f(0)[0]", "LIMIT + 1")
    assert (await trial("LIMIT = 'a'\n" + INC, tests)).outcome == "failed"


async def test_the_tasks_own_helpers_are_not_the_candidates_to_change() -> None:
    context = "def turned(s):\n    return s[1:] + s[:1]\n\ndef todo(s):\n    pass\n"
    tests = "assert f(turned('abc')) == 'abc'\nassert todo(1) == 2\n"
    honest = context + "def f(s):\n    return s[-1:] + s[:-1]\n\ndef todo(s):\n    return 2\n"
    forged = "def turned(s):\n    return s\n\ndef f(s):\n    return s\n\ndef todo(s):\n    return 2\n"
    reports = await EXECUTOR.test([TestJob(code, "f", tests, LIMITS, context) for code in (honest, forged)])
    assert [score(r) for r in reports] == [(2, 2, "passed", False), (1, 2, "failed", False)]
