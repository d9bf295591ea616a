"""All engines on real code in the real sandbox: what refutes was replayed and is small, budgets hold, nothing spreads."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import psutil
import pytest
from verified_loops import LOOPS

from ncg_ray.config import SandboxConfig, VerifyConfig
from ncg_ray.generate.invariants import ModelInvariants, guesses
from ncg_ray.protocols import Completion, Limits
from ncg_ray.sandbox import SandboxExecutor
from ncg_ray.testing import ScriptedGenerator
from ncg_ray.types import Candidate, Contract, Example, Level, Task
from ncg_ray.verify import ContractVerifier, Differ, ExampleVerifier, Portfolio, Solver
from ncg_ray.verify.portfolio import FunctionVerdict, verify_all
from ncg_ray.verify.specification import Clause, Specification, read_specifications

EXECUTOR = SandboxExecutor(SandboxConfig())


def portfolio(solver: Solver, **more) -> Portfolio:
    return Portfolio(EXECUTOR, solver, VerifyConfig(timeout_s=6.0), Limits(), **more)


async def verdicts(source: str, **more) -> dict[str, FunctionVerdict]:
    async with Solver() as solver:
        found = await verify_all(portfolio(solver, **more), source, read_specifications(source))
    return {result.spec.name: result for result in found}


async def only(source: str, **more) -> FunctionVerdict:
    return (await verdicts(source, **more))["f"]


@pytest.mark.parametrize("name", LOOPS)
async def test_a_broken_loop_is_refuted_by_a_small_input(name):
    loop = LOOPS[name]
    spec = Specification(
        loop.function,
        1,
        (),
        requires=[Clause(text, 0, "") for text in loop.requires],
        ensures=[Clause(text, 0, "") for text in loop.ensures],
    )
    async with Solver() as solver:
        result = await portfolio(solver).verify(loop.twin, spec)
    assert result.verdict.level is Level.REFUTED, result.verdict
    for value in result.verdict.counterexample.args:
        assert len(value) <= 3 if isinstance(value, list) else abs(value) <= 4, result.arguments


async def test_each_verdict_says_who_found_it_and_how_far_it_looked():
    found = await verdicts('''
def proved(x: int) -> int:
    """post: _ > x"""
    return x + 1
def refuted(xs: list[int]) -> int:
    """post: _ >= 0"""
    return sum(xs)
def rare(x: int, y: int) -> int:
    """post: _ != 123456789"""
    return x * 1000 + y if x > 1000 else 0
def bounded(xs: list[int]) -> list[int]:
    """post: _ == sorted(xs)"""
    return sorted(xs)
def sampled(s: str) -> str:
    """post: len(_) >= len(s)"""
    return s.encode().decode() + "x"
def crashes(xs: list[int]) -> int:
    return xs[0]
def checks(x: int) -> int:
    if x < 0:
        raise ValueError(x)
    return x
''')
    assert {name: r.verdict.level.name for name, r in found.items()} == {
        "proved": "PROVED",
        "refuted": "REFUTED",
        "rare": "REFUTED",
        "bounded": "BOUNDED",
        "sampled": "TESTED",
        "crashes": "REFUTED",
        "checks": "PROVED",
    }
    assert found["proved"].verdict.assumptions and found["proved"].verdict.engine == "smt"
    assert found["refuted"].verdict.counterexample.args == ([-1],) and found["refuted"].verdict.counterexample.got == "-1"
    assert found["rare"].verdict.engine == "smt"
    assert "elements" in found["bounded"].verdict.bound
    assert found["sampled"].verdict.engine == "property" and found["sampled"].gaps[0][0] == "the attribute `encode` of a str"
    assert found["crashes"].verdict.detail == "crashes([]) raises IndexError: list index out of range"
    assert found["crashes"].line == 18


@pytest.mark.parametrize(
    "source,reason,words",
    [
        (
            'def f(x: int) -> int:\n    """post: 1 // (x - 3) >= _ - _ - 9"""\n    return x\n',
            "error",
            "raises ZeroDivisionError",
        ),
        ('def f(xs: list[int]) -> int:\n    """post: xs.append(1) is None"""\n    return 1\n', "error", "side effects"),
        (
            'def f(xs: list[int]) -> int:\n    """\n    pre: xs.append(1) is None\n    post: True\n    """\n    return 1\n',
            "error",
            "side effects",
        ),
        ('def f(x: int) -> int:\n    """post: _ > nowhere"""\n    return x\n', "error", "unknown name 'nowhere'"),
        (
            'def f(x: int) -> int:\n    """\n    pre: x > 3 and x < 2\n    post: _ == 1\n    """\n    return x\n',
            "vacuous",
            "no input meets the precondition",
        ),
        (
            'import nowhere\ndef f(x: int) -> int:\n    """post: _ == nowhere.g(x)"""\n    return x\n',
            "error",
            "does not load",
        ),
        ('async def f(x: int) -> int:\n    """post: _ == x"""\n    return x\n', "unsupported", "async"),
        ('import os\ndef f(x: int) -> int:\n    """post: _ != 5"""\n    os.kill(os.getpid(), 9)\n    return x\n', None, ""),
    ],
)
async def test_what_cannot_be_judged_says_why(source, reason, words):
    result = await only(source)
    assert result.verdict.level in (Level.UNKNOWN, Level.TESTED) if reason else True
    if reason:
        assert result.verdict.reason == reason and words in result.verdict.detail, result.verdict
    assert result.verdict.level is not Level.PROVED or reason is None


