"""The reward: bounded, monotone, reproducible, and worth nothing for programs that solve nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncg_ray.config import RewardConfig
from ncg_ray.protocols import Check
from ncg_ray.records import from_json, to_json
from ncg_ray.reward import FormulaRewarder, explain
from ncg_ray.reward.score import gated, reward, total
from ncg_ray.reward.trivial import is_trivial
from ncg_ray.types import Analysis, Candidate, Level, Task, Verdict
from ncg_ray.types import Reward as RewardRecord
from ncg_ray.verdicts import pass_rate

WEIGHTS = RewardConfig().weights
CLEAN = Analysis(risk=0.0, quality=1.0, licence=1.0)
SOLVES = "def f(x):\n    return x + 1\n"


def examples(passed: int, checked: int, origin="user") -> Verdict:
    level = Level.TESTED if passed == checked else Level.REFUTED
    return Verdict(level, "examples", "examples", origin, num_passed=passed, num_checked=checked)


def clause(level: Level, checked: int = 20, origin="user") -> Verdict:
    return Verdict(level, "result > x", "property", origin, num_passed=checked, num_checked=checked)


class TestPassRate:
    @pytest.mark.parametrize(("verdicts", "rate"), [
        ([], None),
        ([examples(0, 4)], 0.0),
        ([examples(3, 4)], 0.75),
        ([examples(3, 4), clause(Level.TESTED)], 0.8),
        ([examples(4, 4), clause(Level.REFUTED)], 0.8),
        ([examples(2, 2), Verdict(Level.REFUTED, "tests", "tests", num_passed=0, num_checked=2)], 0.5),
        ([examples(1, 2), examples(8, 8, "generated")], 0.5),
        ([examples(6, 8, "generated")], 0.75),
        ([clause(Level.UNKNOWN, checked=0)], 0.0),
        ([examples(1, 1), clause(Level.UNKNOWN, checked=0)], 1.0),
    ])
    def test_table(self, verdicts, rate):
        assert pass_rate(verdicts) == rate

    @given(st.lists(st.builds(
        Verdict, st.sampled_from(Level), st.just("o"), st.sampled_from(["examples", "tests", "property", "smt"]),
        st.sampled_from(["user", "docstring", "generated"]), st.none(), st.integers(0, 3), st.integers(3, 5) | st.just(0)
    ).map(lambda v: v if v.num_checked else Verdict(v.level, "o", v.engine, v.origin)), max_size=5))
    def test_it_is_a_rate(self, verdicts):
        rate = pass_rate(verdicts)
        assert rate is None if not verdicts else 0.0 <= rate <= 1.0


unit = st.floats(0, 1)
terms_of = st.tuples(unit, unit, unit, unit)


class TestFormula:
    def test_the_users_formula(self):
        found = reward([examples(1, 2)], Analysis(risk=0.2, quality=0.5, licence=0.5), 0.0, False)
        assert found.total == pytest.approx(0.6 * 0.5 + 0.15 * 0.8 + 0.15 * 0.5 + 0.1 * 0.5)
        assert (found.tests, found.security, found.quality, found.licence) == (0.5, 0.8, 0.5, 0.5)

    def test_gated_is_corrected_by_the_best_trivial_function(self):
        found = reward([examples(3, 4)], CLEAN, 0.5, False)
        assert found.gated == pytest.approx(0.5) and found.baseline == 0.5
        assert reward([examples(1, 4)], CLEAN, 0.5, False).gated == 0.0
        assert reward([examples(4, 4)], CLEAN, 0.5, False).gated == 1.0

    @given(terms_of, st.floats(0, 1), st.booleans())
    def test_bounded(self, terms, baseline, trivial):
        assert 0.0 <= total(terms, WEIGHTS) <= 1.0
        found = gated(terms, WEIGHTS, baseline, trivial)
        assert (found is None) is (baseline >= 1.0) and (found is None or 0.0 <= found <= 1.0)

    @given(terms_of, st.integers(0, 3), unit, st.floats(0, 0.99))
    def test_monotone_in_each_term(self, terms, which, other, baseline):
        low, high = sorted((terms[which], other))
        less = tuple(low if i == which else t for i, t in enumerate(terms))
        more = tuple(high if i == which else t for i, t in enumerate(terms))
        assert total(less, WEIGHTS) <= total(more, WEIGHTS)
        assert gated(less, WEIGHTS, baseline, False) <= gated(more, WEIGHTS, baseline, False)

    @given(terms_of, st.floats(0, 0.99), terms_of)
    def test_trivial_code_never_beats_a_partial_solution(self, terms, baseline, other):
        assert gated(terms, WEIGHTS, baseline, True) == 0.0 <= gated(other, WEIGHTS, baseline, False)


class TestMissing:
    def test_a_missing_term_leaves_no_total_and_says_why(self):
        analysis = Analysis(quality=1.0, licence=1.0, missing={"security": "no bandit"})
        found = reward([examples(1, 1)], analysis, 0, False)
        assert found.total is found.gated is None and found.missing == {"security": "no bandit"}

    def test_nothing_to_check_is_not_zero(self):
        found = reward([], CLEAN, 0.0, False)
        assert found.tests is found.total is found.gated is None and "no examples" in found.missing["tests"]

    def test_checks_that_a_constant_passes_tell_nothing(self):
        found = reward([examples(1, 1)], CLEAN, 1.0, False)
        assert found.total == 1.0 and found.gated is None and "T0 = 1" in found.missing["gated"]

    def test_code_that_does_not_parse_earns_nothing(self):
        why = "the code does not parse: line 3"
        found = reward([examples(0, 1)], Analysis(missing=dict.fromkeys(("security", "quality", "licence"), why)), 0,
                       is_trivial("def f(:", "f"))
        assert (found.tests, found.total, found.gated) == (0.0, None, 0.0) and found.missing["quality"] == why


@pytest.mark.parametrize("body", [
    "pass", "...", "return", "return None", "return 5", "return -1", "return []", "return (1, {'a': 2})", "return x",
    "return y", "raise NotImplementedError", "raise NotImplementedError('later')", "'''Words.'''", "'''Words.'''\n    pass",
    "'''Words.'''\n    return 5", "a = 2\n    b = a * 3\n    return b", "return int('5')", "return f'5'"])
def test_trivial(body):
    assert is_trivial(f"def f(x, y=1):\n    {body}\n", "f")


@pytest.mark.parametrize("code", ["", "import os", "x = 1", "def g(x):\n    return x + 1\n", "def f(:", "\x00",
                                  "f = lambda x: x", "f = lambda x: 3", "async def f(x): return x"])
def test_trivial_modules(code):
    assert is_trivial(code, "f")


@pytest.mark.parametrize("code", [
    SOLVES, "def f(x):\n    return list(x)\n", "def f(*xs):\n    return sum(xs)\n", "from math import gcd as f",
    "import g\nf = g.h", "f = lambda x: x * 2", "def f(x):\n    x.sort()\n", "def f(x):\n    return x[0]\n",
    "def f():\n    return g()\ndef g(): return 1\n", "class f:\n    pass\n", "f: object = abs"])
def test_not_trivial(code):
    assert not is_trivial(code, "f")


def test_a_function_below_a_condition_is_found():
    guarded = "try:\n    import math\n\n    def f(x):\n        return math.floor(x) * 2\nexcept ImportError:\n    pass\n"
    assert not is_trivial(guarded, "f") and is_trivial("if True:\n    def f(x):\n        return 1\n", "f")


def test_without_a_name_the_last_function_counts():
    assert not is_trivial("def helper(x): pass\n" + SOLVES) and is_trivial(SOLVES + "def last(x): pass\n")


class TestRewarder:
    TASK = Task("", entry_point="f")

    async def test_a_batch_in_order(self):
        codes = [SOLVES, "def f(x):\n    return 2\n", "def f(x):\n    return x\n", "def f(x):\n    pass\n"]
        checks = [Check((examples(n, 4),), baseline=0.25) for n in (2, 4, 4, 4)]
        rewards = await FormulaRewarder(RewardConfig()).score(
            self.TASK, [Candidate(c) for c in codes], checks, [CLEAN] * 4)
        assert rewards[0].gated == pytest.approx(1 / 3) and [r.gated for r in rewards[1:]] == [0.0, 0.0, 0.0]

    async def test_weights_come_from_the_config(self):
        (found,) = await FormulaRewarder(RewardConfig((1.0, 0.0, 0.0, 0.0))).score(
            self.TASK, [Candidate(SOLVES)], [Check((examples(1, 2),))], [Analysis(risk=0.9, quality=0.1, licence=0.0)])
        assert found.total == found.gated == 0.5

    def test_the_same_again_from_the_stored_breakdown(self):
        found = reward([examples(2, 3)], Analysis(risk=0.37, quality=0.71, licence=0.5), 0.1, False)
        back = from_json(RewardRecord, to_json(found))
        terms = (back.tests, back.security, back.quality, back.licence)
        assert back == found and total(terms, WEIGHTS) == found.total
        assert gated(terms, WEIGHTS, back.baseline, False) == found.gated


def test_explain_shows_every_term_and_every_gap():
    analysis = Analysis(risk=0.2, quality=1.0, missing={"licence": "no metadata"})
    table = explain(reward([examples(1, 2)], analysis, 0.25, False))
    lines = {line.split()[0]: line.split() for line in table.splitlines()}
    assert lines["tests"][1:4] == ["0.500", "0.60", "0.300"] and lines["security"][1] == "0.800"
    assert lines["licence"][1] == "-" and "no metadata" in table and lines["total"][1] == "-"


def test_what_a_candidate_could_have_faked_pays_nothing_by_the_gated_form():
    from ncg_ray.protocols import TestReport
    from ncg_ray.types import Outcome, OutcomeKind
    from ncg_ray.verify.program import tests_verdict

    verdict = tests_verdict(TestReport(2, 2, Outcome(OutcomeKind.RETURNED), forgeable=True))
    assert verdict.level is Level.UNKNOWN and "could fake" in verdict.detail
    scored = reward([verdict], Analysis(risk=0.0, quality=1.0, licence=1.0), 0.0, False)
    assert scored.tests == 1.0 and scored.gated is None and "fake" in scored.missing["gated"]
