"""The loop over findings on scans that are told what to say, and the edits of type errors."""

from __future__ import annotations

import pytest

from ncg_ray.repair.findings import is_better, mend_findings
from ncg_ray.repair.source import Edit
from ncg_ray.repair.type_edits import type_edits
from ncg_ray.types import Finding


def finding(rule: str, line: int = 1, severity: str = "high", kind: str = "security", **more) -> Finding:
    return Finding("test", rule, kind, rule, line, severity=severity, **more)


async def scan(codes):
    """A finding for each capital letter; `!` is one of critical severity, `u` an undefined name."""
    def of(code):
        return tuple(
            [
                *(finding(c) for c in code if c.isupper()),
                *(finding(c, severity="critical") for c in code if c == "!"),
                *(Finding("ruff", "F821", "quality", "u", 1, severity="medium") for c in code if c == "u"),
            ]
        )

    return [of(code) for code in codes]


def to(*texts: str):
    def propose(code, _):
        return [Edit(((0, len(code), text),), text, 1, 1.0) for text in texts]
    return propose


def is_security(f: Finding) -> bool:
    return f.kind == "security"


async def mended(code, propose, passing=None):
    return await mend_findings(code, is_security, propose, scan, passing)


async def test_the_first_rewrite_that_holds_is_kept():
    result = await mended("x = A", to("x = A", "x = 1"))
    assert result.code == "x = 1" and result.mends[0].edit.template == "x = 1" and not result.left
    assert result.mends[0].num_tried == 2 and not result.mends[0].is_tested


@pytest.mark.parametrize("bad", ["x = B", "x = '!'", "x = u", "x = AA"])
async def test_a_rewrite_that_brings_another_finding_is_not_taken(bad):
    result = await mended("x = A", to(bad))
    assert result.code == "x = A" and [f.rule for f, _ in result.left] == ["A"] and "another comes" in result.left[0][1]


async def test_a_rewrite_that_breaks_a_test_is_not_taken():
    async def passing(codes):
        return ["2" in code for code in codes]
    result = await mended("x = A", to("x = 1", "x = 2"), passing)
    assert result.code == "x = 2" and result.mends[0].is_tested
    result = await mended("x = A", to("x = 1"), passing)
    assert result.code == "x = A" and "breaks a test" in result.left[0][1]


async def test_what_no_rewrite_knows_is_named():
    result = await mended("x = A + B", lambda code, f: to(code.replace("B", "1"))(code, f) if f.rule == "B" else [])
    assert result.code == "x = A + 1" and [(f.rule, why) for f, why in result.left] == [
        ("A", "no rewrite knows this kind of code")]


async def test_clean_code_stays_as_it_is():
    result = await mended("x = 1", to("x = 2"))
    assert result.code == "x = 1" and not result.mends and not result.left


def test_a_finding_that_only_changes_its_name_is_not_gone():
    before, after = [finding("a", cwe="CWE-78")], [finding("b", cwe="CWE-77")]
    assert not is_better(before[0], before, after, lambda one, other: True)
    assert is_better(before[0], before, [finding("b", cwe="CWE-77", severity="medium")], lambda one, other: True)


TYPES = {  # (mypy's rule, message, line, code, what one of the texts holds)
    "guard": (
        "union-attr",
        'Item "None" of "Match[str] | None" has no attribute "group"',
        4,
        "import re\n\ndef f(s: str) -> str:\n    return re.match('a', s).group()\n",
        "if found is None:",
    ),
    "guarded name": (
        "union-attr",
        'Item "None" of "X | None" has no attribute "y"',
        2,
        "def f(x):\n    return x.y\n",
        "if x is None:",
    ),
    "default": (
        "assignment",
        'Incompatible default for parameter "n" (default has type "None", parameter has type "int")',
        1,
        "def f(n: int = None):\n    return n\n",
        "n: int | None = None",
    ),
    "returned None": (
        "return-value",
        'Incompatible return value type (got "None", expected "int")',
        2,
        "def f(x) -> int:\n    return None\n",
        "-> int | None:",
    ),
    "conversion": (
        "return-value",
        'Incompatible return value type (got "int", expected "str")',
        2,
        "def f(x: int) -> str:\n    return x\n",
        "return str(x)",
    ),
    "argument": (
        "arg-type",
        'Argument 1 to "g" has incompatible type "int"; expected "str"',
        2,
        "def f(x: int):\n    return g(x)\n",
        "g(str(x))",
    ),
    "operands": (
        "operator",
        'Unsupported operand types for + ("str" and "int")',
        2,
        "def f(x: int):\n    return 'a' + x\n",
        "'a' + str(x)",
    ),
    "missing return": ("return", "Missing return statement", 1, "def f(x: int) -> int:\n    x + 1\n", "    return x + 1"),
    "attribute": (
        "attr-defined",
        '"str" has no attribute "uper"; maybe "upper"?',
        2,
        "def f(x: str):\n    return x.uper()\n",
        "x.upper()",
    ),
    "annotation": (
        "var-annotated",
        'Need type annotation for "x" (hint: "x: list[<type>] = ...")',
        1,
        "x = []\n",
        "x: list[Any] = []",
    ),
}


@pytest.mark.parametrize("name", TYPES)
def test_messages_of_the_type_checker_become_edits(name):
    rule, message, line, code, part = TYPES[name]
    texts = [e.apply(code) for e in type_edits(code, Finding("mypy", rule, "quality", message, line))]
    assert any(part in text for text in texts), texts


@pytest.mark.parametrize("rule,message", [
    ("attr-defined", '"str" has no attribute "zzz"'), ("return-value", 'Incompatible return value type (got "Zed", expected "int")'),  # noqa: E501
    ("misc", "something else")])
def test_messages_without_a_known_edit_are_left(rule, message):
    assert type_edits("def f(x: int) -> int:\n    return x.zzz\n", Finding("mypy", rule, "quality", message, 2)) == []
