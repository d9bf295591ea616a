"""The search for a patch: single edits in the order of their promise, then pairs, thousands of candidates a second.

Candidates share sandbox processes, which only throws them away; what meets every example there is run again alone in a
fresh process before it counts. All single edits are tried even where one is plausible already: what the plausible ones
agree on is what makes one of them trustworthy (`rank.py`).

Source: generate-and-validate repair as in GenProg (Le Goues et al., 2012) and TBar (Liu et al., 2019), with the edits that
mend some example and break none as the first halves of pairs.
"""

from __future__ import annotations

import ast
import heapq
import itertools
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ncg_ray.protocols import Call, Executor, Limits, ScreenJob
from ncg_ray.repair.broken_syntax import Parsed, failure_of, parsing_texts
from ncg_ray.repair.diagnose import Diagnosis, Meets, diagnose, imports_for, passing
from ncg_ray.repair.edits import all_edits
from ncg_ray.repair.fuse import fused
from ncg_ray.repair.history import History
from ncg_ray.repair.localise import Suspect, localise
from ncg_ray.repair.problem import Problem
from ncg_ray.repair.rank import Plausible, changed_tokens
from ncg_ray.repair.source import Edit, Source, joined, tree_of
from ncg_ray.repair.trust import objection
from ncg_ray.types import Outcome, OutcomeKind

MIN_BATCH, MAX_BATCH, NUM_JOBS = 32, 512, 2
"Candidates that go to the sandbox at once, in so many jobs: more while they are quick, fewer where many never end."
QUICK_S, LONG_S = 0.4, 1.5
"Seconds: after a quicker batch the next one is larger, after a longer one smaller."
FIRST_CALLS = 12
"Examples that a candidate is screened on at first; the others only where it meets all of these."
MIN_SCREEN_S, MAX_SCREEN_S = 0.1, 1.0
LATE_S, MIN_LATE_S = 0.03, 1.0
"What a candidate that took too long at first gets in the end at least; and all such candidates where others pass."
NOISE_S = 0.02
"Of the seconds that the code's calls took, up to so many are not its own: starts, messages, other processes."
GRACE_SHARE = 0.4
"Of the time, at most, to look for further patches after the first."
NUM_HALVES = 12
"Edits that mend something and break nothing, each of which is tried together with every other edit."
NUM_PAIRED = 150
"The most promising edits, of which all pairs are tried at last."
MAX_SLOW = 12
"Candidates at one line that may run out of time before the others there wait until the end."
MAX_PLAUSIBLE = 60
TESTED_AT_ONCE = 16


@dataclass(slots=True)
class Found:
    """What a search came to."""

    patches: list[Plausible] = field(default_factory=list)
    suspects: list[Suspect] = field(default_factory=list)
    diagnosis: Diagnosis | None = None
    "None where the code does not parse."
    num_evaluated: int = 0
    "Candidates that were run."
    num_to_first: int = 0
    "Those of them up to the first patch, in the order of the search; 0 where there is none."
    screen_s: float = 0.0
    "Seconds that running them took."
    elapsed_s: float = 0.0
    rejected: Counter[str] = field(default_factory=Counter)
    "Patches that met every example and are not to be trusted, by reason."
    best_code: str = ""
    "Where nothing was found: the candidate that met most examples."
    best_met: int = 0
    syntax: str = ""
    "What was done first so that the code parses, in words."
    stopped: str = ""
    "`patches found`, `all edits tried` or `time`."

    @property
    def rate(self) -> float:
        """Candidates a second."""
        return self.num_evaluated / self.screen_s if self.screen_s else 0.0


@dataclass(frozen=True, slots=True)
class _Candidate:
    code: str
    edit: Edit
    num_edits: int


