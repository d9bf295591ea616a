"""What a model adds where no search finds a patch: it is told what fails, two times at most, and then asked afresh.

Its answers are patches like all others: they must pass alone in a fresh process, and what learns the tests by heart or hides
the failure is not taken. What nearly passes is the ground of one more search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ncg_ray.pipeline import Parts
from ncg_ray.protocols import Call, ExecutionJob, Executor, GenerationRequest, RepairRequest
from ncg_ray.repair.diagnose import passing
from ncg_ray.repair.problem import Problem
from ncg_ray.repair.rank import Plausible, changed_tokens
from ncg_ray.repair.search import Found, PatchSearch
from ncg_ray.repair.source import tree_of
from ncg_ray.repair.trust import objection
from ncg_ray.syntax import add_imports
from ncg_ray.types import BlockValues, Candidate, Task
from ncg_ray.verify.compare import meets

NUM_ANSWERS = 5
"Answers to one question."
MAX_BLOCKS, MAX_CHARS = 8, 160
"Blocks whose values the model is shown, and characters of one block's."
MODEL_SCORE = 0.5
"What a whole function of a model's counts beside an edit, whose score is at most 1."


async def ask(task: Task, code: str, parts: Parts, executor: Executor, problem: Problem, found: Found) -> None:
    """Add the model's patches to `found`, if it has any. Raises ModelError and SandboxError."""
    assert parts.repairer is not None and parts.generator is not None
    config = parts.config
    wrong = Candidate(code, "given", task.entry_point)
    check, = await parts.verifier.verify(task, [wrong])
    notes = await _values(executor, problem, found)
    seen: list[Candidate] = []
    for turn in range(config.search.num_repairs + 1):
        seed = config.seed * 1000 + turn
        if turn < config.search.num_repairs:
            request = RepairRequest(task, wrong, check.verdicts, NUM_ANSWERS, config.search.temperature, seed, notes=notes)
            batch, = await parts.repairer.repair([request])
        else:
            batch, = await parts.generator.generate([
                GenerationRequest(task, NUM_ANSWERS, config.search.temperature, seed)])
        codes = list(dict.fromkeys(add_imports(c.code) for c in batch))
        found.num_evaluated += len(codes)
        found.patches += await _plausible(codes, "a model's answer", problem, executor, found)
        if found.patches:
            found.stopped = "patches found"
            return
        seen += batch
    for candidate in _nearest(seen, code):
        search = PatchSearch(executor, meets, config.repair.timeout_s / 2, config.repair.max_pairs)
        more = await search.run(replace(problem, code=candidate))
        found.num_evaluated += more.num_evaluated
        found.screen_s += more.screen_s
        found.patches += await _plausible([p.code for p in more.patches], "an edit of a model's answer", problem, executor,
                                          found)
        if found.patches:
            found.stopped = "patches found"
            return


async def _plausible(codes: Sequence[str], template: str, problem: Problem, executor: Executor, found: Found
                     ) -> list[Plausible]:
    before = tree_of(problem.code)
    trusted = []
    for code in codes:
        tree = tree_of(code)
        if tree is not None and code != problem.code:
            if reason := objection(before, tree, problem.checked):
                found.rejected[reason] += 1
            else:
                trusted.append(code)
    good = await passing(executor, problem, trusted, meets)
    return [Plausible(code, template, _first_line(problem.code, code), MODEL_SCORE, changed_tokens(problem.code, code), 1)
            for code, ok in zip(trusted, good, strict=True) if ok]


async def _values(executor: Executor, problem: Problem, found: Found) -> tuple[str, ...]:
    """What the names hold, block by block, in a run that fails."""
    met = found.diagnosis.met if found.diagnosis else ()
    failing = next((e for e, ok in zip(problem.checked, met, strict=False) if not ok), None)
    if failing is None:
        return ()
    job = ExecutionJob(problem.code, problem.entry_point, (Call(failing.args, failing.kwargs),), problem.limits, ("values",),
                       problem.environment, problem.module)
    execution, = await executor.execute([job])
    blocks = execution.observation.values if execution.observation else ()
    if not blocks:
        return ()
    rows = [_row(block, visit) for block in blocks[:MAX_BLOCKS] for visit in block.first[:2]]
    return (f"In the call {failing.call_text(problem.entry_point)} the names hold:\n" + "\n".join(rows),)


def _row(block: BlockValues, names: dict[str, str]) -> str:
    text = ", ".join(f"{name} = {value}" for name, value in names.items())
    return f"line {block.line} ({block.at}): {text if len(text) <= MAX_CHARS else text[:MAX_CHARS] + ' ...'}"


def _nearest(candidates: Sequence[Candidate], code: str) -> list[str]:
    """The two answers that parse and are nearest to the code."""
    codes = [c for c in dict.fromkeys(add_imports(c.code) for c in candidates) if c != code and tree_of(c) is not None]
    return sorted(codes, key=lambda c: changed_tokens(code, c))[:2]


def _first_line(before: str, after: str) -> int:
    rows, others = before.split("\n"), after.split("\n")
    return next((n for n, (a, b) in enumerate(zip(rows, others, strict=False), 1) if a != b), min(len(rows), len(others)))
