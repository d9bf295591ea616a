"""How much a contract says: the share of mutants that it tells from the function; and contracts that runs suggest.

A mutant that behaves like the function on the inputs at hand is not counted: no contract could tell it there.

Source: DeMillo, Lipton and Sayward 1978 (mutants); Ernst et al. 2007 (Daikon, for the suggestions).
"""

from __future__ import annotations

import ast
import copy
import random
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ncg_ray.protocols import Call, Environment, ExecutionJob, Executor, Limits, ScreenJob
from ncg_ray.types import OutcomeKind
from ncg_ray.verify.replay import ENTRY_POINT, find_node, replay_module
from ncg_ray.verify.specification import Clause, Specification

MAX_MUTANTS, MAX_SUGGESTIONS = 24, 4
LIMITS = Limits(time_s=0.5)
"For one call: of a mutant that runs away there are many."
COMPARE = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
BINARY = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.FloorDiv: (ast.Mult,),
    ast.Div: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
TEMPLATES = {
    "int": ["result >= 0", "result > 0", "result != 0"],
    "bool": [],
    "float": ["result >= 0"],
    "str": [],
    "list": [],
    "tuple": [],
}


def mutants(source: str, name: str, seed: int = 0) -> list[str]:
    """Modules in which one place of the function is another; at most `MAX_MUTANTS`, chosen by the seed."""
    tree = ast.parse(source)
    found: list[str] = []
    for change in _changes(tree, name):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = ast.unparse(ast.fix_missing_locations(change))
        if text not in found:
            found.append(text)
    return found if len(found) <= MAX_MUTANTS else random.Random(seed).sample(found, MAX_MUTANTS)


def _changes(tree: ast.Module, name: str) -> Iterator[ast.Module]:
    node = find_node(tree, name)
    for position, part in enumerate(ast.walk(node)):
        for change in _alternatives(part):
            twin = copy.deepcopy(tree)
            target = next(p for i, p in enumerate(ast.walk(find_node(twin, name))) if i == position)
            change(target)
            yield twin


def _alternatives(node: ast.AST) -> Iterator[object]:
    """Functions that change a node like this one into something near it."""
    if isinstance(node, ast.Compare):
        for number, op in enumerate(node.ops):
            for kind in COMPARE.get(type(op), ()):
                yield lambda n, number=number, kind=kind: n.ops.__setitem__(number, kind())
    elif isinstance(node, (ast.BinOp, ast.AugAssign)):
        for kind in BINARY.get(type(node.op), ()):
            yield lambda n, kind=kind: setattr(n, "op", kind())
    elif isinstance(node, ast.BoolOp):
        yield lambda n: setattr(n, "op", ast.Or() if isinstance(n.op, ast.And) else ast.And())
    elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
        for value in [not node.value] if type(node.value) is bool else [node.value + 1, node.value - 1]:
            yield lambda n, value=value: setattr(n, "value", value)
    elif isinstance(node, (ast.If, ast.While, ast.IfExp)):
        yield lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
    elif isinstance(node, ast.Return) and node.value is not None:
        yield lambda n: setattr(n, "value", ast.Constant(None))


class Strength:
    """Measures contracts of one function by its mutants."""

    def __init__(
        self, executor: Executor, source: str, spec: Specification, inputs: Sequence[Sequence[str]], environment: Environment
    ) -> None:
        self.executor, self.source, self.spec, self.environment = executor, source, spec, environment
        self.calls = tuple(Call((list(args),)) for args in inputs)
        self.mutants = mutants(source, spec.name)

    async def of(self, ensures: Sequence[str]) -> float | None:
        """Share in [0, 1] of the mutants that differ on the inputs and that a contract refutes; None where none differs."""
        if not self.mutants or not self.calls:
            return None
        spec = replace(self.spec, ensures=[Clause(text, 0, "") for text in ensures])
        codes = [replay_module(text, spec) for text in (self.source, *self.mutants)]
        job = ScreenJob(tuple(codes), ENTRY_POINT, self.calls, LIMITS, self.environment)
        ((first, *rest),) = await self.executor.screen([job])
        original = [_behaviour(outcome.value) for outcome in first]
        different = killed = 0
        for outcomes in rest:
            seen = [_behaviour(o.value) if o.kind is OutcomeKind.RETURNED else ("died", str(o.kind)) for o in outcomes]
            if seen == original:
                continue
            different += 1
            killed += any(
                s[0] in ("broken", "raised", "contract raises", "died") and t[0] not in ("broken", "raised")
                for s, t in zip(seen, original, strict=True)
            )
        return killed / different if different else None


def _behaviour(value: object) -> tuple[str, str]:
    """(status, result) of a replay."""
    if isinstance(value, list) and len(value) == 4:
        return str(value[0]), str(value[2])
    return "died", ""


async def suggest(
    executor: Executor, source: str, spec: Specification, inputs: Sequence[tuple[object, ...]], environment: Environment
) -> list[str]:
    """Postconditions out of a fixed stock that held on every run, the most telling kinds first."""
    calls = tuple(Call(tuple(args)) for args in inputs)
    (execution,) = await executor.execute([ExecutionJob(source, spec.name, calls, LIMITS, environment=environment)])
    runs = [
        (call.args, outcome.value)
        for call, outcome in zip(calls, execution.outcomes, strict=False)
        if outcome.kind is OutcomeKind.RETURNED and outcome.args_after is None
    ]
    if len(runs) < 3:
        return []
    held = []
    for text in dict.fromkeys(_templates(spec.parameters, runs)):
        code = compile(text, "<suggestion>", "eval")
        if all(_holds(code, spec.parameters, args, value) for args, value in runs):
            held.append(text)
    return held


def _templates(names: Sequence[str], runs: Sequence[tuple[tuple[object, ...], object]]) -> Iterator[str]:
    """Ours alone, over names of arguments: they are evaluated here, on plain values."""
    args, value = runs[0]
    kinds = {name: type(arg).__name__ for name, arg in zip(names, args, strict=False)}
    kind = type(value).__name__
    sized = [n for n, k in kinds.items() if k in ("list", "str", "tuple", "dict", "set")]
    for name in (n for n, k in kinds.items() if k in ("list", "tuple")):
        if kind == "list":
            yield f"result == sorted({name})"
            yield f"sorted(result) == sorted({name})"
            yield f"all(x in {name} for x in result)"
        if kind in ("int", "float", "str"):
            yield f"result in {name}"
            yield f"all(x <= result for x in {name})"
            yield f"all(x >= result for x in {name})"
        if kind == "int":
            yield f"result == len({name})"
            yield f"result == sum({name})"
    if kind in ("list", "str", "tuple", "dict", "set"):
        for name in sized:
            yield f"len(result) == len({name})"
            yield f"len(result) <= len({name})"
    if kind == "list":
        yield "result == sorted(result)"
    for name, other in kinds.items():
        if other == kind and kind in ("int", "float", "str", "list", "bool"):
            yield f"result == {name}"
            if kind in ("int", "float"):
                yield f"result >= {name}"
                yield f"result <= {name}"
    yield from TEMPLATES.get(kind, ())


def _holds(code: object, names: Sequence[str], args: Sequence[object], value: object) -> bool:
    try:
        scope = dict(zip(names, copy.deepcopy(args), strict=False)) | {"result": value}
        return bool(eval(code, {"__builtins__": {f.__name__: f for f in (len, sum, all, sorted, min, max, abs)}} | scope))  # type: ignore[arg-type]
    except Exception:
        return False


__all__ = ["MAX_SUGGESTIONS", "Strength", "mutants", "suggest"]