class PatchSearch:
    """Looks for patches of one problem at a time.

    Example:
        >>> found = await PatchSearch(executor, meets).run(problem)           # doctest: +SKIP
    """

    def __init__(self, executor: Executor, meets: Meets, timeout_s: float = 20.0, max_pairs: int = 20_000,
                 history: History | None = None, seed: int = 0, first_only: bool = False) -> None:
        """`meets(example, outcome)` says whether a call gave what was asked; `timeout_s` is for one search.

        `history` orders the edits, and learns how they did; `seed` is for its draws. `first_only`: the first patches are
        enough, and nothing is tried after them.
        """
        self.executor, self.meets, self.timeout_s, self.max_pairs = executor, meets, timeout_s, max_pairs
        self.history, self.seed, self.first_only = history, seed, first_only

    async def run(self, problem: Problem) -> Found:
        """Every plausible patch that was found in time. Raises SandboxError, and TaskError for tests that cannot be run."""
        search = _Search(self, problem)
        await search.run()
        search.learn()
        search.found.elapsed_s = time.monotonic() - search.started
        return search.found


class _Search:
    """The state of one search."""

    def __init__(self, parent: PatchSearch, problem: Problem) -> None:
        self.executor, self.meets, self.problem = parent.executor, parent.meets, problem
        self.max_pairs, self.history, self.seed = parent.max_pairs, parent.history, parent.seed
        self.tried: dict[str, Edit] = {}
        "Single edits of the code that were run, by what they made of it."
        self.context = ""
        self.first_only = parent.first_only
        self.started = time.monotonic()
        self.until = self.started + parent.timeout_s
        self.grace_s = parent.timeout_s * GRACE_SHARE
        self.found = Found()
        self.seen: set[str] = {problem.code}
        self.slow: Counter[int] = Counter()
        self.batch = 4 * MIN_BATCH
        self.limits = problem.limits
        self.fuses_s = (0.0, problem.limits.time_s / 10)
        "Seconds for a candidate at first, and for those in the end that took longer."
        self.is_fused = True
        self.is_relative = False
        "Relative imports need a process that bears the module's name, which shared ones do not: each runs alone."
        self.base_met: tuple[bool, ...] = ()
        self.halves: list[tuple[int, _Candidate]] = []

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.until

    async def run(self) -> None:
        base = self.problem.code
        if failure_of(base) is not None:
            base = await self._mend_syntax()
            if self.found.patches or not base:
                return
        diagnosis = await diagnose(self.executor, replace(self.problem, code=base), self.meets)
        self.found.diagnosis = diagnosis
        self.base_met = diagnosis.met
        if not self.found.best_code:
            self.found.best_code, self.found.best_met = self.problem.code, sum(diagnosis.met)
        if diagnosis.passes:
            return
        screen_s = min(max(10 * diagnosis.elapsed_s, MIN_SCREEN_S), MAX_SCREEN_S, self.problem.limits.time_s)
        self.limits = Limits(screen_s, self.problem.limits.memory_bytes, self.problem.limits.output_bytes)
        source = Source(base)
        self.fuses_s = 3 * max(0.0, diagnosis.elapsed_s - NOISE_S), min(max(3 * diagnosis.elapsed_s, LATE_S), screen_s)
        self.is_relative = any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(source.tree))
        self.is_fused = any(isinstance(node, ast.While) for node in ast.walk(source.tree))
        if self.is_fused:
            self.batch = 2 * MIN_BATCH
        self.found.suspects = localise(source, diagnosis.runs)
        self.context = diagnosis.symptoms[0].error_type if diagnosis.symptoms else "value"
        edits = all_edits(source, self.found.suspects, diagnosis.symptoms, imports_for(base, diagnosis.symptoms),
                          self.history.rewrites() if self.history else ())
        if self.history is not None:
            edits = self.history.ordered(edits, base, self.context, self.seed)
        await self._try_all(_Candidate(edit.apply(base), edit, 1) for edit in edits)
        if not self.found.patches:
            await self._pairs(base, diagnosis, edits)
        self.found.stopped = "patches found" if self.found.patches else "time" if self.is_over else "all edits tried"

    def learn(self) -> None:
        """Tell the history how the single edits did."""
        if self.history is not None and self.context and self.tried:
            fixes = [self.tried[patch.code] for patch in self.found.patches if patch.code in self.tried]
            self.history.record(list(self.tried.values()), fixes, self.problem.code, self.context)

    async def _mend_syntax(self) -> str:
        """Patches of the syntax alone go to `found`; else the text to go on with, or none."""
        texts = parsing_texts(self.problem.code)
        place = failure_of(self.problem.code)
        line = place.line if place else 1
        made = [_Candidate(p.text, _whole(self.problem.code, p, line, 1.0 / (1 + n)), len(p.edits))
                for n, p in enumerate(texts)]
        await self._try_all(made)
        self.found.stopped = "patches found" if self.found.patches else "" if made else "it could not be made to parse"
        best = max(self.halves, key=lambda half: half[0], default=None)
        first = best[1] if best else made[0] if made else None
        self.found.syntax = first.edit.template if first else ""
        return first.code if first else ""

    async def _pairs(self, base: str, diagnosis: Diagnosis, edits: Sequence[Edit]) -> None:
        """What mends a part first, with edits of what it gives; then pairs of the most promising edits."""
        halves = sorted(self.halves, key=lambda half: (-half[0], -half[1].edit.score))[:NUM_HALVES]
        for _, half in halves:
            if self.found.patches or self.is_over:
                return
            await self._try_all(self._seconds(half, diagnosis))
        promising = edits[:NUM_PAIRED]
        pairs = (joined(a, b) for a, b in itertools.combinations(promising, 2) if not a.overlaps(b))
        best = heapq.nlargest(self.max_pairs, pairs, key=lambda edit: edit.score)
        if not self.found.patches:
            await self._try_all(_Candidate(edit.apply(base), edit, 2) for edit in best)

    def _seconds(self, half: _Candidate, diagnosis: Diagnosis) -> Iterator[_Candidate]:
        try:
            source = Source(half.code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        for edit in all_edits(source, localise(source, diagnosis.runs), diagnosis.symptoms, {}):
            words = f"{half.edit.template} (line {half.edit.line}) + {edit.template}"
            both = replace(edit, template=words, score=edit.score * half.edit.score, prior=edit.prior * half.edit.prior)
            yield _Candidate(edit.apply(half.code), both, half.num_edits + 1)

    async def _try_all(self, candidates: Iterable[_Candidate]) -> None:
        """Screen in batches; what survives is run alone.

        Lines most of whose candidates never end wait until all others are done, and count only where none of those passes.
        Candidates that took long get more time in the end: all that there is, or, where others pass, as much again and
        `MIN_LATE_S` at least.
        """
        waiting: list[_Candidate] = []
        late: list[_Candidate] = []
        began = time.monotonic()
        for again in (False, True):
            if again and self.found.patches:
                now, waiting = time.monotonic(), []
                self.until = min(self.until, now + max(MIN_LATE_S, now - began))
            stream = iter([*late, *waiting] if again else candidates)
            while not self.is_over and len(self.found.patches) < MAX_PLAUSIBLE:
                batch: list[_Candidate] = []
                for candidate in stream:
                    if not again and self.slow[candidate.edit.line] >= MAX_SLOW:
                        waiting.append(candidate)
                    elif again or candidate.code not in self.seen:
                        self.seen.add(candidate.code)
                        batch.append(candidate)
                        if len(batch) == self.batch:
                            break
                if not batch:
                    break
                before = self.found.num_evaluated
                await self._confirm(await self._screened(batch, self.fuses_s[again], [] if again else late))
                if not self.found.syntax:
                    self.tried |= {c.code: c.edit for c in batch if c.num_edits == 1}
                if self.found.patches and not self.found.num_to_first:
                    mended = {patch.code for patch in self.found.patches}
                    self.found.num_to_first = before + next(n for n, c in enumerate(batch, 1) if c.code in mended)
                if self.found.patches and self.first_only:
                    return

    async def _screened(self, batch: list[_Candidate], fuse_s: float, late: list[_Candidate]) -> list[_Candidate]:
        """Those that met every example in the shared processes; what ran out of `fuse_s` goes to `late`."""
        examples = self.problem.checked
        if not examples or self.is_relative:
            return batch
        began = time.monotonic()
        order = sorted(range(len(examples)), key=lambda i: bool(self.base_met) and self.base_met[i])
        first, rest = order[:FIRST_CALLS], order[FIRST_CALLS:]
        met = await self._met(batch, first, fuse_s, late)
        alive = [n for n, row in enumerate(met) if all(row)]
        if rest and alive:
            more = await self._met([batch[n] for n in alive], rest, fuse_s, late)
            alive = [n for n, row in zip(alive, more, strict=True) if all(row)]
        took_s = time.monotonic() - began
        self.batch = min(2 * self.batch, MAX_BATCH) if took_s < QUICK_S else (
            max(self.batch // 2, MIN_BATCH) if took_s > LONG_S else self.batch)
        self.found.num_evaluated += len(batch)
        self.found.screen_s += took_s
        survivors = set(alive)
        for n, (candidate, row) in enumerate(zip(batch, met, strict=True)):
            if n not in survivors:
                self._note(candidate, row, first)
        return [batch[n] for n in alive]

    async def _met(self, batch: Sequence[_Candidate], indices: Sequence[int], fuse_s: float,
                   late: list[_Candidate]) -> list[list[bool]]:
        examples = [self.problem.checked[i] for i in indices]
        calls = tuple(Call(e.args, e.kwargs) for e in examples)
        size = -(-len(batch) // NUM_JOBS)
        codes = [fused(c.code, fuse_s) if self.is_fused else c.code for c in batch]
        parts = [tuple(codes[at:at + size]) for at in range(0, len(batch), size)]
        jobs = [ScreenJob(part, self.problem.entry_point, calls, self.limits, self.problem.environment) for part in parts]
        rows = [row for found in await self.executor.screen(jobs) for row in found]
        for candidate, row in zip(batch, rows, strict=True):
            if any(o.kind is OutcomeKind.TIMEOUT for o in row):
                self.slow[candidate.edit.line] += 1
                self.is_fused = True
            elif any(o.error_type == "KeyboardInterrupt" for o in row):
                late.append(candidate)
        return [[self._meets(e, o) for e, o in zip(examples, row, strict=True)] for row in rows]

    def _meets(self, example: object, outcome: Outcome) -> bool:
        return outcome.kind in (OutcomeKind.RETURNED, OutcomeKind.RAISED) and self.meets(example, outcome)  # type: ignore[arg-type]

    def _note(self, candidate: _Candidate, row: Sequence[bool], indices: Sequence[int]) -> None:
        """Keep what meets more than the code did and breaks nothing."""
        num = sum(row)
        was = [bool(self.base_met) and self.base_met[i] for i in indices]
        if num > sum(was) and all(now or not before for now, before in zip(row, was, strict=True)):
            self.halves.append((num, candidate))
        if num > self.found.best_met:
            self.found.best_met, self.found.best_code = num, candidate.code

    async def _confirm(self, survivors: list[_Candidate]) -> None:
        """Run each alone in a fresh process, and under the test code; keep those that pass and can be trusted."""
        trusted = []
        before = tree_of(self.problem.code)
        for candidate in survivors:
            tree = tree_of(candidate.code)
            if tree is None:
                continue
            if reason := objection(before, tree, self.problem.checked):
                self.found.rejected[reason] += 1
            else:
                trusted.append(candidate)
        for at in range(0, len(trusted), TESTED_AT_ONCE):
            part = trusted[at:at + TESTED_AT_ONCE]
            if self.is_over:
                return
            began = time.monotonic()
            good = await passing(self.executor, self.problem, [c.code for c in part], self.meets)
            if not self.problem.checked or self.is_relative:
                self.found.num_evaluated += len(part)
                self.found.screen_s += time.monotonic() - began
            for candidate, ok in zip(part, good, strict=True):
                if ok and len(self.found.patches) < MAX_PLAUSIBLE:
                    if not self.found.patches:
                        self.until = min(self.until, time.monotonic() + self.grace_s)
                    tokens = changed_tokens(self.problem.code, candidate.code)
                    self.found.patches.append(Plausible(candidate.code, candidate.edit.template, candidate.edit.line,
                                                        candidate.edit.score, tokens, candidate.num_edits))


def _whole(code: str, parsed: Parsed, line: int, score: float) -> Edit:
    """A text that parses, as an edit of the text that does not."""
    return Edit(((0, len(code), parsed.text),), "syntax: " + "; ".join(parsed.edits), line, 1.0, score)
