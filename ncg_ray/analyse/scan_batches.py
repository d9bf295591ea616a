"""Files through the analyser in batches, in this process or in several."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import multiprocessing
import multiprocessing.util
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from ncg_ray.analyse.files import SourceFile
from ncg_ray.errors import InfrastructureError
from ncg_ray.protocols import Analyser, Surroundings
from ncg_ray.types import Analysis

BATCH = 50
"Files that the analyser is given at once: some of its tools start once a batch."
MAX_JOBS = 64
_CLOSE_S = 3.0


def analyse(analyser: Analyser, files: Sequence[SourceFile], surroundings: Surroundings) -> list[Analysis]:
    """One Analysis for each file, in order; in a thread of its own, so that Ctrl-C need not wait for the tools."""
    answer: Future[list[Analysis]] = Future()

    def work() -> None:
        try:
            answer.set_result(asyncio.run(analyser.analyse([file.code for file in files], surroundings)))
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=work, name="ncg-scan", daemon=True).start()
    return answer.result()


def analyses(sources: Iterator[SourceFile], make_analyser: Callable[[], Analyser] | None, surroundings: Surroundings,
             jobs: int, problems: set[str]) -> Iterator[tuple[SourceFile, Analysis]]:
    """Each file with its analysis, in order; with an empty one where there is no analyser.

    `problems` is told of rules and advisories that could not be used. Raises InfrastructureError where a process dies.
    """
    if make_analyser is None:
        for source in sources:
            yield source, Analysis()
    elif jobs == 1:
        yield from _here(sources, make_analyser, surroundings, problems)
    else:
        yield from _in_processes(sources, make_analyser, surroundings, jobs, problems)


def _here(sources: Iterator[SourceFile], make_analyser: Callable[[], Analyser], surroundings: Surroundings,
          problems: set[str]) -> Iterator[tuple[SourceFile, Analysis]]:
    analyser = make_analyser()
    try:
        while batch := list(itertools.islice(sources, BATCH)):
            yield from zip(batch, analyse(analyser, batch, surroundings), strict=True)
            problems.update(_problems(analyser))
        _close(analyser)
    except BaseException:
        _close_soon(analyser)
        raise


def _in_processes(sources: Iterator[SourceFile], make_analyser: Callable[[], Analyser], surroundings: Surroundings,
                  jobs: int, problems: set[str]) -> Iterator[tuple[SourceFile, Analysis]]:
    """With as many batches under way as keep the processes busy."""
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (make_analyser, surroundings))
    waiting: deque[tuple[list[SourceFile], Future[tuple[list[Analysis], list[str]]]]] = deque()
    try:
        while True:
            while len(waiting) < 2 * jobs and (batch := list(itertools.islice(sources, BATCH))):
                with _deaf():  # the pool starts its processes here
                    waiting.append((batch, pool.submit(_work, batch)))
            if not waiting:
                return
            batch, future = waiting.popleft()
            found, told = future.result()
            problems.update(told)
            yield from zip(batch, found, strict=True)
    except BrokenProcessPool:
        raise InfrastructureError("a process of the scan died, perhaps for want of memory; take fewer --jobs") from None
    except BaseException:  # Ctrl-C: what is under way may take minutes
        for process in list((pool._processes or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Processes that start inside never see Ctrl-C, which reaches the whole group: the scan's own process ends them.

    A handler of their own would come too late for a Ctrl-C while they start.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_given: tuple[Analyser, Surroundings] | None = None
"Of a process of the pool."


def _begin(make_analyser: Callable[[], Analyser], surroundings: Surroundings) -> None:
    global _given
    sys.stdout = sys.stderr  # whatever a library prints is no answer
    analyser = make_analyser()
    _given = analyser, surroundings
    signal.signal(signal.SIGTERM, lambda *_: (_close_soon(analyser), os._exit(1)))
    # `atexit` does not run in such a process, and the tools that it started would outlive it.
    multiprocessing.util.Finalize(None, _close, (analyser,), exitpriority=10)


def _work(batch: list[SourceFile]) -> tuple[list[Analysis], list[str]]:
    assert _given is not None
    analyser, surroundings = _given
    return analyse(analyser, batch, surroundings), _problems(analyser)


def _problems(analyser: Analyser) -> list[str]:
    told = getattr(analyser, "problems", None)
    return told() if told is not None else []


def _close(analyser: Analyser) -> None:
    """End the tools' processes, where the analyser has some."""
    if (close := getattr(analyser, "close", None)) is not None:
        close()


def _close_soon(analyser: Analyser) -> None:
    """The same, in seconds: a tool that is at work may hold it up."""
    closing = threading.Thread(target=_close, args=(analyser,), daemon=True)
    closing.start()
    closing.join(_CLOSE_S)
