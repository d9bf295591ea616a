"""Code that is wrong, and what says so: the problem that a search for a patch has to solve."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ncg_ray.protocols import Environment, Limits, TestJob
from ncg_ray.task.asserts import example_of
from ncg_ray.task.placing import environment, module
from ncg_ray.task.values import parse_python
from ncg_ray.types import Example, Task


@dataclass(frozen=True, slots=True)
class Problem:
    """Code that is wrong, and what says so."""

    code: str
    entry_point: str
    examples: tuple[Example, ...]
    "What every patch must meet."
    tests: str = ""
    "Test code that is not examples; it judges what meets the examples."
    hints: tuple[Example, ...] = ()
    "Examples read out of `tests`: a patch that misses one cannot pass them."
    limits: Limits = Limits()
    environment: Environment = Environment()
    module: str = ""
    code_path: str = ""
    tests_path: str = "test_given.py"

    @property
    def checked(self) -> tuple[Example, ...]:
        """What can be checked by calls alone."""
        return self.examples + self.hints


def problem_of(task: Task, code: str, limits: Limits) -> Problem:
    """The code against everything that the user asked of the task; what a model assumed refutes nothing."""
    project = task.project
    examples = tuple(e for e in task.examples if e.origin != "generated")
    return Problem(code, task.entry_point, examples, task.tests, asserted(task.tests, task.entry_point), limits,
                   environment(task), module(task), project.code_path if project else "",
                   project.tests_path if project else "test_given.py")


def asserted(tests: str, name: str) -> tuple[Example, ...]:
    """The plain asserts in test functions and `check(candidate)` that hold nothing else: any patch must meet them."""
    tree = parse_python(tests) if tests.strip() else None
    found: list[Example | None] = []
    for node in tree.body if tree else []:
        if not isinstance(node, ast.FunctionDef) or node.decorator_list:
            continue
        called = node.args.args[0].arg if node.name == "check" and node.args.args else name
        plain = (node.name == "check" or node.name.startswith("test")) and (called != name or not node.args.args)
        if plain and all(isinstance(s, ast.Assert | ast.Expr) for s in node.body):
            found += [example_of(s.test, called) for s in node.body if isinstance(s, ast.Assert)]
    return tuple(e for e in found if e is not None)


def test_job(problem: Problem) -> TestJob:
    """The run of the test code."""
    where = {"code_path": problem.code_path, "tests_path": problem.tests_path} if problem.code_path else {}
    return TestJob(problem.code, problem.entry_point, problem.tests, problem.limits, environment=problem.environment,
                   module=problem.module, **where)
