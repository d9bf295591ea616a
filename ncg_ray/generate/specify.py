"""A specification out of words: a signature and examples that the model itself proposes, blind to any candidate.

Covers: tasks that give nothing to check by. The examples are assumptions: they are shown to the user, can refute
nothing, and give at most TESTED.
Does not cover: tasks with an example, a test or a contract of their own; these are left as they are.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ncg_ray.config import SearchConfig
from ncg_ray.plain import NotPlain, encode
from ncg_ray.protocols import Completion, CompletionRequest, Generator
from ncg_ray.records import stable_hash
from ncg_ray.syntax import stub_of
from ncg_ray.syntax.module import parse
from ncg_ray.types import Example, Task

MAX_CALLS = 5
NUM_ASKED = 2
"Samples that propose calls."
MIN_SHARE = 0.6
"An example stays where at least this share of the samples gives the same value."


class ModelSpecifier:
    """Asks for calls first, then several times for the value of each call, and keeps what agrees."""

    def __init__(self, generator: Generator, config: SearchConfig) -> None:
        self.generator, self.config = generator, config

    async def specify(self, tasks: Sequence[Task], seed: int) -> list[Task]:
        return [task if task.examples or task.tests or task.contracts else await self._specify(task, seed)
                for task in tasks]

    async def _specify(self, task: Task, seed: int) -> Task:
        if not task.signature:
            task = await self._with_signature(task, seed)
        if not task.signature:
            return task
        calls = await self._calls(task, seed)
        values = await self._values(task, calls, seed)
        examples = tuple(e for call, replies in zip(calls, values, strict=True) if (e := _agreed(call, replies)))
        return replace(task, examples=examples)

    async def _with_signature(self, task: Task, seed: int) -> Task:
        """The task with the first signature that parses; greedy first, then samples."""
        prefill = f"```python\ndef {task.entry_point}(" if task.entry_point else "```python\ndef"
        wish = ("Write the signature, with type hints, of one Python function for this task. Only the def line.\n\n"
                + task.prompt)
        for num, temperature in ((1, 0.0), (self.config.num_specifications, self.config.temperature)):
            request = CompletionRequest(wish, prefill, ("\n", "```"), None, num, temperature, 64, seed)
            replies, = await self.generator.complete([request])
            for reply in replies:
                tree = parse(f"{_first_line(reply).rstrip(':')}:\n    pass")
                if tree is not None and len(tree.body) == 1 and isinstance(function := tree.body[0], ast.FunctionDef):
                    signature = ast.unparse(function).split("\n")[0].removesuffix(":")
                    return replace(task, signature=signature, entry_point=function.name)
        return task

    async def _calls(self, task: Task, seed: int) -> list[ast.Call]:
        prefill = f"```python\nassert {task.entry_point}("
        request = CompletionRequest(_ask_for_asserts(task), prefill, ("```",), None, NUM_ASKED, self.config.temperature,
                                    256, seed + 1)
        replies, = await self.generator.complete([request])
        calls: dict[str, ast.Call] = {}
        for reply in replies:
            for line in reply.text.split("\n"):
                call = _call_of(line, task.entry_point)
                if call is not None:
                    calls.setdefault(ast.unparse(call), call)
        return list(calls.values())[:MAX_CALLS]

    async def _values(self, task: Task, calls: Sequence[ast.Call], seed: int) -> list[list[Completion]]:
        if not calls:
            return []
        wish = _ask_for_asserts(task)
        return await self.generator.complete([
            CompletionRequest(wish, f"```python\nassert {ast.unparse(call)} ==", ("\n", "```"), None,
                              self.config.num_specifications, self.config.temperature, 48, seed + 2 + i)
            for i, call in enumerate(calls)])


def _ask_for_asserts(task: Task) -> str:
    return ("Write five short asserts that test this Python function, each with a different simple input and the exact "
            f"result. Reply with the asserts in one ```python block and nothing else.\n\n```python\n{stub_of(task)}```")


def _call_of(line: str, entry_point: str) -> ast.Call | None:
    """The call in `assert f(<literals>) == ...`, or None."""
    tree = parse(line.strip())
    if tree is None or not tree.body or not isinstance(node := tree.body[0], ast.Assert):
        return None
    call = node.test.left if isinstance(node.test, ast.Compare) else node.test
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == entry_point):
        return None
    try:
        for argument in [*call.args, *(k.value for k in call.keywords)]:
            encode(ast.literal_eval(argument))
    except (ValueError, TypeError, NotPlain, RecursionError, MemoryError):
        return None
    return call if all(k.arg for k in call.keywords) else None


def _first_line(reply: Completion) -> str:
    return reply.text.removeprefix("```python\n").split("\n")[0].strip()


def _agreed(call: ast.Call, replies: Sequence[Completion]) -> Example | None:
    """The example that enough of the replies state."""
    votes: Counter[str] = Counter()
    found: dict[str, Example] = {}
    for reply in replies:
        tree = parse(_first_line(reply))
        if tree is None or not tree.body or not isinstance(node := tree.body[0], ast.Assert):
            continue
        test = node.test
        if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
            continue
        try:
            value = ast.literal_eval(test.comparators[0])
            args = tuple(ast.literal_eval(a) for a in call.args)
            kwargs = {str(k.arg): ast.literal_eval(k.value) for k in call.keywords}
            example = Example(args, kwargs, value, origin="generated", loose=True)
            key = stable_hash(example)
        except (ValueError, TypeError, NotPlain, RecursionError, MemoryError):
            continue
        votes[key] += 1
        found[key] = example
    if not votes:
        return None
    key, count = votes.most_common(1)[0]
    return found[key] if count >= MIN_SHARE * len(replies) else None
