"""The solver alone: loops that are proved and their broken twins, values at the edges, and truth against brute force."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_programs import contradiction, programs
from solver_process import ask
from traps import TRAPS
from traps_second import TRAPS_SECOND
from traps_third import TRAPS_THIRD
from verified_loops import LOOPS


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_is_proved(name):
    loop = LOOPS[name]
    answer = ask(loop.source, loop.function, 20, requires=loop.requires, ensures=loop.ensures)
    assert answer.level in ("PROVED", loop.level), answer


def check(source: str, ensures: str, requires: str = "True") -> str:
    return ask(source, budget_s=4, requires=[requires], ensures=[ensures]).level


@pytest.mark.parametrize(
    "source,ensures,requires,levels",
    [
        ("def f(s: str) -> int:\n    return len(s)\n", "result != 1 or s != chr(0x1F600)", "True", {"CANDIDATE"}),
        ("def f(s: str) -> int:\n    return ord(s)\n", "result <= 0x2FFFF", "len(s) == 1", {"CANDIDATE"}),
        ("def f(s: str) -> int:\n    return ord(s)\n", "0 <= result <= 0x10FFFF", "len(s) == 1", {"PROVED"}),
        ("def f(n: int) -> str:\n    return str(n)\n", "len(result) >= 1", "True", {"UNKNOWN"}),
        ("def f(n: int) -> str:\n    return str(n)\n", "len(result) >= 1", "-1000 < n < 1000", {"PROVED", "BOUNDED"}),
        ("def f(x: float) -> bool:\n    return x == x\n", "result", "True", {"CANDIDATE"}),
        ("def f(x: float) -> float:\n    return x + 0.0\n", "result == x or result != result", "True", {"PROVED"}),
        (
            "import math\ndef f(x: float) -> float:\n    return x\n",
            "math.copysign(1.0, result) == 1.0 or result != 0",
            "x >= 0",
            {"CANDIDATE"},
        ),
        ("def f(x: float) -> float:\n    return x * 3.0 / 3.0\n", "result == x", "x == x", {"CANDIDATE", "UNKNOWN"}),
        ("def f(xs: list[int]) -> int:\n    return max(xs)\n", "True", "True", {"CANDIDATE"}),
        ("def f(xs: list[int]) -> int:\n    return sum(xs)\n", "result == 0 or xs", "True", {"PROVED", "BOUNDED"}),
        ("def f(a: int, b: int) -> int:\n    return a % b\n", "b < result <= 0", "b < 0", {"PROVED"}),
        ("def f(a: int, b: int) -> int:\n    return a // b\n", "a == result * b + a % b", "b != 0", {"PROVED"}),
        ("def f(a: int) -> int:\n    return -7 // a\n", "result == -4", "a == 2", {"PROVED"}),
        ("def f(n: int) -> int:\n    return 1 << n\n", "result > 0", "0 <= n <= 40", {"PROVED"}),
        ("def f(n: int) -> int:\n    return 1 << n\n", "result > 0", "True", {"CANDIDATE"}),
        ("def f(n: int) -> int:\n    return 1 << 100000\n", "result > 0", "True", {"UNKNOWN"}),
        ("def f(b: bool) -> int:\n    return b + b\n", "result in (0, 2)", "True", {"PROVED"}),
        ("def f(b: bool) -> int:\n    return [3, 4][b]\n", "result == 3 + b", "True", {"PROVED"}),
        ("def f(b: bool) -> bool:\n    return b == 1\n", "result == b", "True", {"PROVED"}),
        (
            "def f(a: list[int], b: list[int]) -> int:\n    a.append(1)\n    return len(b)\n",
            "result == len(old(b))",
            "True",
            {"PROVED", "BOUNDED"},
        ),
        (
            "def f(a: list[int]) -> int:\n    b = a\n    b.append(1)\n    return len(a)\n",
            "result == len(old(a))",
            "True",
            {"CANDIDATE"},
        ),
        ("def f(a: list[int]) -> list[int]:\n    a.sort()\n    return a\n", "a == old(a)", "True", {"CANDIDATE"}),
        (
            "def f(xs: list[float]) -> bool:\n    return xs == list(xs)\n",
            "result",
            "True",
            {"UNKNOWN", "BOUNDED", "PROVED"},
        ),
        ("def f(x: int) -> float:\n    return x / 2\n", "result * 2 == x", "True", {"UNKNOWN"}),
        ("def f(s: str) -> str:\n    return s.upper()\n", "len(result) == len(s)", "True", {"UNKNOWN", "BOUNDED"}),
        ("def f(a: int, b: int) -> bool:\n    return a < b == True\n", "not result or a < b", "True", {"PROVED"}),
        ("def f(d: dict[int, int], k: int) -> int:\n    return d[k]\n", "True", "True", {"CANDIDATE"}),
        (
            "def f(x: int) -> int:\n    try:\n        return 1 // x\n    except ZeroDivisionError:\n        return 0\n",
            "True",
            "True",
            {"PROVED"},
        ),
    ],
)
def test_values_at_the_edges(source, ensures, requires, levels):
    assert check(source, ensures, requires) in levels


@pytest.mark.parametrize(
    "source,construct,line",
    [
        ("def f(x: int) -> int:\n    with open('x'):\n        return x\n", "with", 2),
        ("def f(x):\n    return x\n", "type hint", 0),
        ("async def f(x: int):\n    return x\n", "async", 1),
        ("def f(x: int):\n    yield x\n", "generator", 1),
        ("import os\ndef f(x: int):\n    return os.getpid() > x\n", "os.getpid", 3),
        ("def f(x: complex) -> int:\n    return 1\n", "complex", 0),
        ("def f(x: int):\n    global y\n    y = x\n", "global", 2),
    ],
)
def test_what_is_outside_is_named_with_its_line(source, construct, line):
    answer = ask(source, budget_s=2, ensures=["True"])
    assert (answer.level, answer.reason) == ("UNKNOWN", "unsupported")
    assert construct in answer.gaps[0][0] and answer.gaps[0][1] == line


def test_a_precondition_that_nothing_meets_is_vacuous():
    answer = ask("def f(x: int) -> int:\n    return x\n", requires=["x > 3 and x < 2"], ensures=["False"])
    assert answer.reason == "vacuous"


def test_a_guess_of_somebody_else_is_tried_and_never_trusted():
    source = (
        "def f(n: int) -> int:\n    i = 0\n    j = 0\n    while i < n:\n        i += 1\n        j += 3\n    return j\n"
    )
    request = {"source": source, "name": "f", "requires": ["n >= 0"], "ensures": ["result == 3 * n"], "budget_s": 6}
    assert ask(**request, hints=["nonsense(", "j == 3 * i", "i == 7", "nowhere > 3"]).level == "PROVED"
    wrong = request | {"ensures": ["result == 4 * n"]}
    assert ask(**wrong, hints=["j == 4 * i"]).level == "CANDIDATE"


@pytest.mark.parametrize(
    "source,requires,ensures,level",
    [
        ("if n == 0:\n        return 0\n    return n + f(n - 1)", "n >= 0", "result == n * (n + 1) // 2", "PROVED"),
        (
            "if n > 100:\n        return n - 10\n    return f(f(n + 11))",
            "True",
            "result == (n - 10 if n > 100 else 91)",
            "PROVED",
        ),
        ("if n == 0:\n        return 0\n    return n + f(n - 1)", "n >= 0", "result == n * (n + 1)", "CANDIDATE"),
        ("return f(n)", "True", "result == 7", "UNKNOWN"),
        ("if n == 0:\n        return 0\n    return f(n + 1)", "n >= 0", "result == 0", "BOUNDED"),
    ],
)
def test_recursion_is_proved_by_induction_over_a_measure(source, requires, ensures, level):
    answer = ask(f"def f(n: int) -> int:\n    {source}\n", budget_s=10, requires=[requires], ensures=[ensures])
    assert answer.level == level, answer


def test_an_endless_loop_has_a_witness():
    loop = "def f(x: int) -> int:\n    while x:\n        x = -x\n    return x\n"
    assert ask(loop, kind="diverges", ensures=["True"], args=["3"]).failure == "diverges"
    assert ask(loop, kind="diverges", ensures=["True"], args=["0"]).failure == ""
    # The inner loop is begun twice in one and the same state, and ends both times.
    nested = "def f(n: int) -> int:\n    for x in [0, 0]:\n        while x < n:\n            x += 1\n    return n\n"
    assert ask(nested, kind="diverges", ensures=["True"], args=["3"]).failure == ""
    slow = "def f(n: int) -> int:\n    while n != 0:\n        n -= 1\n    return n\n"
    assert ask(slow, budget_s=0.5, kind="diverges", ensures=["True"], args=["-3"]).failure == ""


@pytest.mark.parametrize(
    "start",
    [
        "inc = make()",
        "inc = Step().inc",
        "step = Step()\n    inc = lambda at=step: at.inc()",
        "xs = [0]\n    inc = lambda: xs.append(xs.pop() + 1) or xs[0]",
    ],
)
def test_what_a_function_holds_is_part_of_the_state(start):
    source = (
        "def make():\n    n = 0\n    def inc():\n        nonlocal n\n        n += 1\n        return n\n    return inc\n"
        "class Step:\n    def __init__(self):\n        self.n = 0\n    def inc(self):\n        self.n += 1\n"
        f"        return self.n\ndef f(k: int) -> int:\n    {start}\n    while inc() < 3000:\n        pass\n    return 1\n"
    )
    assert ask(source, budget_s=1, kind="diverges", ensures=["True"], args=["3"]).failure == ""


def test_an_object_whose_class_leaves_no_other_is_any_object():
    free = (
        "class P:\n    def __init__(self, a: int):\n        self.a = a\n    def up(self) -> int:\n        self.a += 1\n"
        "        return self.a\n"
    )
    assert ask(free, "P.up", ensures=["result == old(self.a) + 1"]).level == "PROVED"
    counted = free.replace("a: int", "").replace("= a", "= 0")
    answer = ask(counted, "P.up", ensures=["result == 1"])
    assert (answer.level, answer.bound) == ("BOUNDED", "objects as their constructors make them")
    assert ask("class S:\n    def two(self, a: int) -> int:\n        return 2 * a\n", "S.two",
               ensures=["result == 2 * a"]).level == "PROVED"


@pytest.mark.parametrize(
    "source,ensures",
    [
        ("import icontract\n@icontract.require(lambda m: m > 0)\ndef g(m: int) -> int:\n    return m\n"
         "def f(n: int) -> int:\n    return g(n) if n > 0 else 1\n", "result > 0"),
        ("import math\ndef f(n: int) -> bool:\n    return math.tau > 6 and math.isfinite(n % 7)\n", "result"),
        ("def f(n: int) -> int:\n    print('n', n % 7, [n > 3], sep=', ')\n    return n\n", "result == n"),
        ("def f(n: int) -> int:\n    xs = [1, 2, 3]\n    return xs.pop(n % 3)\n", "result >= 1"),
        ("def f(n: int) -> int:\n    if n < 0:\n        raise ValueError('negative', n) from None\n    return n\n",
         "result >= 0"),
        ("class C:\n    def __init__(self, n: int):\n        self.__n = n\n    def get(self):\n        return self.__n\n"
         "def f(n: int) -> int:\n    return C(n).get()\n", "result == n"),
        ("from math import inf\ndef f(n: int) -> bool:\n    from math import floor\n"
         "    return n < inf and floor(2.5) == 2\n", "result"),
        ("from dataclasses import dataclass\n@dataclass\nclass P:\n    a: int\n    b: int = 3\ndef move(p: P) -> None:\n"
         "    p.b = 5\ndef f(p: P) -> int:\n    move(p)\n    return p.b\n", "result == 5"),
    ],
)
def test_what_is_plain_is_still_proved(source, ensures):
    assert ask(source, ensures=[ensures], raises=["ValueError"]).level == "PROVED"


@pytest.mark.parametrize(
    "second,level",
    [
        ("def f(a: int, b: int) -> int:\n    return b if b > a else a\n", "PROVED"),
        ("def f(a: int, b: int) -> int:\n    return b if b > a else b\n", "CANDIDATE"),
        ("def f(a: int, b: int) -> int:\n    raise ValueError\n", "CANDIDATE"),
    ],
)
def test_two_functions_are_told_apart_or_proved_equal(second, level):
    first = "def f(a: int, b: int) -> int:\n    return max(a, b)\n"
    answer = ask("", kind="differ", first=first, second=second, requires=[])
    assert answer.level == level
    if level == "CANDIDATE":
        scopes: list[dict] = [{}, {}]
        for text, scope in zip((first, second), scopes, strict=True):
            exec(text, scope)
        args = [eval(a) for a in answer.args]
        try:
            assert scopes[0]["f"](*args) != scopes[1]["f"](*args)
        except ValueError:
            assert "raise" in second


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_no_verdict_contradicts_brute_force():
    """200 programs here, 3,000 in `tests/benchmarks/verify.py --truth`."""
    wrong = list(filter(None, (contradiction(p, budget_s=0.6)[1] for p in programs(2026, 200))))
    assert not wrong, "\n".join(wrong)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.integers(0, 10_000))
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_names_do_not_matter(seed):
    program = next(programs(seed, 1))
    source = program.source.replace("turn()", "pass")

    def renamed(text: str) -> str:
        return re.sub(r"\b(v\d|i\d|[abc])\b(?!['\"])", r"zz_\1", text)

    texts = [source, *program.requires, *program.ensures]
    if any(re.search(r"'[^']*\b[abc]\b[^']*'", text) for text in texts):
        return  # a string literal that looks like a name
    one = ask(source, budget_s=2, requires=program.requires, ensures=program.ensures)
    requires, ensures = (list(map(renamed, texts)) for texts in (program.requires, program.ensures))
    two = ask(renamed(source), budget_s=2, requires=requires, ensures=ensures)
    if "timeout" not in (one.reason, two.reason):
        assert one.level == two.level


def test_only_the_process_that_solves_loads_z3():
    import subprocess

    code = "import sys, ncg_ray.verify.portfolio, ncg_ray.pipeline; print('z3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize("number", range(len([*TRAPS, *TRAPS_SECOND, *TRAPS_THIRD])))
def test_what_breaks_its_contract_is_not_proved(number):
    source, requires, ensures, raises = [*TRAPS, *TRAPS_SECOND, *TRAPS_THIRD][number]
    answer = ask(source, budget_s=3, requires=requires, ensures=ensures, raises=raises)
    assert answer.level != "PROVED", source
    assert "itself failed" not in answer.detail
