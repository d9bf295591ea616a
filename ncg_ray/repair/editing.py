"""Repair by search: the edits of a failed candidate that meet everything that was asked, without a model."""

from __future__ import annotations

from collections.abc import Sequence

from ncg_ray.config import RepairConfig
from ncg_ray.errors import TaskError
from ncg_ray.protocols import Executor, Limits, RepairRequest
from ncg_ray.repair.diagnose import Meets
from ncg_ray.repair.history import History
from ncg_ray.repair.problem import problem_of
from ncg_ray.repair.rank import weight
from ncg_ray.repair.search import PatchSearch
from ncg_ray.types import Candidate


class EditRepairer:
    """Searches for patches of failed candidates: `protocols.Repairer`.

    Covers: functions at a module's top that examples or tests judge. What only a model assumed does not count.

    Args:
        meets: says whether a call gave what an example asks.
    """

    def __init__(self, executor: Executor, config: RepairConfig, limits: Limits, meets: Meets,
                 history: History | None = None) -> None:
        self.executor, self.config, self.limits, self.meets, self.history = executor, config, limits, meets, history

    async def repair(self, requests: Sequence[RepairRequest]) -> list[list[Candidate]]:
        """One list for each request, the likeliest patch first; empty where none was found in time."""
        return [await self._repaired(request) for request in requests]

    async def _repaired(self, request: RepairRequest) -> list[Candidate]:
        task, wrong = request.task, request.candidate
        problem = problem_of(task, wrong.code, self.limits)
        if not problem.checked and not problem.tests.strip():
            return []
        timeout_s = request.timeout_s or self.config.timeout_s
        search = PatchSearch(self.executor, self.meets, timeout_s, self.config.max_pairs, self.history, request.seed)
        try:
            found = await search.run(problem)
        except TaskError:  # tests that cannot be run judge no patch
            return []
        best = sorted(found.patches, key=weight, reverse=True)[:request.num_candidates]
        return [Candidate(patch.code, "edit", wrong.entry_point, parent=wrong.id) for patch in best]
