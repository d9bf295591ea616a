"""SyGuS files: what is read, what bad input is told, and which terms a grammar derives."""

import pytest

from ncg_ray.errors import TaskError
from ncg_ray.generate.symbolic.sygus.code import define_fun, python_code
from ncg_ray.generate.symbolic.sygus.membership import outside
from ncg_ray.generate.symbolic.sygus.read import read_answer, read_problem
from ncg_ray.generate.symbolic.sygus.sexpr import quoted, read_all

GRAMMAR = """((S String) (I Int)) ((S String (name "" "-" (str.++ S S) (str.substr S I I)))
    (I Int (0 1 (- 1) (+ I I) (str.len S) (str.indexof S S I))))"""


def by_example(*pairs, grammar=GRAMMAR):
    constraints = "\n".join(f"(constraint (= (f {quoted(given)}) {quoted(wanted)}))" for given, wanted in pairs)
    return f"(set-logic SLIA)\n(synth-fun f ((name String)) String {grammar})\n{constraints}\n(check-synth)\n"


def test_a_problem_with_a_grammar_and_examples() -> None:
    problem = read_problem(by_example(("a-b", "a"), ("c-d", "c"), ("a-b", "a")))
    function = problem.functions["f"]
    assert (function.parameters, function.sort) == ((("name", "String"),), "String")
    assert function.grammar is not None and list(function.grammar.nonterminals) == ["S", "I"]
    examples = problem.examples()
    assert examples is not None
    assert (examples.inputs, examples.outputs) == ((("a-b",), ("c-d",)), ("a", "c"))
    assert problem.lines == (4, 5, 6)


def test_definitions_are_inlined_and_long_applications_kept() -> None:
    problem = read_problem("""(set-logic LIA) ; a comment
        (define-fun twice ((a Int)) Int (+ a a))
        (synth-fun f ((x Int)) Int) (declare-var x Int)
        (constraint (=> (< 0 x 9) (= (f x) (let ((y (twice x))) (+ y y (- 1))))))
        (check-synth)""")
    assert str(problem.constraints[0]) == "(=> (and (< 0 x) (< x 9)) (= (f x) (+ (+ x x) (+ x x) (- 1))))"
    assert problem.examples() is None


def test_string_literals() -> None:
    literal, = read_all(r'"say ""hi"" \u{e9}\u0041 \n"')
    assert literal.text == 'say "hi" éA \\n'
    assert read_all(quoted(literal.text))[0].text == literal.text


@pytest.mark.parametrize(("text", "said"), [
    ("(set-logic LIA)\n(synth-fun f ((x Int)) Int", "line 2.*unbalanced"),
    ("(check-synth))", "line 1.*closes nothing"),
    ('(set-logic LIA)\n(constraint (= "a', "line 2.*not closed"),
    ("(set-logic LIA)\n(solve-it)", "line 2.*'solve-it' is not supported.*check-synth"),
    ("(set-logic BV)", "line 1.*logic BV is not supported.*LIA"),
    ("(synth-fun f ((x Real)) Int)", "line 1.*sort Real is not supported.*Int, Bool, String"),
    ("(synth-fun f ((x (_ BitVec 8))) Int)", r"sort \(_ BitVec 8\) is not supported"),
    ("(synth-fun f ((x Int)) Int)\n(constraint (= (f 1) 2))", "line 2.*check-synth.* is missing"),
    ("(set-logic LIA)(check-synth)", "nothing to find"),
    ("(synth-fun f ((x Int)) Int)\n\n(constraint (= (f y) 2))(check-synth)", "line 3.*y is not declared.*declare-var"),
    ("(synth-fun f ((x Int)) Int)\n(constraint (= (f true) 2))(check-synth)", r"line 2.*f takes \(Int\), not \(Bool\)"),
    ("(synth-fun f ((x Int)) Int)\n(constraint (+ (f 1) 2))(check-synth)", "line 2.*sort Bool, not Int"),
    ("(synth-fun f ((x Int)) Int)\n(constraint (= (g 1) 2))(check-synth)", "line 2.*'g' is neither"),
    ("(synth-fun f ((x Int)) Int)\n(constraint (str.len 1))(check-synth)", r"str.len takes \(String\), not \(Int\)"),
    ("(synth-fun f ((x Int)) Int)\n(synth-fun f ((x Int)) Int)", "line 2.*there twice"),
    ("(synth-fun f ((x Int)) Int ((S Int (x (str.len x)))))", r"str.len takes \(String\)"),
    ("(synth-fun f ((x Int)) Int ((S Bool (true))))", "begins with S of sort Bool"),
    ("(synth-fun f x Int)", "list of parameters"),
    ("(declare-var x)", "declare-var takes 2 arguments, not 1"),
    ("hello", "a command such as"),
    ("(" * 5000, "nested parentheses"),
    ("", "nothing to find"),
])
def test_bad_input_is_told_with_the_line_and_the_mend(text: str, said: str) -> None:
    with pytest.raises(TaskError, match=f"(?s){said}"):
        read_problem(text)


