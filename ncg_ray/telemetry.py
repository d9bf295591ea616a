"""Logs, events and stage timings.

Logs go to standard error through structlog; standard output belongs to answers. An event is one plain dict for
progress displays and `--events FILE`: `{"event": "stage" | "decision" | "attempt" | "assumption" | "note" | "answer" |
"progress" | "step" | "checkpoint", ...}`. Metric names are `ncg_<stage>_<what>_<unit>`.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Event = dict[str, Any]
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The listener of those who do not listen."""


def configure(level: str = "warning") -> None:
    """Send our logs to standard error as `key=value` lines at this level, and quiet the libraries'."""
    import structlog

    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True),
                    structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(_StandardError()))  # type: ignore[arg-type]


class _StandardError:
    """Whatever standard error is when a line is written: it may have been another, closed by now, when logs began."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def logger(stage: str) -> Any:
    """A structlog logger bound to one stage; warnings and errors go to standard error unless configured otherwise."""
    import structlog

    if not structlog.is_configured():
        configure()
    return structlog.get_logger(stage=stage)


class Stopwatch:
    """Wall seconds by stage."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.started = clock()
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begin = self.clock()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + self.clock() - begin

    def elapsed_s(self) -> float:
        return self.clock() - self.started

    def timings_s(self) -> dict[str, float]:
        """Rounded to 0.1 ms, with `total`."""
        return {name: round(s, 4) for name, s in [*self.seconds.items(), ("total", self.elapsed_s())]}
