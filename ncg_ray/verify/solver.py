"""The solver's processes, from outside: Z3 is never loaded here, and a solver that crashes harms no other request."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import sys
import weakref
from typing import Any

LINE_BYTES = 1 << 26
START_S = 60.0
WALL_PER_CPU = 22.0
"Wall seconds for a CPU second before a process counts as stuck; a little more than it allows its own forks."
FAILED = {"level": "UNKNOWN", "reason": "error", "args": [], "gaps": [], "bound": "", "assumptions": [], "elapsed_s": 0.0}


class Solver:
    """Answers requests of `smt.prove` and `smt.differ`, each in a fork of a process that has Z3 loaded.

    Example:
        >>> async with Solver() as solver:                                                   # doctest: +SKIP
        ...     await solver.ask({"source": code, "name": "f", "ensures": ["result > 0"], "budget_s": 5})
    """

    def __init__(self, num_workers: int = 1) -> None:
        self.num_workers = num_workers
        self._idle: list[asyncio.subprocess.Process] = []
        weakref.finalize(self, _kill, self._idle)
        self._room: asyncio.Semaphore | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Solver:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer as a document of `smt.messages.Answer`; a process that dies answers UNKNOWN/error."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # processes belong to the loop that started them
            self._forget()
            self._loop, self._room = loop, asyncio.Semaphore(self.num_workers)
        assert self._room is not None
        async with self._room:
            for attempt in itertools.count():
                process = self._idle.pop() if self._idle else await self._start()
                try:
                    answer = await self._exchange(process, request)
                except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError) as error:
                    await _end(process)
                    if attempt:
                        return FAILED | {"detail": f"the solver's process died: {type(error).__name__}"}
                    continue
                except BaseException:
                    await _end(process)
                    raise
                self._idle.append(process)
                return answer
        raise AssertionError

    async def _start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "ncg_ray.verify.smt.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=LINE_BYTES,
            start_new_session=True,
        )
        assert process.stdout is not None
        await asyncio.wait_for(process.stdout.readline(), START_S)
        return process

    async def _exchange(self, process: asyncio.subprocess.Process, request: dict[str, Any]) -> dict[str, Any]:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(request).encode("utf-8", "surrogatepass") + b"\n")
        await process.stdin.drain()
        line = await asyncio.wait_for(process.stdout.readline(), (float(request["budget_s"]) + 2) * WALL_PER_CPU)
        if not line:
            raise asyncio.IncompleteReadError(b"", None)
        return dict(json.loads(line))

    def _forget(self) -> None:
        _kill(self._idle)

    async def aclose(self) -> None:
        """End the processes that are idle."""
        while self._idle:
            await _end(self._idle.pop())


def _kill(processes: list[asyncio.subprocess.Process]) -> None:
    while processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(processes.pop().pid, 9)


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, 9)
    with contextlib.suppress(Exception):
        await asyncio.wait_for(process.wait(), 5)
