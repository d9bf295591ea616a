"""Every dialect of examples that docstrings use, on functions invented here."""

from __future__ import annotations

import time

import pytest

from ncg_ray.task.docstring import MAX_EXAMPLES, read_examples
from ncg_ray.task.signature import parse_signature
from ncg_ray.types import Example

ONE = "def grow(n)"
TWO = "def mix(a, b)"
LIST = "def tally(items, step=1)"


def read(docstring: str, signature: str = ONE) -> list[tuple]:
    """(arguments..., result) of each example; an exception stands as `!Name`."""
    found = read_examples(docstring, parse_signature(signature))
    assert all(e.origin == "docstring" for e in found)
    return [(*e.args, *e.kwargs.items(), f"!{e.raises}" if e.raises else e.returns) for e in found]


@pytest.mark.parametrize("line", [
    "grow(3) == 5", "grow(3)==5", "grow( 3 )  ==  5 ", "assert grow(3) == 5", "Example: assert grow(3)==5",
    "grow(3) -> 5", "grow(3) ->5", "grow(3)->5", "grow(3) --> 5", "grow(3) => 5", "grow(3)=>5", "grow(3) ==> 5",
    "grow(3) ➞ 5", "grow(3) → 5", "grow(3) ⇒ 5", "grow(3) = 5", "grow(3): 5", "grow(3) # 5", "grow(3)  # => 5",
    "grow(3) # -> 5", "grow(3) # returns 5", "grow(3)   # Returns: 5", "grow(3) returns 5", "grow(3) returns 5.",
    "grow(3) should return 5.", "grow(3) will return 5", "grow(3) must return 5", "grow(3) should be 5",
    "grow(3) gives 5", "grow(3) yields 5", "grow(3) equals 5", "grow(3) is 5", "grow(3) evaluates to 5",
    "returns 5 for grow(3)", "Returns 5 for grow(3).", "5 for grow(3)", "* grow(3) -> 5", "- grow(3) == 5",
    "1. grow(3) == 5", "2) grow(3) => 5", "• grow(3) → 5", "`grow(3)` -> `5`", "`grow(3) == 5`",
    "``grow(3)`` returns ``5``", "for grow(3) == 5", "e.g. grow(3) == 5", "For example, grow(3) == 5.",
    "(e.g. grow(3) == 5)", "(grow(3) == 5)", "assert 5 == grow(3)", "5 == grow(3)", "grow(3) == 5  # because",
    "grow(3) -> 5 (since 3 + 2 is 5)", "grow(3) -> 5, because 3 + 2 is 5", "grow(3) -> 3 + 2 = 5",
    "grow(3) == 3 + 1 + 1 = 5", "grow(3) ➞ 5\n# 3 and 2", "grow(3)\n=> 5", "grow(3)\n  -> 5",
    "so grow(3) should\n    return 5.", "grow(3) ==\n  5", "assert grow(3) => 5", "grow(n=3) == 5",
    "print(grow(3))  # => [5]", "Example:grow(3) ==> 5", "grow (3) == 5", "grow(3) === 5", "grow(3) ->  returns 5",
    "When called, grow(3) should return the value 5.", "grow(3) Output: 5", "grow(3)\nOutput: 5", "| grow(3) | 5 |",
    ">>> grow(3)\n5", ">>> grow(3) == 5\nTrue", ">>> grow(3) == 5", ">>> grow(3) => 5", ">>> grow(3)  # a comment\n5",
    ">>> x = grow(3)\n>>> x\n5", ">>> assert grow(3) == 5", ">>>grow(3)\n5", ">>> n = 3\n>>> grow(n)\n5",
    ">>> grow(\n...     3,\n... )\n5", ">>> grow(3)\n5\nNote that 5 is odd.", ">>> grow(3)\n# 5",
    "Input: 3\nOutput: 5", "Input: n = 3\nOutput: 5", "Example 1:\n    Input: n = 3, Output: 5",
    "Input:\n3\nOutput:\n5", "For n = 3 the output should be 5.", "For n = 3, the output is 5",
    "for n=3 it returns 5", "If n = 3, the function should return 5",
    "for n = 3, the sum of parts is odd, the output should be 5.", "n = 3\n  -> count up -> done\n  return 5",
    "Given 3, return 5", "For 3 the result should be 5", "when n is 3, returns 5", "Example:\n  3 -> 5",
    "Examples:\n- `3` => `5`", "Input: grow(3)\nOutput: 5", "n = 3 => 5", "**Input:** n = 3\n**Output:** 5",
    "grow(3) // 5", "grow(3) -> 5 grow(x) -> y",
])
def test_reads_three_gives_five(line: str) -> None:
    expected = [5] if "[5]" in line else 5
    for text in (line, f"Grow a number.\n\n{line}\n", f"Grow.\n    {line}\n\n    The end of the words."):
        assert read(text) == [(3, expected)], text


