"""The policy of symbolic mode: search, search again with what was refuted, stop."""

from __future__ import annotations

from collections.abc import Sequence

from ncg_ray.config import SynthesisConfig
from ncg_ray.control.policy import features
from ncg_ray.control.select import solved
from ncg_ray.control.usable import unusable
from ncg_ray.types import Attempt, Decision, Task


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
