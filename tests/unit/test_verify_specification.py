"""Contracts as they stand in code: every dialect becomes expressions over arguments, `result` and `old(x)`."""

from __future__ import annotations

import pytest

from ncg_ray.errors import TaskError
from ncg_ray.verify.module import choose, hinted, split_target
from ncg_ray.verify.searches import arguments_of, as_pep316, bounds_of
from ncg_ray.verify.shrink import smaller_values
from ncg_ray.verify.specification import read_specifications

SOURCE = '''
import icontract, deal
from icontract import require, ensure, snapshot

@icontract.require(lambda x: x > 0)
@icontract.ensure(lambda result, x: result > x)
def by_icontract(x: int) -> int:
    return x + 1

@snapshot(lambda xs: xs[:])
@ensure(lambda OLD, xs: len(xs) == len(OLD.xs) + 1)
def with_snapshot(xs: list[int]) -> None:
    xs.append(1)

@deal.pre(lambda a, b: a > b)
@deal.post(lambda r: r >= 0)
@deal.ensure(lambda _: _.result == _.a - _.b)
@deal.raises(ValueError)
def by_deal(a: int, b: int) -> int:
    return a - b

def by_docstring(x: int, ys: list[int]) -> int:
    """Words. Note: these are words too.

    pre: x > 0
    post[ys]: _ == __old__.x + len(ys)
    post: implies(x > 3, _ > 3)
    raises: ValueError, KeyError
    """

def by_assert(x: int) -> int:
    assert x > 3, "large"
    y = x
    assert y > 4
    return y

class Jar:
    """inv: self.size >= 0"""

    def __init__(self, size: int):
        """pre: size >= 1"""
        self.size = size

    def take(self) -> int:
        """post: _ >= 0"""
        self.size -= 1
        return self.size
'''


@pytest.fixture(scope="module")
def specs():
    return {spec.name: spec for spec in read_specifications(SOURCE)}


@pytest.mark.parametrize(
    "name,requires,ensures,raises",
    [
        ("by_icontract", ["x > 0"], ["result > x"], []),
        ("with_snapshot", [], ["len(xs) == len(old(xs[:])) + 1"], []),
        ("by_deal", ["a > b"], ["result == a - b", "result >= 0"], ["ValueError"]),
        ("by_docstring", ["x > 0"], ["result == old(x) + len(ys)", "not x > 3 or result > 3"], ["ValueError", "KeyError"]),
        ("by_assert", ["x > 3"], [], []),
        ("Jar.take", [], ["result >= 0"], []),
    ],
)
def test_every_dialect_is_read(specs, name, requires, ensures, raises):
    spec = specs[name]
    assert [c.expression for c in spec.requires] == requires
    assert [c.expression for c in spec.ensures] == ensures
    assert spec.raises == raises and not spec.problem


def test_a_class_keeps_its_own(specs):
    jar = specs["Jar.take"].classes["Jar"]
    assert (jar.requires, jar.invariants) == (["size >= 1"], ["self.size >= 0"])


def test_what_brackets_do_not_name_must_not_change():
    (spec,) = read_specifications('def f(a: list[int], b: list[int]):\n    """post[a]: True"""\n')
    assert [c.expression for c in spec.ensures] == ["True", "b == old(b)"]


@pytest.mark.parametrize(
    "hint,clauses",
    [
        ("int | None", []),
        ("tuple[int, str]", []),
        ("Literal['a', 2]", []),
        ("Optional[list[int]]", ["a == old(a)"]),
        ("t.List[int] | None", ["a == old(a)"]),
        ("tuple[list[int], int]", ["a == old(a)"]),
        ("'list[int]'", ["a == old(a)"]),
        ("Holder", ["a.n == old(a.n)", "a.seen == old(a.seen)"]),
    ],
)
def test_brackets_cover_all_that_may_change(hint, clauses):
    holder = "class Holder:\n    def __init__(self, n: int):\n        self.n = n\n        self.seen = 0\n"
    (spec,) = read_specifications(f'{holder}def f(a: {hint}):\n    """post[]: True"""\n')
    assert [c.expression for c in spec.ensures] == ["True", *clauses] and not spec.problem


