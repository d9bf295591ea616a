"""The edits: what they change, what they leave as it is, and what they reach."""

from __future__ import annotations

import ast

import pytest

from ncg_ray.repair.broken_syntax import failure_of, parsing_texts
from ncg_ray.repair.edits import all_edits
from ncg_ray.repair.localise import Suspect
from ncg_ray.repair.source import Edit, Source, joined
from ncg_ray.repair.symptoms import Symptom

ODD = '''# a comment, kept
from typing import List   # and this


def f( xs:List[int],  n = 1 ):
    """Words with é and a tab\\t."""
    é = "naïve (" ; total = 0   # two statements on a line
    for  i , x in enumerate( xs ):   # blanks
        if (x   >
                n):     # a condition on two lines
            total  +=  x*2   # note
    return (total
            + len(é))
'''


def codes(text: str, *symptoms: Symptom, imports: dict[str, str] | None = None) -> list[str]:
    source = Source(text)
    suspects = [Suspect(1, text.count("\n") + 1, 1.0, "everywhere")]
    return [e.apply(text) for e in all_edits(source, suspects, symptoms, imports or {})]


def test_an_edit_leaves_the_rest_of_the_text_as_it_is():
    source = Source(ODD)
    edits = all_edits(source, [], [], {})
    assert len(edits) > 100
    for edit in edits:
        start, end = edit.changes[0][0], edit.changes[-1][1]
        after = edit.apply(ODD)
        assert after.startswith(ODD[:start]) and after.endswith(ODD[end:]) and after != ODD
        assert "# a comment, kept" in after and '"""Words with é and a tab' in after


def test_nearly_every_edit_parses():
    after = codes(ODD)
    assert sum(failure_of(code) is None for code in after) > 0.97 * len(after)


@pytest.mark.parametrize("new", ["\r\n", "\r"])
def test_positions_are_right_with_other_line_ends(new):
    text = ODD.replace("\n", new)
    source = Source(text)
    names = [source.of(n) for n in source.expressions() if isinstance(n, ast.Name)]
    assert set(names) <= {"f", "xs", "n", "é", "total", "i", "x", "enumerate", "len"} and "é" in names


def test_edits_are_distinct_and_ordered_by_score():
    edits = all_edits(Source(ODD), [Suspect(9, 10, 1.0, "")], [], {})
    assert len({e.changes for e in edits}) == len(edits)
    assert [e.score for e in edits] == sorted((e.score for e in edits), reverse=True)
    assert all(9 <= e.line <= 10 for e in edits[:10])


def test_two_edits_join_unless_they_overlap():
    one, other = Edit(((0, 1, "x"),), "a", 1, 0.5, 0.5), Edit(((4, 5, "y"),), "b", 1, 0.5, 0.5)
    assert joined(other, one).apply("abcdefg") == "xbcdyfg" and not one.overlaps(other) and one.overlaps(one)


@pytest.mark.parametrize("wrong,right", [
    ("x + y", "x - y"), ("x < y", "x <= y"), ("x == y and y", "x == y or y"), ("not x", "x"), ("x - y", "y - x"),
    ("x in y", "y in x"), ("x + 1", "x + 2"), ("x + 1", "x"), ("max(x, y)", "min(x, y)"), ("x.append(y)", "x.extend(y)"),
    ("x.strip()", "x.lstrip()"), ("f(x, y)", "f(y, x)"), ("x - y", "abs(x - y)"), ("sorted(x)", "x"), ("x[1:]", "x[2:]"),
    ("x[y]", "x[y - 1]"), ("range(x)", "range(x + 1)"), ("range(x)", "range(1, x)"), ("x[1:y]", "x[1:]"),
    ("f(x, y)", "f(x - 1, y)"), ("x", "y"), ("(x + y) * 2", "(x - y) * 2"), ("x * y", "(x + 1) * y"),
    ("[i for i in x if i]", "[i for i in x]"), ("len(x) - 1", "len(x)"), ("x % 2 == 0", "x % 2 != 0"),
    ("any(x)", "all(x)"), ("x or y", "x"), ("sum(x)", "len(x)"), ("'a'", "''"), ("True", "False")])
def test_an_expression_is_reached(wrong, right):
    assert f"def f(x, y):\n    return {right}\n" in codes(f"def f(x, y):\n    return {wrong}\n")


LOOP = "def f(xs):\n    total = 0\n    for x in xs:\n        total += x\n{end}"


@pytest.mark.parametrize("wrong,right", [
    (LOOP.format(end="        return total\n"), LOOP.format(end="    return total\n")),
    (LOOP.format(end="    print(total)\n    return total\n"), LOOP.format(end="    return total\n")),
    (LOOP.format(end=""), LOOP.format(end="    return total\n")),
    (LOOP.format(end="    return xs\n"), LOOP.format(end="    return total\n")),
    (LOOP.format(end="    return total\n"), LOOP.format(end="    return total\n").replace("= 0", "= 1")),
    ("def f(n):\n    a, b = 0, 1\n    return a\n", "def f(n):\n    a, b = 1, 0\n    return a\n"),
    ("def f(n):\n    if n:\n        return 1\n    else:\n        return 2\n",
     "def f(n):\n    if n:\n        return 2\n    else:\n        return 1\n"),
    ("def f(n):\n    while n > 0:\n        print(n)\n", "def f(n):\n    while n > 0:\n        print(n)\n        n -= 1\n"),
    ("def f(n):\n    print(1)\n    print(2)\n", "def f(n):\n    print(2)\n    print(1)\n"),
    ("def f(n):\n    n + 1\n", "def f(n):\n    return n + 1\n")])
def test_a_statement_is_reached(wrong, right):
    assert right in codes(wrong)


