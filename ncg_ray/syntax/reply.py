"""A model's reply as a candidate."""

from __future__ import annotations

from typing import Literal

from ncg_ray.protocols import Completion
from ncg_ray.syntax.extract import extract_code
from ncg_ray.syntax.module import complete_module, defined_functions
from ncg_ray.types import Candidate, Task


def read_reply(task: Task, reply: Completion, origin: Literal["greedy", "sample", "repair"],
               parent: str | None = None) -> Candidate:
    """Make a complete module of a reply; the module names the function where the task leaves that open."""
    code = extract_code(reply.text, task.entry_point)
    module = complete_module(code, task.context, task.entry_point, task.signature)
    names = defined_functions(module)
    entry_point = task.entry_point or (names[-1] if names else "")
    return Candidate(module, origin, entry_point, reply.mean_logprob, reply.num_tokens, parent, reply.text)
