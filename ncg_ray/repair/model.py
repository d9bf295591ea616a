"""Repair by regenerating: the model sees its code, the failing input, the traceback and how the results differ."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from ncg_ray.protocols import CompletionRequest, Generator, RepairRequest
from ncg_ray.syntax import read_reply, reply_frame
from ncg_ray.types import Candidate, Counterexample, Verdict, call_text

MAX_VALUE_CHARS = 400
MAX_TRACEBACK_LINES = 8


class ModelRepairer:
    """Asks a generator for corrected versions of a failed candidate."""

    def __init__(self, generator: Generator) -> None:
        self.generator = generator

    async def repair(self, requests: Sequence[RepairRequest]) -> list[list[Candidate]]:
        batches = await self.generator.complete([
            CompletionRequest(repair_prompt(r), *reply_frame(r.task), r.num_candidates, r.temperature, seed=r.seed)
            for r in requests])
        return [[read_reply(request.task, reply, "repair", request.candidate.id) for reply in replies]
                for request, replies in zip(requests, batches, strict=True)]


def repair_prompt(request: RepairRequest) -> str:
    """What the model is told about the failure."""
    task, candidate = request.task, request.candidate
    name = task.entry_point or candidate.entry_point
    failures = [text for v in request.verdicts if (text := describe_failure(v, name))]
    return (f"This Python function is wrong.\n\n```python\n{candidate.code.strip()}\n```\n\n"
            f"It should do this:\n{(task.docstring or task.prompt).strip()}\n\n"
            + "\n\n".join([*failures[:3], *request.notes]) +
            "\n\nFix the function. Reply with the complete corrected function in one ```python block and nothing else.")


def describe_failure(verdict: Verdict, name: str) -> str:
    """The counterexample as text; empty where the verdict has nothing to show."""
    ce = verdict.counterexample
    if ce is None:
        return _short(verdict.detail) if verdict.num_passed < verdict.num_checked else ""
    call = _short(call_text(name, ce.args, ce.kwargs))
    lines = [f"The call {call} should give {_short(ce.expected)}, but it gives {_short(ce.got)}."]
    if difference := _difference(ce):
        lines.append(difference)
    if ce.traceback:
        lines.append("\n".join(ce.traceback.strip().split("\n")[-MAX_TRACEBACK_LINES:]))
    return "\n".join(lines)


def _difference(ce: Counterexample) -> str:
    """A unified diff where the two results are long enough that the eye needs one."""
    expected, got = (text.replace(", ", ",\n").split("\n") for text in (ce.expected, ce.got))
    if len(expected) < 6 or not ce.got.startswith(ce.expected[:1]):
        return ""
    diff = list(difflib.unified_diff(expected, got, "expected", "got", lineterm="", n=1))
    return "\n".join(diff[:20])


def _short(text: str) -> str:
    return text if len(text) <= MAX_VALUE_CHARS else text[: MAX_VALUE_CHARS // 2] + " ... " + text[-MAX_VALUE_CHARS // 2:]
