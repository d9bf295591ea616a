"""Comments that excuse single findings, with a reason. For `ncg scan` only: a candidate may never excuse itself.

    subprocess.run(line, shell=True)  # ncg: ignore[B602, CWE-78]: the line is a constant of ours
    subprocess.run(line, shell=True)  # nosec B602 the line is a constant of ours
    exec(code)                        # nosemgrep: exec-detected our own template

A comment excuses the findings on its line, or, alone on a line, those on the line below; at the end of a statement of
several lines also those where the statement begins. One without a reason or without a rule excuses nothing and is a finding
itself, and so is one that hides nothing.
Does not cover: findings about a whole file (a baseline does), comments in files other than Python.
"""

from __future__ import annotations

import bisect
import io
import re
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ncg_ray.analyse import bandit_engine
from ncg_ray.analyse.security import related
from ncg_ray.types import Finding

_MARK = re.compile(r"(?<!\S)#+\s*(?:(?P<ncg>ncg:\s*ignore\b)|(?P<nosec>nosec\b)|(?P<nosem>nosem(?:grep)?\b))")
_OTHER = re.compile(r"\s#+\s*(?:ncg:|nosec\b|nosem(?:grep)?\b|noqa\b|type:|pragma:|pylint:|mypy:|pyright:|ruff:|fmt:)")
_NCG = re.compile(r"\s*\[(?P<rules>[^\]]*)\]\s*:?(?P<reason>.*)", re.DOTALL)
_BANDIT = re.compile(r"B\d{3}")
_WORD = re.compile(r"(\w+)[,\s]*")
_NOSEM = re.compile(r"\s*(?:[:=]\s*(?P<rules>[\w.\-]+(?:\s*,\s*[\w.\-]+)*))?(?P<reason>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment's excuse."""

    line: int
    "Of the comment."
    rules: tuple[str, ...]
    "Rule ids or CWEs, as written."
    reason: str
    alone: bool
    "Nothing but the comment is on its line."
    target: int
    "The line that it speaks of: its own, or the one below where it is alone."
    column: int = 1
    statement: tuple[int, int] = (0, 0)
    "First and last line of the statement around a comment that is not alone."
    semgrep: bool = False
    "A rule may be written without the folders of its id."

    def names(self, rule: str, finding: Finding) -> bool:
        """Whether one of our rules is the finding's rule or CWE."""
        rule = rule.lower()
        own = finding.rule.lower()
        if rule == own or rule == (finding.cwe or "").lower():
            return True
        return self.semgrep and (own.endswith(f".{rule}") or rule.endswith(f".{own}"))

    def reaches(self, finding: Finding) -> bool:
        """Whether the finding is where the comment speaks of."""
        if finding.line <= 0 or finding.line == self.target:
            return finding.line > 0
        begin, end = self.statement
        if self.alone or not begin <= finding.line <= self.line:
            return False
        return self.line <= finding.end_line or (self.line == end and finding.line == begin)


@dataclass(slots=True)
class _Lines:
    """Where statements begin and comments stand."""

    comments: list[tuple[int, int, str, bool]] = field(default_factory=list)
    "(line, column from 1, text, alone on its line)"
    statements: dict[int, tuple[int, int]] = field(default_factory=dict)
    "Line of a comment -> first and last line of the statement around it."


def apply(code: str, findings: Sequence[Finding], path: str = "", complete: bool = True) -> list[Finding]:
    """The findings that no comment of the code excuses, and those about the comments.

    Args:
        complete: whether every analyser spoke; if one did not, a comment that hides nothing may be meant for it.
    """
    suppressions = read(code)
    if not suppressions:
        return list(findings)
    valid = [s for s in suppressions if s.rules and s.reason]
    at: dict[int, list[int]] = {}
    for i, s in enumerate(valid):
        at.setdefault(s.target, []).append(i)
    spanning = [i for i, s in enumerate(valid) if not s.alone and s.statement[0] < s.statement[1]]

    def hits(finding: Finding) -> set[tuple[int, str]]:
        return {(i, rule) for i in (*at.get(finding.line, ()), *spanning) if valid[i].reaches(finding)
                for rule in valid[i].rules if valid[i].names(rule, finding)}

    # Of a flaw that several tools found the analyser keeps one finding, which may not be bandit's.
    bandits = _bandits(code) if any(_BANDIT.fullmatch(rule) for s in valid for rule in s.rules) else []
    excused = [(issue, found) for issue in bandits if (found := hits(issue))]
    used = {hit for _, found in excused for hit in found}
    kept: list[Finding] = []
    for finding in findings:
        found = hits(finding)
        used |= found
        if not found and not any(_same_flaw(issue, finding) for issue, _ in excused):
            kept.append(finding)
    kept += [_incomplete(s, path) for s in suppressions if not (s.rules and s.reason)]
    if complete:  # registries of semgrep's rules have many that do not run here
        kept += [_unused(s, rule, path) for i, s in enumerate(valid) if not s.semgrep for rule in s.rules
                 if (i, rule) not in used]
    return kept


def _bandits(code: str) -> list[Finding]:
    """What bandit says by itself; nothing where it cannot run."""
    try:
        return [Finding("bandit", issue.test_id, "security", "", issue.lineno,
                        cwe=f"CWE-{issue.cwe.id}" if issue.cwe.id else None, end_line=max(issue.linerange, default=0))
                for issue in bandit_engine.issues(code)]
    except Exception:  # it breaks on odd code; that is reported where the code is analysed
        return []


def _same_flaw(issue: Finding, finding: Finding) -> bool:
    """Whether a finding of another tool took the place of bandit's issue."""
    overlap = issue.line <= max(finding.line, finding.end_line) and finding.line <= max(issue.line, issue.end_line)
    return overlap and finding.kind == "security" and finding.tool != "bandit" and related(issue.cwe, finding.cwe)


def _incomplete(s: Suppression, path: str) -> Finding:
    named = ", ".join(s.rules)
    rule = "suppression-without-reason" if s.rules else "suppression-without-rule"
    what = f"the suppression of {named} gives no reason" if s.rules else "the suppression names no rule"
    return Finding("ncg", rule, "quality", f"{what}, and hides nothing", s.line, path, severity="low",
                   confidence="high", column=s.column, fix=f"# ncg: ignore[{named or 'RULE'}]: REASON")


def _unused(s: Suppression, rule: str, path: str) -> Finding:
    return Finding("ncg", "unused-suppression", "quality", f"the suppression of {rule} hides nothing on line {s.target}",
                   s.line, path, severity="low", confidence="high", column=s.column, fix="take it out")


def read(code: str) -> list[Suppression]:
    """Every suppression in the comments of a module, in order; those up to where it stops being Python, if it does."""
    if not _MARK.search(code):
        return []
    lines = _lines(code)
    alone = {line for line, _, _, is_alone in lines.comments if is_alone}
    found = []
    for line, column, text, is_alone in lines.comments:
        target = line
        while target in alone:
            target += 1
        for at, rules, reason, semgrep in _marks(text):
            found.append(Suppression(line, rules, reason, is_alone, target, column + at,
                                     lines.statements.get(line, (line, line)), semgrep))
    return found


def _lines(code: str) -> _Lines:
    found = _Lines()
    begin = num_before = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            line, column = token.start
            if token.type == tokenize.COMMENT:
                found.comments.append((line, column + 1, token.string, not token.line[:column].strip()))
            elif token.type == tokenize.NEWLINE:
                found.statements.update((at[0], (begin, line)) for at in found.comments[num_before:])
                begin, num_before = 0, len(found.comments)
            elif token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT) and not begin:
                begin, num_before = line, len(found.comments)
    except (tokenize.TokenError, SyntaxError, RecursionError):
        pass
    return found


