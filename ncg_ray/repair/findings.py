"""The repair of findings: one after the other, the worst first; every rewrite is scanned again and tested again.

A rewrite is kept where the finding is gone, no new one of the same or a higher severity came, and the tests still pass;
otherwise the next is tried. What cannot be mended is named.

Source: templates keyed by rule and judged by the same scanner, as in Vul4J's and Sorald's repairs (Etemadi et al., Sorald:
Automatic Repair of SonarQube Violations, 2022).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from ncg_ray.repair.draft import without_unused_imports
from ncg_ray.repair.source import Edit
from ncg_ray.types import Finding

Scan = Callable[[Sequence[str]], Awaitable[list[tuple[Finding, ...]]]]
"Codes -> the findings of each that count: those to mend, and those that must not come."
Passing = Callable[[Sequence[str]], Awaitable[list[bool]]]
"Codes -> whether each passes what there is to pass."
Propose = Callable[[str, Finding], list[Edit]]
Same = Callable[[Finding, Finding], bool]
"Whether two findings may be one flaw that two rules name."

RANKS = ("low", "medium", "high", "critical")
MAX_STEPS = 60
"Rewrites of one module."
AT_ONCE = 3
"Rewrites that are scanned together: mostly one of the first holds."


@dataclass(frozen=True, slots=True)
class Mend:
    """One rewrite that was kept."""

    finding: Finding
    "As it was in the code before this rewrite."
    edit: Edit
    num_tried: int
    "Rewrites of this finding that were scanned, this one included."
    is_tested: bool = False


@dataclass(slots=True)
class Mended:
    """What the repair of findings came to."""

    code: str
    mends: list[Mend] = field(default_factory=list)
    left: list[tuple[Finding, str]] = field(default_factory=list)
    "Findings that stay, and why."
    num_tried: int = 0
    elapsed_s: float = 0.0


async def mend_findings(
    code: str,
    wanted: Callable[[Finding], bool],
    propose: Propose,
    scan: Scan,
    passing: Passing | None = None,
    same: Same = lambda one, other: one.rule == other.rule,
    deadline_s: float = 120.0,
) -> Mended:
    """Mend what `wanted` says of the findings of a module that parses.

    Args:
        passing: None where there are no tests.
        deadline_s: no further finding is begun after so many seconds.
    """
    began = time.monotonic()
    result = Mended(code)
    given_up: Counter[tuple[str, str]] = Counter()
    findings, = await scan([code])
    while len(result.mends) < MAX_STEPS and time.monotonic() - began < deadline_s:
        seen: Counter[tuple[str, str]] = Counter()
        todo = []
        for finding in sorted(filter(wanted, findings), key=lambda f: (-RANKS.index(f.severity), f.line, f.column)):
            key = _key(result.code, finding)
            seen[key] += 1
            if seen[key] > given_up[key]:
                todo.append(finding)
        if not todo:
            break
        finding = todo[0]
        step, why = await _mended(result.code, finding, findings, propose, scan, passing, same, result)
        if step is None:
            given_up[_key(result.code, finding)] += 1
            result.left.append((finding, why))
            continue
        edit, text, num = step
        result.mends.append(Mend(finding, edit, num, passing is not None))
        result.code = text
        findings, = await scan([text])
    still = [f for f in findings if wanted(f)]
    reasons = {_key(result.code, f): why for f, why in result.left}
    by_rule = {(f.rule, f.message): why for f, why in result.left}
    result.left = [
        (f, reasons.get(_key(result.code, f)) or by_rule.get((f.rule, f.message)) or "the time was over") for f in still
    ]
    result.elapsed_s = time.monotonic() - began
    return result


async def _mended(
    code: str,
    finding: Finding,
    before: Sequence[Finding],
    propose: Propose,
    scan: Scan,
    passing: Passing | None,
    same: Same,
    result: Mended,
) -> tuple[tuple[Edit, str, int] | None, str]:
    """The first rewrite that holds, with its text and how many were scanned; or why there is none."""
    edits = propose(code, finding)
    if not edits:
        return None, "no rewrite knows this kind of code"
    mending = 0
    for at in range(0, len(edits), AT_ONCE):
        some = edits[at:at + AT_ONCE]
        texts = [without_unused_imports(code, edit.apply(code)) for edit in some]
        scanned = await scan(texts)
        result.num_tried += len(texts)
        for n, after in enumerate(scanned):
            if not is_better(finding, before, after, same):
                continue
            mending += 1
            if passing is None or (await passing([texts[n]]))[0]:
                return (some[n], texts[n], at + n + 1), ""
    if mending:
        return None, "every rewrite that mends it breaks a test"
    return None, "the finding stays, or another comes, with every rewrite that was tried"


def is_better(finding: Finding, before: Sequence[Finding], after: Sequence[Finding], same: Same) -> bool:
    """Whether a finding is gone, under any rule that names the same flaw, and none as severe came."""
    if _num(finding, after, same) >= _num(finding, before, same):
        return False
    was, now = Counter(f.rule for f in before), Counter(f.rule for f in after)
    rank = RANKS.index(finding.severity)
    return not any((now[f.rule] > was[f.rule] and RANKS.index(f.severity) >= rank and f.kind in (finding.kind, "security"))
                   or (f.kind == "quality" and f.severity != "low" and f.tool == "ruff" and now[f.rule] > was[f.rule])
                   for f in after)


def _num(finding: Finding, findings: Sequence[Finding], same: Same) -> int:
    """How often a finding is there, under its own rule or another as severe: a lesser one may speak of what is left."""
    rank = RANKS.index(finding.severity)
    return sum(f.rule == finding.rule or (f.kind == finding.kind and RANKS.index(f.severity) >= rank and same(f, finding))
               for f in findings)


def _key(code: str, finding: Finding) -> tuple[str, str]:
    """What stays of a finding while lines move: its rule and the text of its line."""
    rows = code.split("\n")
    return finding.rule, rows[finding.line - 1].strip() if 0 < finding.line <= len(rows) else finding.message
