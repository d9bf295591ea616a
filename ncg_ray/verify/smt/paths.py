"""Exploring the paths of a program by running it again for each, with its decisions forced.

The program is ordinary Python that calls `Path.decide` where a condition is symbolic. A run that meets an open
decision takes one side and leaves the other for a later run, which repeats the decisions before it. So the interpreter
can be written as if there were one path, with the host's own stack, exceptions and mutable lists.

Source: King 1976, Symbolic execution and program testing; the replay of decisions is Godefroid, Klarlund and Sen 2005
(DART).
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import z3

from ncg_ray.verify.smt.journal import Journal

BRANCH_S, LEAF_S = 0.5, 5.0
"Seconds of CPU that the solver may take to see whether a branch can be taken, and whether a failure can be reached."
POLL_S, WALL_PER_CPU = 0.005, 20.0
MAX_STEPS = 50_000
"Steps of one path."

Decision = tuple[int, int]
"What was chosen, and what the question was."
Formula = Any
"A host bool where it is decided, else a z3.BoolRef."


class PathEnd(Exception):
    """This path needs no further look: it meets its obligations, or no input takes it."""


class Cut(Exception):
    """The path goes on beyond a bound."""


class Unsupported(Exception):
    """The program leaves the fragment. `construct` names how; `line` is where, or 0."""

    def __init__(self, construct: str, line: int = 0) -> None:
        super().__init__(construct)
        self.construct, self.line = construct, line


class NeedsFork(Exception):
    """A condition is open where a path may not split (below a quantifier)."""


class Shifted(Exception):
    """A path asks other questions than when it was here before: the solver answered another way, for lack of time."""


class OutOfTime(Exception):
    """The budget is spent."""


class Failed(Exception):
    """The path ends where the program breaks its contract."""

    def __init__(self, kind: str, detail: str, line: int = 0) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.line = kind, detail, line


@dataclass
class Summary:
    """What the paths came to."""

    num_paths: int = 0
    "Paths that some input may take and that came to their end."
    cuts: int = 0
    unsupported: list[tuple[str, int]] = field(default_factory=list)
    inconclusive: list[str] = field(default_factory=list)
    "Where the solver gave no answer."
    failures: list[tuple[Failed, Any]] = field(default_factory=list)
    "With the input that gets there."
    out_of_time: bool = False

    def __iadd__(self, other: Summary) -> Summary:
        self.num_paths += other.num_paths
        self.cuts += other.cuts
        self.unsupported += other.unsupported
        self.inconclusive += other.inconclusive
        self.failures += other.failures
        self.out_of_time |= other.out_of_time
        return self

    @property
    def complete(self) -> bool:
        """Whether every path was looked at to its end."""
        return not (self.cuts or self.unsupported or self.inconclusive or self.out_of_time)


class Clock:
    """CPU seconds of this process until a budget is spent."""

    def __init__(self, seconds: float) -> None:
        self.end = time.process_time() + seconds

    def left(self) -> float:
        return self.end - time.process_time()

    def check(self) -> None:
        if self.left() <= 0:
            raise OutOfTime


class Watch:
    """Stops the solver after so many CPU seconds: its own limit is in wall time, which a busy machine makes short."""

    _deadline: ClassVar[float | None] = None
    _thread: ClassVar[threading.Thread | None] = None

    @classmethod
    def check(cls, solver: z3.Solver, seconds: float, *assumptions: Any) -> z3.CheckSatResult:
        if cls._thread is None:
            cls._thread = threading.Thread(target=cls._run, daemon=True)
            cls._thread.start()
        solver.set("timeout", max(1, int(1000 * WALL_PER_CPU * seconds)))
        cls._deadline = time.process_time() + seconds
        try:
            return solver.check(*assumptions)
        finally:
            cls._deadline = None

    @classmethod
    def _run(cls) -> None:
        while True:
            time.sleep(POLL_S)
            deadline = cls._deadline
            if deadline is not None and time.process_time() > deadline:
                z3.main_ctx().interrupt()


class Guard:
    """What was born before it may change only where it is allowed; any other change raises `error`."""

    births: ClassVar[Iterator[int]] = itertools.count()
    active: ClassVar[list[Guard]] = []
    changed: ClassVar[list[tuple[int, int]]] = []
    "When something changed, and when that was born."

    def __init__(self, error: Callable[[], Exception]) -> None:
        self.birth, self.error = next(Guard.births), error
        self.allowed: frozenset[int] = frozenset()

    @classmethod
    def note(cls, birth: int) -> None:
        """Say that something that was born then changes."""
        cls.changed.append((next(cls.births), birth))

    @classmethod
    def since(cls, birth: int) -> bool:
        """Whether anything that was there at that time has changed since."""
        for when, born in reversed(cls.changed):
            if when < birth:
                break
            if born < birth:
                return True
        return False

    @classmethod
    @contextmanager
    def over(cls, error: Callable[[], Exception]) -> Iterator[Guard]:
        guard = cls(error)
        cls.active.append(guard)
        try:
            yield guard
        finally:
            cls.active.remove(guard)


class Path:
    """One run of the program: its forced decisions, the conditions on its inputs, and what it may still spend."""

    def __init__(self, forced: tuple[Decision, ...], clock: Clock, journal: Journal | None = None) -> None:
        self.journal = journal or Journal()
        self.forced = forced
        self.taken: list[Decision] = []
        self.open: list[tuple[Decision, ...]] = []
        "Decisions of other paths that start here."
        self.solver = z3.Solver()
        self.solver.set("random_seed", 0)
        self.facts: list[Any] = []
        self.clock, self.steps = clock, 0
        self.statement = 0
        "The number of the statement that runs; each run of a statement has its own."
        self.no_fork = 0
        self.quantified = 0
        self.kept: list[Any] = []
        self.quotients: dict[tuple[int, int], Any] = {}
        "Quotient and rest of two terms, by their ids: see `scalars`."
        self.counter = 0

    # -- conditions

    def assume(self, formula: Formula) -> None:
        """Take a condition for granted from here on; where it cannot hold the path ends."""
        if formula is True:
            return
        if formula is False:
            raise PathEnd
        self.facts.append(formula)
        self.solver.add(formula)

    def axiom(self, formula: Formula) -> None:
        """A fact that is true whatever is supposed: about a function, or about a name that is new. It stays."""
        if not self.quantified and self.no_fork:
            self.kept.append(formula)
        self.assume(formula)

    def decide(self, formula: Formula) -> bool:
        """Whether the condition holds on this path; both ways are explored where both are possible."""
        if formula is True or formula is False:
            return formula
        simple = z3.simplify(formula)
        if z3.is_true(simple):
            return True
        if z3.is_false(simple):
            return False
        if self.no_fork:
            if self._check(z3.Not(formula)) == z3.unsat:
                return True
            if self._check(formula) == z3.unsat:
                return False
            raise NeedsFork
        mark = simple.hash()
        if len(self.taken) < len(self.forced):
            side = bool(self._repeated(mark))
        else:
            side = self._choose(formula, mark)
        self.taken.append((int(side), mark))
        self.assume(formula if side else z3.Not(formula))
        return side

    def _repeated(self, mark: int) -> int:
        """The forced decision, if the question is the one that it was made for."""
        choice, asked = self.forced[len(self.taken)]
        if asked != mark:
            raise Shifted
        return choice

    def _choose(self, formula: Formula, mark: int) -> bool:
        can = self._check(formula)
        if can == z3.unsat:
            return False
        cannot = self._check(z3.Not(formula))
        if cannot == z3.unsat:
            return True
        self.open.append((*self.taken, (0, mark)))
        return True

    def pick(self, num: int) -> int:
        """One of 0 .. num - 1; each is explored."""
        if num <= 1:
            return 0
        if self.no_fork:
            raise NeedsFork
        if len(self.taken) < len(self.forced):
            choice = self._repeated(-num)
        else:
            choice = 0
            self.open += [(*self.taken, (other, -num)) for other in range(num - 1, 0, -1)]
        self.taken.append((choice, -num))
        return choice

    def implied(self, formula: Formula, seconds: float = BRANCH_S) -> bool:
        """Whether the condition holds for all inputs of this path; False also where the solver does not know."""
        if formula is True or formula is False:
            return formula
        return self._check(z3.Not(formula), seconds) == z3.unsat

    @contextmanager
    def supposing(self, formula: Formula) -> Iterator[None]:
        """For a while, a condition more, and no forks."""
        self.solver.push()
        depth = len(self.facts)
        self.no_fork += 1
        try:
            if formula is not True:
                self.facts.append(formula)
                self.solver.add(formula)
            with Guard.over(NeedsFork):  # what is tried under a supposition is tried again where that fails
                yield
        finally:
            self.no_fork -= 1
            del self.facts[depth:]
            self.solver.pop()
            kept, self.kept = self.kept, []
            for fact in kept:
                self.axiom(fact)

    def _check(self, formula: Formula, seconds: float = BRANCH_S) -> z3.CheckSatResult:
        answer = Watch.check(self.solver, self._allowed(seconds), formula)
        if answer == z3.unsat:
            self.journal.unsat([*self.facts, formula])
        return answer

    def possible(self) -> z3.ModelRef | None:
        """Some input that takes this path so far, where the solver finds one quickly."""
        return self.solver.model() if Watch.check(self.solver, self._allowed(BRANCH_S)) == z3.sat else None

    def _allowed(self, seconds: float) -> float:
        self.clock.check()
        return min(seconds, self.clock.left())

    def model(self) -> z3.ModelRef | bool | None:
        """An input that takes this path; False where there is none, None where the solver does not know."""
        for make in (z3.Solver, z3.SimpleSolver, z3.Tactic("qfnia").solver):
            solver = make()
            solver.add(*self.facts)
            try:
                answer = Watch.check(solver, self._allowed(LEAF_S))
            except z3.Z3Exception:  # not every solver takes every sort
                continue
            if answer == z3.sat:
                return solver.model()
            if answer == z3.unsat:
                self.journal.unsat(self.facts)
                return False
        return None

    # -- the rest

    def step(self) -> None:
        self.steps += 1
        if self.steps % 64 == 0:
            self.clock.check()
        if self.steps > MAX_STEPS:  # not a bound that a verdict states
            raise Unsupported(f"a path of more than {MAX_STEPS} steps")

    def name(self, hint: str) -> str:
        """A name that no other symbol of this path has; the same in every run that comes here.

        Below a quantifier there is none: what is named there would be one value for all.
        """
        if self.quantified:
            raise NeedsFork
        self.counter += 1
        return f"{hint}!{self.counter}"


def explore(
    program: Callable[[Path], Any],
    clock: Clock,
    max_failures: int = 1,
    max_paths: int = 5000,
    journal: Journal | None = None,
) -> Summary:
    """Run the program along every path. Depth first, so that a path's neighbours come right after it.

    The program returns where all is well, or raises `Failed`, whose input is then asked for by `program.input(model)`.
    """
    summary, todo = Summary(), [()]
    while todo:
        if summary.num_paths + summary.cuts + len(summary.unsupported) >= max_paths:
            summary.inconclusive.append(f"more than {max_paths} paths")
            break
        path = Path(todo.pop(), clock, journal)
        try:
            clock.check()
            program(path)
            summary.num_paths += 1
        except PathEnd:
            pass
        except Cut:
            summary.cuts += 1
        except Unsupported as gap:
            summary.unsupported.append((gap.construct, gap.line))
        except Shifted:
            summary.inconclusive.append("a path that could not be repeated")
        except NeedsFork:
            summary.unsupported.append(("a condition below a quantifier", 0))
        except OutOfTime:
            summary.out_of_time = True
            break
        except RecursionError:
            summary.unsupported.append(("recursion deeper than the verifier's own stack", 0))
        except z3.Z3Exception as error:
            summary.inconclusive.append(f"the solver failed: {str(error)[:200]}")
        except Failed as failure:
            try:
                _judge(program, path, failure, summary)
            except OutOfTime:
                summary.out_of_time = True
                break
            if len(summary.failures) >= max_failures:
                break
        todo += path.open
    return summary


def _judge(program: Any, path: Path, failure: Failed, summary: Summary) -> None:
    model = path.model()
    if model is False:
        return  # no input gets here
    if model is None:
        summary.inconclusive.append(f"whether some input {failure.detail}")
        return
    summary.failures.append((failure, program.input(model)))
