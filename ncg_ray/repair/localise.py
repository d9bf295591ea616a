"""Where the defect probably is: statements ranked by which runs reached them, by tracebacks, and by what they are.

Source: Abreu, Zoeteweij and van Gemund, On the accuracy of spectrum-based fault localization (2007): the Ochiai
coefficient failed(s) / sqrt(failed * (failed(s) + passed(s))) over the lines that each run executed.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass

from ncg_ray.repair.source import Source, is_docstring

TRACEBACK_WEIGHT = 0.5
"Of the frame where the exception rose; each frame further out counts half of the one before."
KIND_WEIGHT = 0.1
"What conditions and returns have in advance: there most one-line defects are."


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the lines that it reached and whether it met its example."""

    lines: frozenset[int] | None
    "None where it did not live to tell."
    passed: bool
    traceback: tuple[int, ...] = ()
    "Lines of its traceback, the innermost first."


@dataclass(frozen=True, slots=True)
class Suspect:
    """A statement, and how suspicious it is."""

    line: int
    end_line: int
    "The last line of the statement's own head: the body of a compound statement is not part of it."
    score: float
    "In [0, 1]; 1 is the most suspicious place."
    why: str


def ochiai(num_failed_here: int, num_passed_here: int, num_failed: int) -> float:
    """The coefficient, in [0, 1]; 0 where no run failed."""
    if not num_failed_here or not num_failed:
        return 0.0
    return num_failed_here / math.sqrt(num_failed * (num_failed_here + num_passed_here))


def localise(source: Source, runs: Sequence[Run]) -> list[Suspect]:
    """Every statement that runs inside a function, most suspicious first.

    Without any coverage of failing runs (they never ended) all statements are suspected alike.
    """
    seen = [run for run in runs if run.lines is not None]
    failed = [run for run in seen if not run.passed]
    blind = any(not run.passed and run.lines is None for run in runs)
    found = []
    for statement in (s for body in source.bodies() for s in body if not is_docstring(s)):
        head = _head(statement)
        here_failed = sum(1 for run in failed if run.lines and not run.lines.isdisjoint(head))
        here_passed = sum(1 for run in seen if run.passed and run.lines and not run.lines.isdisjoint(head))
        spectrum = ochiai(here_failed, here_passed, len(failed))
        if blind and not failed:
            spectrum = 0.5 if not here_passed else 1 / math.sqrt(1 + here_passed)
        num_passed = sum(run.passed for run in seen)
        reached = [f"reached by {here_failed} of {len(failed)} failing and {here_passed} of {num_passed} passing runs"]
        why = reached if failed or not blind else ["which lines the failing runs reached is not known"]
        depth = min((run.traceback.index(line) for run in runs if not run.passed for line in head if line in run.traceback),
                    default=None)
        score = spectrum
        if depth is not None:
            score += TRACEBACK_WEIGHT / 2 ** depth
            why.append("in the traceback")
        if blind and isinstance(statement, ast.While):
            score += TRACEBACK_WEIGHT
        if isinstance(statement, ast.If | ast.While | ast.Return) and score:
            score += KIND_WEIGHT
            why.append("a condition" if not isinstance(statement, ast.Return) else "a return")
        found.append(Suspect(head.start, head.stop - 1, score / (1 + TRACEBACK_WEIGHT + KIND_WEIGHT), "; ".join(why)))
    top = max((s.score for s in found), default=0.0)
    scaled = [Suspect(s.line, s.end_line, round(s.score / top, 6) if top else 0.0, s.why) for s in found]
    return sorted(scaled, key=lambda s: (-s.score, s.line))


def _head(statement: ast.stmt) -> range:
    """The lines of a statement without those of the statements in it."""
    last = statement.end_lineno or statement.lineno
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
        last = max(statement.lineno, min(last, body[0].lineno - 1))
    return range(statement.lineno, last + 1)
