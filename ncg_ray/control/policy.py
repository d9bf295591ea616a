"""Fixed policies. Their decisions carry features and propensity, so that a learned policy can use the Traces."""

from __future__ import annotations

from collections.abc import Sequence

from ncg_ray.config import SearchConfig
from ncg_ray.control.select import agreement, pass_share, select, solved
from ncg_ray.types import Attempt, Decision, Level, Task


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
    """Greedy, then samples, then two repairs of the best failure, then one resampling at a higher temperature.

    It stops as soon as a candidate meets everything that can be checked. Where the checks tell nothing, since a constant
    function meets them as well (T0 = 1: a single example, say), it first asks for samples, so that candidates that agree
    can outvote a lucky one.
    """

    def __init__(self, config: SearchConfig) -> None:
        self.config = config

    async def decide(self, task: Task, attempts: Sequence[Attempt], decisions: Sequence[Decision]) -> Decision:
        facts = features(task, attempts)
        steps = [d.action for d in decisions]
        num_generated, num_repairs = steps.count("generate"), steps.count("repair")
        config = self.config
        if not decisions:
            return Decision("generate", "greedy candidate", features=facts)
        done = any(solved(a) for a in attempts)
        sampled = any(d.action == "generate" and d.temperature > 0 for d in decisions)
        if done and (sampled or facts["baseline"] < 1.0 or not config.num_samples):
            return Decision("stop", "a candidate meets everything that can be checked", features=facts)
        if not sampled and config.num_samples:
            why = ("a constant would pass these checks: see whether samples agree" if done else
                   "nothing can be checked: see whether samples agree" if not facts["num_checks"] else
                   "the greedy candidate fails")
            return Decision("generate", why, config.num_samples, config.temperature, features=facts)
        if not facts["num_checks"]:
            return Decision("stop", "nothing can be checked; the samples have voted", features=facts)
        if num_repairs < config.num_repairs:
            tried = {d.target for d in decisions if d.action == "repair"}
            open_attempts = [a for a in attempts if a.candidate.id not in tried] or list(attempts)
            target = select(open_attempts)
            return Decision("repair", "repair the best failure with its counterexample", max(1, config.num_samples // 3),
                            config.temperature, target.candidate.id, facts)
        if num_generated < 3 and config.num_samples:
            return Decision("generate", "repairs failed: resample, warmer", config.num_samples,
                            min(2.0, 2 * config.temperature), features=facts)
        return Decision("stop", "the budget of samples and repairs is used up", features=facts)


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
