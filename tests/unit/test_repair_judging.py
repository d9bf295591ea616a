"""Localisation, rejections and the choice among plausible patches."""

from __future__ import annotations

import ast

import pytest

from ncg_ray.repair.localise import Run, localise, ochiai
from ncg_ray.repair.rank import Plausible, changed_tokens, rank
from ncg_ray.repair.source import Source
from ncg_ray.repair.symptoms import symptoms_of, traceback_lines
from ncg_ray.repair.trust import objection
from ncg_ray.types import Example, Outcome, OutcomeKind


def test_ochiai_is_the_published_coefficient():
    # Abreu et al. (2007): a_ef / sqrt((a_ef + a_nf) * (a_ef + a_ep)).
    assert ochiai(2, 0, 2) == 1.0 and ochiai(2, 2, 2) == pytest.approx(2 / 8 ** 0.5) and ochiai(0, 3, 2) == 0.0
    assert ochiai(1, 1, 4) == pytest.approx(1 / 8 ** 0.5)


CODE = "def f(x):\n    y = x\n    if x > 0:\n        y = 1\n    else:\n        y = 2\n    return y\n"


def test_what_only_failing_runs_reach_is_most_suspicious():
    runs = [Run(frozenset({2, 3, 4, 7}), False), Run(frozenset({2, 3, 6, 7}), True), Run(frozenset({2, 3, 6, 7}), True)]
    found = localise(Source(CODE), runs)
    assert (found[0].line, found[0].score) == (4, 1.0) and found[-1].line == 6 and found[-1].score == 0.0
    assert found[0].why == "reached by 1 of 1 failing and 0 of 2 passing runs"
    scores = {s.line: s.score for s in found}
    assert scores[3] > scores[2]  # a condition has a little in advance


def test_the_end_of_a_traceback_counts_most():
    runs = [Run(frozenset({2, 3, 4, 7}), False, (2, 7))]
    found = localise(Source(CODE), runs)
    assert found[0].line == 2 and "traceback" in found[0].why


def test_runs_that_never_end_accuse_the_loops():
    code = "def f(x):\n    y = x\n    while x:\n        y += 1\n    return y\n"
    found = localise(Source(code), [Run(None, False)])
    assert found[0].line == 3 and found[0].why.startswith("which lines the failing runs reached")


def test_symptoms_are_read_from_outcomes():
    trace = '  File "candidate.py", line 3, in f\n    g(x)\n  File "candidate.py", line 7, in g\n    1 / 0'
    outcome = Outcome(OutcomeKind.RAISED, error_type="ZeroDivisionError", message="division by zero", traceback=trace)
    symptom, = symptoms_of([outcome, outcome, Outcome(OutcomeKind.RETURNED, 1)])
    assert symptom.lines == traceback_lines(trace) == (7, 3)


SHOWN = (Example((7,), returns="seven"), Example(([8, 9],), returns=42))
BEFORE = "def f(x):\n    assert x != 5\n    if x < 0:\n        raise ValueError(x)\n    return x + 1\n"


@pytest.mark.parametrize("old,new,reason", [
    ("    return x + 1", "    if x == 7:\n        return 'seven'\n    return x + 1", "visible"),
    ("return x + 1", "return 42 if x == [8, 9] else x + 1", "visible"),
    ("return x + 1", "return {7: 'seven'}.get(x, x + 1)", "visible"),
    ("return x + 1", "return x == 7 and 'seven' or x + 1", "visible"),
    ("return x + 1", "return [0, 42, 0, 9][x % 4]", "table"), ("return x + 1", "return 'seventy'[x % 7]", "table"),
    ("    return x + 1", "    try:\n        return x + 1\n    except:\n        return 0", "swallows"),
    ("    return x + 1", "    try:\n        return x + 1\n    except Exception:\n        return 0", "swallows"),
    ("    assert x != 5\n", "", "assert"), ("x != 5", "True", "switches"), ("x != 5", "x != 6", "changes an assert"),
    ("    if x < 0:\n        raise ValueError(x)\n", "", "deletes a check"), ("if x < 0", "if False", "switches"),
    ("return x + 1", "return x + 2", ""), ("    return x + 1", "    if x == 0:\n        return 1\n    return x + 1", ""),
    ("    return x + 1", "    if not x:\n        return None\n    return x + 1", ""), ("x < 0", "x < 7", "")])
def test_patches_that_cheat_are_rejected(old, new, reason):
    assert old in BEFORE
    found = objection(ast.parse(BEFORE), ast.parse(BEFORE.replace(old, new)), SHOWN)
    assert reason in found if reason else not found


def test_an_entry_that_changes_is_no_new_table():
    before = "def f(x):\n    return {'a': 1, 'b': 2, 'c': 4}[x]\n"
    assert not objection(ast.parse(before), ast.parse(before.replace("4", "3")), SHOWN)


def test_docstrings_and_decorators_are_promises():
    before = "@dec\ndef f(x):\n    'post: True'\n    return x\n"
    assert "contract" in objection(ast.parse(before), ast.parse(before.replace("True", "1")), ())
    assert "contract" in objection(ast.parse(before), ast.parse(before.replace("@dec\n", "")), ())


def patch(code: str, score: float = 0.5, tokens: int = 1, edits: int = 1, template: str = "t") -> Plausible:
    return Plausible(code, template, 1, score, tokens, edits)


def test_what_most_agree_on_comes_first_then_the_smallest():
    patches = [patch("alone", 0.6), patch("big", 0.4, 5, template="a"), patch("small", 0.4, 1, template="b")]
    ranked = rank(patches, ["x", "y", "y"])
    assert [r.patch.code for r in ranked] == ["small", "big", "alone"]
    assert [r.group for r in ranked] == [0, 0, 1] and 0.5 < ranked[0].agreement < 1


def test_two_edits_weigh_little_and_one_idea_votes_once():
    assert rank([patch("two", edits=2), patch("one")], ["x", "y"])[0].patch.code == "one"
    votes = [patch(f"same{i}", 0.4) for i in range(9)] + [patch("other", 0.5, template="u")]
    assert rank(votes, ["x"] * 9 + ["y"])[0].patch.code == "other"


def test_what_else_speaks_for_a_patch_counts():
    assert rank([patch("a", 0.5), patch("b", 0.4)], ["x", "y"], [0.1, 1.0])[0].patch.code == "b"


def test_changed_tokens_counts_what_is_gone_or_new():
    assert changed_tokens("a + b\n", "a - b\n") == 1 and changed_tokens("a\n", "abs(a)\n") == 3
    assert changed_tokens("a+b\n", "a  +  b\n") == 0 and changed_tokens("f(\n", "f()\n") > 0