@pytest.mark.parametrize("hint", ["Other", "list[Other]", "Somewhere", "Holder"])
def test_what_cannot_be_compared_with_what_it_was_is_a_problem(hint):
    holder = "class Holder:\n    def __init__(self, other):\n        self.other = other\n"
    (spec,) = read_specifications(f'{holder}def f(a: {hint}):\n    """post[]: True"""\n')
    assert "cannot be compared" in spec.problem


@pytest.mark.parametrize(
    "head",
    [
        "import icontract as ic\n@ic.ensure(lambda result: result > 0)",
        "from icontract import ensure as ens\n@ens(lambda result: result > 0)",
        "from deal import post\n@post(lambda r: r > 0)",
        "import deal as d\n@d.chain(d.pure, d.post(lambda r: r > 0))",
        "@ensure(lambda result: result > 0)",
    ],
)
def test_a_library_may_have_another_name(head):
    (spec,) = read_specifications(f"{head}\ndef f(n: int) -> int:\n    return n\n")
    assert [c.expression for c in spec.ensures] == ["result > 0"] and not spec.problem


def test_what_the_module_calls_ensure_itself_is_no_contract():
    source = "def ensure(c):\n    return c\n@ensure(lambda result: result > 0)\ndef f(n):\n    return n\n"
    spec = read_specifications(source)[1]
    assert not spec.ensures and not spec.problem


def test_a_contract_that_is_switched_off_is_none():
    (spec,) = read_specifications(
        "import icontract\n@icontract.require(lambda n: n > 0, enabled=False)\n"
        "@icontract.ensure(lambda result: result > 0, enabled=__debug__)\ndef f(n: int) -> int:\n    return n\n"
    )
    assert not spec.requires and [c.expression for c in spec.ensures] == ["result > 0"]


@pytest.mark.parametrize(
    "contract",
    [
        "icontract.require(lambda n: n > 0, enabled=SLOW)",
        "icontract.require(lambda n, LIMIT=-5: n > LIMIT)",
        "icontract.require(lambda n: n > m)",
        "icontract.require(lambda q: q > 0)",
        "icontract.require(positive)",
        "icontract.other(lambda n: n > 0)",
        "icontract.ensure(lambda OLD: OLD.xs == 1)",
        "deal.pre(lambda *args: len(args) == 1)",
        "deal.pre(lambda xs, b, c: all(len(xs) > n for n in xs))",
        "deal.pre(lambda n: n > 0)",
        "deal.post(lambda q: q > result)",
        "deal.ensure(lambda _: all(n > _.n for n in _.xs))",
        "deal.inherit",
        "positive",
    ],
)
def test_a_decorator_that_cannot_be_read_is_a_problem(contract):
    source = (
        "import deal, icontract\nfrom settings import SLOW\nm = result = 3\npositive = icontract.require(lambda n: n > 0)\n"
        f"@{contract}\ndef f(n: int, m: int, xs: list[int]) -> int:\n    return n\n"
    )
    assert "line 5" in read_specifications(source)[0].problem


@pytest.mark.parametrize(
    "taken,usable",
    [("xs", False), ("xs[:]", True), ("n", True), ("len(xs)", True), ("xs or [1]", False), ("self.count", True),
     ("self.items", False)],
)
def test_a_snapshot_must_be_a_copy(taken, usable):
    (spec,) = read_specifications(
        "import icontract\nclass C:\n    def __init__(self, count: int, items: list[int]):\n"
        "        self.count = count\n        self.items = items\n"
        f"    @icontract.snapshot(lambda self, xs, n: {taken}, name='before')\n"
        "    @icontract.ensure(lambda OLD: OLD.before is not None)\n"
        "    def f(self, xs: list[int], n: int) -> None:\n        pass\n"
    )
    assert bool(spec.problem) is not usable


@pytest.mark.parametrize("invariant", ["icontract.invariant(positive)", "icontract.invariant(lambda s, t: True)",
                                       "icontract.invariant(lambda self: self.n > 0, enabled=SLOW)", "positive"])
def test_an_invariant_that_cannot_be_read_is_a_problem_of_the_methods(invariant):
    (spec,) = read_specifications(
        f"import icontract\npositive = icontract.invariant(lambda self: self.n > 0)\n@{invariant}\nclass C:\n"
        "    def get(self) -> int:\n        return 1\n"
    )
    assert "line 3" in spec.problem and spec.has_contract


