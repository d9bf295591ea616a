"""The policy of symbolic mode: search, search again with what was refuted, stop."""

from __future__ import annotations

from collections.abc import Sequence

from ncg_ray.config import SynthesisConfig
from ncg_ray.control.policy import features
from ncg_ray.control.select import solved
from ncg_ray.task.docstring import call_key, same_result
from ncg_ray.types import Attempt, Decision, Example, Task, shown


class SymbolicController:
    """Synthesise; where the verifier refutes what was found, synthesise again with its counterexamples.

    Counterexample-guided inductive synthesis: each round's search must be right on the inputs that refuted those before.
    It stops with a program that meets everything that can be checked, where a search gives nothing new, or after
    `synthesis.num_rounds` searches. A task without an example or a contract, or with two examples that contradict each
    other, is not searched for.

    Source: Solar-Lezama et al., "Combinatorial Sketching for Finite Programs", ASPLOS 2006.
    """

    def __init__(self, config: SynthesisConfig) -> None:
        self.config = config

    async def decide(self, task: Task, attempts: Sequence[Attempt], decisions: Sequence[Decision]) -> Decision:
        facts = features(task, attempts)
        if not decisions:
            why = unusable(task)
            if why:
                return Decision("stop", why, features=facts)
            return Decision("synthesise", "search for the shortest programs", self.config.num_candidates, features=facts)
        if any(solved(a) for a in attempts):
            return Decision("stop", "a program meets everything that can be checked", features=facts)
        latest = [a for a in attempts if a.step == len(decisions) - 1]
        if not latest:
            why = "the search found no other program" if attempts else f"no program was found in {self.config.timeout_s:g} s"
            return Decision("stop", f"{why}; --set synthesis.timeout_s gives it more", features=facts)
        if len(decisions) >= self.config.num_rounds:
            return Decision("stop", f"{len(decisions)} searches are over", features=facts)
        return Decision("synthesise", "search on, right on the counterexamples too", self.config.num_candidates,
                        features=facts)


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