def _marks(comment: str) -> Iterator[tuple[int, tuple[str, ...], str, bool]]:
    """(offset, rules, reason, semgrep's) of each mark in one comment, which may hold several."""
    ends = [other.start() for other in _OTHER.finditer(comment)]
    for mark in _MARK.finditer(comment):
        end = bisect.bisect_left(ends, mark.end())
        rest = comment[mark.end():ends[end] if end < len(ends) else len(comment)]
        if mark["nosec"]:
            rules, reason = _nosec(rest)
        else:
            read = (_NCG if mark["ncg"] else _NOSEM).match(rest)
            rules, reason = (_split(read["rules"]), read["reason"]) if read else ((), rest)
        reason = reason.strip(" \t:-–—,;.")
        yield mark.start(), rules, reason if re.search(r"\w\w", reason) else "", bool(mark["nosem"])


def _split(rules: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule for rule in re.split(r"[,\s]+", rules or "") if rule))


def _nosec(rest: str) -> tuple[tuple[str, ...], str]:
    """bandit's ids, or the names of its tests (`assert_used` is B101), and the words after them."""
    rules: dict[str, None] = {}
    start = len(rest) - len(rest.lstrip(": \t"))
    while word := _WORD.match(rest, start):
        rule = word[1] if _BANDIT.fullmatch(word[1]) else _bandit_id(word[1])
        if not rule:
            break
        rules[rule] = None
        start = word.end()
    return tuple(rules), rest[start:]


def _bandit_id(name: str) -> str:
    """The id of bandit's test of this name; empty where there is none."""
    if "_" not in name:
        return ""
    try:
        with warnings.catch_warnings():  # of its plugin loader
            warnings.simplefilter("ignore")
            from bandit.core.extension_loader import MANAGER
    except ImportError:
        return ""
    return str(MANAGER.get_test_id(name) or "")
