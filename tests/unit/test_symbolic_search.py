"""Search without a model: enumeration, equivalence, walks, conditionals, loops, and what the search makes of them."""

import pytest

from ncg_ray.generate.symbolic import recursion
from ncg_ray.generate.symbolic.conditions import Branch, Unifier
from ncg_ray.generate.symbolic.goal import Goal
from ncg_ray.generate.symbolic.grammar import Grammar
from ncg_ray.generate.symbolic.kinds import ERROR, kind_of, matches, related
from ncg_ray.generate.symbolic.loops import Loop, folds, recurrences, value_of
from ncg_ray.generate.symbolic.operations import TooLarge, bounded, multiply, numbers, power, repeat
from ncg_ray.generate.symbolic.problem import problem_of
from ncg_ray.generate.symbolic.productions import PRODUCTIONS
from ncg_ray.generate.symbolic.search import Search
from ncg_ray.generate.symbolic.space import Budget, Space, Spent
from ncg_ray.generate.symbolic.terms import Term
from ncg_ray.types import Example, Task


def task(signature, *pairs, prompt="Do it."):
    examples = tuple(Example(tuple(args), returns=value) for args, value in pairs)
    return Task(prompt, signature=signature, entry_point=signature[4:signature.index("(")], examples=examples)


def search(given, timeout_s=20.0, max_terms=100_000):
    problem = problem_of(given)
    goal = Goal(problem.rows)
    return Search(problem, goal, Grammar().hinted(problem.words), Budget(timeout_s, max_terms)).run(10)


def solutions(given, **sets):
    return [s.code.split(":\n", 1)[1].strip() for s in search(given, **sets).solutions]


def space(*leaves, partial=False, max_terms=10_000):
    return Space(Grammar(), leaves, Budget(20.0, max_terms), partial)


X = Term("int", [1, 2, 5], 2, leaf="x")
ONE = Term("int", [1, 1, 1], 2, leaf="1", constant=True)


class TestKinds:
    @pytest.mark.parametrize("values,kind", [
        ([1, 2], "int"), ([True], "bool"), ([1, 2.0], "float"), ([[1], []], "list[int]"), ([[], []], "list[?]"),
        (["a", None], "any"), ([{"a": 1}], "dict[str]"), ([(1, "a")], "tuple[any]"), ([3, ERROR], "int"),
        ([[[1]], [[2]]], "list[list[int]]")])
    def test_kind_of_values(self, values, kind):
        assert kind_of(values) == kind

    def test_patterns_and_relations(self):
        assert matches("numbers", "list[int]") and not matches("numbers", "list[str]")
        assert matches("int", "int") and not matches("int", "bool")
        assert related("member", ["int", "list[int]"]) and not related("member", ["str", "list[int]"])
        assert related("same", ["list[?]", "list[int]"]) and not related("same", ["int", "str"])


class TestOperations:
    def test_large_results_are_refused(self):
        for make in (lambda: bounded([["a" * 900, [1] * 900]] * 3), lambda: repeat([[1] * 100], 100),
                     lambda: power(10, 10_000), lambda: numbers(10**9), lambda: multiply(1 << 400, 1 << 400)):
            with pytest.raises(TooLarge):
                make()


class TestSpace:
    def test_one_term_for_each_behaviour(self):
        made = space(X, ONE)
        for cost in range(1, 10):
            made.grow(cost)
        behaviours = [(t.kind, *map(repr, t.values)) for t in made.take()]
        assert len(behaviours) == len(set(behaviours)) and ("int", "2", "3", "6") in behaviours

    def test_the_cheapest_stays(self):
        made = space(X, ONE)
        for cost in range(1, 12):
            made.grow(cost)
        kept = {t.text(): t.cost for t in made.take()}
        assert "x + 1" in kept and "1 + x" not in kept and "x + 1 - 1" not in kept

    def test_terms_that_raise_somewhere_are_kept_where_asked(self):
        words = Term("str", ["7", "x"], 2, leaf="s")
        strict, partial = space(words), space(words, partial=True)
        for cost in range(1, 8):
            strict.grow(cost)
            partial.grow(cost)
        assert not [t for t in strict.take() if t.text() == "int(s)"]
        kept, = [t for t in partial.take() if t.text() == "int(s)"]
        assert kept.partial and list(kept.values) == [7, ERROR]

    def test_memory_and_time_are_bounded(self):
        with pytest.raises(Spent):
            made = space(X, ONE, max_terms=50)
            for cost in range(1, 30):
                made.grow(cost)
        result = search(task("def f(n)", ([3], 91827364), ([5], -5546)), timeout_s=0.3)
        assert result.exhausted and result.elapsed_s < 2

    def test_grammar_takes_costs(self):
        assert Grammar({"sorted": 1}).cost("sorted") == 1 < Grammar().cost("sorted")
        assert Grammar().hinted("sort the words").cost("sorted") < Grammar().hinted("say it").cost("sorted")

    def test_a_term_computes_elsewhere_what_it_says(self):
        made = space(X, ONE)
        for cost in range(1, 10):
            made.grow(cost)
        for term in made.take():
            if not term.partial and not term.kind.startswith("iter"):
                run = term.compute()
                assert [run({"x": x}) for x in X.values] == list(term.values)
                assert [eval(term.text(), {"x": x, "math": __import__("math")}) for x in X.values] == list(term.values)


