"""Two functions of one name: an input that tells them apart, or how far there is none."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from ncg_ray.config import VerifyConfig
from ncg_ray.protocols import Call, Environment, ExecutionJob, Executor, Limits
from ncg_ray.task.placing import NOWHERE
from ncg_ray.types import Counterexample, Level, OutcomeKind, Reason, Verdict, call_text
from ncg_ray.verify import replay
from ncg_ray.verify.answers import verdict_of
from ncg_ray.verify.compare import behaviour
from ncg_ray.verify.inputs import sample
from ncg_ray.verify.reading import literals_of
from ncg_ray.verify.replay import NUM_PROBES, REPLAY_S
from ncg_ray.verify.solver import Solver

SAME = "both do the same"


class Differ:
    """Compares functions by running them and by the solver."""

    def __init__(self, executor: Executor, solver: Solver, config: VerifyConfig, limits: Limits) -> None:
        self.executor, self.solver, self.config, self.limits = executor, solver, config, limits

    async def distinguish(
        self,
        first: str,
        second: str,
        name: str,
        requires: Sequence[str] = (),
        environment: Environment = NOWHERE,
        budget_s: float | None = None,
    ) -> Verdict:
        """Whether two modules' functions of one name can be told apart.

        REFUTED with an input on which they really differ, PROVED where they agree on all that the first one's hints allow,
        BOUNDED up to a stated size, else UNKNOWN. They agree where both give equal values or raise the same type, and
        leave the arguments alike.
        """
        started, budget_s = time.monotonic(), budget_s or self.config.timeout_s
        node = replay.find_node(first, name)
        calls = sample(node.args, (), NUM_PROBES, name, literals_of(first, node)) if node.args.args else [Call(())]
        if not requires:
            different = await self._really_differ(first, second, name, calls, environment)
            if different is not None:
                return replace(different, elapsed_s=time.monotonic() - started)
        answer = await self.solver.ask(
            {
                "kind": "differ",
                "first": first,
                "second": second,
                "name": name,
                "requires": list(requires),
                "budget_s": budget_s,
            }
        )
        verdict = verdict_of(answer, SAME)
        if verdict.level is Level.REFUTED:
            args = verdict.counterexample.args if verdict.counterexample else ()
            different = await self._really_differ(first, second, name, [Call(args)], environment)
            said = f"the solver says that {name}({', '.join(answer['args'])}) differs, and the real code does not"
            unclear = replace(verdict, level=Level.UNKNOWN, reason=Reason.ERROR, counterexample=None, detail=said)
            verdict = different or unclear
        return replace(verdict, elapsed_s=time.monotonic() - started)

    async def _really_differ(
        self, first: str, second: str, name: str, calls: Sequence[Call], environment: Environment
    ) -> Verdict | None:
        """The first input on which the two do not do the same in the sandbox; their values are compared outside."""
        limits = replace(self.limits, time_s=min(REPLAY_S, self.limits.time_s))
        jobs = [ExecutionJob(code, name, tuple(calls), limits, environment=environment) for code in (first, second)]
        one, other = await self.executor.execute(jobs)
        for call, a, b in zip(calls, one.outcomes, other.outcomes, strict=False):
            if behaviour([a]) != behaviour([b]) and {a.kind, b.kind} <= {OutcomeKind.RETURNED, OutcomeKind.RAISED}:
                found = Counterexample(call.args, call.kwargs, b.text(), a.text())
                said = f"{call_text(name, call.args, call.kwargs)} gives {a.text()} in one and {b.text()} in the other"
                reason = Reason.COUNTEREXAMPLE
                return Verdict(Level.REFUTED, SAME, "property", reason=reason, counterexample=found, detail=said)
        return None