@pytest.mark.parametrize("line", [
    "grow(x) == 5", "grow(3) != 5", "grow(3) > 5", "grow(3) + 1 == 5", "2 * grow(3) == 5", "-grow(3) == 5",
    "1 - grow(3) == 5", "grow(grow(3)) == 5", "other(3) == 5", "self.grow(3) == 5", "regrow(3) == 5",
    "not grow(3) == 5", "len(grow(3)) == 5", "grow(3)[0] == 5", "grow(3).real == 5", "grow(3) == other(5)",
    "grow(3) -> 5 or 6", "grow(3) -> 5 if lucky else 6", "grow(3) is 5 more than grow(2)", "grow(3) -> x",
    "grow(3) -> 5 apples", "grow(3) -> 5, 6", "grow(3) == [1, 2, ...]", "grow(3) == 5 + k", "grow(3) returns 5 items",
    "grow(3) -> 5th", "grow(3) == 1,000", "grow(3) should not return 5", "grow(3) returns not 5", "grow(3)",
    "grow(3) == 5 < 6", "grow(3) == 4 + 2 = 5", "Wrong: grow(3) == 5", "def grow(3): 5", "grow(3, 4) == 5",
    "grow(m=3) == 5", "grow() == 5", "grow('a' b) == 5", "grow([3) == 5", "grow(3) -> [5", "grow(3) -> 'five",
    "grow(3) -> [1, 2] (in any order)", "grow(3) -> [1, 2] or [2, 1]", ">>> grow(3) == 5\nFalse", ">>> grow(3)\nfive",
    ">>> grow(3)", ">>> sorted(grow(3))\n[5]", ">>> grow(3) + 1\n6", ">>> print(grow(3))\n5", "y = grow(3) == 5",
    "x > grow(3) == 5", "grow(3) / 2 == 5", "For n = 3 the output should be the sum", "for k = 3 it returns 5",
    "n = 3 if unset. Later it returns 5.", "Input: 3, 4\nOutput: 5", "for n = 3 return 5 if odd",
    "other(n=3) returns 5", "grow(3) - a number - is 5", "5 -> 6", "assert grow(3)", "assert not grow(3)",
    "grow(3) = grow(2) + grow(1)\n     = 2 + 3 = 5", "grow(3) % 2 == 1", "grow(3)\n\nreturns 5",
    "the path for 3 is [3, 4]", "Example:\n  enlarge(3) == 5", "5 <= grow(3)", ">>> grow(3)[0]\n5",
    ">>> [grow(3)]\n[5]", "grow(3) == 5 and 6", "grow(10**100**100) == 5", "grow(3) == 'a' * 10**9", "~grow(3) == 5",
])
def test_leaves_doubts_alone(line: str) -> None:
    for text in (line, f"Grow a number.\n\n{line}\n"):
        assert read(text) == [], text