async def test_a_contract_that_is_always_false_is_refuted():
    result = await only('def f(x: int) -> int:\n    """post: False"""\n    return x\n')
    assert result.verdict.level is Level.REFUTED


async def test_a_file_of_five_thousand_lines():
    filler = "".join(f"def g{i}(x: int) -> int:\n    if x > {i}:\n        return x\n    return {i}\n" for i in range(1250))
    started = time.monotonic()
    source = filler + 'def f(x: int) -> int:\n    """post: _ >= 7"""\n    return g7(x)\n'
    spec = read_specifications(source)[-1]
    async with Solver() as solver:
        result = await portfolio(solver).verify(source, spec)
    assert len(source.splitlines()) > 5000 and result.verdict.level is Level.PROVED, result.verdict
    assert time.monotonic() - started < 20


async def test_a_program_that_does_not_end_costs_its_budget_and_harms_nobody():
    found = await verdicts('''
def hangs(x: int) -> int:
    """post: _ == 0"""
    while x != 0:
        x = -x
    return x
def grows(x: int) -> int:
    """post: _ == 0"""
    while x != 0:
        x += 1
    return x
def fine(x: int) -> int:
    """post: _ == x"""
    return x
''')
    assert found["hangs"].verdict.level is Level.REFUTED and found["hangs"].verdict.reason == "diverges"
    assert (
        found["grows"].verdict.level is Level.UNKNOWN and found["grows"].verdict.reason == "timeout" and found["grows"].lead
    )
    assert found["fine"].verdict.level is Level.PROVED
    assert all(sum(r.tried.values()) < 6.0 * 1.2 for r in found.values())


