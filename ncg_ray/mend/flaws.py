"""The repair of what findings show: security flaws, type errors, style. Scanner, checker, tests and rewrites meet here.

Covers: one module. With tests a rewrite has to pass them; without, it has to parse, and to bring no new finding and no
undefined name. Does not cover: whether callers in other modules rely on what was changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ncg_ray.analyse import lint, suppressions
from ncg_ray.analyse.analyser import parse_problem
from ncg_ray.analyse.quality import of_mistake, of_remark
from ncg_ray.analyse.security import SecurityScanner, related
from ncg_ray.analyse.type_errors import TypeChecker
from ncg_ray.config import AnalyseConfig
from ncg_ray.repair import flaws
from ncg_ray.repair.findings import Mend, Passing, mend_findings
from ncg_ray.repair.source import Edit
from ncg_ray.repair.type_edits import type_edits
from ncg_ray.types import Finding

KINDS = ("behaviour", "security", "style", "type")
DEFAULT_KINDS = ("behaviour", "security")


class FlawMender:
    """Mends the findings of one module after the other; the tools stay warm between. `close` ends them.

    Raises ImportError where a tool is not installed, InputError for rules that are not there.
    """

    def __init__(self, kinds: Sequence[str], config: AnalyseConfig) -> None:
        self.kinds = [kind for kind in ("security", "type", "style") if kind in kinds]
        self._scanner = SecurityScanner(config.rules)
        self._checker = TypeChecker() if "type" in kinds else None
        self._known: dict[tuple[str, str], tuple[Finding, ...]] = {}

    async def mend(self, code: str, passing: Passing | None = None, deadline_s: float = 120.0) -> Outcome:
        """Every kind in turn: a flaw is worth more than its style."""
        outcome = Outcome(code)
        for kind in self.kinds:
            async def scan(codes: Sequence[str], kind: str = kind) -> list[tuple[Finding, ...]]:
                return await asyncio.to_thread(self.findings, codes, kind)
            found = await mend_findings(outcome.code, lambda f, k=kind: _is_of(f, k), _PROPOSE[kind], scan, passing,  # type: ignore[misc]
                                        _same_flaw, deadline_s)
            outcome.code = found.code
            outcome.mends += found.mends
            outcome.left += found.left
            outcome.num_tried += found.num_tried
            outcome.elapsed_s += found.elapsed_s
        return outcome

    def findings(self, codes: Sequence[str], kind: str) -> list[tuple[Finding, ...]]:
        """What is scanned again after each rewrite: the kind's own findings, and names that are not defined.

        Comments that excuse a finding with a reason are obeyed. Code that does not parse has a finding that says so. What
        was scanned before is known.
        """
        fresh = list(dict.fromkeys(code for code in codes if (kind, code) not in self._known))
        self._known.update(zip([(kind, code) for code in fresh], self._scanned(fresh, kind), strict=True))
        return [self._known[kind, code] for code in codes]

    def _scanned(self, codes: Sequence[str], kind: str) -> list[tuple[Finding, ...]]:
        broken = [parse_problem(code) for code in codes]
        fit = [code for code, problem in zip(codes, broken, strict=True) if not problem]
        remarks = lint.lint(fit, honour_comments=True)
        rows: list[list[Finding]] = [[of_remark(r) for r in row if kind == "style" or r.is_error] for row in remarks]
        if kind == "security":
            for row, code, (found, problem) in zip(rows, fit, self._scanner.scan(fit), strict=True):
                row += [f for f in suppressions.apply(code, found, complete=False) if f.kind == "security"]
                if problem:
                    row.append(_broken(f"the scanner failed: {problem}"))
        elif kind == "type" and self._checker is not None:
            for row, mistakes in zip(rows, self._checker.check(fit), strict=True):
                row += map(of_mistake, mistakes)
        done = iter(rows)
        return [(_broken(problem),) if problem else tuple(next(done)) for problem in broken]

    def close(self) -> None:
        """End the tools' processes."""
        self._scanner.engine.close()
        if self._checker is not None:
            self._checker.close()


class Outcome:
    """What the repair of all kinds came to."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.mends: list[Mend] = []
        self.left: list[tuple[Finding, str]] = []
        self.num_tried = 0
        self.elapsed_s = 0.0

    @property
    def serious(self) -> list[tuple[Finding, str]]:
        """What stays and matters: medium severity or more."""
        return [(f, why) for f, why in self.left if f.severity != "low"]


def _style_edits(code: str, finding: Finding) -> list[Edit]:
    text = lint.fixed(code, finding.rule)
    return [Edit(((0, len(code), text),), f"ruff's fix of {finding.rule}", finding.line, 1.0)] if text != code else []


_PROPOSE = {"security": flaws.edits, "type": type_edits, "style": _style_edits}


def _same_flaw(one: Finding, other: Finding) -> bool:
    """Whether two findings may name one flaw: an option in a list of arguments is not the shell that was there."""
    return (related(one.cwe, other.cwe) and not {one.cwe, other.cwe} & {"CWE-88"}) or one.cwe == other.cwe is not None


def _is_of(finding: Finding, kind: str) -> bool:
    return {"security": finding.kind == "security", "type": finding.tool == "mypy", "style": finding.tool == "ruff"}[kind]


def _broken(problem: str) -> Finding:
    return Finding("ncg", "not-scanned", "security", problem, 1, severity="critical", confidence="high")
