"""What repairs learn from repairs: evaluations per fix over a stream of mutants, with a history and without one.

    python tests/benchmarks/learning.py mbpp.jsonl --num 200 --seed 0

A mutant is a program of the suite with one change that its asserts notice: an operator, a comparison, a number one off,
`and` for `or`, operands in the wrong order, a bound one short, a dropped `not`, a variable for another. (A statement left
out is none of them: no edit knows what it was.) Programs and changes are drawn at random, kinds of change evenly. Both runs
see the same stream and the same time; an evaluation is a candidate that was run before the first patch, all of them where
none was found.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import platform
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ncg_ray import assemble
from ncg_ray.config import load
from ncg_ray.errors import TaskError
from ncg_ray.repair.diagnose import passing
from ncg_ray.repair.history import History
from ncg_ray.repair.problem import Problem
from ncg_ray.repair.search import PatchSearch
from ncg_ray.task.asserts import examples_from_asserts
from ncg_ray.task.signature import parse_signature
from ncg_ray.verify.compare import meets

BINARY = {ast.Add: "- *", ast.Sub: "+", ast.Mult: "+ //", ast.FloorDiv: "/ *", ast.Mod: "//", ast.Div: "// *", ast.Pow: "*"}
COMPARE = {ast.Lt: "<= >", ast.LtE: "< >=", ast.Gt: ">= <", ast.GtE: "> <=", ast.Eq: "!=", ast.NotEq: "=="}


@dataclass(frozen=True)
class Mutation:
    kind: str
    make: Callable[[], None]


def operator_of(text: str) -> ast.expr:
    return ast.parse(f"a {text} b", mode="eval").body


def mutations(tree: ast.Module) -> Iterator[Mutation]:
    """All single changes of a tree, made in place."""
    names = sorted({n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} | {
        n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)})
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(left=left, right=right, op=op):
                for other in BINARY.get(type(op), "").split():
                    yield Mutation("arithmetic", lambda n=node, o=other: setattr(n, "op", operator_of(o).op))
                yield Mutation("order", lambda n=node, x=left, y=right: (setattr(n, "left", y), setattr(n, "right", x)))
            case ast.Compare(ops=[op]):
                for other in COMPARE.get(type(op), "").split():
                    yield Mutation("comparison", lambda n=node, o=other: setattr(n, "ops", operator_of(o).ops))
            case ast.BoolOp(op=op):
                new = ast.Or() if isinstance(op, ast.And) else ast.And()
                yield Mutation("logic", lambda n=node, new=new: setattr(n, "op", new))
            case ast.Constant(value=int(value)) if not isinstance(value, bool):
                for by in (1, -1):
                    yield Mutation("number", lambda n=node, v=value + by: setattr(n, "value", v))
            case ast.Call(func=ast.Name(id="range"), args=[*_, last]):
                less = ast.BinOp(last, ast.Sub(), ast.Constant(1))
                yield Mutation("bound", lambda n=node, x=less: n.args.__setitem__(-1, x))
            case ast.If(test=ast.UnaryOp(op=ast.Not(), operand=operand)):
                yield Mutation("negation", lambda n=node, x=operand: setattr(n, "test", x))
            case ast.Name(id=name, ctx=ast.Load()) if name in names:
                for other in names:
                    if other != name:
                        yield Mutation("variable", lambda n=node, o=other: setattr(n, "id", o))


def mutant(code: str, rng: random.Random) -> tuple[str, str] | None:
    """One changed program and the kind of its change."""
    tree = ast.parse(code)
    every = list(mutations(tree))
    if not every:
        return None
    kind = rng.choice(sorted({m.kind for m in every}))
    rng.choice([m for m in every if m.kind == kind]).make()
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n", kind


async def stream(options: argparse.Namespace, executor, limits) -> list[tuple[Problem, str]]:
    """Mutants that their asserts notice."""
    rng = random.Random(options.seed)
    rows = [json.loads(line) for line in options.suite.read_text(encoding="utf-8").splitlines()]
    found: list[tuple[Problem, str]] = []
    while len(found) < options.num:
        row = rng.choice(rows)
        try:
            code = ast.unparse(ast.parse(row["code"].replace("\r\n", "\n"))) + "\n"
            name = next(n.name for n in ast.parse(code).body if isinstance(n, ast.FunctionDef)
                        and n.name + "(" in row["test_list"][0])
            signature = next(n for n in ast.parse(code).body if isinstance(n, ast.FunctionDef) and n.name == name)
            head = f"def {name}({ast.unparse(signature.args)})"
            examples, rest = examples_from_asserts("\n".join(row["test_list"]), name, parse_signature(head))
            made = mutant(code, rng)
        except (SyntaxError, StopIteration, TaskError):
            continue
        if made is None or rest or not examples or row.get("test_setup_code"):
            continue
        right, wrong = (Problem(text, name, tuple(examples), limits=limits) for text in (code, made[0]))
        if await passing(executor, right, [code], meets) == [True] and await passing(executor, wrong, [made[0]], meets) == [
                False]:
            found.append((wrong, made[1]))
    return found


async def evaluations(problems: list[tuple[Problem, str]], executor, history: History | None, options) -> list[dict]:
    rows = []
    for number, (problem, kind) in enumerate(problems):
        search = PatchSearch(executor, meets, options.timeout, 0, history, number, first_only=True)
        found = await search.run(problem)
        rows.append({"kind": kind, "fixed": bool(found.patches), "evaluations": found.num_to_first or found.num_evaluated})
        print(json.dumps({"history": history is not None, "number": number, **rows[-1]}), file=sys.stderr, flush=True)
    return rows


def per_fix(rows: list[dict]) -> tuple[float, int]:
    fixed = sum(row["fixed"] for row in rows)
    return sum(row["evaluations"] for row in rows) / max(1, fixed), fixed


async def run(options: argparse.Namespace) -> None:
    config = load(sets=["sandbox.time_s=2"])
    executor = assemble.executor(config.sandbox)
    problems = await stream(options, executor, assemble.limits(config.sandbox))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    print(f"machine {platform.machine()}, Python {platform.python_version()}, commit {commit}, seed {options.seed}, "
          f"{len(problems)} mutants, {options.timeout:g} s a search, single edits\n")
    print("| | evaluations per fix, first half | second half | second / first | fixed, first half | second half |")
    print("|---|---|---|---|---|---|")
    half = len(problems) // 2
    every = {"no history": await evaluations(problems, executor, None, options)}
    history = History(":memory:")
    every["history"] = await evaluations(problems, executor, history, options)
    for name, rows in every.items():
        (first, fixed), (second, more) = per_fix(rows[:half]), per_fix(rows[half:])
        print(f"| {name} | {first:.1f} | {second:.1f} | {second / first:.0%} | {fixed} | {more} |", flush=True)
    (none, _), (with_history, _) = (per_fix(every[name][half:]) for name in ("no history", "history"))
    print(f"\nSecond half, history over no history: {with_history / none:.0%}. The best mined rewrites: " + "; ".join(
        f"`{r.before}` to `{r.after}` ({r.support})" for r in history.rewrites()[:6]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=Path)
    parser.add_argument("--num", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=8.0, help="seconds of one search")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