async def test_a_solver_that_dies_answers_unknown_and_the_next_is_answered():
    async with Solver() as solver:
        hard = {
            "source": "def f(a: int, b: int, c: int) -> int:\n    return a ** 3 + b ** 3 + c ** 3\n",
            "name": "f",
            "requires": [],
            "ensures": ["result != 33"],
            "budget_s": 30,
        }
        before = set(psutil.Process().children())
        asked = asyncio.ensure_future(solver.ask(hard))
        await asyncio.sleep(1.5)
        workers = [p for p in psutil.Process().children() if p not in before]
        (fork,) = workers[-1].children()
        os.kill(fork.pid, signal.SIGSEGV)
        answer = await asyncio.wait_for(asked, 10)
        assert (answer["level"], answer["reason"]) == ("UNKNOWN", "error") and "signal 11" in answer["detail"]
        asked = asyncio.ensure_future(solver.ask(hard))
        await asyncio.sleep(0.5)
        workers[-1].kill()  # the whole process: asked once more, in a fresh one
        easy = {"source": "def f(a: int) -> int:\n    return a\n", "name": "f", "ensures": ["result == a"], "budget_s": 2}
        asked.cancel()
        assert (await solver.ask(easy))["level"] == "PROVED"


async def test_the_solver_keeps_its_budget():
    async with Solver() as solver:
        hard = {
            "source": "def f(a: int, b: int, c: int) -> int:\n    return a ** 3 + b ** 3 + c ** 3\n",
            "name": "f",
            "requires": [],
            "ensures": ["result != 33"],
            "budget_s": 2,
        }
        answer = await solver.ask(hard)
        assert answer["level"] in ("UNKNOWN", "CANDIDATE") and answer["elapsed_s"] <= 2.2


async def test_an_invariant_that_somebody_proposes_is_tried():
    source = '''
def f(n: int) -> int:
    """
    pre: n >= 0
    post: _ % 6 == 0
    """
    i = j = 0
    while i < n:
        i += 1
        j += 6 * i * i * i
    return j
'''
    # As the language model does it: words, code that does not parse, names that are not there, one wrong, one right.
    model = ScriptedGenerator([], replies=["of course:\nassert j >\nassert q == 1\nassert j == i\nassert j % 6 == 0"])
    result = await only(source, propose=ModelInvariants(model, 1))
    assert result.verdict.level is Level.PROVED, result.verdict
    wrong = source.replace("_ % 6 == 0", "_ == 6")
    refuted = await only(wrong, propose=ModelInvariants(ScriptedGenerator([], replies=["assert j == 6"]), 1))
    assert refuted.verdict.level is Level.REFUTED, "a guess proves nothing by itself"
    assert guesses([Completion("assert j == 6\n# invariant: i <= n\nj = 3", None, 1)], frozenset({"i", "j", "n"})) == [
        "j == 6", "i <= n"]


async def test_objects_are_made_by_their_constructor_and_keep_their_invariants():
    found = await verdicts('''
class Jar:
    """inv: self.size >= 0"""
    def __init__(self, size: int):
        """pre: size >= 0"""
        self.size = size
    def take(self) -> int:
        """post: True"""
        self.size -= 1
        return self.size
    def put(self) -> int:
        """post: _ > 0"""
        self.size += 1
        return self.size
''')
    assert found["Jar.take"].verdict.level is Level.REFUTED and found["Jar.take"].arguments == ("Jar(0)",)
    assert found["Jar.put"].verdict.level is Level.PROVED


async def test_icontract_and_deal_are_verified_with_their_decorators_on():
    found = await verdicts("""
import deal
import icontract
@icontract.require(lambda x: x > 0)
@icontract.ensure(lambda result, x: result > x)
def good(x: int) -> int:
    return x + 1
@deal.pre(lambda x: x > 0)
@deal.post(lambda result: result != 10)
def bad(x: int) -> int:
    return x * 2
""")
    assert found["good"].verdict.level is Level.PROVED
    assert found["bad"].verdict.level is Level.REFUTED and found["bad"].verdict.counterexample.args == (5,)


async def test_two_candidates_are_told_apart_by_an_input_that_really_does():
    first = "def f(a: int, b: int) -> int:\n    return max(a, b)\n"
    async with Solver() as solver:
        both = Differ(EXECUTOR, solver, VerifyConfig(), Limits())
        rare = await both.distinguish(first, "def f(a, b):\n    return a if a > b or a == 98765 else b\n", "f")
        assert rare.level is Level.REFUTED and rare.counterexample.args[0] == 98765
        assert (await both.distinguish(first, "def f(a, b):\n    return b if a < b else a\n", "f")).level is Level.PROVED


