"""Readable code out of terms, clauses computed by us, inputs beside the examples, and the synthesiser on whole tasks."""

import ast
import math

import pytest

from ncg_ray.config import SynthesisConfig
from ncg_ray.errors import TaskError
from ncg_ray.generate.symbolic import SymbolicSynthesiser
from ncg_ray.generate.symbolic.interpret import Clauses
from ncg_ray.generate.symbolic.probes import near, sampled
from ncg_ray.generate.symbolic.problem import problem_of
from ncg_ray.generate.symbolic.simplify import simplified
from ncg_ray.generate.symbolic.write import function
from ncg_ray.protocols import SynthesisRequest
from ncg_ray.types import Contract, Counterexample, Example, Task


@pytest.mark.parametrize("before,after", [
    ("not a == b", "a != b"), ("not a in b", "a not in b"), ("not a < b", "not a < b"), ("0 < x", "x > 0"),
    ("x + -1", "x - 1"), ("x - -1", "x + 1"), ("(x < 1) == True", "x < 1"), ("xs[0:k]", "xs[:k]"),
    ("len(xs) - 1 + 1", "len(xs)"), ("sum([x for x in xs if x > 0])", "sum((x for x in xs if x > 0))"),
    ("set([f(x) for x in xs])", "{f(x) for x in xs}"),
    ("sorted(list(xs))", "sorted(xs)"), ("max(xs, key=lambda x: len(x))", "max(xs, key=len)"),
    ("[x for x in xs]", "list(xs)"),
    ("[x[0] + x[1] for x in zip(a, b)]", "[x + y for x, y in zip(a, b)]"),
    ("[x[1] for x in enumerate(x)]", "[right for left, right in enumerate(x)]"), ("[x[0] for x in a]", "[x[0] for x in a]"),
    ("n * n", "n ** 2"), ("not not a.isdigit()", "a.isdigit()")])
def test_simplification(before, after):
    assert ast.unparse(simplified(ast.parse(before, mode="eval").body)) == after


def test_a_function_has_its_signature_docstring_and_no_needless_parentheses():
    body = ast.parse("if any((x for x in a)):\n    return 1\na, b = (b, sum((y for y in a)))\nreturn (a + b) * 2").body
    text = function("def f(a, b)", body, 'Say "hello".\n\n    >>> f("\\n")')
    assert "any(x for x in a)" in text and "a, b = b, sum(y for y in a)" in text and "return (a + b) * 2" in text
    tree = ast.parse(text).body[0]
    assert ast.get_docstring(tree, clean=False).startswith('Say "hello".')
    for words in ('ends with "', "back \\ slash", 'three """ quotes', ""):
        ast.parse(function("def f(a)", ast.parse("return a").body, words))


class TestClauses:
    def holds(self, text, **names):
        return Clauses([Contract("ensures", text)], "ensures", list(names)).hold(names)

    @pytest.mark.parametrize("text,wanted", [
        ("result >= x and result in xs", True), ("all(result >= y for y in xs)", True), ("result == max(xs) + 1", False),
        ("1 <= result <= 9", True), ("result == old(x) + 1", True), ("len([y for y in xs if y < result]) == 2", True),
        ("implies(x > 5, False)", True), ("xs[-1] == result if x else True", True), ("result % 0 == 1", False),
        ("[a + b for a, b in zip(xs, xs)] == [2, 4, 6]", True), ("10 ** 10 ** 10 == result", False)])
    def test_expressions(self, text, wanted):
        assert self.holds(text, x=2, xs=[1, 2, 3], result=3) is wanted

    @pytest.mark.parametrize("text", ["open('x')", "x.__class__", "(lambda: 1)()", "unknown > 1", "x.format(1)",
                                      "eval('1')"])
    def test_what_is_not_covered_is_left_to_the_verifier(self, text):
        clauses = Clauses([Contract("ensures", text)], "ensures", ["x"])
        assert clauses.left_out == [text] and not clauses.trees

    def test_steps_are_bounded(self):
        assert not self.holds("all(a != b for a in range(1900) for b in range(1900, 3800))", x=1)


def test_inputs_beside_the_examples_keep_to_the_preconditions():
    problem = problem_of(Task("f", signature="def f(n: int, xs: list[str])", entry_point="f",
                              examples=(Example((3, ["a", "b"]), returns=1),)))
    requires = Clauses([Contract("requires", "n > 2")], "requires", ["n", "xs"])
    for rows in (near(problem, requires, 10, seed=1), sampled(problem, requires, 10, seed=1)):
        assert len(rows) == 10 and all(row.values["n"] > 2 and type(row.values["xs"]) is list for row in rows)


def test_constants_come_from_words_and_results():
    words = "Count the letters a, e, i. Say 'xyz' 17 times."
    problem = problem_of(Task(words, signature="def f(s)", entry_point="f", examples=(
        Example(("a-b",), returns="no way"), Example(("c-d",), returns="oh yes"))))
    values = [c.values[0] for c in problem.constants()]
    assert {"aei", "xyz", 17, "-", "no way", "oh yes"} <= set(values)
    told = problem_of(Task("Double.\n>>> f(123)\n246", signature="def f(n)", entry_point="f",
                           examples=(Example((1,), returns=2),)))
    assert not {123, 246} & {c.values[0] for c in told.constants()}