@pytest.mark.parametrize(("result", "value"), [
    ("True", True), ("true", True), ("False", False), ("None", None), ("null", None), ("-5", -5), ("2.50", 2.5),
    ("[1, [2, (3,)]]", [1, [2, (3,)]]), ("(1, 2)", (1, 2)), ("()", ()), ("{'a': 1, 'b': [2]}", {"a": 1, "b": [2]}),
    ("{1, 2}", {1, 2}), ("set()", set()), ("{}", {}), ("frozenset({1})", frozenset({1})),
    ("float('inf')", float("inf")), ("-inf", float("-inf")), ("10**9 + 7", 10**9 + 7), ("[0] * 3", [0, 0, 0]),
    ("'a' * 3", "aaa"), ("'it\\'s'", "it's"), ('"x, y"', "x, y"), ("“smart”", "smart"), ("'#1'", "#1"),
    ("b'ab'", b"ab"), ("('(x)')", "(x)"), ("'a' 'b'", "ab"), ("1e-3", 0.001), ("0x1f", 31), ("1_000", 1000),
    ("3+4j", 3 + 4j), ("7 // 2", 3), ("'don’t'", "don’t"), ("[1., 2.]", [1.0, 2.0]),
    ("[\n  [1, 2],\n  [3, 4],\n]", [[1, 2], [3, 4]]), ("{\n 'k': 1  # one\n}", {"k": 1}), ("an empty list", []),
    ("an empty string", ""), ("-2**2", -4),
])
def test_values(result: str, value: object) -> None:
    for text in (f"grow(3) -> {result}", f"grow(3) should return {result}.", f"- grow(3) == {result}  # so",
                 f"Input: n = 3\nOutput: {result}\nExplanation: 1"):
        assert read(text) == [(3, value)], text


def test_nothing_is_evaluated() -> None:
    assert read("grow(3) == __import__('os').getpid()\ngrow(open('/etc/passwd')) == 1\n>>> grow(exit())\n1") == []


def test_arguments() -> None:
    assert read("mix([1, 2], 'a, b)') == 3\nmix(a={'k': (1,)}, b=-1) == 4", TWO) == [
        ([1, 2], "a, b)", 3), ({"k": (1,)}, -1, 4)]
    assert read("mix([\n   [1, 2],\n   [3]\n ], 1) == [(0, 0),\n   (1, 2)]\nmix([], 1) == []", TWO) == [
        ([[1, 2], [3]], 1, [(0, 0), (1, 2)]), ([], 1, [])]
    assert read("tally([1]) == 1; tally([1], 2) == 2, tally([1], step=3) == 3 and tally([2]) == 4", LIST) == [
        ([1], 1), ([1], 2, 2), ([1], 3, 3), ([2], 4)]


def test_exceptions() -> None:
    traceback = ">>> grow(-1)\nTraceback (most recent call last):\n    ...\nValueError: n is negative"
    for text in (traceback, "grow(-1) raises ValueError", "grow(-1) should raise a ValueError", "grow(-1) -> ValueError",
                 "grow(-1) ==> raises ValueError: too small", "`grow(-1)` throws `ValueError`"):
        assert read(text) == [(-1, "!ValueError")], text


def test_doctest_of_nothing_is_none_only_where_none_makes_sense() -> None:
    text = ">>> pick([])\n\n>>> pick([1])\n1"
    assert read(text, "def pick(xs: list) -> int | None") == [([1], 1), ([], None)]
    assert read(text, "def pick(xs: list) -> int") == [([1], 1)]
    assert read(">>> pick([])\n\n>>> pick([1])\n", "def pick(xs: list) -> int | None") == []


def test_doctest_result_on_the_same_line() -> None:
    assert read(">>> grow([2, 1]) [1, 2]\n>>> grow([0])[0]\n0") == [([2, 1], [1, 2])]


def test_doctest_constants_are_followed_until_something_unknown_happens() -> None:
    assert read(">>> xs = [1, 2]\n>>> grow(xs)\n3\n>>> xs.append(4)\n>>> grow(xs)\n7") == [([1, 2], 3)]


