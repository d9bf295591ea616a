import pytest

from ncg_ray.protocols import Completion
from ncg_ray.syntax import add_imports, complete_module, defined_functions, extract_code, parses, read_reply
from ncg_ray.types import Task

FUNCTION = "def f(x):\n    return x + 1\n"


@pytest.mark.parametrize("reply", [
    f"```python\n{FUNCTION}```", f"Sure! Here it is:\n\n```python\n{FUNCTION}```\nThis adds one.", FUNCTION,
    f"```\n{FUNCTION}```", f"```python\n{FUNCTION}", f"Of course.\n{FUNCTION}\nThis function adds one to x.",
    f"```python\nprint('no')\n```\nand\n```py\n{FUNCTION}```", f"~~~python\n{FUNCTION}~~~",
    f"```python\ndef g():\n    pass\n```\n```python\n{FUNCTION}```", FUNCTION.replace("\n", "\r\n")])
def test_code_is_found_in_every_kind_of_reply(reply):
    assert extract_code(reply, "f").strip() == FUNCTION.strip()


def test_an_unfinished_reply_loses_its_broken_end():
    assert extract_code("```python\ndef f(x):\n    return x\n\ndef g(y):\n    return (y +", "f").strip() == (
        "def f(x):\n    return x")


def test_a_fence_inside_a_string_does_not_end_the_code():
    code = 'def f(x):\n    """Add one.\n\n    ```\n    f(1)\n    ```\n    """\n    return x + 1\n'
    assert extract_code(f"Here:\n```python\n{code}```\nand some words\n```\nf(1)\n```\n", "f") == code


def test_code_that_never_parses_is_kept_for_the_repairer():
    assert extract_code("```python\ndef f(x:\n    return\n```", "f") == "def f(x:\n    return\n"


def test_nul_bytes_and_deep_nesting_do_not_break_the_parser():
    assert not parses("x = '\0'") and not parses("(" * 10_000)
    assert extract_code("def f():\n    return 1\x00\n", "f") == "def f():\n    return 1\n"


class TestCompleteModule:
    def test_demonstrations_are_dropped_and_definitions_kept(self):
        code = 'K = 3\n\n' + FUNCTION + 'print(f(1))\nassert f(1) == 2\nif __name__ == "__main__":\n    f(2)\n'
        assert complete_module(code, "", "f") == "K = 3\n\n" + FUNCTION

    @pytest.mark.parametrize("code", [
        "import sys\nsys.setrecursionlimit(10000)\n" + FUNCTION, "memo = {}\nmemo.update({1: 2})\n" + FUNCTION,
        "T = []\ndef build():\n    T.append(1)\nbuild()\n" + FUNCTION, "import math; print(math.pi)\n" + FUNCTION,
        "f = lambda x: x + 1\n"])
    def test_what_the_function_needs_is_kept(self, code):
        assert complete_module(code, "", "f", "def f(x)") == code

    @pytest.mark.parametrize("shown", [
        "f(1)\n", "def main():\n    print(f(1))\nmain()\n", "import doctest\ndoctest.testmod()\n",
        "def test_f():\n    assert f(1) == 2\ntest_f()\n", "f\n"])
    def test_what_only_shows_is_dropped(self, shown):
        assert complete_module(FUNCTION + shown, "", "f").rstrip().endswith(shown.rstrip().rpartition("\n")[0])
        assert not complete_module(FUNCTION + shown, "", "f").endswith(shown.rstrip().rpartition("\n")[2] + "\n")

    def test_a_decorator_goes_with_its_function(self):
        context = "import functools\n\n@functools.cache\ndef helper(x):\n    return x\n\ndef other(x):\n    return [x]\n"
        module = complete_module("def helper(x):\n    return 2\n" + FUNCTION, context, "f")
        assert "@functools.cache" not in module and module.count("def helper") == 1

    def test_an_import_that_the_context_itself_needs_stays(self):
        context = "from typing import List\n\ndef helper(x: List[int]):\n    return x\n"
        module = complete_module("from typing import List\n" + FUNCTION, context, "f")
        assert module.startswith("from typing import List\n\ndef helper")

    def test_the_context_comes_first_unless_the_candidate_brings_its_own(self):
        context = "import math\n\ndef helper(x):\n    return math.floor(x)\n"
        assert complete_module(FUNCTION, context, "f").startswith("import math")
        whole = context + "\n" + FUNCTION
        assert complete_module(whole, context, "f").count("def helper") == 1

    def test_a_bare_body_gets_the_signature(self):
        module = complete_module("    return x + 1\n", "", "f", "def f(x)")
        assert defined_functions(module) == ["f"]


class TestImports:
    def test_forgotten_imports_are_added_and_nothing_else(self):
        code = add_imports("def f(xs: List[int]) -> int:\n    return math.floor(sqrt(len(Counter(xs))))\n")
        assert {line for line in code.split("\n") if "import" in line} == {
            "from collections import Counter", "from typing import List", "import math", "from math import sqrt"}

    @pytest.mark.parametrize("code", [
        "import math\ndef f(x):\n    return math.sqrt(x)\n", "def f(math):\n    return math.pi\n",
        "def f(x):\n    string = x\n    return string.lower()\n", "def f(x:\n", "def f(x):\n    return unknown(x)\n",
        "from math import *\ndef f(x):\n    return len(x)\n"])
    def test_what_is_bound_or_unknown_is_left_alone(self, code):
        assert add_imports(code) == code

    def test_future_imports_stay_first(self):
        code = add_imports("from __future__ import annotations\n\ndef f(x):\n    return math.pi\n")
        assert code.startswith("from __future__ import annotations\nimport math\n") and parses(code)


def test_the_module_names_the_function_where_the_task_does_not():
    candidate = read_reply(Task("add one"), Completion(f"```python\n{FUNCTION}```", -0.5, 9), "sample")
    assert (candidate.entry_point, candidate.mean_logprob, candidate.num_tokens) == ("f", -0.5, 9)
