"""What a model's programs say to the search without a model: costs, constants, whole pieces."""

import pytest

from ncg_ray.config import SynthesisConfig
from ncg_ray.generate.symbolic import SymbolicSynthesiser
from ncg_ray.generate.symbolic.grammar import Grammar
from ncg_ray.generate.symbolic.guide import Guide
from ncg_ray.generate.symbolic.problem import problem_of
from ncg_ray.protocols import SynthesisRequest
from ncg_ray.types import Example, Task

TASK = Task("the spread of the evens", signature="def spread(xs)", entry_point="spread", examples=(
    Example(([1, 2, 9, 8],), returns=6), Example(([4, 3, 10, 2],), returns=8)))
PROBLEM = problem_of(TASK)
SORTS = "def spread(items):\n    ys = sorted(items)\n    return ys[-1] - ys[0]\n"
FILTERS = "def spread(xs):\n    return max(x for x in xs if x % 2 == 0) + 17\n"


def pieces(*codes):
    return [t.text() for t in Guide(codes, PROBLEM).pieces(PROBLEM.parameters())]


class TestGrammar:
    def test_what_every_program_uses_is_cheaper_and_what_one_of_two_uses_a_little(self):
        before, after = Grammar(), Guide([FILTERS, SORTS], PROBLEM).grammar(Grammar())
        assert after.cost("max") < before.cost("max") and after.cost("sorted") < before.cost("sorted")
        both = Guide([FILTERS, FILTERS.replace("17", "18")], PROBLEM).grammar(Grammar())
        assert both.cost("max_by") >= after.cost("max_by") and both.cost("mod") < after.cost("mod")

    def test_what_none_of_several_uses_is_dearer(self):
        codes = [FILTERS.replace("17", str(n)) for n in range(3)]
        assert Guide(codes, PROBLEM).grammar(Grammar()).cost("title") == Grammar().cost("title") + 1

    @pytest.mark.parametrize("code", [
        "", "def spread(xs:\n", "def other(xs):\n    return sorted(xs)\n", "def spread(a, b):\n    return sorted(a)\n",
        "def spread(*xs):\n    return sorted(xs)\n", "spread = sorted\n", "\0"])
    def test_a_program_that_is_none_of_the_function_says_nothing(self, code):
        guide = Guide([code], PROBLEM)
        grammar = Grammar()
        assert (guide.grammar(grammar), guide.constants(), guide.pieces(PROBLEM.parameters())) == (grammar, (), [])


class TestPieces:
    def test_they_bear_the_problem_s_names_and_see_through_assignments(self):
        assert {"sorted(xs)", "sorted(xs)[-1]", "sorted(xs)[0]", "sorted(xs)[-1] - sorted(xs)[0]"} <= set(pieces(SORTS))

    def test_they_have_values_on_every_input(self):
        term = next(t for t in Guide([FILTERS], PROBLEM).pieces(PROBLEM.parameters()) if t.text().startswith("max"))
        assert term.values == [8 + 0, 10] or term.values == [25, 27]
        assert term.compute()({"xs": [2, 6]}) in (6, 23)

    @pytest.mark.parametrize("body", [
        "xs = sorted(xs)\n    return xs[0]", "return open(xs)", "return __import__('os').system(xs)", "return xs.__class__",
        "return (lambda: xs)()", "for x in xs:\n        y = x\n    return y", "return 3"])
    def test_what_the_parameters_alone_do_not_decide_is_none_and_nothing_is_run(self, body):
        assert pieces(f"def spread(xs):\n    {body}\n") in ([], ["sorted(xs)"])

    def test_one_that_takes_too_long_is_left_out(self):
        found = pieces("def spread(xs):\n    return sum(i * j for i in range(10 ** 6) for j in range(len(xs)))\n")
        assert found == ["range(len(xs))", "len(xs)"]


def test_constants_come_with_the_most_frequent_first():
    assert Guide([FILTERS, FILTERS + "\n", "def spread(xs):\n    return 'a' * 2\n"], PROBLEM).constants()[0] == 2
    assert set(Guide([FILTERS], PROBLEM).constants()) == {2, 0, 17}


async def test_a_model_s_pieces_make_a_program_that_the_search_alone_does_not_find_in_the_time():
    examples = tuple(Example((xs,), returns=sum(sorted(x * x % 7 for x in xs if x > 2)[1:3]) - 17 * len(set(xs)))
                     for xs in ([3, 4, 5, 6, 9], [8, 2, 3, 3, 12], [5, 5, 7, 1, 20, 4], [4, 4, 4, 9, 9, 30], [6]))
    task = Task("score", signature="def score(xs)", entry_point="score", examples=examples)
    wrong = "def score(xs):\n    s = sum(sorted(x * x % 7 for x in xs if x > 2)[1:3])\n    return s - 17 * len(xs)\n"
    synthesiser = SymbolicSynthesiser(SynthesisConfig(timeout_s=3))
    alone, = await synthesiser.synthesise([SynthesisRequest(task)])
    told, = await synthesiser.synthesise([SynthesisRequest(task, models=(wrong,))])
    right = [c for c in told if "17 * len(set(xs))" in c.code or "len(set(xs)) * 17" in c.code]
    assert right and not any("set(xs)" in c.code for c in alone)
