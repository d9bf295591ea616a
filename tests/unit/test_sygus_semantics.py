"""SMT-LIB's operators at their edges, and beside Z3 and cvc5, which know nothing of our tables."""

from random import Random

import pytest

from ncg_ray.generate.symbolic.sygus.elaborate import Elaborator
from ncg_ray.generate.symbolic.sygus.semantics import OPERATORS, Undefined, evaluate
from ncg_ray.generate.symbolic.sygus.sexpr import read_all
from ncg_ray.generate.symbolic.sygus.terms import BOOL, INT, STRING, Term, constant, variable
from ncg_ray.generate.symbolic.sygus.z3_terms import z3_term, z3_value


def value(text):
    item, = read_all(text)
    return evaluate(Elaborator({}, inline=True).term(item, {}), {})


@pytest.mark.parametrize(("text", "wanted"), [
    ('(str.at "abc" 3)', ""), ('(str.at "abc" (- 1))', ""), ('(str.at "abc" 2)', "c"),
    ('(str.substr "abc" 1 9)', "bc"), ('(str.substr "abc" 3 1)', ""), ('(str.substr "abc" (- 1) 2)', ""),
    ('(str.substr "abc" 0 0)', ""), ('(str.substr "abc" 0 (- 1))', ""),
    ('(str.indexof "abab" "b" 2)', 3), ('(str.indexof "abab" "b" 4)', -1), ('(str.indexof "abab" "b" 5)', -1),
    ('(str.indexof "abab" "b" (- 1))', -1), ('(str.indexof "ab" "" 2)', 2), ('(str.indexof "ab" "" 3)', -1),
    ('(str.indexof "" "" 0)', 0),
    ('(str.replace "aa" "a" "b")', "ba"), ('(str.replace "aa" "" "b")', "baa"), ('(str.replace "" "" "b")', "b"),
    ('(str.replace "aa" "x" "b")', "aa"),
    ('(str.replace_all "aa" "a" "bb")', "bbbb"), ('(str.replace_all "aa" "" "b")', "aa"),
    ('(str.to_int "007")', 7), ('(str.to_int "")', -1), ('(str.to_int "-1")', -1), ('(str.to_int "1 ")', -1),
    (r'(str.to_int "\u{661}")', -1), ('(str.from_int 10)', "10"), ('(str.from_int (- 1))', ""),
    ('(str.prefixof "" "a")', True), ('(str.prefixof "ab" "a")', False), ('(str.suffixof "b" "ab")', True),
    ('(str.contains "abc" "")', True), ('(str.contains "abc" "ac")', False), ('(str.len "")', 0),
    ("(div (- 7) 2)", -4), ("(mod (- 7) 2)", 1), ("(div 7 (- 2))", -3), ("(mod 7 (- 2))", 1), ("(div (- 7) (- 2))", 4),
    ("(- 1 2 3)", -4), ("(=> false false true)", True), ("(=> true true false)", False), ("(distinct 1 2 1)", False),
    ("(ite true 1 (div 1 0))", 1), ("(xor true true true)", True), ("(< 1 2 2)", False), ("(abs (- 3))", 3),
])
def test_edges(text, wanted) -> None:
    assert value(text) == wanted and type(value(text)) is type(wanted)


def test_what_the_standard_leaves_open_is_no_value() -> None:
    with pytest.raises(Undefined, match="division by zero"):
        value("(div 1 0)")


def test_random_terms_have_the_value_that_z3_gives() -> None:
    import z3
    random = Random(5)
    leaves = {STRING: ["", "a", "ab", "ba", "12", "0", "aab"], INT: [-2, -1, 0, 1, 2, 5], BOOL: [True, False]}
    unknown = {"str.replace_all", "str.is_digit", "str.<", "str.<="}  # Z3 does not simplify these

    def term(sort: str, depth: int) -> Term:
        fit = [(op, known) for op, known in OPERATORS.items() if known.result in (sort, "any") and op not in unknown]
        if not depth or random.random() < 0.2:
            return constant(random.choice(leaves[sort]))
        op, known = random.choice(fit)
        free = sort if known.result == "any" else random.choice([INT, STRING])
        args = tuple(term(free if arg == "any" else arg, depth - 1) for arg in known.args)
        return Term(op, args, sort)

    checked = 0
    for _ in range(400):
        made = term(random.choice([STRING, INT, BOOL]), 3)
        try:
            wanted = evaluate(made, {})
        except Undefined:
            continue
        same = z3.simplify(z3.simplify(z3_term(made) == z3_value(wanted)))  # once does not decide every comparison
        assert z3.is_true(same), f"{made} is {wanted!r} here, and Z3 says {same}"
        checked += 1
    assert checked > 300


def test_shared_parts_are_computed_once() -> None:
    whole = variable("x", INT)
    for _ in range(200):
        whole = Term("+", (whole, whole), INT)
    assert evaluate(whole, {"x": 1}) == 2 ** 200


def test_numbers_with_too_many_digits_for_python_are_no_value() -> None:
    digits = variable("digits", STRING)
    with pytest.raises(Undefined, match="digits"):
        evaluate(Term("str.to_int", (digits,), INT), {"digits": "9" * 5000})
