"""Security findings of bandit and of semgrep's engine with our own rules, and the risk that they amount to.

Covers: one Python module, data flow within its functions. Comments that ask a tool to look away are ignored: code must
not excuse itself. Does not cover: data flow between functions and modules, other languages.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from ncg_ray.analyse import bandit_engine, indirection
from ncg_ray.analyse.semgrep_engine import EngineError, Match, SemgrepEngine
from ncg_ray.types import Finding

# The chance that a finding of this rank is a real flaw that does harm. Severity is the tool's word for the harm,
# confidence its word for the chance; `tests/benchmarks/analyse.md` has the share of true findings by rank.
SEVERITY_WEIGHTS = {"critical": 0.9, "high": 0.7, "medium": 0.35, "low": 0.1}
CONFIDENCE_WEIGHTS = {"high": 1.0, "medium": 0.75, "low": 0.5}
RISKY = ("security", "dependency")
"Kinds of findings that are a risk: flaws of the code, and packages with known flaws or that are not what they seem."
RANKS = ("low", "medium", "high", "critical")

# Weaknesses that tools name differently for one flaw: MITRE's parents, children and near siblings.
FAMILIES: tuple[frozenset[str], ...] = tuple(frozenset(f"CWE-{n}" for n in numbers) for numbers in (
    (20, 1284), (22, 23, 36, 73), (77, 78, 88), (79, 80, 116), (89, 564, 943), (94, 95, 96, 1336),
    (209, 200, 215, 489, 497), (256, 312, 319, 522, 532, 259, 321, 798), (276, 281, 732, 284), (295, 297),
    (326, 327, 328, 329, 759, 760, 916), (330, 331, 335, 337, 338, 340), (377, 379), (400, 770, 1088, 1333, 730),
    (502, 915), (611, 776, 827), (605, 1327), (617, 703, 754, 755), (601,), (918,), (20, 703)))

NO_FLAWS = frozenset({"B403", "B404", "B405", "B406", "B407", "B408", "B409", "B410", "B413", "B603"})
"""bandit's notes that a module is imported (pickle, subprocess, the XML parsers, `Crypto`) or a program run without a
shell. That is no flaw: what is done with them may be, and other rules of both tools see that."""

Rank = Literal["high", "medium", "low"]


class SecurityScanner:
    """Both tools over a batch; threads may share it.

    Args:
        rules: files or folders of further semgrep rules.
    """

    def __init__(self, rules: Sequence[str] = ()) -> None:
        self.engine = SemgrepEngine(rules)

    def scan(self, codes: Sequence[str]) -> list[tuple[tuple[Finding, ...], EngineError | None]]:
        """The findings of each program in the order of lines, and why semgrep's engine has none of them where it failed.

        Programs must parse. Raises ImportError where a tool is not installed.
        """
        with ThreadPoolExecutor(1) as other:  # the engine is a process of its own
            matches = other.submit(self._matches, codes)
            ours = [[*_of_bandit(code), *indirection.find(ast.parse(code))] for code in codes]
        return [(merged([*(() if isinstance(found, EngineError) else map(_of_match, found)), *mine]),
                 found if isinstance(found, EngineError) else None)
                for mine, found in zip(ours, matches.result(), strict=True)]

    def _matches(self, codes: Sequence[str]) -> Sequence[list[Match] | EngineError]:
        try:
            return self.engine.scan(codes)
        except EngineError as error:
            if len(codes) == 1:
                return [error]
        half = len(codes) // 2  # one of them is to blame
        return [*self._matches(codes[:half]), *self._matches(codes[half:])]


def _of_match(match: Match) -> Finding:
    return Finding("semgrep", match.rule, "security", match.message, match.line, "", match.cwe, match.severity,
                   match.confidence, match.column, match.end_line, match.fix)


def _of_bandit(code: str) -> list[Finding]:
    issues = bandit_engine.issues(code) if ast.parse(code).body else ()
    return [_of_issue(issue) for issue in issues if issue.test_id not in NO_FLAWS]


def _of_issue(issue: Any) -> Finding:
    column = getattr(issue, "col_offset", -1)
    return Finding("bandit", issue.test_id, "security", issue.text, issue.lineno, "",
                   f"CWE-{issue.cwe.id}" if issue.cwe.id else None, _rank(issue.severity), _rank(issue.confidence),
                   column + 1 if column >= 0 else 0, max(issue.linerange, default=issue.lineno))


def _rank(text: str) -> Rank:
    ranks: dict[str, Rank] = {"HIGH": "high", "MEDIUM": "medium"}
    return ranks.get(text, "low")


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding for each flaw: of those of one family of weaknesses that overlap, the one that weighs most."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (-weight(f), f.tool != "semgrep", f.line, f.rule, f.message)):
        if not any(_same(finding, other) for other in kept):
            kept.append(finding)
    return tuple(sorted(kept, key=lambda f: (f.line, f.column, f.rule, f.message)))


def _same(one: Finding, other: Finding) -> bool:
    overlap = one.line <= (other.end_line or other.line) and other.line <= (one.end_line or one.line)
    return overlap and one.kind == other.kind and related(one.cwe, other.cwe)


def related(one: str | None, other: str | None) -> bool:
    """Whether two CWE ids are of one family."""
    return one is not None and (one == other or any({one, other} <= family for family in FAMILIES))


def weight(finding: Finding) -> float:
    """The chance in (0, 1) that one finding does harm."""
    return SEVERITY_WEIGHTS[finding.severity] * CONFIDENCE_WEIGHTS[finding.confidence]


def risk(findings: Iterable[Finding]) -> float:
    """Security risk in [0, 1): 0 only where there is no finding of a risk.

    A noisy-or: each finding is an independent chance, severity weight times confidence weight, of real harm; the
    risk is the chance that at least one does harm. So it grows with each finding and with the rank of each, and never
    reaches 1.
    Source: Pearl, Probabilistic Reasoning in Intelligent Systems (1988), section 4.3.2.
    """
    safe = 1.0
    # In order of their weights, so that the same findings in another order give the same number to the last bit.
    for chance in sorted(weight(f) for f in findings if f.kind in RISKY):
        safe *= 1.0 - chance
    return 1.0 - safe
