"""What analysers make of their tools' words: risk, quality, merging; bandit and radon for real."""

from __future__ import annotations

import ast
import threading
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncg_ray.analyse import bandit_engine, comments, indirection, quality, security
from ncg_ray.analyse.analyser import parse_problem
from ncg_ray.analyse.duplication import MIN_TOKENS, duplicated
from ncg_ray.analyse.lint import Remark
from ncg_ray.analyse.type_errors import TypeMistake
from ncg_ray.types import Finding

SHELL = "import subprocess\n\ndef run(name):\n    return subprocess.call('ls ' + name, shell=True)  # nosec\n"
CLEAN = "def add(a, b):\n    \"\"\"The sum.\"\"\"\n    return a + b\n"
LADDER = "def f(x):\n" + "".join(f"    if x == {i}:\n        return {i + 1}\n" for i in range(24)) + "    return 0\n"

severities = st.sampled_from(["low", "medium", "high", "critical"])
confidences = st.sampled_from(["low", "medium", "high"])


def finding(severity="low", confidence="low", kind="security", line=1, cwe=None, tool="semgrep", rule="r", end=0):
    return Finding(tool, rule, kind, "m", line, cwe=cwe, severity=severity, confidence=confidence, end_line=end)


findings = st.lists(st.builds(finding, severities, confidences, st.sampled_from(["security", "dependency"])), max_size=8)


class TestRisk:
    def test_only_a_clean_scan_has_none(self):
        assert security.risk([]) == security.risk([finding(kind="quality"), finding(kind="licence")]) == 0.0
        assert security.risk([finding()]) > 0

    @given(findings, st.builds(finding, severities, confidences))
    def test_it_is_bounded_and_grows_with_every_finding(self, found, one):
        assert 0.0 <= security.risk(found) < security.risk([*found, one]) < 1.0

    @given(findings, severities, severities, confidences, confidences)
    def test_it_grows_with_the_rank(self, found, one, other, sure, surer):
        ranks, sures = ("low", "medium", "high", "critical"), ("low", "medium", "high")
        low, high = sorted((one, other), key=ranks.index)
        less, more = sorted((sure, surer), key=sures.index)
        assert security.risk([*found, finding(low, less)]) <= security.risk([*found, finding(high, more)])

    @given(findings, st.randoms())
    def test_the_order_changes_no_bit(self, found, chance):
        mixed = list(found)
        chance.shuffle(mixed)
        assert security.risk(mixed) == security.risk(found)


class TestMerging:
    def test_one_flaw_that_two_tools_see_is_one_finding_the_weightier(self):
        one, = security.merged([finding("medium", "medium", line=4, cwe="CWE-78", tool="bandit"),
                                finding("high", "high", line=3, end=5, cwe="CWE-88")])
        assert (one.tool, one.severity) == ("semgrep", "high")

    def test_other_lines_and_other_families_stay(self):
        found = [finding(line=1, cwe="CWE-78"), finding(line=2, cwe="CWE-78"), finding(line=1, cwe="CWE-502"),
                 finding(line=1), finding(line=1, rule="s")]
        assert len(security.merged(found)) == 5

    @given(findings)
    def test_it_never_raises_the_risk(self, found):
        assert security.risk(security.merged(found)) <= security.risk(found)


