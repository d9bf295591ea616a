"""Fixed policies. Their decisions carry features and propensity, so that a learned policy can use the Traces."""

from __future__ import annotations

from collections.abc import Sequence

from ncg_ray.config import SearchConfig
from ncg_ray.control.select import agreement, pass_share, select, solved
from ncg_ray.control.usable import unusable
from ncg_ray.types import Attempt, Decision, Level, Task

NUM_PATCHES, NUM_PROGRAMS = 5, 5
"Candidates of one search."


class NeuralController:
    """The baseline: the greedy candidate is the answer, whatever is found out about it.

    With `search.num_neural_samples` it draws samples as well, for pass@k; they change nothing about the answer.
    """

    def __init__(self, config: SearchConfig) -> None:
        self.config = config

    async def decide(self, task: Task, attempts: Sequence[Attempt], decisions: Sequence[Decision]) -> Decision:
        facts = features(task, attempts)
        if not decisions:
            return Decision("generate", "greedy candidate", features=facts)
        if len(decisions) == 1 and self.config.num_neural_samples:
            return Decision("generate", "samples for pass@k", self.config.num_neural_samples, self.config.temperature,
                            features=facts)
        return Decision("stop", "the bare model answers with its first candidate", features=facts)


class FixedController:
    """Greedy, then samples; where all fail, edits of the best of them, a search, repairs by the model, warmer samples.

    It stops as soon as a candidate meets everything that can be checked. Where the checks tell nothing, since a constant
    function meets them as well (T0 = 1: a single example, say), it first asks for samples, so that candidates that agree
    can outvote a lucky one; and for the shortest programs, whose agreement counts too.

    Args:
        engines: of "edit" and "synthesise" those that are there; none: the model alone.
        always: whether a search is made even where the samples met everything.
    """

    def __init__(self, config: SearchConfig, engines: Sequence[str] = (), always: bool = False) -> None:
        self.config, self.engines, self.always = config, engines, always

    async def decide(self, task: Task, attempts: Sequence[Attempt], decisions: Sequence[Decision]) -> Decision:
        facts = features(task, attempts)
        config = self.config
        if not decisions:
            return Decision("generate", "greedy candidate", features=facts)
        done = any(solved(a) for a in attempts)
        sampled = any(d.action == "generate" and d.temperature > 0 for d in decisions)
        tells = facts["baseline"] < 1.0
        if done and tells:
            return Decision("stop", "a candidate meets everything that can be checked", features=facts)
        if not sampled and config.num_samples:
            why = ("a constant would pass these checks: see whether samples agree" if done else
                   "nothing can be checked: see whether samples agree" if not facts["num_checks"] else
                   "the greedy candidate fails")
            return Decision("generate", why, config.num_samples, config.temperature, features=facts)
        if not facts["num_checks"]:
            return Decision("stop", "nothing can be checked; the samples have voted", features=facts)
        decision = self._search(task, attempts, decisions, facts) if self.always or not done else None
        if decision is None and not done:
            decision = self._ask_again(attempts, decisions, facts)
        why = "a candidate meets everything that can be checked" if done else "the budget is used up"
        return decision or Decision("stop", why, features=facts)

    def _search(self, task: Task, attempts: Sequence[Attempt], decisions: Sequence[Decision], facts: dict[str, float],
                ) -> Decision | None:
        config, done = self.config, any(solved(a) for a in attempts)
        edited = {d.target for d in decisions if d.action == "edit"}
        if "edit" in self.engines and config.edit_s and not done and len(edited) < config.num_edited:
            open_attempts = [a for a in attempts if a.candidate.id not in edited and a.candidate.origin != "edit"]
            if open_attempts:
                return Decision("edit", "search for edits of the best failure", NUM_PATCHES,
                                target=select(open_attempts).candidate.id, features=facts)
        if ("synthesise" in self.engines and config.synthesis_s and not unusable(task)
                and not any(d.action == "synthesise" for d in decisions)):
            why = "see what the shortest programs give" if done else "no candidate will do: search for the shortest programs"
            return Decision("synthesise", why, NUM_PROGRAMS, features=facts)
        return None

    def _ask_again(self, attempts: Sequence[Attempt], decisions: Sequence[Decision], facts: dict[str, float],
                   ) -> Decision | None:
        config = self.config
        repaired = {d.target for d in decisions if d.action == "repair"}
        if sum(d.action == "repair" for d in decisions) < config.num_repairs:
            open_attempts = [a for a in attempts if a.candidate.id not in repaired] or list(attempts)
            return Decision("repair", "repair the best failure with its counterexample", max(1, config.num_samples // 3),
                            config.temperature, select(open_attempts).candidate.id, facts)
        if sum(d.action == "generate" for d in decisions) < 3 and config.num_samples:
            return Decision("generate", "repairs failed: resample, warmer", config.num_samples,
                            min(2.0, 2 * config.temperature), features=facts)
        return None


def features(task: Task, attempts: Sequence[Attempt]) -> dict[str, float]:
    """The state as numbers: what a learned policy will see."""
    best = select(attempts) if attempts else None
    return {
        "num_examples": float(len(task.examples)), "num_contracts": float(len(task.contracts)),
        "has_tests": float(bool(task.tests)), "prompt_chars": float(len(task.prompt)),
        "num_attempts": float(len(attempts)), "num_distinct": float(len({a.candidate.id for a in attempts})),
        "baseline": max((a.reward.baseline for a in attempts if a.reward), default=0.0),
        "num_checks": float(max((sum(v.num_checked for v in a.verdicts) for a in attempts), default=0)),
        "best_level": float(best.level) if best else float(Level.UNKNOWN),
        "best_pass_share": round(pass_share(best), 4) if best else 0.0,
        "best_agreement": round(agreement(best, attempts), 4) if best else 0.0,
        "best_logprob": round(best.candidate.mean_logprob or 0.0, 4) if best else 0.0,
    }
