"""Whether a task says enough for a search without a model."""

from __future__ import annotations

from ncg_ray.task.docstring import call_key, same_result
from ncg_ray.types import Example, Task, shown


def unusable(task: Task) -> str:
    """Why there is nothing to search by; empty where there is something."""
    examples = [e for e in task.examples if e.origin != "generated"]
    first: dict[str, Example] = {}
    for example in examples:
        other = first.setdefault(call_key(example), example)
        if not same_result(other, example):
            name = task.entry_point or "f"
            return f"the examples contradict each other: {_line(other, name)} and {_line(example, name)}"
    if not examples and not any(c.kind == "ensures" and c.origin != "generated" for c in task.contracts):
        tests = ", and its tests are no plain asserts" if task.tests else ""
        return f"mode 'symbolic' needs examples or an `ensures`; this task has neither{tests}"
    return ""


def _line(example: Example, name: str) -> str:
    return f"{example.call_text(name)} " + (f"raises {example.raises}" if example.raises else f"== {shown(example.returns)}")
