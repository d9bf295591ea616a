"""A repair in words: the diff, the reason for it, and what stands behind it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ncg_ray.repair.broken_syntax import failure_of
from ncg_ray.repair.findings import Mend
from ncg_ray.repair.problem import Problem
from ncg_ray.repair.rank import Ranked
from ncg_ray.repair.search import Found
from ncg_ray.types import Finding, Verdict
from ncg_ray.verify.compare import expected_text

if TYPE_CHECKING:
    from ncg_ray.mend.flaws import Outcome


def unified(before: str, after: str, path: str) -> str:
    """A unified diff of two versions of a file."""
    def rows(text: str) -> list[str]:
        lines = text.splitlines(keepends=True)
        return [row if row.endswith("\n") else row + "\n\\ No newline at end of file\n" for row in lines]
    return "".join(difflib.unified_diff(rows(before), rows(after), path, path)).rstrip("\n")


def reason(code: str, chosen: Ranked, found: Found) -> tuple[str, ...]:
    patch = chosen.patch
    rows = code.split("\n")
    text = rows[patch.line - 1].strip() if 0 < patch.line <= len(rows) else ""
    lines = [found.syntax] if found.syntax and not patch.template.startswith("syntax") else []
    lines.append(f"{patch.template}, line {patch.line}: {text}")
    suspect = next((s for s in found.suspects if s.line <= patch.line <= s.end_line), None)
    if suspect is not None:
        place = found.suspects.index(suspect) + 1
        lines.append(f"suspicion {suspect.score:.2f}, place {place} of {len(found.suspects)}: {suspect.why}")
    elif failure := failure_of(code):
        lines.append(f"the parser stopped at line {failure.line}: {failure.message}")
    return tuple(lines)


def evidence(problem: Problem, found: Found, ranked: Sequence[Ranked], chosen: Ranked, proof: Verdict | None,
              trust: str) -> tuple[str, ...]:
    num = len(problem.checked)
    passed = [f"{num} of {num} examples passed" if num else "", "the test code passed" if problem.tests.strip() else ""]
    lines = [f"{trust}: {', '.join(p for p in passed if p)}, alone in a fresh process"]
    if proof is not None:
        lines.append(f"contract {proof.level.name}: {proof.obligation}" + (f"; {proof.bound}" if proof.bound else ""))
    lines.append(_tried(found))
    if len(ranked) > 1:
        same = sum(r.group == 0 for r in ranked)
        lines.append(f"{len(ranked)} patches pass; {same} of them, with {chosen.agreement:.0%} of the weight, do the same "
                     "on generated inputs")
    lines += [f"{num} rejected: {reason}" for reason, num in found.rejected.items()]
    return (*lines, *_flaky(problem, found))


def partial(problem: Problem, found: Found) -> tuple[str, ...]:
    """The best evidence where nothing was fixed."""
    num = len(problem.checked)
    more = "; --set repair.timeout_s gives it more" if found.stopped == "time" else ""
    lines = [f"stopped by: {found.stopped or 'no edits to try'}{more}", _tried(found)]
    if found.diagnosis is not None:
        met = sum(found.diagnosis.met)
        if num:
            lines.append(f"the code meets {met} of {num} examples, the best candidate {max(found.best_met, met)}")
        miss = next((i for i, ok in enumerate(found.diagnosis.met) if not ok), None)
        if miss is not None:
            example, outcome = problem.checked[miss], found.diagnosis.outcomes[miss]
            lines.append(f"{example.call_text(problem.entry_point)} gave {outcome.text()[:200]}, expected "
                         f"{expected_text(example)[:200]}")
        elif found.diagnosis.test_failure:
            lines.append(f"the test code failed: {found.diagnosis.test_failure[:200]}")
    lines += [f"most suspicious: line {s.line} ({s.why})" for s in found.suspects[:1]]
    lines += [f"{count} rejected: {reason}" for reason, count in found.rejected.items()]
    return (*lines, *_flaky(problem, found))


def _tried(found: Found) -> str:
    rate = f"{found.rate:.{0 if found.rate >= 10 else 1}f}"
    return f"{found.num_evaluated} candidates in {found.elapsed_s:.1f} s ({rate} a second)"


def _flaky(problem: Problem, found: Found) -> tuple[str, ...]:
    flaky = found.diagnosis.flaky if found.diagnosis else ()
    return tuple(f"flaky: {problem.checked[i].call_text(problem.entry_point)} passes in one run and fails in another, or "
                 "hangs on the calls before it, so no patch can be told right by it" for i in flaky[:3])


def mended(mend: Mend, mends: Sequence[Mend]) -> str:
    """One rewrite: what was found, and what was done about it."""
    f = mend.finding
    place = f"line {f.line}" + (" (as the lines were then)" if mend is not mends[0] else "")
    return f"{mend.edit.template}, {place}: {named(f)}"


def named(finding: Finding) -> str:
    """A finding with its rule, CWE and severity."""
    cwe = f", {finding.cwe}" if finding.cwe else ""
    severity = f", {finding.severity}" if finding.kind == "security" else ""
    return f"{finding.message} ({finding.rule}{cwe}{severity})"


def scanned(outcome: Outcome, kinds: Sequence[str], has_tests: bool) -> tuple[str, ...]:
    """What stands behind the rewrites: the new scan, and the tests."""
    num = len(outcome.mends)
    if not num and not outcome.left:
        return (f"{', '.join(kinds)}: nothing was found; nothing was changed",)
    if not num:
        return ()
    gone = f"{num} finding{'' if num == 1 else 's'} gone in the new scan, none as severe came; " + (
        f"{outcome.num_tried} rewrites tried")
    tests = "the tests pass, alone in a fresh process" if has_tests else (
        "no tests were given: that the module does the same otherwise was not shown")
    return gone, tests


def left(findings: Sequence[tuple[Finding, str]]) -> tuple[str, ...]:
    """What stays, with the reason."""
    return tuple(f"left: line {f.line}: {named(f)}; {why}" for f, why in findings)
