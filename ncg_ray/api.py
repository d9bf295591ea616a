"""The synchronous front door: one line from a script, a notebook or inside a running event loop.

Example:
    >>> with session() as shared:                     # doctest: +SKIP
    ...     trace = generate("reverse a string")      # one Ray ring and one model for both
    ...     report = evaluate("suite.jsonl")
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import json
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ncg_ray import assemble, pipeline, storage, telemetry
from ncg_ray import config as configs
from ncg_ray.config import Config
from ncg_ray.errors import InputError, TaskError
from ncg_ray.pipeline import Parts
from ncg_ray.protocols import Environment, Executor
from ncg_ray.telemetry import Listener
from ncg_ray.types import MODES, Mode, Task, Trace

if TYPE_CHECKING:
    from ncg_ray.analyse.scan import Report
    from ncg_ray.mend import Mended
    from ncg_ray.verify.portfolio import FunctionVerdict

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Session:
    """Running parts, and the event loop that they are called from."""

    config: Config
    parts: Parts
    executor: Executor
    on_event: Listener
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    "Run a coroutine on the session's loop and wait for its result."

    async def solve(self, task: Task, *, mode: Mode | None = None, seed: int | None = None,
                    on_event: Listener | None = None) -> Trace:
        """`pipeline.solve` on these parts; the Trace is stored where `storage.uri` says."""
        trace = await pipeline.solve(task, self.parts, mode=mode, seed=seed, on_event=on_event or self.on_event)
        if self.config.storage.uri:
            await asyncio.to_thread(storage.save_trace, trace, self.config.storage.uri)
        return trace

    async def check(self, task: Task, code: str) -> Trace:
        """`pipeline.check` on these parts; stored likewise."""
        trace = await pipeline.check(task, code, self.parts, on_event=self.on_event)
        if self.config.storage.uri:
            await asyncio.to_thread(storage.save_trace, trace, self.config.storage.uri)
        return trace


def generate(task: str | Path | Task, *, mode: Mode | None = None, seed: int | None = None,
             config: Config | str | Path | None = None, **sets: Any) -> Trace:
    """Write code for one task: plain words, the path of a task file, or a Task.

    Raises InputError for a task, mode or config that is wrong, InfrastructureError where our side fails. What nothing
    solves is a Trace with an honest verdict.

    Example:
        >>> generate("reverse the words of a sentence", search__num_samples=5).code  # doctest: +SKIP
    """
    from ncg_ray.task.read import read_task

    if not isinstance(task, str | Path | Task):
        raise InputError(f"a task is words, the path of a file or a Task, not {type(task).__name__}")
    task = task if isinstance(task, Task) else read_task(task)
    mode = mode or task.mode
    check_modes([mode] if mode else [])
    with session(config, model=mode != "symbolic", **sets) as current:
        return current.run(current.solve(task, mode=mode, seed=seed))


def evaluate(suite: str | Path, *, modes: Sequence[Mode] = ("adaptive",), out: str | Path | None = None,
             seed: int | None = None, config: Config | str | Path | None = None, **sets: Any) -> dict[str, Any]:
    """Measure modes on a suite of tasks with hidden tests; gives back the report that `out` holds.

    A run that was cut short goes on where it stopped when it is called again with the same `out` (without one,
    `<suite>.report.json` in the current folder). pass@k looks at `search.num_samples` + 1 candidates a task.
    Raises SuiteError for a row that is not usable.
    """
    from ncg_ray.evaluate import evaluate as measure
    from ncg_ray.evaluate import read_suite

    rows, name = read_suite(suite), Path(suite).stem
    check_modes(modes)
    with session(config, model=any(mode != "symbolic" for mode in modes), **sets) as current:
        return current.run(measure(
            rows, current.solve, current.executor, modes=modes, num_samples=current.config.search.num_samples + 1,
            seed=current.config.seed if seed is None else seed, out=Path(out or f"{name}.report.json"),
            config=current.config, suite_name=name, on_event=current.on_event))


def check(file: str | Path, tests: str | Path, *, project: str | Path | None = None,
          config: Config | str | Path | None = None, **sets: Any) -> Trace:
    """Everything but generation, on code that exists: tests in the sandbox, verifier, analysis, reward.

    Args:
        file: Python source.
        tests: a `.json` list of examples, or a `.py` with asserts, a `check(candidate)` function or pytest functions.
        project: the folder that the code belongs to: its modules and installed packages can be imported.

    Without an open session this runs in this process, without Ray. Raises TaskError for files that cannot be used.

    Example:
        >>> check("solution.py", "tests.json").verdict  # doctest: +SKIP
    """
    from ncg_ray.task.given import read_given

    task, code = read_given(Path(file), Path(tests), Path(project) if project else None)
    with session(config, model=False, ray=False, **sets) as current:
        return current.run(current.check(task, code))


def verify(file: str | Path, function: str = "", *, project: str | Path | None = None, dump_smt: str | Path | None = None,
           against: str | Path | None = None, config: Config | str | Path | None = None,
           **sets: Any) -> list[FunctionVerdict]:
    """Prove or refute the contracts of a Python file: PEP 316 docstrings, icontract, deal, leading asserts.

    Args:
        file: its path, or FILE:FUNC as on the command line.
        function: `name`, `Class.method`, or `Class` for all its methods; default: every function with a contract, or all
            where there is none.
        project: the folder that the file belongs to: its modules and installed packages can be imported.
        against: another file with the same functions: then the question is whether they do the same, for all inputs that
            the contract allows.
        dump_smt: a folder for the queries that the verdicts rest on, as SMT-LIB 2 for any solver.

    Without an open session this runs in this process, without Ray. Raises TaskError for a file that cannot be used.

    Example:
        >>> [r.verdict.level.name for r in verify("sorting.py", "insert")]  # doctest: +SKIP
    """
    from ncg_ray.task.read import read_text
    from ncg_ray.verify.differential import Differ
    from ncg_ray.verify.module import choose, compared, split_target, write_queries
    from ncg_ray.verify.portfolio import Portfolio, verify_all
    from ncg_ray.verify.solver import Solver

    if not function and not Path(file).exists():
        file, function = split_target(str(file))
    path = Path(file)
    source = read_text(path)
    specs = choose(source, function, str(file))
    other = read_text(Path(against)) if against is not None else ""
    if against is not None:
        there = {spec.name for spec in choose(other, "", str(against), every=True)}
        if missing := [spec.name for spec in specs if spec.name not in there]:
            raise TaskError(f"{against} has no function {missing[0]!r} to compare with that of {file}")
    environment, module = _place(path, project)
    with session(config, model=False, ray=False, **sets) as current:
        propose = None
        if current.config.verify.num_guesses:
            model = assemble.generator(current.config.model, lambda text: current.on_event({"event": "note", "text": text}))
            propose = assemble.invariants(model, current.config)

        async def work() -> list[FunctionVerdict]:
            async with Solver(num_workers=current.config.sandbox.num_workers) as solver:
                limits = assemble.limits(current.config.sandbox)
                portfolio = Portfolio(current.executor, solver, current.config.verify, limits, propose,
                                      dump=dump_smt is not None)
                if against is not None:
                    differ = Differ(current.executor, solver, current.config.verify, limits)
                    return [compared(spec, await differ.distinguish(source, other, spec.name, spec.usable, environment))
                            for spec in specs]
                results = await verify_all(portfolio, source, specs, environment, module, on_event=current.on_event)
                for result in results:
                    await portfolio.add_strength(source, result, environment)
                if dump_smt is not None:
                    for result in results:
                        write_queries(Path(dump_smt), result)
                return results

        return current.run(work())


def repair(file: str | Path, tests: str | Path | None = None, *, kinds: Sequence[str] = ("behaviour", "security"),
           project: str | Path | None = None, mode: str = "symbolic", config: Config | str | Path | None = None,
           **sets: Any) -> Mended:
    """Search for a patch of code that fails its tests, and mend what is found in it; the file itself is left alone.

    Args:
        file: Python source; with tests it need not parse.
        tests: as for `check`. They and the file's contracts are never changed. Without tests only findings are mended.
        kinds: of `behaviour` (what fails the tests), `security`, `style` and `type` (what analysers find).
        project: the folder that the code belongs to: its modules and installed packages can be imported.
        mode: `symbolic` needs no model; `hybrid` asks one where the search for a patch of behaviour finds nothing.

    Gives back the patched `code`, its `diff`, the `reason`, the `evidence`, the findings that are `left` and the Trace;
    `status` is `fixed`, `partly fixed`, `not fixed` or `passes`. Without an open session this runs in this process, without
    Ray. Raises TaskError for files that cannot be used and tests that contradict each other.

    Example:
        >>> print(repair("solution.py", "tests.json").diff)  # doctest: +SKIP
        >>> print(repair("service.py", kinds=["security"]).left)  # doctest: +SKIP
    """
    from ncg_ray.mend import check_kinds, mend_kinds, read_code, read_problem

    check_repair_mode(mode)
    wanted = check_kinds(kinds, tests is not None)
    folder = Path(project) if project else None
    task, code = read_code(Path(file), folder) if tests is None else read_problem(Path(file), Path(tests), folder)
    with session(config, model=mode == "hybrid", ray=False, **sets) as current:
        mended: Mended = current.run(mend_kinds(task, code, current.parts, current.executor, wanted, path=str(file),
                                                on_event=current.on_event))
        if current.config.storage.uri:
            storage.save_trace(mended.trace, current.config.storage.uri)
    return mended


def check_repair_mode(mode: str) -> None:
    """Raise InputError for a mode of `repair` that is not there."""
    if mode not in MODES:
        raise InputError(f"unknown mode {mode!r}; one of {', '.join(MODES)}")
    if mode not in ("symbolic", "hybrid"):
        raise InputError(f"repair has no mode {mode!r}; take symbolic, which asks no model, or hybrid, which asks one where "
                         "the search finds nothing")


def _place(path: Path, project: str | Path | None) -> tuple[Environment, str]:
    """What a file may import, and its dotted name in its project."""
    from ncg_ray.task.given import find_project

    if project is None:
        return Environment(), ""
    placed = find_project(Path(project), path)
    return Environment(placed.folder, placed.packages), placed.module


def scan(*paths: str | Path, baseline: str | Path | None = None, write_baseline: str | Path | None = None, jobs: int = 1,
         analyse: bool = True, config: Config | str | Path | None = None, on_event: Listener = telemetry.ignore,
         **sets: Any) -> Report:
    """Security, dependency, licence and quality findings of Python files and folders, without running them.

    Args:
        baseline: a file of known findings, which are left out.
        write_baseline: a file to write this scan's findings to, for later scans.
        jobs: processes that analyse, 1 to 64; with more than one a script calls this under `if __name__ == "__main__"`.
        analyse: False only lists the files, for `ncg_ray.analyse.spdx`.

    Runs in this process, without Ray and without a session. Raises InputError for a path or a baseline that cannot be
    used, InfrastructureError where a process dies.

    Example:
        >>> [(f.path, f.line, f.rule) for f in scan("src").findings]  # doctest: +SKIP
    """
    from ncg_ray.analyse.advisories import Advisories
    from ncg_ray.analyse.scan import analyser
    from ncg_ray.analyse.scan import scan as scan_files

    knobs = configure(config, **sets).analyse
    advisories = Advisories.read(knobs.advisories) if knobs.advisories and analyse else None
    make = functools.partial(analyser, knobs) if analyse else None
    return _off_loop(lambda: scan_files(paths, make, advisories=advisories, known=baseline, write_known=write_baseline,
                                        jobs=jobs, on_event=on_event))


def demo(*, mode: Mode | None = None, seed: int | None = None, config: Config | str | Path | None = None,
         **sets: Any) -> dict[str, Any]:
    """Solve the packaged tasks and judge the answers by examples that the loop never sees.

    Gives back `{"solved", "tasks", "model", "results": [...]}`.
    """
    from ncg_ray.demo import run

    check_modes([mode] if mode else [])
    with session(config, model=mode != "symbolic", **sets) as current:
        return current.run(run(current.solve, current.executor, mode=mode, seed=seed, on_event=current.on_event))


def check_modes(modes: Sequence[str]) -> None:
    """Raise InputError for a mode that the open session, or the one that would start, cannot serve."""
    for mode in modes:
        if _shared is not None:
            pipeline.controller_for(mode, _shared.session.parts)
        elif mode not in MODES:
            raise InputError(f"unknown mode {mode!r}; one of {', '.join(MODES)}")


# --- sessions -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Shared:
    """The session that is open in this process; like Ray itself, there is one."""

    session: Session
    stack: ExitStack
    num_users: int = 0


_lock = threading.RLock()
_shared: _Shared | None = None


@contextmanager
def session(config: Config | str | Path | None = None, *, model: bool = True, ray: bool = True,
            parts: Parts | None = None, executor: Executor | None = None, on_event: Listener = telemetry.ignore,
            **sets: Any) -> Iterator[Session]:
    """Start the actors once, share them with every call inside the `with` (from any thread), stop them at its end.

    Args:
        config: a Config, or the path of a TOML file. `sets` change single knobs: `search__num_samples=3`.
        model: whether to load a language model; without one only mode `symbolic` works.
        ray: whether to start actors where no `ray.address` is given; without them all parts are in this process.
        parts, executor: ready parts instead of actors, for tests and for rings of your own.
        on_event: is told of every step; see `ncg_ray.telemetry`.

    Raises InputError for a config that is wrong, or that is not the one of the session that is open already.
    """
    global _shared
    wanted = configure(parts.config if config is None and parts is not None else config, **sets)
    with _lock:
        if _shared is None:
            _shared = _start(wanted, model, ray, parts, executor, on_event)
        elif (config is not None or sets) and wanted != _shared.session.config:
            raise InputError("a session with another config is open; close it first, or open it with this config")
        shared = _shared
        shared.num_users += 1
    try:
        yield shared.session
    finally:
        with _lock:
            shared.num_users -= 1
            if not shared.num_users:
                _shared = None
                shared.stack.close()


def _start(config: Config, model: bool, ray: bool, parts: Parts | None, executor: Executor | None,
           on_event: Listener) -> _Shared:
    with ExitStack() as stack:
        if config.storage.uri:
            storage.open_store(config.storage.uri)
        if parts is None and not ray and not config.ray.address:
            executor = assemble.executor(config.sandbox)
            parts = assemble.local_parts(config, model=model, executor=executor, observe=("coverage",), on_event=on_event)
        elif parts is None:
            from ncg_ray.actors.spawn import Ring

            ring = Ring(config, model=model, on_event=on_event)
            _off_loop(lambda: ring.__enter__())
            stack.push(lambda *error: _off_loop(lambda: ring.__exit__(*error)))
            parts, executor = ring.parts, ring.executor
        if executor is None:
            raise InputError("ready parts need their executor beside them: session(parts=..., executor=...)")
        loop = stack.enter_context(_Loop())
        current = Session(config, dataclasses.replace(parts, config=config), executor, on_event, loop.run)
        return _Shared(current, stack.pop_all())


class _Loop:
    """An event loop in a thread of its own, so that it does not matter whether the caller's thread runs one."""

    def __enter__(self) -> _Loop:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="ncg-session", daemon=True)
        self.thread.start()
        return self

    def run(self, coroutine: Coroutine[Any, Any, T], timeout_s: float | None = None) -> T:
        future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        try:
            return future.result(timeout_s)
        finally:
            future.cancel()  # after Ctrl-C the work stops too; a future that is done does not mind

    def __exit__(self, *error: object) -> None:
        try:
            self.run(self._cancel_all(), timeout_s=5.0)
        except TimeoutError:
            return  # something blocks the thread; it is a daemon and ends with the process
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def _cancel_all(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.loop.shutdown_asyncgens()
        await self.loop.shutdown_default_executor()


def _off_loop(call: Callable[[], T]) -> T:
    """Make a blocking call; from inside a running event loop, in a thread of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return call()
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def configure(config: Config | str | Path | None = None, **sets: Any) -> Config:
    """A Config from a Config or a TOML file, with single knobs changed: `configure(None, search__num_samples=3)`.

    Raises ConfigError.
    """
    changes = [f"{key.replace('__', '.')}={json.dumps(value)}" for key, value in sets.items()]
    if not isinstance(config, Config):
        return configs.load(config, changes)
    if not changes:
        return config
    same = [f"{key}={json.dumps(value)}" for key, value in flatten(config)]
    return configs.load(None, [*same, *changes])


def flatten(config: Config) -> list[tuple[str, Any]]:
    """(key, value) of every knob, in the order of `config.describe()`."""
    rows: list[tuple[str, Any]] = []
    for key, _, _ in configs.describe():
        value: Any = config
        for part in key.split("."):
            value = getattr(value, part)
        rows.append((key, value))
    return rows
