"""What the model is told. One place, so that a change is seen in one diff."""

from __future__ import annotations

from dataclasses import dataclass

from ncg_ray.types import Snippet, Task

CHAT_STOP = ("```",)
BASE_STOP = ("\ndef ", "\nclass ", "\nif __name__", "\nprint(", "\nassert ", "\n#", "\n@", "```")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A chat turn and the beginning of the reply; a base model reads `plain` instead."""

    turn: str
    prefill: str
    plain: str


def stub_of(task: Task) -> str:
    """The task as Python: the given stub, or one made of signature, words and examples."""
    if task.is_stub:
        return task.prompt.strip("\n") + "\n"
    signature = task.signature or f"def {task.entry_point or 'solution'}(*args)"
    doc = [task.prompt.strip()]
    if examples := _example_lines(task):
        doc += ["", *examples]
    if task.contracts:
        doc += ["", *(f"{c.kind}: {c.expression}" for c in task.contracts)]
    body = "\n".join("    " + line if line else "" for line in "\n".join(doc).replace('"""', "'''").split("\n"))
    context = task.context.rstrip() + "\n\n\n" if task.context.strip() else ""
    return f'{context}{signature}:\n    """{body.strip()}\n    """\n'


def _example_lines(task: Task, limit: int = 6) -> list[str]:
    lines = []
    for example in task.examples[:limit]:
        lines.append(f">>> {example.call_text(task.entry_point)}")
        lines += [f"Traceback (most recent call last):\n    ...\n{example.raises}"] if example.raises else [
            repr(example.returns)]
    if not task.examples and task.tests:
        lines += ["It must pass:", *task.tests.strip().split("\n")[:20]]
    return lines


def write_function(task: Task, snippets: tuple[Snippet, ...] = ()) -> Prompt:
    """Ask for one function."""
    stub = stub_of(task)
    known = "".join(f"Code that may help, from {s.source}:\n```python\n{s.code.strip()}\n```\n\n" for s in snippets)
    turn = (f"{known}Complete this Python function. Reply with the complete function in one ```python block and "
            f"nothing else.\n\n```python\n{stub}```")
    return Prompt(turn, "```python\n", stub)
