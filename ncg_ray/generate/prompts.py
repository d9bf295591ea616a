"""What the model is told. One place, so that a change is seen in one diff."""

from __future__ import annotations

from dataclasses import dataclass

from ncg_ray.syntax import stub_of
from ncg_ray.types import Snippet, Task

CHAT_STOP = ("```",)
BASE_STOP = ("\ndef ", "\nclass ", "\nif __name__", "\nprint(", "\nassert ", "\n#", "\n@", "```")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A chat turn and the beginning of the reply; a base model reads `plain` instead."""

    turn: str
    prefill: str
    plain: str


def write_function(task: Task, snippets: tuple[Snippet, ...] = ()) -> Prompt:
    """Ask for one function.

    The reply is begun with the stub itself where there is a signature: the model then writes the body only, which halves
    the tokens and loses nothing (measured on 40 tasks; see tests/benchmarks).
    """
    stub = stub_of(task)
    known = "".join(f"Code that may help, from {s.source}:\n```python\n{s.code.strip()}\n```\n\n" for s in snippets)
    turn = (f"{known}Complete this Python function. Reply with the complete function in one ```python block and "
            f"nothing else.\n\n```python\n{stub}```")
    return Prompt(turn, "```python\n" + (stub if task.signature else ""), stub)