class TestFound:
    @pytest.mark.parametrize("given,body", [
        (task("def f(n: int) -> bool", ([4], True), ([7], False), ([0], True), prompt="Is it even?"), "return n % 2 == 0"),
        (task("def f(s)", (["aBC"], 2), (["Hello World"], 2), (["abc"], 0), (["XyZZ"], 3)),
         "return sum(x.isupper() for x in s)"),
        (task("def f(xs)", ([["a", "abc", "bb"]], "abc"), ([["zz", "q", "zzz"]], "zzz"), prompt="the longest"),
         "return max(xs, key=len)"),
        (task("def f(d)", ([{"a": 3, "b": 1}], [("b", 1), ("a", 3)]), ([{"z": 1, "y": 0, "x": 5}], [
            ("y", 0), ("z", 1), ("x", 5)]), prompt="sorted by value"), "return sorted(d.items(), key=lambda x: x[1])"),
        (task("def f(s)", (["the cat sat"], "sat cat the"), (["a b"], "b a"), prompt="reverse the words"),
         "return ' '.join(s.split()[::-1])"),
        (task("def f(xs)", ([[1, -2, 3]], [1, 3]), ([[-5, 4]], [4]), ([[0, 2]], [2]), prompt="filter"),
         "return [x for x in xs if x > 0]"),
        (task("def f(a, b)", ([[1, 2], [3, 4]], [4, 6]), ([[5], [7]], [12]), prompt="add pairs, zip"),
         "return [sum(x) for x in zip(a, b)]"),
        (task("def f(xs)", ([[3, 1, 2]], (3, 1)), ([[9, 4]], (9, 4)), ([[5, 7]], (7, 5)), prompt="largest, smallest tuple"),
         "return (max(xs), min(xs))"),
    ])
    def test_programs(self, given, body):
        found = solutions(given)
        assert body in found, found

    def test_a_sum_of_two_deep_terms_is_found_backwards(self):
        given = task("def f(xs, s)", ([[4, 9, 2], "ab cd"], 17), ([[1, 1], "x"], 3), ([[7], "p q r"], 10))
        assert any("sum(xs)" in body and "split" in body for body in solutions(given))

    def test_solutions_are_ordered_by_their_bits_and_examples_that_tell_more_have_more(self):
        few, many = task("def f(n)", ([2], 4)), task("def f(n)", ([2], 4), ([3], 9), ([5], 25), ([-4], 16))
        bits = [s.program_bits for s in search(few).solutions]
        assert bits == sorted(bits) and search(few).example_bits < search(many).example_bits


class TestConditions:
    def test_a_tree_of_partial_solutions(self):
        given = task("def f(n)", ([5], "pos"), ([-3], "neg"), ([0], "zero"), ([9], "pos"), ([-8], "neg"), ([1], "pos"))
        found = solutions(given, timeout_s=1.5)
        assert found and found[0].count("if ") == 2 and found[0].endswith("return 'pos'")

    def test_no_test_no_tree(self):
        problem = problem_of(task("def f(n)", ([1], 10), ([2], 20)))
        unifier = Unifier(Goal(problem.rows))
        unifier.learn([Term("int", [10, 3], 4, leaf="p"), Term("int", [3, 20], 4, leaf="q")])
        assert unifier.tree() is None
        unifier.learn([Term("bool", [True, False], 4, leaf="t")])
        tree = unifier.tree()
        assert isinstance(tree, Branch) and (tree.yes.leaf, tree.no.leaf) == ("p", "q")


