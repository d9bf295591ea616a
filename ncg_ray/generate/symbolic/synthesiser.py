"""`SymbolicSynthesiser`: programs by search, from examples and contracts, without a language model."""

from __future__ import annotations

import ast
import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ncg_ray.config import SynthesisConfig
from ncg_ray.errors import boundary
from ncg_ray.generate.symbolic import conditions, contracts, loops, probes, recursion
from ncg_ray.generate.symbolic.goal import Goal
from ncg_ray.generate.symbolic.grammar import Grammar
from ncg_ray.generate.symbolic.guide import Guide
from ncg_ray.generate.symbolic.interpret import BUILTINS, Clauses
from ncg_ray.generate.symbolic.kinds import ERROR
from ncg_ray.generate.symbolic.problem import Problem, Row, bind, problem_of
from ncg_ray.generate.symbolic.search import Result, Search, Solution
from ncg_ray.generate.symbolic.space import Budget
from ncg_ray.generate.symbolic.write import function
from ncg_ray.protocols import SynthesisRequest
from ncg_ray.syntax import add_imports, complete_module
from ncg_ray.task.signature import parse_signature
from ncg_ray.types import Candidate, Fit, Task, shown

NUM_SAMPLED, NUM_NEAR = 24, 24
"Inputs where a task has only clauses; inputs by which solutions are told apart."
DIRECT_BITS = 1.0
"Bits of a program that follows from the clauses: it is no lucky fit."
SEARCH_SHARE = 0.6
"Of the time, for the search at single inputs where the clauses are also a SyGuS problem. Its programs are more readable."


class SymbolicSynthesiser:
    """Searches for the cheapest programs that meet a task's examples and contracts: `protocols.Synthesiser`.

    Covers: expressions, comprehensions, conditionals, single loops and recursion into nested containers, over the builtin
    types. Does not cover: classes, exceptions as results, nested loops with state, input and output. One search runs at a
    time; a second caller waits.

    Args:
        config: time, memory, number of programs.
        grammar: prior costs, for one that was learned.
    """

    def __init__(self, config: SynthesisConfig, grammar: Grammar | None = None) -> None:
        self.config, self.grammar = config, grammar or Grammar()
        self._busy = asyncio.Lock()

    async def synthesise(self, requests: Sequence[SynthesisRequest]) -> list[list[Candidate]]:
        """One list for each request, the likeliest program first; empty where none was found in time."""
        async with self._busy:
            with boundary("synthesise"):
                unwanted = threading.Event()
                work = asyncio.ensure_future(asyncio.to_thread(
                    lambda: [self._synthesise(request, unwanted) for request in requests]))
                try:
                    return await asyncio.shield(work)
                except asyncio.CancelledError:
                    unwanted.set()
                    await asyncio.gather(work, return_exceptions=True)
                    raise

    def _synthesise(self, request: SynthesisRequest, unwanted: threading.Event) -> list[Candidate]:
        task = request.task
        problem = problem_of(task)
        requires = Clauses(task.contracts, "requires", problem.names)
        ensures = Clauses(task.contracts, "ensures", problem.names)
        spelled_out = [self._candidate(task, problem, code, Fit(DIRECT_BITS, 0.0))
                       for code in _direct(ensures, problem) if not request.refuted]
        if spelled_out:
            return spelled_out[:request.num_candidates]
        if ensures.trees and not ensures.left_out and len(problem.rows) < NUM_SAMPLED:
            more = probes.sampled(problem, requires, NUM_SAMPLED - len(problem.rows), request.seed)
            problem = problem.with_rows([row for row in more if row not in problem.rows])
        problem = problem.with_rows(_refuting(request, problem))
        if not problem.rows:
            return []
        goal = Goal(problem.rows, _judge(ensures, request) if ensures.trees or request.refuted else None)
        guide = Guide(request.models, problem)
        problem = replace(problem, told=guide.constants())
        grammar = guide.grammar(self.grammar.beside(problem.names).hinted(problem.words))
        timeout_s = request.timeout_s or self.config.timeout_s
        sygus = contracts.sygus_text(problem, requires, ensures, any(c.origin == "generated" for c in task.contracts))
        budget = Budget(timeout_s * (SEARCH_SHARE if sygus else 1.0), self.config.max_terms, unwanted.is_set)
        result = Search(problem, goal, grammar, budget, guide.pieces(problem.parameters())).run(4 * request.num_candidates)
        chosen = _distinct(result, problem, requires, request.seed)
        made = [self._candidate(task, problem, s.code, Fit(round(s.program_bits, 2), round(result.example_bits, 2)))
                for s in chosen]
        if sygus and not unwanted.is_set() and (not made or request.refuted):
            code = contracts.solved(problem, sygus, timeout_s * (1 - SEARCH_SHARE))
            if code:
                made.insert(0, self._candidate(task, problem, code, Fit(DIRECT_BITS, 0.0)))
        return [c for c in made if c.id not in request.tried][:request.num_candidates]

    def _candidate(self, task: Task, problem: Problem, code: str, fit: Fit) -> Candidate:
        """The whole module of a function, with the task's words for its docstring."""
        bare = ast.parse(code).body[0]
        assert isinstance(bare, ast.FunctionDef)
        text = function(problem.signature, bare.body, task.docstring or task.prompt)
        return Candidate(add_imports(complete_module(text, task.context, problem.name, problem.signature)), "symbolic",
                         problem.name, fit=fit)