@pytest.mark.parametrize(
    "clause,words",
    [
        ("post: _ > nowhere(3)", "unknown name 'nowhere'"),
        ("post: (x := 3) > 2", "not assign"),
        ("pre: result > 1", "not known before"),
        ("post: x ==", "not a Python expression"),
    ],
)
def test_a_clause_that_cannot_be_used_says_why(clause, words):
    (spec,) = read_specifications(f'def f(x: int) -> int:\n    """{clause}"""\n    return x\n')
    assert words in spec.problem and "line 2" in spec.problem


def test_the_last_definition_of_a_name_counts():
    (one,) = read_specifications('def f(x):\n    """post: _ > 1"""\ndef f(x):\n    """post: _ > 2"""\n')
    assert [c.expression for c in one.ensures] == ["result > 2"]


@pytest.mark.parametrize(
    "target,parts",
    [
        ("a.py", ("a.py", "")),
        ("a.py:f", ("a.py", "f")),
        ("a.py:C.m", ("a.py", "C.m")),
        ("x/y.py:g", ("x/y.py", "g")),
        ("b:c.py", ("b:c.py", "")),
    ],
)
def test_a_target_is_a_file_and_a_function(target, parts):
    assert split_target(target) == parts


def test_functions_with_a_contract_come_alone():
    assert [s.name for s in choose(SOURCE, "", "x.py")] == [
        "by_icontract",
        "with_snapshot",
        "by_deal",
        "by_docstring",
        "by_assert",
        "Jar.take",
    ]
    assert [s.name for s in choose("def _f(): pass\ndef g(): pass\n", "", "x.py")] == ["g"]
    with pytest.raises(TaskError, match="no function 'h'; it has: f"):
        choose("def f(): pass\n", "h", "x.py")
    with pytest.raises(TaskError, match="line 1"):
        choose("def f(:\n", "", "x.py")
    with pytest.raises(TaskError, match="at most"):
        choose("x = 1\n" * 400_000, "", "x.py")


def test_hints_of_the_task_go_onto_a_candidate():
    assert "def f(a: int, b)" in hinted("def f(a, b):\n    return a\n", "f", "def f(x: int, y) -> int")
    assert hinted("def f(", "f", "def f(x: int)") == "def f("


def test_preconditions_bound_what_is_drawn():
    bounds = bounds_of(["x", "xs", "s"], ["0 < x <= 9 and len(xs) >= 2", "len(s) < 4", "x != 3"])
    assert bounds == [(1, 9, 0, None), (None, None, 2, None), (None, None, 0, 3)]
    assert bounds_of(["x"], ["x > 3", "x < 2"]) == [(None, None, 0, None)]


def test_a_contract_travels_to_crosshair_and_its_answer_back():
    source = "@icontract.ensure(lambda result, x: result > x)\ndef f(x: int, *, y: int = 3) -> int:\n    return x\n"
    (spec,) = read_specifications(source)
    text, line = as_pep316(source, spec)
    assert "post: __return__ > x" in text and "icontract" not in text and text.splitlines()[line - 1].startswith("def f")
    told = arguments_of("5: error: false when calling f(1, y = -2) (which returns 1)", source, spec)
    assert told == ["1", "-2"]
    assert arguments_of("5: error: something else", source, spec) is None
    (clock,) = read_specifications("import time\ndef f():\n    'post: _ > 0'\n    return time.time()\n")
    told = arguments_of(
        "2: error: false when calling f() with crosshair.patch_to_return({time.time: [2.0]}) (which returns 0)",
        "def f(): pass\n",
        clock,
    )
    assert told == ["# [('time.time', [2.0])]"]


@pytest.mark.parametrize("value", [7, -7, 1 << 80, 2.5, "hello", [3, 4, 5], (1, "b"), {"a": 1}, {1, 2}, True])
def test_smaller_values_are_of_the_type_and_end(value):
    seen, size = 0, value
    while (smaller := next(iter(smaller_values(size)), None)) is not None and seen < 200:
        assert type(smaller) is type(value)
        size, seen = smaller, seen + 1
    assert seen < 200