class TestLoops:
    def loops_of(self, template, given):
        problem = problem_of(given)
        goal = Goal(problem.rows)
        parameters, constants = problem.parameters(), problem.constants()
        made = Space(Grammar(), [*parameters, *constants], Budget(20.0, 100_000))
        for cost in range(1, 8):
            made.grow(cost)
        return template(made, goal, parameters, constants)

    def test_fibonacci(self):
        loop = next(self.loops_of(recurrences, task("def f(n)", ([1], 1), ([7], 13), ([10], 55), ([0], 0))))
        assert value_of(loop, {"n": 20}) == 6765

    def test_greatest_common_divisor(self):
        given = task("def f(a, b)", ([12, 18], 6), ([7, 5], 1), ([10, 0], 10), ([48, 36], 12))
        loop = next(self.loops_of(recurrences, given))
        assert value_of(loop, {"a": 1071, "b": 462}) == 21

    def test_a_fold(self):
        loop = next(self.loops_of(folds, task("def f(xs)", ([[1, 2, 3]], 123), ([[9, 0]], 90), ([[4]], 4))))
        assert loop.form == "fold" and value_of(loop, {"xs": [7, 0, 5]}) == 705

    def test_a_fold_that_grows_without_end_is_stopped(self):
        result = Term("list[int]", [[1]], 1, leaf="r")
        two = next(p for p in PRODUCTIONS if p.name == "two")
        grows = Term("list[any]", [[[1], [1]]], 3, two, (result, result))
        loop = Loop("fold", ("[]",), Term("list[int]", [[1]], 1, leaf="xs"), grows, ("r", "x"), 1)
        assert value_of(loop, {"xs": [0] * 250}) is ERROR

    def test_an_endless_loop_ends(self):
        loop = next(self.loops_of(recurrences, task("def f(a, b)", ([12, 18], 6), ([7, 5], 1), ([10, 0], 10))))
        assert value_of(loop, {"a": 1, "b": "x"}) is ERROR


class TestRecursion:
    @pytest.mark.parametrize("given,says", [
        (task("def f(xs)", ([[1, [2, [3, 4]], 5]], [1, 2, 3, 4, 5]), ([[[9], 0]], [9, 0])),
         "return [part for item in xs for part in f(item)]\n    return [xs]"),
        (task("def f(xs)", ([[1, [2, [3, 4]], 5]], 15), ([[[9], 0]], 9)),
         "return sum(f(item) for item in xs)\n    return xs"),
        (task("def f(d)", ([{"a": 1, "b": {"c": {}}}], 3), ([{"a": {"d": 5}}], 2), ([{}], 1)),
         "if isinstance(d, dict):\n        return 1 + max((f(item) for item in d.values()), default=0)"),
        (task("def f(item, n)", ([[1, (2, [3])], 2], [2, [4, [6]]]), ([[0, [7]], 3], [0, [21]])),
         "if isinstance(item, (list, tuple)):\n        return [f(item_, n) for item_ in item]\n    return item * n")])
    def test_the_first_solution(self, given, says):
        assert says in solutions(given, timeout_s=3.0)[0]

    def test_dicts_among_lists(self):
        given = task("def f(d)", ([{"a": 1, "b": [2, 3]}], 6), ([{"a": {"d": 5}, "b": 1}], 6), ([[7, {"x": 1}]], 8))
        code, namespace = search(given, timeout_s=3.0).solutions[0].code, {}
        exec(code, namespace)
        assert namespace["f"]([{"a": [{}, 4]}, 5, []]) == 9

    def test_even_nesting_is_left_to_comprehensions(self):
        given = task("def f(xs)", ([[[1, 2], [3, 4]]], 10), ([[[5], [6]]], 11))
        assert "f(" not in solutions(given, timeout_s=3.0)[0]

    def test_what_is_too_deep_or_raises_is_an_error(self):
        leaf = Term("int", [1], 1, leaf="xs")
        found = recursion.Recursion(("xs",), "xs", (list,), next(iter(recursion.JOINS)), leaf, False, 1)
        deep = []
        for _ in range(60):
            deep = [deep]
        assert recursion.value_of(found, {"xs": deep}) is ERROR and recursion.value_of(found, {"xs": ["a"]}) is ERROR
        assert recursion.value_of(found, {"xs": [[1], 2]}) == 3
