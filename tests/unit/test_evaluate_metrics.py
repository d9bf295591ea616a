from __future__ import annotations

import itertools

import pytest

from ncg_ray.evaluate.metrics import bleu, exact_match, pass_at_k, python_tokens, wilson

CODE = "def f(a, b):\n    total = a + b\n    return total\n"


def test_pass_at_k_equals_counting_all_subsets():
    for n, c in itertools.product(range(1, 7), range(7)):
        if c > n:
            continue
        for k in range(1, n + 1):
            draws = list(itertools.combinations([True] * c + [False] * (n - c), k))
            assert pass_at_k(n, c, k) == pytest.approx(sum(map(any, draws)) / len(draws))


def test_pass_at_k_refuses_what_it_cannot_estimate():
    for n, c, k in [(3, 1, 4), (3, 4, 1), (3, 1, 0), (0, 0, 1)]:
        with pytest.raises(ValueError):
            pass_at_k(n, c, k)


def test_wilson_agrees_with_the_published_example():
    # Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662, 0 of 20 gives 0.0000 to 0.1611.
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(1.0, 20) == pytest.approx((1 - 0.1611, 1.0), abs=5e-5)


def test_exact_match_ignores_comments_docstrings_and_layout():
    same = 'def f(a,b):\n  """Add."""\n  total=(a+b) # sum\n\n  return total'
    assert exact_match(same, CODE)
    assert not exact_match(CODE.replace("+", "-"), CODE)
    assert not exact_match("def f(", "def f(")
    assert exact_match('def f():\n    """Only words."""\n', "def f():\n    pass\n")


def test_bleu_is_one_for_the_same_program_and_falls_with_distance():
    near, far = CODE.replace("a + b", "a - b"), "print('hello')\n"
    assert bleu(CODE, CODE) == pytest.approx(1.0)
    assert 1.0 > bleu(near, CODE) > 0.5 > bleu(far, CODE) >= 0.0
    assert bleu("", CODE) == 0.0
    assert bleu("x", CODE) == 0.0


def test_bleu_by_hand():
    # tokens a + b against a + c: unigrams 2/3, bigrams (1+1)/(2+1), trigrams (0+1)/(1+1), 4-grams (0+1)/(0+1)
    assert bleu("a + b", "a + c") == pytest.approx((2 / 3 * 2 / 3 * 1 / 2 * 1) ** 0.25)
    # half as long: the brevity penalty is exp(1 - 6/3)
    assert bleu("a + b", "a + b\na + b") == pytest.approx(2.718281828 ** -1)


def test_tokens_of_code_that_python_cannot_tokenise():
    assert python_tokens("x = (1") == ["x", "=", "(", "1"]
    assert python_tokens("x = 1  # one\n") == ["x", "=", "1"]