async def test_the_loop_s_verifier_proves_what_passed_and_refutes_what_only_looked_right():
    task = Task(
        "The larger.",
        signature="def f(a: int, b: int) -> int",
        entry_point="f",
        examples=(Example((1, 2), returns=2),),
        contracts=(Contract("ensures", "result >= a and result >= b"), Contract("ensures", "result in (a, b)")),
    )
    codes = [
        "def f(a, b):\n    return max(a, b)\n",
        "def f(a, b):\n    return b if b > a or a > 10**9 else a\n",
        "def f(a, b):\n    return b\n",
    ]
    async with Solver() as solver:
        verifier = ContractVerifier(ExampleVerifier(EXECUTOR, VerifyConfig(), Limits()), portfolio(solver), 3)
        checks = [(await verifier.verify(task, [Candidate(code)]))[0] for code in codes]
    levels = [[v.level.name for v in check.verdicts] for check in checks]
    assert levels[0] == ["TESTED", "PROVED", "PROVED"]
    assert levels[1][1] == "REFUTED" and checks[1].verdicts[1].engine == "smt"
    assert "REFUTED" in levels[2]


async def test_a_program_cannot_talk_itself_into_a_proof():
    """It may patch whatever it likes in its own process: a proof reads the source, and is for the source as it stands."""
    found = await verdicts('''
import builtins
def f(x: int) -> int:
    """post: _ == abs(x)"""
    return x
builtins.eval = lambda *a: (lambda **k: True)
builtins.repr = lambda *a: "0"
''')
    assert found["f"].verdict.level is not Level.PROVED and found["f"].verdict.level <= Level.TESTED
    assert found["f"].verdict.level is not Level.TESTED, "values are judged where the program cannot reach"


@pytest.mark.parametrize("source,level,word", [
    ("""class C:
    def __init__(self, v: int) -> None:
        self.v = v

    @classmethod
    def make(cls, v: int) -> "C":
        \"""post: _.v == v\"""
        return cls(v)
""", Level.UNKNOWN, "a class method"),
    ("""import deal

@deal.raises(ValueError)
def f(x: int) -> int:
    if x <= 0:
        raise TypeError(x)
    return x
""", Level.REFUTED, "TypeError"),
    ("""import deal

@deal.chain(deal.pure, deal.post(lambda result: result > 5))
def f(x: int) -> int:
    return x
""", Level.REFUTED, "result > 5"),
    ('def f(x: int) -> int:\n    """\n    post: _ >\n    """\n    return x\n', Level.UNKNOWN, "cannot be used"),
    ('raise RuntimeError("boom")\n\ndef f(x: int) -> int:\n    """post: _ > x"""\n    return x + 1\n', Level.UNKNOWN,
     "does not load"),
    ("""class Jar:
    \"""inv: self.size >= 0\"""
    def __init__(self) -> None:
        self.size = 0

    def take(self) -> None:
        self.size -= 1
""", Level.REFUTED, "self.size >= 0"),
], ids=["classmethod", "deal.raises", "deal.chain", "half a clause", "does not load", "invariant alone"])
async def test_what_a_newcomer_wrote(source, level, word):
    result, = (await verdicts(source)).values()
    assert result.verdict.level is level and word in result.verdict.detail, result.verdict
    assert result.spec.has_contract


async def test_invariants_of_the_user_that_do_not_hold_are_named():
    result = await only("""
def f(n: int) -> int:
    \"""
    pre: n >= 0
    post: 2 * _ == n * (n + 1)
    \"""
    s = i = 0
    while i < n:
        # invariant: s == i
        # invariant: i <= n
        i += 1
        s += i
    return s
""")
    assert result.verdict.level is Level.PROVED and result.unused == [("s == i", 8)]
