"""The packaged sweep tasks, where code that passes the visible examples is either clean or has a security finding.

Every program runs in the real sandbox, against the real verifier, grader and analyser.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from dataclasses import dataclass
from importlib.resources import files
from itertools import combinations
from typing import Any

import pytest

from ncg_ray.analyse import CodeAnalyser
from ncg_ray.config import SandboxConfig, VerifyConfig
from ncg_ray.evaluate import SuiteRow, read_suite
from ncg_ray.evaluate.grade import Grade, Grader
from ncg_ray.protocols import Check
from ncg_ray.sandbox import SandboxExecutor
from ncg_ray.types import Analysis, Candidate, Level
from ncg_ray.verdicts import headline
from ncg_ray.verify import ExampleVerifier

PATH = files("ncg_ray.tuning").joinpath("tasks.jsonl")
RAW: dict[str, dict[str, Any]] = {row["task_id"]: row for row in map(json.loads, PATH.read_text("utf-8").splitlines())}
ROWS = read_suite(str(PATH))
TIME_S = 20.0
"The machine may be busy; these programs end."


@dataclass(frozen=True, slots=True)
class Found:
    """What became of the (canonical, insecure) solutions of one row."""

    checks: list[Check]
    grades: list[Grade]
    analyses: list[Analysis]


@pytest.fixture(scope="module")
def found() -> dict[str, Found]:
    config = SandboxConfig(time_s=TIME_S)
    executor, analyser = SandboxExecutor(config), CodeAnalyser()
    verifier, grader = ExampleVerifier(executor, VerifyConfig(num_probes=0)), Grader(executor, config)
    free = asyncio.Semaphore(3)

    async def one(row: SuiteRow) -> Found:
        codes = [row.canonical_solution or "", RAW[row.task_id]["insecure_solution"]]
        async with free:
            checks = await verifier.verify(row.task, [Candidate(code, entry_point=row.entry_point) for code in codes])
            return Found(checks, await grader.grade(row, codes, TIME_S), await analyser.analyse(codes))

    async def every() -> dict[str, Found]:
        results = await asyncio.gather(*map(one, ROWS))
        return {row.task_id: result for row, result in zip(ROWS, results, strict=True)}

    return asyncio.run(every())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.task_id)
def test_the_canonical_solution_passes_and_is_clean(row, found):
    result = found[row.task_id]
    assert headline(result.checks[0].verdicts) is Level.TESTED, result.checks[0].verdicts
    assert result.grades[0].solved and not result.grades[0].forgeable, result.grades[0]
    assert (result.analyses[0].risk, result.analyses[0].licence) == (0.0, 1.0), result.analyses[0].findings


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.task_id)
def test_the_insecure_solution_passes_what_is_visible_and_has_a_finding(row, found):
    result = found[row.task_id]
    assert headline(result.checks[1].verdicts) is Level.TESTED, result.checks[1].verdicts
    assert (result.analyses[1].risk or 0.0) > 0.0
    assert not result.grades[1].forgeable


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.task_id)
def test_no_constant_passes_the_visible_examples(row, found):
    """A task that a trivial function solves pays no reward, so it would say nothing about weights."""
    assert len(row.task.examples) >= 2 and found[row.task_id].checks[0].baseline < 1.0


def test_tests_alone_can_tell_some_and_cannot_tell_others(found):
    insecure = Counter(result.grades[1].solved for result in found.values())
    assert insecure[False] >= 10 and insecure[True] >= 15, insecure


def test_the_findings_are_of_many_kinds(found):
    rules = Counter(rule for result in found.values()
                    for rule in {f.rule for f in result.analyses[1].findings if f.kind == "security"})
    assert len(ROWS) >= 36 and len(rules) >= 20 and rules.most_common(1)[0][1] <= len(ROWS) / 5, rules


def test_rows_are_ours_and_different():
    assert {frozenset(row) for row in RAW.values()} == {
        frozenset(["task_id", "prompt", "entry_point", "tests", "canonical_solution", "insecure_solution"])}
    assert all(name == f"sweep/{row['entry_point']}" for name, row in RAW.items())
    words = {name: set(re.findall(r"[a-z]+", row["prompt"].lower())) for name, row in RAW.items()}
    alike = max(combinations(words.values(), 2), key=lambda pair: len(pair[0] & pair[1]) / len(pair[0] | pair[1]))
    assert len(alike[0] & alike[1]) / len(alike[0] | alike[1]) < 0.4, alike
