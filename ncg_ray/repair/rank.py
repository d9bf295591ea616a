"""Which of several patches that pass every example to believe: what most of them agree on, then the smallest.

Source: agreement of independent answers on inputs without known results, as in CodeT (Chen et al., 2022) and in the
patch tests of DiffTGen (Xin and Reiss, 2017).
"""

from __future__ import annotations

import difflib
import io
import tokenize
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plausible:
    """A patch that passes everything visible, alone in a fresh process."""

    code: str
    template: str
    line: int
    score: float
    "Prior times suspicion."
    num_tokens: int
    "Tokens that differ from the code as it was."
    num_edits: int = 1


@dataclass(frozen=True, slots=True)
class Ranked:
    """A plausible patch and who agrees with it."""

    patch: Plausible
    agreement: float
    "Share in (0, 1] of the weight of all plausible patches that behave like it on the generated inputs."
    group: int
    "Patches of one group behave alike there; 0 is the best one's group."


def rank(patches: Sequence[Plausible], behaviours: Sequence[Hashable], factors: Sequence[float] = ()) -> list[Ranked]:
    """Best first: the weight of those that behave alike, fewest changed tokens, the prior of the place and kind.

    A patch weighs its score, and a tenth for each edit beyond the first: two edits explain any few examples more easily.

    Args:
        behaviours: for each patch, equal for those that behaved alike.
        factors: what else speaks for each patch, in (0, 1]; without them all are alike in that.
    """
    weights: dict[Hashable, float] = defaultdict(float)
    # Of patches that are the same idea spelt differently only the best one votes.
    votes: dict[tuple[Hashable, str, int], float] = {}
    for patch, behaviour, factor in zip(patches, behaviours, factors or [1.0] * len(patches), strict=True):
        key = behaviour, patch.template, patch.line
        votes[key] = max(votes.get(key, 0.0), weight(patch) * factor)
    for (behaviour, _, _), vote in votes.items():
        weights[behaviour] += vote
    total = sum(weights.values()) or 1.0
    order = sorted(weights, key=lambda behaviour: -weights[behaviour])
    best_first = sorted(zip(patches, behaviours, strict=True), key=lambda item: (
        order.index(item[1]), item[0].num_edits, item[0].num_tokens, -item[0].score, item[0].code))
    return [Ranked(patch, weights[behaviour] / total, order.index(behaviour)) for patch, behaviour in best_first]


def weight(patch: Plausible) -> float:
    """How much one patch's voice counts: small changes of a likely kind at a likely place most."""
    return patch.score * 0.1 ** (patch.num_edits - 1) / (1 + 0.1 * patch.num_tokens)


def changed_tokens(before: str, after: str) -> int:
    """How many tokens are gone or new; characters in lines that do not tokenise count as one each."""
    one, other = _tokens(before), _tokens(after)
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return sum(max(b - a, d - c) for kind, a, b, c, d in matcher.get_opcodes() if kind != "equal")


def _tokens(text: str) -> list[str]:
    try:
        return [t.string for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.string.strip() or t.type in (
            tokenize.INDENT, tokenize.DEDENT)]
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return list(text)