@pytest.mark.parametrize("body,symptom,expected", [
    ("return sum(x) / len(x)", Symptom("ZeroDivisionError", "", (2,)), "    if not x:\n        return 0\n    return sum"),
    ("return x[0]", Symptom("IndexError", "", (2,)), "    if not x:\n        return None\n"),
    ("return x['a']", Symptom("KeyError", "", (2,)), "return x.get('a', 0)"),
    ("return x + 1", Symptom("TypeError", "", (2,)), "    if x is None:\n        return None\n"),
    ("return 'a' + x", Symptom("TypeError", "", (2,)), "return 'a' + str(x)"),
    ("return x.append(1)", Symptom("AttributeError", "'set' object has no attribute 'append'", (2,)), "x.add(1)"),
    ("return xx", Symptom("NameError", "name 'xx' is not defined", (2,)), "return x\n"),
    ("return math.pi", Symptom("NameError", "name 'math' is not defined", (2,)), "import math\ndef f"),
    ("return f(x - 1)", Symptom("RecursionError", "", (2,)), "    if x <= 0:\n        return 0\n")])
def test_an_exception_suggests_its_guard(body, symptom, expected):
    assert any(expected in code for code in codes(f"def f(x):\n    {body}\n", symptom, imports={"math": "import math"}))


BASE = '''def f(xs, n):
    """Sum."""
    total = 0
    for x in xs:
        if x == n and (x > 2):
            total += g(x, n)
        else:
            total += max(xs[0], 2)
    print("a", total)
    return total
'''


@pytest.mark.parametrize("right,wrong", [
    ("def f(xs, n):", "def f(xs, n)"), ("def f(xs, n):", "def f(xs, n:"), ("x == n", "x = n"), ("(x > 2)", "(x > 2"),
    ("g(x, n)", "g(x n)"), ("xs[0], 2)", "xs[0, 2)"), ("        else:", "       else:"), ('"a"', '"a'),
    ("            total += g", "        total += g"), ('"""Sum."""', '"""Sum.'), ("else:", "esle:"), ("xs[0]", "xs[0)"),
    ("return total", "retrun total"), ("    return total", "\treturn total"), ("xs[0], 2)", "xs[0], 2))"),
    ("    total = 0", "     total = 0"), ('"a"', "“a”"), ("def f", "function f"), ("in xs", "of xs")])
def test_broken_syntax_is_mended_with_one_edit(right, wrong):
    found = parsing_texts(BASE.replace(right, wrong, 1))
    assert BASE in [p.text for p in found] and all(len(p.edits) == 1 for p in found)


def test_several_defects_of_the_syntax_are_mended_together():
    text = BASE
    for right, wrong in (("xs, n):", "xs, n)"), ("x == n", "x = n"), ("(x > 2)", "(x > 2"), ("0], 2", "0]  2")):
        text = text.replace(right, wrong)
    found = parsing_texts(text)
    assert any(ast.dump(ast.parse(p.text)) == ast.dump(ast.parse(BASE)) for p in found)


def test_what_parses_needs_nothing_and_what_is_no_python_is_given_up():
    assert parsing_texts(BASE) == [] and failure_of(BASE) is None
    assert parsing_texts("what is this, friend? it is no code at all (really", max_s=1.0) == []


@pytest.mark.parametrize("code,wanted", [
    ("def f(xs):\n    rest = f(xs[1:])\n    return [xs[0] for r in rest]\n", "return rest + [xs[0] for r in rest]"),
    ("def f(n):\n    total = 0\n    total = total + n\n    return total\n", "total = max(0, total + n)"),
    ("def f(xs):\n    m = 0\n    for n, x in enumerate(xs):\n        m = n + 1\n    return m\n", "m = max(m, n + 1)"),
    ("def f(k):\n    if k == 0:\n        return []\n    return [k]\n", "return [[]]"),
    ("def f(d):\n    return sorted(d.items(), key=lambda kv: (kv[1], kv[0]))\n", "(-kv[1], kv[0])"),
    ("def f(x, y):\n    return x - y > 0\n", "x - y ** 2 > 0"),
    ("def f(user):\n    parts = [user['a'], user['b']]\n    return ' '.join(parts)\n", "' '.join(filter(None, parts))"),
    ("def f(x, seen=[]):\n    seen.append(x)\n    return seen\n",
     "seen=None):\n    if seen is None:\n        seen = []\n    seen.append(x)"),
    ("def f(coins, total):\n    if total < 0:\n        return 0\n    return f(coins, total - coins[0])\n",
     "if total < 0 or not coins:"),
    ("def f(arr):\n    for x in arr:\n        yield f(x)\n", "yield x"),
    ("def f(d, i, j):\n    return d[i - 1, j] + 1\n", "d[i - 1, j - 1] + 1"),
    ("def f(d, i, j):\n    return d[i, j]\n", "d[j, i]"),
    ("def f(xs):\n    a = []\n    for x in xs:\n        y = x\n    return a\n", "        y = x\n        a.append(y)\n"),
    ("def f(s):\n    out = []\n    while s:\n        s = s[1:]\n    return out\n", "    out.append(s)\n    return out"),
    ("def f(n, k):\n    return n - 1\n", "return n\n")])
def test_what_is_missing_is_added(code, wanted):
    after = codes(code)
    assert any(wanted in text for text in after) and all(failure_of(text) is None for text in after)
    assert not any(" * 1\n" in text or " // 1\n" in text for text in after)


def test_a_key_that_is_not_there_becomes_one_that_is():
    code = "def f(o):\n    return o['total'] + 1\n"
    symptom = Symptom("KeyError", "'total'", (2,), ("amount", "status"))
    assert {code.replace("total", key) for key in symptom.keys} <= set(codes(code, symptom))