def _direct(ensures: Clauses, problem: Problem) -> list[str]:
    """The function where a clause says `result == EXPRESSION` over parameters and builtins."""
    found = []
    for tree in ensures.trees:
        if isinstance(tree, ast.Compare) and len(tree.ops) == 1 and isinstance(tree.ops[0], (ast.Eq, ast.Is)):
            sides = [tree.left, tree.comparators[0]]
            for side, other in (sides, sides[::-1]):
                used = {n.id for n in ast.walk(other) if isinstance(n, ast.Name)}
                if isinstance(side, ast.Name) and side.id == "result" and "result" not in used and not used & {
                        "old", "implies"} and used <= {*problem.names, *BUILTINS, *_bound(other)}:
                    found.append(function(problem.signature, [ast.Return(other)], ""))
    return found


def _bound(tree: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _refuting(request: SynthesisRequest, problem: Problem) -> list[Row]:
    """The inputs of the counterexamples, as rows that are new."""
    signature = parse_signature(problem.signature)
    rows: list[Row] = []
    for found in request.refuted:
        values = bind(signature, found.args, found.kwargs)
        if values is not None and all(row.values != values for row in [*problem.rows, *rows]):
            asked = [e for e in request.task.examples if bind(signature, e.args, e.kwargs) == values]
            rows.append(Row(values, asked[0] if asked else None))
    return rows


def _judge(ensures: Clauses, request: SynthesisRequest) -> Any:
    """Whether a result is right on a row: it meets the clauses, and is none that was refuted there."""
    refuted = [(found.args, found.got) for found in request.refuted]

    def holds(row: Row, value: Any) -> bool:
        arguments = tuple(row.values.values())
        if row.example is None and any(args == arguments and got == shown(value) for args, got in refuted):
            return False
        return ensures.hold({**row.values, "result": value})

    return holds


def _distinct(result: Result, problem: Problem, requires: Clauses, seed: int) -> list[Solution]:
    """Of solutions that behave alike on inputs near the given ones the first; those that raise on most of them last."""
    rows = probes.near(problem, requires, NUM_NEAR, seed)
    found: dict[str, Solution] = {}
    for solution in result.solutions:
        values = [_value(solution, row) for row in rows]
        found.setdefault(repr(values) if rows else solution.code, solution)
    return list(found.values())


def _value(solution: Solution, row: Row) -> Any:
    try:
        if isinstance(solution.found, loops.Loop):
            return loops.value_of(solution.found, row.values)
        if isinstance(solution.found, recursion.Recursion):
            return recursion.value_of(solution.found, row.values)
        return conditions.value_of(solution.found, row.values)
    except Exception:
        return ERROR