def test_contradictory_examples_are_named() -> None:
    said = read_problem(by_example(("a", "b"), ("c", "c"), ("a", "x"))).contradiction()
    assert '(= (f "a") "b") on line 4' in said and '(= (f "a") "x") on line 6' in said
    assert read_problem(by_example(("a", "b"), ("a", "b"))).contradiction() == ""


@pytest.mark.parametrize(("body", "inside"), [
    ("name", True), ('(str.++ name "-")', True), ('(str.++ name "-" name)', True), ('(str.++ name "+")', False),
    ("(str.substr name 0 (- 1))", True), ("(str.substr name 0 2)", False), ("(str.at name 0)", False),
    ('(let ((a (str.++ name "-"))) (str.++ a a))', True),
])
def test_answers_outside_the_grammar(body: str, inside: bool) -> None:
    problem = read_problem(by_example(("a", "a")))
    answers = read_answer(f"((define-fun f ((other String)) String {body.replace('name', 'other')}))", problem)
    assert (outside(problem, answers) == "") is inside


def test_a_grammar_may_go_round_in_circles_and_use_definitions() -> None:
    text = """(set-logic LIA)(define-fun inc ((a Int)) Int (+ a 1))
        (synth-fun f ((x Int)) Int ((A Int) (B Int)) ((A Int (B x (inc A))) (B Int (A (* 2 B) (Constant Int)))))
        (declare-var x Int)(constraint (= (f x) 0))(check-synth)"""
    problem = read_problem(text)
    for body, inside in (("(inc (* 2 (inc x)))", True), ("(* 3 x)", False), ("17", True), ("(+ x 1)", False)):
        answers = read_answer(f"(define-fun f ((x Int)) Int {body})", problem)
        assert (outside(problem, answers) == "") is inside, body


def test_without_a_grammar_the_logic_decides() -> None:
    problem = read_problem("(set-logic LIA)(synth-fun f ((x Int)) Int)(check-synth)")
    for body, inside in (("(* 3 x)", True), ("(* x x)", False), ("(div x 2)", False)):
        assert (outside(problem, read_answer(f"(define-fun f ((x Int)) Int {body})", problem)) == "") is inside


@pytest.mark.parametrize(("body", "cases"), [
    ('(ite (str.contains name "-") (str.at name 0) (str.replace name "" "<"))', {"a-b": "a", "": "<", "xy": "<xy"}),
    ("(str.from_int (- (str.to_int name) 1))", {"12": "11", "0": "", "x": "", "": ""}),
    ('(str.substr name (str.indexof name "." 0) 2)', {"a.bc": ".b", "abc": ""}),
    ('(ite (xor true (= name "a") (str.prefixof "b" name)) "p" "q")', {"a": "q", "b": "q", "c": "p"}),
    ('(ite (= (= name "a") false) "p" "q")', {"a": "q", "b": "p"}),
])
def test_python_code_means_the_same(body: str, cases: dict[str, str]) -> None:
    problem = read_problem('(synth-fun class ((len String)) String)(check-synth)')
    answers = read_answer(f"(define-fun class ((len String)) String {body.replace('name', 'len')})", problem)
    scope: dict = {}
    exec(python_code(answers), scope)
    assert {given: scope["class_"](given) for given in cases} == cases
    assert read_answer(define_fun(answers["class"]), problem) == answers


def test_what_has_no_python_is_left_out() -> None:
    problem = read_problem("(synth-fun f ((x Int)) Int)(check-synth)")
    assert python_code(read_answer("(define-fun f ((x Int)) Int (mod x (+ x 1)))", problem)) == ""
