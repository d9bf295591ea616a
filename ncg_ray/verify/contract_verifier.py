"""The pipeline's verifier: examples, tests and sampled inputs first; then proofs of the clauses that those left standing.

Covers: what `ExampleVerifier` and `Portfolio` cover. Does not cover: clauses that a model generated, which are sampled
and never proved; methods; candidates beyond the first few that differ.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from ncg_ray.protocols import Check
from ncg_ray.task.placing import environment
from ncg_ray.types import Candidate, Contract, Level, Task, Verdict
from ncg_ray.verdicts import strongest
from ncg_ray.verify.examples import ExampleVerifier
from ncg_ray.verify.module import hinted
from ncg_ray.verify.portfolio import FunctionVerdict, Portfolio
from ncg_ray.verify.specification import Clause, Specification

TRUSTED = ("user", "docstring")
"Origins of clauses that make a verdict."


class ContractVerifier:
    """Checks candidates, and proves or refutes the contracts of those that pass: `protocols.Verifier`."""

    def __init__(self, examples: ExampleVerifier, portfolio: Portfolio, max_proofs: int) -> None:
        self.examples, self.portfolio, self.max_proofs = examples, portfolio, max_proofs

    async def verify(self, task: Task, candidates: Sequence[Candidate]) -> list[Check]:
        """One Check for each candidate; of those that behave alike on the sampled inputs one is proved."""
        checks = await self.examples.verify(task, candidates)
        clauses = [c for c in task.contracts if c.kind == "ensures" and c.origin in TRUSTED]
        if not clauses or self.max_proofs < 1:
            return checks
        chosen: dict[str, int] = {}
        for number, check in enumerate(checks):
            key = check.behaviour or candidates[number].code
            if key not in chosen and len(chosen) < self.max_proofs and _stands(check):
                chosen[key] = number
        numbers = sorted(chosen.values())
        found = await asyncio.gather(*(self._prove(task, candidates[n]) for n in numbers))
        for number, result in zip(numbers, found, strict=True):
            checks[number] = replace(checks[number], verdicts=_combined(checks[number].verdicts, clauses, result))
        same = {c.code: checks[n] for n, c in enumerate(candidates) if n in numbers}
        return [replace(same[c.code], num_runs=check.num_runs) if c.code in same else check
                for c, check in zip(candidates, checks, strict=True)]

    async def _prove(self, task: Task, candidate: Candidate) -> FunctionVerdict:
        name = task.entry_point or candidate.entry_point
        source = hinted(candidate.code, name, task.signature) if task.signature else candidate.code
        requires = [Clause(c.expression, 0, "task") for c in task.contracts if c.kind == "requires"]
        ensures = [Clause(c.expression, 0, "task") for c in task.contracts if c.kind == "ensures" and c.origin in TRUSTED]
        spec = Specification(name, 1, (), requires=requires, ensures=ensures)
        return await self.portfolio.verify(source, spec, environment(task), probe=False)


def _stands(check: Check) -> bool:
    """Whether everything that was looked at so far passed."""
    return bool(check.verdicts) and all(v.level is Level.TESTED or v.origin not in TRUSTED for v in check.verdicts)


def _combined(verdicts: Sequence[Verdict], clauses: Sequence[Contract], result: FunctionVerdict) -> tuple[Verdict, ...]:
    """Each clause with the strongest word on it. A proof beside a counterexample is an alarm, and proves nothing."""
    proof, texts = result.verdict, {c.expression for c in clauses}
    made = []
    for verdict in verdicts:
        here = verdict.obligation in texts and verdict.origin in TRUSTED
        elsewhere = proof.level is Level.REFUTED and proof.outcome == "failed" and proof.obligation != verdict.obligation
        if here and not elsewhere:
            mine = replace(proof, obligation=verdict.obligation, origin=verdict.origin, num_passed=verdict.num_passed,
                           num_checked=max(verdict.num_checked, 1))
            verdict = strongest([verdict, mine])
        made.append(verdict)
    return tuple(made)