class TestBandit:
    def test_a_comment_excuses_nothing(self):
        found = [issue.test_id for issue in bandit_engine.issues(SHELL)]
        assert "B602" in found and bandit_engine.issues(CLEAN) == []

    def test_threads_do_not_mix_findings(self):
        codes = [SHELL, CLEAN] * 6
        results: dict[int, int] = {}

        def scan(i: int) -> None:
            results[i] = len(bandit_engine.issues(codes[i]))
        threads = [threading.Thread(target=scan, args=(i,)) for i in range(len(codes))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [results[i] for i in range(12)] == [len(bandit_engine.issues(SHELL)), 0] * 6


class TestQuality:
    def test_simple_code_is_good_and_says_why(self):
        score, parts, found = quality.measure(CLEAN, [], [])
        assert score > 0.95 and set(parts) == set(quality.WEIGHTS) and found == ()
        assert sum(quality.WEIGHTS.values()) == pytest.approx(1.0)

    def test_branching_lowers_it_and_is_named(self):
        score, parts, found = quality.measure(LADDER, [], [])
        assert parts["complexity"] < 0.3 and score < quality.measure(CLEAN, [], [])[0] - 0.15
        assert {f.rule for f in found} >= {"cyclomatic-complexity", "cognitive-complexity"} and found[0].line == 1

    @pytest.mark.parametrize("part,remarks,mistakes", [
        ("lint", [Remark("F821", 1, 1, 1, "undefined name")], []), ("types", [], [TypeMistake(1, 1, "arg-type", "wrong")]),
        ("readability", [Remark("N802", 1, 1, 1, "function name")], [])])
    def test_each_tool_has_its_part(self, part, remarks, mistakes):
        best, parts, _ = quality.measure(CLEAN, [], [])
        score, lowered, found = quality.measure(CLEAN, remarks, mistakes)
        assert score < best and {k for k in parts if lowered[k] < parts[k]} == {part} and len(found) == 1

    def test_no_statement_no_quality(self):
        assert quality.measure("", [], []) == quality.measure("# nothing\n", [], []) == (0.0, {}, ())

    def test_what_stands_twice_counts_once_too_often(self):
        block = "".join(f"    total_{i} = first_{i} + second_{i} * {i}\n" for i in range(8))
        twice = f"def f():\n{block}    return 1\n\n\ndef g():\n{block}    return 1\n"
        share, ((line, first),) = duplicated(twice)
        assert 0.3 < share < 0.6 and line > first
        assert duplicated(CLEAN) == (0.0, []) and quality.measure(twice, [], [])[1]["duplication"] < 0.7
        assert duplicated("x = 1\n" * (MIN_TOKENS * 3))[0] > 0


class TestExcuses:
    @pytest.mark.parametrize("comment", ["# type: ignore", "# noqa: F401", "# nosec B602", "# mypy: ignore-errors",
                                         "#nosemgrep", "# pylint: disable=all", "# ruff: noqa", "# TODO # noqa"])
    def test_they_are_blanked_and_nothing_moves(self, comment):
        code = f"x = 1  {comment}\ny = '{comment}'\n"
        bare = comments.without_excuses(code)
        assert bare == f"x = 1  #{' ' * (len(comment) - 1)}\ny = '{comment}'\n"

    @pytest.mark.parametrize("odd", ["\x0c", "\u2028", "\x1c", "\x85"])
    def test_breaks_that_end_no_line_for_python_move_nothing(self, odd):
        code = f"x = '{odd}'\n# a{odd}b\nimport os\nos.system(x)  # nosec\n# nosec {'y' * 60}\n"
        bare = comments.without_excuses(code)
        assert "os.system(x)  #      \n" in bare and "nosec" not in bare and len(bare) == len(code)

    def test_other_comments_stay(self):
        assert comments.without_excuses("x = 1  # ignore the type of it\n") == "x = 1  # ignore the type of it\n"
        assert comments.without_excuses("x = (  # noqa\n") == "x = (  # noqa\n"


class TestIndirection:
    @pytest.mark.parametrize("code,cwe", [
        ("run = exec\nrun(text)\n", "CWE-95"), ("list(map(eval, texts))\n", "CWE-95"),
        ("import builtins\ngetattr(builtins, 'ex' 'ec')(s)\n", "CWE-95"), ("getattr(os, f'sys{\"tem\"}')(cmd)\n", "CWE-78"),
        ("globals()['__builtins__'].__dict__['eval'](x)\n", "CWE-95"), ("(s := os.system)(cmd)\n", "CWE-78"),
        ("__import__('os').system(cmd)\n", "CWE-78"), ("vars(builtins)['eval'](x)\n", "CWE-95")])
    def test_dangerous_names_are_seen_wherever_they_stand(self, code, cwe):
        assert cwe in {f.cwe for f in indirection.find(ast.parse(code))}

    @pytest.mark.parametrize("code", [
        "import os\nos.system('ls')\n", "exec = 1\nprint(exec)\n", "re.compile('a')\n", "getattr(x, 'name')\n",
        "def run(call):\n    return call\n", "__import__('json').loads(s)\n", "d['run']\n", "getattr(self, 'run')()\n"])
    def test_others_are_not(self, code):
        assert indirection.find(ast.parse(code)) == []


class TestGaming:
    BAD: ClassVar = [Remark("F821", 3, 1, 3, "undefined name")]
    BASE = "def f(x):\n    y = undefined\n    return x + y\n"

    @pytest.mark.parametrize("padding", [
        "'''" + "words\n" * 300 + "'''\n", "# words\n" * 300, "if False:\n" + "    a = 1\n" * 300, "'words'\n" * 300,
        "pass\n" * 300, "while 0:\n" + "    b = 2\n" * 100])
    def test_padding_hides_no_error(self, padding):
        wrong = [TypeMistake(3, 1, "name-defined", "undefined")]
        before = quality.measure(self.BASE, self.BAD, wrong)[1]
        after = quality.measure(self.BASE + padding, self.BAD, wrong)[1]
        assert after["lint"] == before["lint"] and after["types"] == before["types"]
        assert after["maintainability"] <= before["maintainability"]

    @pytest.mark.parametrize("code", [
        "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    def f(x): return undefined\n",
        "import typing\nif typing.TYPE_CHECKING:\n    def f(x): ...\nelse:\n    def f(x): return undefined\n",
        "import typing\n@typing.no_type_check\ndef f(x): return undefined\n",
        "from typing import Any\nout: Any\ndef f(x): return out\n"])
    def test_code_that_hides_from_the_type_checker_pays_for_it(self, code):
        assert quality.measure(code, [], [])[1]["types"] < 1.0

    def test_imports_for_types_alone_are_free(self):
        code = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a import B\nx: int\nx = 1\n"
        assert quality.measure(code, [], [])[1]["types"] == 1.0


@pytest.mark.parametrize(("code", "words"), [
    ("x = 1\ny = 2\ndef f(:\n", "line 3"), ("x = '\x00'", "does not parse"), ("(" * 5000, "does not parse"),
    ("SELECT * FROM t;", "line 1"), ("x = '\ud800'", "surrogates")])
def test_code_that_does_not_parse_is_named(code, words):
    assert words in parse_problem(code) and parse_problem(CLEAN) == ""
