"""`ncg repair FILE --tests T` through the real sandbox: one defect of each kind, and input that is bad."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from openai_server import Server

import ncg_ray
from ncg_ray import assemble, cli, mend, pipeline
from ncg_ray.config import load
from ncg_ray.errors import InputError, TaskError
from ncg_ray.protocols import RepairRequest
from ncg_ray.records import from_json
from ncg_ray.repair.model import repair_prompt
from ncg_ray.testing import ScriptedGenerator
from ncg_ray.types import Candidate, Example, Task, Trace

QUICK = ("--set", "repair.timeout_s=60")
"The search ends with its edits; the limit is for busy machines."


@pytest.fixture
def repair(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(code: str, tests: object, *options: str) -> tuple[int, str, str]:
        name = "t.py" if isinstance(tests, str) else "t.json"
        (tmp_path / "code.py").write_text(code)
        (tmp_path / name).write_text(tests if isinstance(tests, str) else json.dumps(tests))
        try:
            exit_code = cli.main(["repair", "code.py", "--tests", name, *QUICK, *options])
        except SystemExit as stop:
            exit_code = stop.code
        captured = capsys.readouterr()
        assert "Traceback (most" not in captured.err
        assert "--out" in options or "--write" in options or (tmp_path / "code.py").read_text() == code
        return exit_code, captured.out, captured.err

    return run


def examples(*pairs: tuple[list[object], object]) -> list[dict[str, object]]:
    return [{"args": args, "returns": value} for args, value in pairs]


LONGEST = ("def longest(words):\n    best = ''\n    for w in words:\n        if len(w) {} len(best):\n            best = w\n"
           "    return best\n")
SUM = "def total(xs):\n    n = 0\n    for x in xs:\n        n += x\n        return n\n"

LOGIC = {
    "comparison": (LONGEST.format("<"), examples(([["a", "abc", "bc"]], "abc"), ([["ab", "cd"]], "ab")),
                   "+        if len(w) > len(best):"),
    "constant": ("def f(n):\n    return n * 3\n", examples(([1], 2), ([5], 10)), "+    return n * 2"),
    "variable": ("def f(a, b):\n    return a - a\n", examples(([5, 3], 2), ([9, 1], 8)), "+    return a - b"),
    "method": ("def f(s):\n    return s.lower()\n", examples((["aB"], "AB"), (["x"], "X")), "+    return s.upper()"),
    "order": ("def g(a, b):\n    return a - b\n\n\ndef f(a, b):\n    return g(b, a)\n", examples(([5, 3], 2), ([1, 4], -3)),
              "+    return"),
    "missing call": ("def f(a, b):\n    return a - b\n", examples(([5, 3], 2), ([1, 4], 3), ([-2, 2], 4)),
                     "+    return abs(a - b)"),
    "loop bound": ("def f(n):\n    s = 0\n    for i in range(n):\n        s += i\n    return s\n",
                   examples(([3], 6), ([1], 1), ([0], 0), ([5], 15)), "+"),
    "indentation": (SUM, examples(([[1, 2, 3]], 6), ([[4, 5]], 9)), "+    return n"),
    "slice": ("def f(xs):\n    return xs[1:2]\n", examples(([[1, 2, 3]], [2, 3]), ([[4, 5, 6, 7]], [5, 6, 7])),
              "+    return xs[1:]"),
    "base case": ("def f(n):\n    if n == 0:\n        return 0\n    return n * f(n - 1)\n",
                  examples(([0], 1), ([3], 6), ([5], 120)), "+        return 1"),
    "initial value": ("def f(xs):\n    p = 0\n    for x in xs:\n        p *= x\n    return p\n",
                      examples(([[2, 3]], 6), ([[4]], 4), ([[5, 2, 1]], 10)), "+    p = 1"),
    "two places": ("def f(n):\n    if n < 1:\n        return False\n    for k in range(1, n):\n        if n % k == 0:\n"
                   "            return False\n    return True\n",
                   examples(([1], False), ([2], True), ([9], False), ([7], True), ([4], False), ([0], False)), "+"),
}


@pytest.mark.parametrize("kind", LOGIC)
def test_a_defect_of_the_logic_is_mended(repair, kind):
    code, tests, line = LOGIC[kind]
    exit_code, out, err = repair(code, tests)
    assert exit_code == 0, (out, err)
    assert out.startswith("--- code.py\n+++ code.py\n@@") and line in out
    assert "suspicion" in out and "plausible: " in out and "alone in a fresh process" in out and "candidates in" in out


@pytest.mark.parametrize("code,tests,line", [
    ("def f(xs):\n    return sum(xs) / len(xs)\n", examples(([[1, 3]], 2.0), ([[]], 0)), "+        return 0"),
    ("def f(d, k):\n    return d[k]\n", examples(([{"a": 1}, "a"], 1), ([{}, "b"], None)), ".get(k"),
    ("def f(s):\n    counts = {}\n    for c in s:\n        counts[c] += 1\n    return counts\n",
     examples((["aab"], {"a": 2, "b": 1}), ([""], {})), "counts.get(c, 0)"),
    ("def f(n):\n    return math.sqrt(n)\n", examples(([4], 2.0), ([9], 3.0)), "+import math"),
    ("def f(number):\n    return nubmer + 1\n", examples(([1], 2), ([4], 5)), "+    return number + 1"),
    ("def f(a, n):\n    return 'x' + n\n", examples(([0, 1], "x1"), ([0, 2], "x2")), "str(n)")])
def test_an_exception_is_mended(repair, code, tests, line):
    exit_code, out, _ = repair(code, tests)
    assert exit_code == 0 and line in out, out


def test_broken_syntax_with_a_wrong_name_behind_it(repair):
    code = "def area(w, h)\n    if w = 0 or h == 0:\n        return 0\n    result = (w * h\n    return reslt\n"
    exit_code, out, _ = repair(code, examples(([2, 3], 6), ([0, 3], 0)))
    assert exit_code == 0 and "+def area(w, h):" in out and "+    return result" in out and "syntax: line" in out


def test_code_that_never_ends_is_mended_or_said_to_be_that(repair):
    code = "def f(n):\n    steps = 0\n    while n > 0:\n        steps += 1\n    return steps\n"
    exit_code, out, _ = repair(code, examples(([3], 3), ([0], 0), ([5], 5)))
    assert exit_code == 0 and "+        n -= 1" in out, out


def test_a_patch_that_takes_longer_than_the_code_is_found(repair):
    code = ("def total(n, step):\n    i = s = 0\n    while i < n:\n        i += step\n        if i > 2:\n            break\n"
            "        s += step\n    return s\n")
    exit_code, out, _ = repair(code, examples(([40_000, 1], 40_000), ([2, 1], 2), ([9, 3], 9)))
    assert exit_code == 0 and "patches pass; " in out and "-            break\n" in out


def test_what_cannot_be_mended_says_how_far_it_came(repair):
    code = "def f(x):\n    return x\n"
    exit_code, out, _ = repair(code, examples(([1], "qzx"), ([2], "vwk"), ([3], 3)))
    assert exit_code == 1 and out.startswith("code.py: not fixed") and "meets 1 of 3 examples" in out
    assert "f(1) gave 1, expected 'qzx'" in out and "most suspicious: line 2" in out


def test_tests_that_pass_already_change_nothing(repair):
    exit_code, out, _ = repair("def f(x):\n    return x + 1\n", "assert f(1) == 2\n")
    assert exit_code == 0 and out == "code.py: the tests pass already; nothing was changed\n"


def test_contradictory_tests_are_said_with_the_pair(repair):
    exit_code, _, err = repair("def f(x):\n    return x\n", "assert f(1) == 2\nassert f(1) == 3\n")
    assert exit_code == 2 and "contradict each other: f(1) is to give both 2 and 3" in err


@pytest.mark.parametrize("tests,words", [([], "no examples"), ("x = 1\n", "no assert"), ("assert f(", "do not parse")])
def test_no_examples_are_bad_input(repair, tests, words):
    exit_code, _, err = repair("def f(x):\n    return x\n", tests)
    assert exit_code == 2 and words in err


def test_patches_are_compared_on_inputs_like_those_of_the_tests(repair):
    code = ("def top(scores, n):\n    ordered = sorted(scores.items(), key=lambda kv: (kv[1], kv[0]))\n"
            "    return [name for name, _ in ordered[:n]]\n")
    tests = ("def test_top():\n    assert top({'bob': 3, 'al': 5, 'cy': 3}, 2) == ['al', 'bob']\n"
             "    assert top({'z': 1, 'y': 1}, 5) == ['y', 'z']\n")
    exit_code, out, _ = repair(code, tests)
    assert exit_code == 0 and "100% of the weight" not in out and "other patches pass too and differ: top(" in out


def test_tests_that_import_the_file_need_its_folder(repair):
    tests = "from code_under_test import A\n\ndef test_a():\n    assert A().f(1) == 2\n"
    exit_code, out, err = repair("class A:\n    def f(self, x):\n        return x\n", tests)
    assert exit_code == 2 and "code_under_test" in err and "--project DIR" in err and not out


def test_examples_of_the_docstring_count_too(repair):
    code = 'def f(x):\n    """Twice.\n\n    >>> f(3)\n    6\n    """\n    return x * x\n'
    exit_code, out, _ = repair(code, "assert f(2) == 4\n")
    assert exit_code == 0 and "2 of 2 examples passed" in out


def test_other_test_code_judges_what_is_left(repair):
    tests = "import pytest\n\n\n@pytest.mark.parametrize('n', range(5))\ndef test_f(n):\n    assert f(n) == 2 * n\n"
    exit_code, out, _ = repair("def f(n):\n    return n * 3\n", tests)
    assert exit_code == 0 and "the test code passed" in out and "+    return n" in out


def test_check_functions_judge_and_guide(repair):
    tests = "def check(candidate):\n    assert candidate(2) == 3\n    assert candidate(5) == 6\n"
    exit_code, out, _ = repair("def f(n):\n    return n - 1\n", tests)
    assert exit_code == 0 and "2 of 2 examples passed, the test code passed" in out


def test_a_contract_decides_and_is_told(repair):
    code = ("def clamp(x: int, lo: int, hi: int) -> int:\n    '''Keep x within bounds.\n\n    pre: lo <= hi\n"
            "    post: lo <= __return__ <= hi\n    '''\n    return max(lo, max(x, hi))\n")
    exit_code, out, _ = repair(code, examples(([5, 0, 3], 3), ([1, 0, 3], 1)))
    assert exit_code == 0 and "verified: 2 of 2" in out and "contract PROVED" in out


def test_a_flaky_example_is_named(repair):
    code = "import random\n\n\ndef f(x):\n    return random.random() + x\n"
    coins = [{"args": [n], "returns": n + 0.5, "abs_tol": 0.25} for n in range(12)]  # all runs alike: one in 4,096
    exit_code, out, _ = repair(code, coins + examples(([20], "no")), "--set", "repair.timeout_s=2")
    assert exit_code == 1 and "flaky: f(" in out, out


def test_side_effects_stay_in_the_sandbox_and_in_the_code(repair, tmp_path):
    code = "seen = []\n\n\ndef f(n):\n    print(n)\n    open('mark', 'a').write('x')\n    seen.append(n)\n    return n - 1\n"
    exit_code, out, _ = repair(code, examples(([1], 2), ([5], 6), ([9], 10)))
    assert exit_code == 0 and "     seen.append(n)\n-    return n - 1\n+    return n + 1\n" in out, out
    assert not list(tmp_path.rglob("mark"))


def test_the_trace_is_that_of_a_repair(repair):
    exit_code, out, _ = repair("def f(n):\n    return n * 3\n", examples(([1], 2), ([5], 10)), "--json")
    trace = from_json(Trace, json.loads(out))
    attempt, = trace.attempts
    assert exit_code == 0 and attempt.candidate.origin == "repair" and attempt.candidate.parent
    assert trace.mode == "symbolic" and trace.verdict == "TESTED" and trace.decisions[0].action == "repair"
    assert trace.code == "def f(n):\n    return n * 2\n" and trace.answer.reward.tests == 1.0


def test_the_file_is_written_only_where_that_is_asked_for(repair, tmp_path):
    code, tests = "def f(n):\n    return n * 3\n", examples(([1], 2), ([5], 10))
    assert repair(code, tests, "--out", "new.py")[0] == 0
    assert (tmp_path / "new.py").read_text() == "def f(n):\n    return n * 2\n"
    assert (tmp_path / "code.py").read_text() == code
    assert repair(code, tests, "--write")[0] == 0 and (tmp_path / "code.py").read_text() == "def f(n):\n    return n * 2\n"
    assert repair(code, tests, "--write", "--out", "x.py")[0] == 2


@pytest.mark.parametrize("mode,words", [("neural", "repair has no mode 'neural'"), ("magic", "unknown mode 'magic'")])
def test_other_modes_are_an_error(repair, mode, words):
    exit_code, _, err = repair("def f(n):\n    return n\n", examples(([1], 2)), "--mode", mode)
    assert exit_code == 2 and words in err


def test_a_module_of_a_project_is_mended_in_it(repair, tmp_path):
    (tmp_path / "helper.py").write_text("def twice(x):\n    return 2 * x\n")
    code = "from helper import twice\n\n\ndef f(n):\n    return twice(n) + 2\n"
    exit_code, out, _ = repair(code, examples(([1], 3), ([5], 11)), "--project", ".")
    assert exit_code == 0 and "+    return twice(n) + 1" in out


def test_relative_imports_work_in_a_package(tmp_path):
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "helper.py").write_text("def twice(x):\n    return 2 * x\n")
    (package / "code.py").write_text("from .helper import twice\n\n\ndef f(n):\n    return twice(n) + 2\n")
    (tmp_path / "t.py").write_text("assert f(1) == 3\nassert f(5) == 11\n")
    mended = ncg_ray.repair(package / "code.py", tmp_path / "t.py", project=tmp_path)
    assert mended.status == "fixed" and "+    return twice(n) + 1" in mended.diff


def test_from_python(tmp_path):
    (tmp_path / "code.py").write_text("def f(n):\n    return n * 3\n")
    (tmp_path / "t.py").write_text("assert f(1) == 2\nassert f(4) == 8\n")
    mended = ncg_ray.repair(tmp_path / "code.py", tmp_path / "t.py")
    assert mended.status == "fixed" and mended.code == "def f(n):\n    return n * 2\n" and mended.trust == "plausible"
    with pytest.raises(TaskError):
        ncg_ray.repair(tmp_path / "none.py", tmp_path / "t.py")
    with pytest.raises(InputError, match="repair has no mode"):
        ncg_ray.repair(tmp_path / "code.py", tmp_path / "t.py", mode="neural")


class TestEditRepairer:
    """The search as a part of the loop: `protocols.Repairer`, on the real sandbox."""

    WRONG = "def top(xs):\n    best = xs[0]\n    for x in xs:\n        if x < best:\n            best = x\n    return best\n"
    TASK = Task("the largest", signature="def top(xs)", entry_point="top", examples=(
        Example(([3, 9, 2],), returns=9), Example(([-5, -2],), returns=-2), Example(([4],), returns=4)))

    async def patches(self, code, task=TASK, **more):
        config = load()
        editor = assemble.editor(assemble.executor(config.sandbox), config)
        request = RepairRequest(task, Candidate(code, "greedy", "top"), (), 5, timeout_s=6, **more)
        found, = await editor.repair([request])
        return found

    async def test_a_patch_names_what_it_mends(self):
        found = await self.patches(self.WRONG)
        assert found and all((c.origin, c.parent, c.entry_point) == ("edit", Candidate(self.WRONG).id, "top") for c in found)
        assert any("if x > best" in c.code for c in found)

    async def test_what_passes_or_has_no_evidence_or_no_patch_gives_none(self):
        assert await self.patches("def top(xs):\n    return max(xs)\n") == []
        assert await self.patches("def top(xs):\n    return 0\n", Task("words", entry_point="top")) == []
        assert await self.patches("def top(xs):\n    return 'no'\n") == []

    async def test_an_assumption_of_a_model_is_no_evidence(self):
        assumed = replace(self.TASK, examples=tuple(replace(e, origin="generated") for e in self.TASK.examples))
        assert await self.patches("def top(xs):\n    return min(xs)\n", assumed) == []

    async def test_the_default_mode_mends_what_the_model_nearly_wrote(self):
        config = load(sets=["search.num_samples=1"])
        parts = assemble.local_parts(config, model=False)
        parts = replace(parts, generator=ScriptedGenerator([self.WRONG]), controllers=assemble.controllers(config, True))
        trace = await pipeline.solve(self.TASK, parts)
        assert trace.verdict == "TESTED" and trace.attempts[trace.answer.attempt].candidate.origin == "edit"
        assert [d.action for d in trace.decisions] == ["generate", "generate", "edit", "stop"]


class TestModel:
    """`--mode hybrid`: the model is asked where the search finds nothing."""

    TASK = Task("", signature="def f(n)", entry_point="f", docstring="The n-th Fibonacci number.", examples=(
        Example((1,), returns=1), Example((2,), returns=1), Example((7,), returns=13)))
    CODE = "def f(n):\n    for i in range(n):\n        n = n + 3\n    return n\n"
    RIGHT = "def f(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a\n"

    async def mended(self, *repairs, codes=("def f(n):\n    return n\n",)):
        config = load(sets=["repair.timeout_s=10", "repair.max_pairs=10"])
        executor = assemble.executor(config.sandbox)
        model = ScriptedGenerator(codes, repairs=repairs)
        parts = replace(assemble.local_parts(config, model=False, executor=executor), generator=model, repairer=model)
        return await mend.mend(self.TASK, self.CODE, parts, executor), model

    async def test_its_answer_is_a_patch_with_evidence(self):
        mended, model = await self.mended(self.RIGHT)
        assert (mended.status, mended.code, mended.trace.mode) == ("fixed", self.RIGHT, "hybrid")
        assert mended.reason[0].startswith("a model's answer") and "3 of 3 examples passed" in mended.evidence[0]
        request = model.requests[0]
        assert any(v.counterexample for v in request.verdicts)
        assert "line 3 (loop)" in request.notes[0] or "line 2 (loop)" in request.notes[0]
        assert "the names hold" in repair_prompt(request) and "n = " in repair_prompt(request)

    def test_the_command_asks_it(self, repair):
        with Server(reply=f"```python\n{self.RIGHT}```") as server:
            exit_code, out, _ = repair(self.CODE, examples(([1], 1), ([2], 1), ([7], 13)), "--mode", "hybrid", "--set",
                                       f"model.source={server.url}", "--set", "repair.max_pairs=10")
        assert exit_code == 0 and "+        a, b = b, a + b" in out and "a model's answer" in out
        assert len(server.requests) == 1

    def test_a_model_that_is_not_there_is_said(self, repair):
        exit_code, _, err = repair(self.CODE, examples(([1], 1)), "--mode", "hybrid", "--set", "model.source=/nowhere")
        assert exit_code == 2 and "no such folder" in err

    async def test_after_two_repairs_it_is_asked_afresh(self):
        mended, model = await self.mended("def f(n):\n    return 0\n", codes=(self.RIGHT,))
        assert mended.status == "fixed" and [type(r).__name__ for r in model.requests] == [
            "RepairRequest", "RepairRequest", "GenerationRequest"]

    async def test_what_nearly_passes_is_searched(self):
        near = self.RIGHT.replace("return a", "return b")
        mended, _ = await self.mended(near)
        assert mended.status == "fixed" and mended.reason[0].startswith("an edit of a model's answer")

    async def test_an_answer_that_learns_the_tests_is_not_taken(self):
        cheat = "def f(n):\n    if n == 7:\n        return 13\n    return 1\n"
        mended, _ = await self.mended(cheat)
        assert mended.status == "not fixed" and any("rejected" in line or "visible" in line for line in mended.evidence), (
            mended.evidence)