def test_doctest_multi_line_result() -> None:
    assert read(">>> grow(2)\n[[1, 2],\n [3, 4]]\n>>> grow(1)\n'a'") == [(2, [[1, 2], [3, 4]]), (1, "a")]


def test_approximate_results_carry_the_printed_tolerance() -> None:
    for text in ("grow(3) ≈ 1.73", "grow(3) returns approximately 1.73", "grow(3) -> 1.73 (approx.)",
                 ">>> round(grow(3), 2)\n1.73", ">>> round(grow(3), 2) == 1.73\nTrue", "round(grow(3), 2) -> 1.73"):
        (example,) = read_examples(text, parse_signature(ONE))
        assert (example.returns, example.abs_tol) == (1.73, pytest.approx(0.005, rel=1e-3)), text
    (exact,) = read_examples("grow(3) -> 1.73", parse_signature(ONE))
    assert exact.abs_tol is None
    (close,) = read_examples("assert math.isclose(grow(3), 1.73, rel_tol=0.01)", parse_signature(ONE))
    assert close.abs_tol == pytest.approx(0.0173, rel=0.02)


def test_inputs_by_name() -> None:
    assert read("Input: a = [1, 2], b = 3\nOutput: 5", TWO) == [([1, 2], 3, 5)]
    assert read("Example 1:\n  Input:\n    a : [[0, 1],\n         [1, 0]]\n    b : 2\n  Output: 5\n\n"
                "Example 2:\n  Input:\n    a : []\n    b : 1\n  Output: 0", TWO) == [([[0, 1], [1, 0]], 2, 5), ([], 1, 0)]
    assert read("For a = \"xy\", b = 'z', the result should be ('xyz', False)", TWO) == [("xy", "z", ("xyz", False))]
    assert read("for a = 1 and b = 2 the answer is 3. For a = 2 and b = 2 the answer is 4.", TWO) == [(1, 2, 3), (2, 2, 4)]
    assert read("Input: a = 1\nOutput: 5", TWO) == []
    assert read("Input: a = 'b = 7', b = 2\nOutput: 5", TWO) == [("b = 7", 2, 5)]


def test_inputs_by_position() -> None:
    assert read("Input: [1, 2], 3\nOutput: 5", TWO) == [([1, 2], 3, 5)]
    assert read("Input: ([1, 2], 3)\nOutput: 5", TWO) == [([1, 2], 3, 5)]
    assert read("Input:\n[1, 2]\n3\nOutput:\n5", TWO) == [([1, 2], 3, 5)]
    assert read("Input: [1, 2]\nOutput: 5", TWO) == []
    assert read("Input: [1, 2]  Output: 3  Input: []  Output: 0", LIST) == [([1, 2], 3), ([], 0)]


def test_an_input_never_takes_the_next_ones_output() -> None:
    assert read("Input: 3\nOutput: unclear\nInput: 4\nOutput: 6") == [(4, 6)]
    assert read("n = 3 is fine\nn = 4 gives 6") == [(4, 6)]


def test_steps_of_a_computation_are_not_results() -> None:
    text = ("For example:\n  n = [3, 1]\n     -> sort -> [1, 3]\n     -> reverse -> [3, 1]\n  return ['Three', 'One']\n\n"
            "  n = []\n  return []")
    assert read(text) == [([3, 1], ["Three", "One"]), ([], [])]


def test_terms_of_a_recurrence_are_not_results() -> None:
    text = "grow(0) = 1\ngrow(n) = grow(n-1) * 2\nReturn the first n + 1 terms.\nExamples:\ngrow(2) = [1, 2, 4]"
    assert read(text) == [(2, [1, 2, 4])]
    assert read("grow(0) -> 0\ngrow(1) -> 2\ngrow(n) -> grow(n-1) + 2") == [(0, 0), (1, 2)]


