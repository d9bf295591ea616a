"""Loop invariants that the model guesses, for the solver to prove or to drop.

Covers: expressions over a function's own names. Does not cover: whether they hold. A wrong guess costs the solver's
time and can never make a proof: each is checked at the loop's entry and for every turn before anything rests on it.
Source: Houdini's guess and check (Flanagan and Leino, Houdini, an Annotation Assistant for ESC/Java, 2001), with a
language model for the guesses (Pei et al., Can Large Language Models Reason about Program Invariants?, 2023).
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence

from ncg_ray.protocols import Completion, CompletionRequest, Generator
from ncg_ray.syntax.module import parse

MAX_GUESSES = 12
"Each costs the solver two queries a round."
MAX_TOKENS = 96


class ModelInvariants:
    """Asks for asserts at the head of the loops, and keeps what reads as a condition over names that are there."""

    def __init__(self, generator: Generator, num_replies: int, temperature: float = 0.4, seed: int = 0) -> None:
        self.generator, self.num_replies, self.temperature, self.seed = generator, num_replies, temperature, seed

    async def __call__(self, source: str, name: str, requires: Sequence[str], ensures: Sequence[str]) -> list[str]:
        """At most `MAX_GUESSES` expressions over the function `name` of a module, those of the greedy reply first."""
        function = _function(source, name)
        if function is None:
            return []
        wish = _wish(function, requires, ensures)
        frame = ("```python\nassert ", ("```",), "```python\n")
        requests = [CompletionRequest(wish, *frame, 1, 0.0, MAX_TOKENS, self.seed)]
        if self.num_replies > 1:
            requests.append(CompletionRequest(wish, *frame, self.num_replies - 1, self.temperature, MAX_TOKENS, self.seed))
        replies = [reply for batch in await self.generator.complete(requests) for reply in batch]
        return guesses(replies, _names(function))


def guesses(replies: Sequence[Completion], names: frozenset[str]) -> list[str]:
    """The conditions in the replies, each once, that read no name but these and the builtins."""
    found: dict[str, None] = {}
    for reply in replies:
        for line in reply.text.split("\n"):
            condition = _condition(line.strip())
            if condition is not None and _reads(condition) <= names | set(dir(builtins)) and _reads(condition) & names:
                found.setdefault(ast.unparse(condition))
    return list(found)[:MAX_GUESSES]


def _condition(line: str) -> ast.expr | None:
    """What `assert C`, `# invariant: C` or a bare comparison states."""
    for mark in ("# invariant:", "#", "invariant:"):
        line = line.removeprefix(mark).strip()
    tree = parse(line)
    if tree is None or len(tree.body) != 1:
        return None
    statement = tree.body[0]
    if isinstance(statement, ast.Assert):
        return statement.test
    stated = statement.value if isinstance(statement, ast.Expr) else None
    return stated if isinstance(stated, (ast.Compare, ast.BoolOp)) else None


def _reads(condition: ast.expr) -> set[str]:
    bound = {n.id for n in ast.walk(condition) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return {n.id for n in ast.walk(condition) if isinstance(n, ast.Name)} - bound


def _function(source: str, name: str) -> ast.FunctionDef | None:
    tree = parse(source)
    wanted = name.rpartition(".")[2]
    return next((n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == wanted), None) if tree else None


def _names(function: ast.FunctionDef) -> frozenset[str]:
    assigned = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return frozenset(assigned | {n.arg for n in ast.walk(function.args) if isinstance(n, ast.arg)})


def _wish(function: ast.FunctionDef, requires: Sequence[str], ensures: Sequence[str]) -> str:
    known = "".join(f"It is called with: {r}\n" for r in requires) + "".join(f"It must end with: {e}\n" for e in ensures)
    return ("Which conditions are true at the beginning of every turn of the loop in this function, and together with the "
            "end of the loop give the result? Write each as one `assert` about the function's variables (what each "
            "holds so far, and between which bounds it lies), in one ```python block and nothing else.\n"
            f"{known}\n```python\n{ast.unparse(function)}\n```")
