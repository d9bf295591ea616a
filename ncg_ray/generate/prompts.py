"""What the model is told. One place, so that a change is seen in one diff."""

from __future__ import annotations

from dataclasses import dataclass

from ncg_ray.syntax import reply_frame, stub_of
from ncg_ray.types import Snippet, Task

BASE_STOP = ("\ndef ", "\nclass ", "\nif __name__", "\nprint(", "\nassert ", "\n#", "\n@", "```")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A chat turn, the beginning of the reply and what ends it; a base model continues `plain` until `BASE_STOP`."""

    turn: str
    prefill: str
    stop: tuple[str, ...]
    second_prefill: str | None
    plain: str


def write_function(task: Task, snippets: tuple[Snippet, ...] = ()) -> Prompt:
    """Ask for one function."""
    stub = stub_of(task)
    known = "".join(f"Code that may help, from {s.source}:\n```python\n{s.code.strip()}\n```\n\n" for s in snippets)
    turn = (f"{known}Complete this Python function. Reply with the complete function in one ```python block and "
            f"nothing else.\n\n```python\n{stub}```")
    return Prompt(turn, *reply_frame(task), stub)
