"""Numbers of a report: pass@k, its interval, exact match and BLEU. Pure functions."""

from __future__ import annotations

import ast
import io
import math
import re
import tokenize
from collections import Counter
from collections.abc import Sequence

from ncg_ray.syntax.module import parse

Z_95 = 1.959963984540054
"The standard normal quantile of 0.975."


def pass_at_k(num_drawn: int, num_correct: int, k: int) -> float:
    """The unbiased estimate of P(at least one of k draws is right), from `num_correct` of `num_drawn` >= k.

    Source: Chen et al. 2021, arXiv:2107.03374.

    Example:
        >>> pass_at_k(10, 1, 5)
        0.5
    """
    if not 1 <= k <= num_drawn or not 0 <= num_correct <= num_drawn:
        raise ValueError(f"pass@{k} of {num_correct} right among {num_drawn}: 1 <= k <= drawn and right <= drawn")
    return 1.0 - math.comb(num_drawn - num_correct, k) / math.comb(num_drawn, k)


def wilson(share: float, num_tasks: int) -> tuple[float, float]:
    """The 95 % interval of a share of `num_tasks` >= 1 tasks, as Wilson's score interval.

    It covers the choice of tasks, not the model's random numbers: for those run several seeds. For a mean of estimates
    in [0, 1] (pass@k) it is a little too wide, because they vary less than coin tosses.
    Source: Wilson 1927.
    """
    z2 = Z_95 * Z_95
    centre = (share + z2 / (2 * num_tasks)) / (1 + z2 / num_tasks)
    half = Z_95 * math.sqrt(share * (1 - share) / num_tasks + z2 / (4 * num_tasks**2)) / (1 + z2 / num_tasks)
    return max(0.0, centre - half), min(1.0, centre + half)


def normalise(code: str) -> str | None:
    """The code without comments, docstrings and layout; None where it does not parse."""
    tree = parse(code)
    if tree is None:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(
                    first.value.value, str):
                node.body = node.body[1:] or [ast.Pass()]
    try:
        return ast.unparse(tree)
    except RecursionError:
        return None


def exact_match(code: str, reference: str) -> bool:
    """Whether both are the same program once comments, docstrings and layout are gone."""
    normal = normalise(code)
    return normal is not None and normal == normalise(reference)


def bleu(code: str, reference: str) -> float:
    """BLEU-4 of one program over Python tokens of the normalised sources, in [0, 1].

    Counts of 2- to 4-grams are smoothed by one, so that one missing 4-gram is not a 0; the report gives the mean over
    tasks. It says how alike the text is, not whether the program is right.
    Source: Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation"; smoothing: Lin and
    Och 2004, "ORANGE".
    """
    tokens, wanted = python_tokens(normalise(code) or code), python_tokens(normalise(reference) or reference)
    if not tokens or not wanted:
        return 0.0
    log_precision = 0.0
    for n in range(1, 5):
        grams, wanted_grams = _ngrams(tokens, n), _ngrams(wanted, n)
        smooth = int(n > 1)
        matched = (grams & wanted_grams).total() + smooth
        if not matched:
            return 0.0
        log_precision += math.log(matched / (grams.total() + smooth)) / 4
    brevity = min(0.0, 1 - len(wanted) / len(tokens))
    return math.exp(brevity + log_precision)


def python_tokens(code: str) -> list[str]:
    """Names, numbers, strings and operators; words and signs where Python cannot tokenise it."""
    layout = (tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT, tokenize.ENDMARKER)
    try:
        tokens = [t.string for t in tokenize.generate_tokens(io.StringIO(code).readline) if t.type not in layout]
    except (tokenize.TokenError, SyntaxError, ValueError):
        tokens = re.findall(r"\w+|[^\w\s]", code)
    return tokens


def _ngrams(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[i:i + n]) for i in range(len(tokens) - n + 1))
