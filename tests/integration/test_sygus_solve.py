"""SyGuS problems solved in processes of their own, checked from the text of the answer alone."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ncg_ray
from ncg_ray.errors import ConfigError
from ncg_ray.generate.symbolic.sygus import check, processes, solve

MAX2 = """(set-logic LIA)
(synth-fun most ((x Int) (y Int)) Int)
(declare-var x Int)
(declare-var y Int)
(constraint (>= (most x y) x))
(constraint (>= (most x y) y))
(constraint (or (= x (most x y)) (= y (most x y))))
(check-synth)
"""
STRINGS = """((S String) (I Int) (B Bool)) ((S String (name "" " " "." (str.++ S S) (str.replace S S S) (str.at S I)
    (str.from_int I) (ite B S S) (str.substr S I I))) (I Int (0 1 2 (+ I I) (- I I) (str.len S) (str.to_int S) (ite B I I)
    (str.indexof S S I))) (B Bool (true false (= I I) (str.prefixof S S) (str.suffixof S S) (str.contains S S))))"""


def by_example(*pairs, sort="String", start="S", grammar=STRINGS):
    rules = grammar if start == "S" else grammar.replace("((S String) (I", f"((Z {sort}) (S String) (I").replace(
        "((S String (", f"((Z {sort} ({start})) (S String (", 1)
    constraints = "\n".join(f'(constraint (= (f "{given}") {wanted}))' for given, wanted in pairs)
    return f"(set-logic SLIA)\n(synth-fun f ((name String)) {sort} {rules})\n{constraints}\n(check-synth)\n"


def solved(text, by="search"):
    answer = solve(text, 8.0)
    assert (answer.status, answer.found_by, answer.checked) == ("solved", by, True), answer
    assert check(text, answer.define_fun).holds
    scope: dict = {}
    exec(answer.python, scope)
    return scope


def test_a_larger_of_two_is_found_and_its_python_runs() -> None:
    most = solved(MAX2)["most"]
    assert [most(1, 2), most(2, 1), most(-3, -3)] == [2, 2, -3]


def test_a_distance_in_a_grammar() -> None:
    rules = """((S Int) (B Bool)) ((S Int (x y 0 1 (+ S S) (- S S) (ite B S S))) (B Bool ((<= S S) (not B))))"""
    text = f"""(set-logic LIA)(synth-fun d ((x Int) (y Int)) Int {rules})(declare-var x Int)(declare-var y Int)
        (constraint (=> (<= x y) (= (d x y) (- y x))))(constraint (=> (> x y) (= (d x y) (+ (- x y) 1))))(check-synth)"""
    distance = solved(text)["d"]
    assert [distance(1, 5), distance(5, 1)] == [4, 5]


def test_functions_that_are_applied_to_different_arguments() -> None:
    scope = solved("""(set-logic LIA)(synth-fun f ((x Int)) Int)(synth-fun g ((x Int)) Int)(declare-var x Int)
        (constraint (= (g (+ x 1)) (+ (g x) 3)))(constraint (= (f x) (+ (g x) 7)))(check-synth)""")
    assert scope["g"](5) - scope["g"](3) == 6 and scope["f"](2) == scope["g"](2) + 7


@pytest.mark.parametrize(("pairs", "more"), [
    ((("Ada Lovelace", '"A. Lovelace"'), ("Alan Turing", '"A. Turing"'), ("Grace M Hopper", '"G. M Hopper"')), {}),
    ((("12.50", '"50.12"'), ("7.1", '"1.7"'), ("100.9", '"9.100"')), {"3.4": "4.3"}),
    ((("yes.", '"yes"'), ("no", '"no"'), ("a.b.", '"ab."'), ("", '""')), {}),
])
def test_strings_by_example(pairs, more) -> None:
    function = solved(by_example(*pairs))["f"]
    assert all(function(given) == wanted for given, wanted in more.items())
    assert all(f'"{function(given)}"' == wanted for given, wanted in pairs)


def test_numbers_and_truth_by_example() -> None:
    count = solved(by_example(("7 pears", "7"), ("12 figs", "12"), ("3 nuts", "3"), sort="Int", start="I"))["f"]
    assert count("40 plums") == 40
    either = solved(by_example(("a b.", "true"), ("a.", "false"), ("a b", "false"), (".", "false"), (" .", "true"),
                               sort="Bool", start="B"))["f"]
    assert either("x y.") is True and either("xy") is False


def test_contradictory_examples_are_told_and_not_solved() -> None:
    answer = solve(by_example(("a", '"b"'), ("b", '"b"'), ("a", '"c"')))
    assert answer.status == "contradictory" and not answer.define_fun
    assert '(f "a") "b"' in answer.reason and '(f "a") "c"' in answer.reason


@pytest.mark.parametrize(("answer", "correct", "allowed", "said"), [
    ("(define-fun most ((x Int) (y Int)) Int (ite (>= x y) x y))", True, True, ""),
    ("(define-fun most ((x Int) (y Int)) Int x)", False, True, "line 6.*false for"),
    ("(define-fun most ((x Int) (y Int)) Int (ite (>= (div x 1) y) x y))", True, False, "div is not linear"),
    ("(define-fun least ((x Int) (y Int)) Int x)", False, False, "does not define most"),
    ("(define-fun most ((x Int) (y Int)) Int (div_total x y))", False, False, "div_total"),
    ("garbage)", False, False, "cannot be read"),
])
def test_the_check_believes_nothing(answer, correct, allowed, said) -> None:
    found = check(MAX2, answer)
    assert (found.correct, found.allowed) == (correct, allowed) and re.search(said, found.reason)
    assert found.holds is (correct and allowed)


def test_the_check_computes_examples() -> None:
    text = by_example(("ab", '"b"'), ("", '""'))
    assert check(text, "(define-fun f ((name String)) String (str.at name 1))").holds
    assert not check(text, "(define-fun f ((name String)) String name)").correct
    assert not check(text, '(define-fun f ((name String)) String (str.at name (str.len "c")))').allowed


HARD = """(set-logic SLIA)(synth-fun f ((s String)) String)(declare-var s String)
(constraint (= (f (f s)) (str.++ s "!")))(constraint (= (str.len (f s)) 0))(check-synth)"""


def test_the_budget_is_held_and_the_reason_told() -> None:
    answer = solve(HARD, 1.0)
    assert answer.status != "solved" and answer.cpu_s < 1.6 and answer.reason
    with pytest.raises(ConfigError, match="budget_s = 0"):
        solve(MAX2, 0)


def test_a_process_that_never_ends_is_ended_by_its_own_timer(tmp_path: Path) -> None:
    script = tmp_path / "loop.py"
    script.write_text("from limits import limit\nlimit(0.5)\nwhile True: pass\n")
    shutil.copy(processes.CVC5_PATH.with_name("limits.py"), tmp_path)
    output = processes.run([sys.executable, str(script)], "", 0.5)
    assert output.ended == "out of time" and output.text == "" and output.cpu_s < 1.0


def test_a_crash_of_cvc5_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "crash.py"
    script.write_text("import os\nprint('(define-fun f ((s String)) String s)', flush=True)\nos.abort()\n")
    monkeypatch.setattr(processes, "CVC5_PATH", script)
    answer = solve(HARD, 2.0)
    assert answer.status == "unsolved" and "cvc5: crashed (-6)" in answer.reason
    assert solve(MAX2, 5.0).status == "solved"


def test_cvc5_answers_where_our_search_has_no_method() -> None:
    text = """(set-logic LIA)(synth-fun p ((x Int)) Bool)(declare-var x Int)
        (constraint (= (p x) (not (p (+ x 1)))))(constraint (p 0))(check-synth)"""
    answer = solve(text, 1.0)  # whatever it says, it has to hold
    assert answer.status != "solved" or check(text, answer.define_fun).holds


def test_the_benchmark_says_that_the_data_is_missing() -> None:
    path = Path(__file__).parents[1] / "benchmarks" / "sygus.py"
    done = subprocess.run([sys.executable, str(path), "nowhere.jsonl"], capture_output=True, text=True,
                          env={"PYTHONPATH": str(Path(ncg_ray.__file__).parent.parent), "PATH": ""})
    assert done.returncode == 1 and "nowhere.jsonl is not there" in done.stderr


def test_what_lies_in_the_current_directory_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("random.py", "json.py", "heapq.py"):
        (tmp_path / name).write_text("raise SystemExit(9)\n")
    monkeypatch.chdir(tmp_path)
    assert solve(MAX2, 8.0).found_by == "search"


def test_a_specification_that_nothing_meets() -> None:
    answer = solve("(set-logic LIA)(synth-fun f ((x Int)) Int)(declare-var x Int)\n"
                   "(constraint (> (f x) x))\n(constraint (< (f x) x))(check-synth)", 8.0)
    assert (answer.status, answer.found_by, answer.checked) == ("contradictory", "cvc5", False)
    assert "no function of the grammar" in answer.reason
