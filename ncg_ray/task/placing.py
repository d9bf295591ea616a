"""Where the code for a task belongs: what its runs may import."""

from __future__ import annotations

from ncg_ray.protocols import Environment
from ncg_ray.types import Task

NOWHERE = Environment()
"Of a module that belongs to no project."


def environment(task: Task) -> Environment:
    """What code for this task may import."""
    return Environment(task.project.folder, task.project.packages) if task.project else Environment()


def module(task: Task) -> str:
    """The dotted name of the code in its project."""
    return task.project.module if task.project else ""