@pytest.mark.parametrize("results,named", [
    (["AL", "GBH"], {"AL", "GBH"}), (["AL", "GBH", ""], set()), (["AL", "GBH", "GBH"], {"AL", "GBH"})])
def test_results_of_which_none_comes_twice_are_no_names_of_cases(results, named):
    examples = tuple(Example((f"x{n}",), returns=result) for n, result in enumerate(results))
    problem = problem_of(Task("Initials.", signature="def f(s)", entry_point="f", examples=examples))
    assert {c.values[0] for c in problem.constants()} & {"AL", "GBH"} == named


async def synthesised(task, **sets):
    request = SynthesisRequest(task, **sets)
    (found,) = await SymbolicSynthesiser(SynthesisConfig(timeout_s=2.0)).synthesise([request])
    return found


class TestSynthesiser:
    async def test_a_candidate_is_a_whole_module(self):
        found = await synthesised(Task("Volume of a sphere.", signature="def f(r: float) -> float", entry_point="f",
                                       context="import math\n", examples=(Example((1.0,), returns=math.pi * 4 / 3),
                                                                          Example((2.0,), returns=math.pi * 32 / 3))))
        code = found[0].code
        assert code.startswith("import math") and '"""Volume of a sphere."""' in code and code.count("import math") == 1
        names = {}
        exec(code, names)
        assert names["f"](3.0) == pytest.approx(36 * math.pi)
        assert found[0].fit.program_bits > 0 and len({c.code for c in found}) == len(found)

    async def test_a_clause_that_spells_the_result_out_is_the_answer(self):
        task = Task("Clamp.", signature="def clamp(x: int, hi: int) -> int", entry_point="clamp",
                    contracts=(Contract("ensures", "result == min(x, hi)"),))
        (found,) = await synthesised(task)
        assert "return min(x, hi)" in found.code

    async def test_contracts_alone_are_searched_by_sampled_inputs(self):
        task = Task("The larger.", signature="def larger(a: int, b: int) -> int", entry_point="larger",
                    contracts=tuple(Contract("ensures", e) for e in ("result >= a", "result >= b", "result in (a, b)")))
        found = await synthesised(task)
        assert "return max(a, b)" in found[0].code

    async def test_what_was_refuted_does_not_come_again(self):
        task = Task("f", signature="def f(n: int) -> int", entry_point="f", examples=(Example((2,), returns=4),),
                    contracts=(Contract("ensures", "result >= n"),))
        first = await synthesised(task)
        refuted = Counterexample((-3,), {}, "-6", "result >= n")
        second = await synthesised(task, refuted=(refuted,), tried=(first[0].id,))
        assert second and first[0].id not in {c.id for c in second}
        for candidate in second:
            names = {}
            exec(candidate.code, names)
            assert names["f"](2) == 4 and names["f"](-3) >= -3

    async def test_names_without_a_signature_and_keywords(self):
        task = Task("Add.", entry_point="add", examples=(Example((1,), {"by": 2}, 3), Example((5,), {"by": 7}, 12)))
        found = await synthesised(task)
        assert "def add(a, by):" in found[0].code and "return a + by" in found[0].code

    @pytest.mark.parametrize("signature,examples,call", [
        ("def f(list, x)", (((([3, 1], 2)), [5, 3]), (([4], 9), [13])), (([1, 2], 3), [4, 5])),
        ("def f(max, len)", (((2, "ab"), "abab"), ((1, "q"), "q")), ((3, "z"), "zzz")),
        ("def f(sorted)", ((([3, 1, 2],), [1, 2, 3]), (([9, 4],), [4, 9])), (([5, 0],), [0, 5]))])
    async def test_parameters_that_hide_builtins_or_look_like_our_variables(self, signature, examples, call):
        given = Task("f", signature=signature, entry_point="f", examples=tuple(Example(a, returns=r) for a, r in examples))
        for candidate in await synthesised(given):
            names = {}
            exec(candidate.code, names)
            assert [names["f"](*a) for a, _ in examples] == [r for _, r in examples], candidate.code

    async def test_examples_beyond_those_searched_by_come_in_by_their_counterexamples(self):
        examples = [Example((n,), returns=n * 2) for n in range(12)] + [Example((100,), returns=7)]
        given = Task("f", signature="def f(n)", entry_point="f", examples=tuple(examples))
        found = await synthesised(given, refuted=(Counterexample((100,), {}, "200", "7"),))
        for candidate in found:
            names = {}
            exec(candidate.code, names)
            assert (names["f"](100), names["f"](5)) == (7, 10)

    async def test_nothing_to_go_by_or_nothing_found_is_an_empty_list(self):
        assert await synthesised(Task("Do it.", entry_point="f")) == []
        hard = Task("f", signature="def f(s)", entry_point="f", examples=(Example(("ab",), returns=[{"q": 8123}]),))
        assert await synthesised(hard, timeout_s=0.3) == []

    async def test_any_number_of_arguments_without_examples_is_an_error(self):
        task = Task("f", signature="def f(*xs)", entry_point="f", contracts=(Contract("ensures", "result > 0"),))
        with pytest.raises(TaskError, match="any number of arguments"):
            await synthesised(task)
