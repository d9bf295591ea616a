"""Type errors by mypy, in a process that stays warm: a check takes some 20 milliseconds, and not the second of `mypy`.

Covers: the program against itself and the standard library, annotated or not. Does not cover: installed packages, whose
values may be anything.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ncg_ray.config import cache_home

START_S, DEADLINE_S, DEADLINE_PER_FILE_S = 60.0, 20.0, 1.0


@dataclass(frozen=True, slots=True)
class TypeMistake:
    """One error of the type checker."""

    line: int
    column: int
    code: str
    message: str


class CheckerError(Exception):
    """The type checker gave no answer on these programs."""


class TypeChecker:
    """A warm mypy. Threads may share it: one batch is checked at a time. Raises ImportError where mypy is not installed."""

    def __init__(self) -> None:
        if importlib.util.find_spec("mypy") is None:
            raise ImportError("mypy is not installed", name="mypy")
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._end: weakref.finalize[..., TypeChecker] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def warm_up(self) -> None:
        """Start the process without waiting for it."""
        with self._lock:
            self._start()

    def check(self, codes: Sequence[str]) -> list[list[TypeMistake]]:
        """The type errors of each program, in the order of lines.

        Raises CheckerError where mypy dies or hangs on one of them; the next batch is not harmed.
        """
        if not codes:
            return []
        with self._lock:
            fresh = self._start()
            seconds = DEADLINE_S + DEADLINE_PER_FILE_S * len(codes) + (START_S if fresh else 0)
            answer = self._ask({"codes": list(codes)}, seconds)
        if None in answer["errors"]:
            raise CheckerError("mypy died on this code")
        return [sorted((TypeMistake(**error) for error in errors), key=lambda m: (m.line, m.column, m.code))
                for errors in answer["errors"]]

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _start(self) -> bool:
        """Whether a process had to be started."""
        if self._process is not None and self._process.poll() is None:
            return False
        folder = tempfile.mkdtemp(prefix="ncg-mypy-")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ncg_ray.analyse.type_worker", folder, cache_home()], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
            start_new_session=True)  # so that its forks end with it
        self._lines = queue.SimpleQueue()
        threading.Thread(target=_read, args=(self._process.stdout, self._lines), daemon=True).start()
        self._end = weakref.finalize(self, _end, self._process, folder)
        return True

    def _ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._lines.get(timeout=seconds)
            if line.startswith('{"ready"'):
                line = self._lines.get(timeout=seconds)
        except (OSError, ValueError) as error:
            self._stop()
            raise CheckerError(f"mypy's process ended: {error}") from None
        except queue.Empty:
            self._stop()
            raise CheckerError(f"mypy took longer than {seconds:g} s") from None
        if not line:
            self._stop()
            raise CheckerError("mypy's process died")
        return json.loads(line)

    def _stop(self) -> None:
        if self._process is not None and self._end is not None:
            self._end()
        self._process = None


def _read(stream: Any, lines: queue.SimpleQueue[str]) -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in stream:
            lines.put(line)
    lines.put("")


def _end(process: subprocess.Popen[str], folder: str) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)
    for stream in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if stream is not None:
                stream.close()
