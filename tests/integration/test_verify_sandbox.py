"""The verifier on the real sandbox: what the unit tests only act out happens here."""

from __future__ import annotations

import pytest

from ncg_ray.config import SandboxConfig, VerifyConfig
from ncg_ray.protocols import Limits
from ncg_ray.sandbox import SandboxExecutor
from ncg_ray.types import Candidate, Contract, Example, Level, Reason, Task
from ncg_ray.verdicts import headline
from ncg_ray.verify import ExampleVerifier

TASK = Task("", id="clamp", signature="def clamp(x: int, low: int, high: int) -> int", entry_point="clamp",
            examples=(Example((5, 0, 3), returns=3), Example((-1, 0, 3), returns=0)),
            contracts=(Contract("requires", "low <= high"), Contract("ensures", "low <= result <= high"),
                       Contract("ensures", "result == x or not low <= x <= high")),
            tests="assert clamp(2, 0, 3) == 2\nassert clamp(9, 9, 9) == 9")
GOOD = "def clamp(x, low, high):\n    return max(low, min(x, high))\n"


@pytest.fixture(scope="module")
def verifier() -> ExampleVerifier:
    return ExampleVerifier(SandboxExecutor(SandboxConfig(num_workers=2)), VerifyConfig(num_probes=16),
                           Limits(time_s=1.0))


async def test_a_batch_of_good_wrong_slow_and_broken_candidates(verifier):
    wrong = "def clamp(x, low, high):\n    return 3 if x > 0 else 0\n"
    slow = "def clamp(x, low, high):\n    while x < 0:\n        pass\n    return max(low, min(x, high))\n"
    good, bad, late, broken, again = await verifier.verify(
        TASK, [Candidate(code) for code in (GOOD, wrong, slow, "def clamp(x,\n", GOOD)])
    assert [v.level for v in good.verdicts] == [Level.TESTED] * 4 and headline(good.verdicts) is Level.TESTED
    assert good.behaviour and again.verdicts == good.verdicts and again.num_runs == 0
    assert headline(bad.verdicts) is Level.REFUTED
    assert [v.level for v in bad.verdicts] == [Level.TESTED, Level.REFUTED, Level.REFUTED, Level.REFUTED]
    clause = bad.verdicts[2]
    _, low, high = clause.counterexample.args
    assert low <= high and not low <= int(clause.counterexample.got) <= high
    assert (late.verdicts[0].level, late.verdicts[0].reason, late.verdicts[0].num_passed) == (
        Level.UNKNOWN, Reason.TIMEOUT, 1)
    assert {v.level for v in broken.verdicts} == {Level.REFUTED} and "SyntaxError" in broken.verdicts[0].detail
    assert 0.0 < good.baseline < 1.0 and not any(v.forgeable for v in good.verdicts)


async def test_code_that_leaves_its_process_meets_nothing(verifier):
    task = Task("", entry_point="f", examples=(Example((1,), returns=1), Example((2,), returns=2)))
    leaves = "import os\ndef f(x):\n    if x == 1:\n        os._exit(0)\n    return x\n"
    forges = "class Same(int):\n    def __eq__(self, other):\n        return True\ndef f(x):\n    return Same(0)\n"
    left, forged = await verifier.verify(task, [Candidate(leaves), Candidate(forges)])
    assert left.verdicts[0].level is not Level.TESTED and left.verdicts[0].num_passed <= 1
    assert forged.verdicts[0].level is Level.REFUTED and forged.verdicts[0].num_passed == 0


async def test_mutation_and_iterators_cross_the_pipe(verifier):
    task = Task("", id="evens", signature="def f(xs: list[int]) -> object", entry_point="f",
                examples=(Example(([1, 2, 4],), returns=[2, 4]),),
                contracts=(Contract("ensures", "xs == old(xs)"),
                           Contract("ensures", "all(v in old(xs) for v in result)")))
    kept, spoiled = await verifier.verify(task, [
        Candidate("def f(xs):\n    yield from (x for x in xs if x % 2 == 0)\n"),
        Candidate("def f(xs):\n    found = [x for x in xs if x % 2 == 0]\n    xs.clear()\n    return found\n")])
    assert [v.level for v in kept.verdicts] == [Level.TESTED] * 3
    assert [v.level for v in spoiled.verdicts] == [Level.TESTED, Level.REFUTED, Level.TESTED]


@pytest.mark.parametrize(("signature", "example", "code", "clause", "level"), [
    ("def f(xs: list) -> int", Example(kwargs={"xs": [1, 2]}, returns=2),  # changed through a keyword
     "def f(xs):\n    n = len(xs)\n    xs.append(n) if xs == [1, 2] else 0\n    return n\n",
     "xs == old(xs)", Level.REFUTED),
    ("def f(xs: list) -> int", Example(([1],), returns=1),  # what it left behind is no plain data
     "def f(xs):\n    xs.append(object())\n    return 1\n", "len(xs) > 3", Level.UNKNOWN),
    ("def f(x: int, k: int = 3) -> int", Example((1,  3), returns=3),  # the default is part of what was asked for
     "def f(x, k):\n    return x * k\n", "result == x * k", Level.REFUTED),
    ("def f(x: int, xs: list[int]) -> list", Example((1, [1, 2]), returns=[2, 1]),  # a lambda's own parameter
     "def f(x, xs):\n    return sorted(xs, key=lambda v:-v)\n", "result == old(sorted(xs, key=lambda x: -x))", Level.TESTED),
    ("def f(xs: list[int]) -> list", Example(([1],), returns=[1]),  # copies are judged, so not which object it is
     "def f(xs):\n    return xs\n", "result is xs", Level.UNKNOWN),
    ("def f(xs: list[int]) -> list", Example(([1],), returns=[1]),
     "def f(xs):\n    return xs\n", "result is not None and type(result) is list", Level.TESTED),
])
async def test_what_a_clause_is_asked_about(verifier, signature, example, code, clause, level):
    task = Task("", signature=signature, entry_point="f", examples=(example,), contracts=(Contract("ensures", clause),))
    (done,) = await verifier.verify(task, [Candidate(code)])
    assert done.verdicts[-1].level is level, done.verdicts[-1]


async def test_an_exception_of_the_candidate_is_what_it_derives_from(verifier):
    task = Task("", entry_point="f", examples=(Example((-1,), raises="ValueError"), Example((4,), returns=2)))
    code = "class {0}({1}): pass\ndef f(x):\n    if x < 0: raise {0}(x)\n    return x // 2\n"
    good, fake = await verifier.verify(task, [Candidate(code.format("Negative", "ValueError")),
                                              Candidate(code.format("ValueError", "Exception"))])
    assert (good.verdicts[0].level, fake.verdicts[0].level) == (Level.TESTED, Level.REFUTED)


@pytest.mark.parametrize("tests", ["def check(candidate):\n    pass\n", "assert True\n", "if False:\n    assert f(1) == 2\n",
                                   "def test_a():\n    assert 1 == 1\n"])
async def test_tests_that_never_call_the_function_are_no_evidence(verifier, tests):
    (done,) = await verifier.verify(Task("", entry_point="f", tests=tests), [Candidate("def f(x): return x")])
    assert (headline(done.verdicts), done.verdicts[0].reason) == (Level.UNKNOWN, Reason.VACUOUS)
