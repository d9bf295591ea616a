"""A task as a Python stub: what a model completes."""

from __future__ import annotations

from ncg_ray.types import Task, shown

FENCE = "```python\n"
BLOCK_END = ("```",)
BODY_END = ("```", "\n# ", "\nprint(", "\nassert ", "\nif __name__")
"The end of the block, or a demonstration below the function."
MAX_EXAMPLES = 6
MAX_TEST_LINES = 20


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


def reply_frame(task: Task) -> tuple[str, tuple[str, ...], str | None]:
    """How a chat reply is begun for the model, the strings that end it, and how to begin it where that leads to nothing.

    Where there is a signature the reply begins with the stub itself: the model then writes the body only, which halves the
    tokens and lost nothing on 40 tasks (tests/benchmarks/evaluate.md).
    """
    return (FENCE + stub_of(task), BODY_END, FENCE) if task.signature else (FENCE, BLOCK_END, None)


def _example_lines(task: Task) -> list[str]:
    lines = []
    for example in task.examples[:MAX_EXAMPLES]:
        lines.append(f">>> {example.call_text(task.entry_point)}")
        lines += [f"Traceback (most recent call last):\n    ...\n{example.raises}"] if example.raises else [
            shown(example.returns)]
    if not task.examples and task.tests:
        lines += ["It must pass:", *task.tests.strip().split("\n")[:MAX_TEST_LINES]]
    return lines