def test_contradictions_are_dropped_and_repetitions_read_once() -> None:
    assert read("grow(3) == 5\ngrow(3) -> 6\ngrow(4) == 1") == [(4, 1)]
    assert read("grow(3) == 5\n>>> grow(3)\n5\nInput: 3\nOutput: 5") == [(3, 5)]


def test_a_call_outranks_words_about_the_same_input() -> None:
    assert read("grow(3) returns 5  # the path for n = 3 gives [3, 4, 5]") == [(3, 5)]


def test_labels_that_are_not_the_parameters() -> None:
    assert read("Input: xs = [1], target = 2\nOutput: 3", TWO) == [([1], 2, 3)]
    assert read("Input:\n  a : [1]\n  size : 2\nOutput: 3", TWO) == [([1], 2, 3)]
    assert read("Input: b = [1], size = 2\nOutput: 3", TWO) == []


def test_escapes_that_the_docstring_already_resolved() -> None:
    raw = r""">>> grow("a\nb")
'x\ny'"""
    assert read_examples(raw.encode().decode("unicode_escape"), parse_signature(ONE), raw) == [
        Example(("a\nb",), returns="x\ny", origin="docstring")]


@pytest.mark.parametrize("text", [
    "grow(" * 12_000, "grow([" * 10_000, "[" * 60_000, "grow(3) == " + "(" * 50_000, "grow(3)" + " " * 60_000,
    "`" * 60_000, "n = " * 15_000, ">>> " * 15_000, ">>> grow(3)\n5\n" * 4_000, "Input: " * 8_000,
    "grow(3) -> '" * 5_000, "1+" * 30_000, "grow(" + "1**" * 20_000, "for " * 15_000, "assert grow(1) ->\n" * 3_000,
    "n = [" + "1," * 30_000, "Output:\n" * 7_000, "\n" * 60_000, "grow([" + "'a'*4999," * 2_000 + "]) == 1",
    "grow(3) == 5 " * 4_000, "\0grow(3)\ud800 == 5", "n = 3 " * 10_000, "x" * 1_000_000,
], ids=lambda text: text[:12].strip())
def test_weird_text_is_read_in_bounded_time(text: str) -> None:
    start = time.process_time()
    examples = read_examples(text, parse_signature(ONE))
    assert time.process_time() - start < 3.0
    assert len(examples) <= MAX_EXAMPLES


@pytest.mark.parametrize("text", [
    "A naive approach returns 5 for grow(3).", "It must never happen that grow(3) == 5.", "Don't let grow(3) return 5",
    "Wrong:\n    grow(3) -> 5", "Before the fix:\n    grow(3) -> 5", "Input: 3\nIncorrect output: 5",
    ">>> grow(3)  # doctest: +SKIP\n5", ">>> grow('a')  # doctest: +ELLIPSIS\n'b...c'",
    ">>> n = 3\n>>> from m import n\n>>> grow(n)\n5",
    "grow(-1) -> ValueError or None", "grow(-1) raises ValueError if strict", "sqrt grow(3) = 5", "2 grow(3) = 5",
    "With n = 3, other returns 5."])
def test_what_is_not_so_or_not_sure_is_not_read(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize("hint,line,results", [
    ("str", "grow(3) -> 1010", []), ("str", "grow(3) -> '1010'", ["1010"]), ("int", "grow(3) => 4/5", []),
    ("bool", "grow(3) -> 5", []), ("int", "grow(3) -> inf", []), ("float", "grow(3) -> 5", [5]),
    ("int", "grow(3) -> None", [None])])
def test_a_value_that_contradicts_the_hint_is_not_read(hint: str, line: str, results: list) -> None:
    assert [value for _, value in read(line, f"def grow(n) -> {hint}")] == results


def test_a_tuple_may_be_one_argument_or_several() -> None:
    assert read("Examples:\n  (1, 2) -> 3", LIST) == [] and read("Examples:\n  (1, 2) -> 3", TWO) == [(1, 2, 3)]
