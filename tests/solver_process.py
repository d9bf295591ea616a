"""The solver's process, asked from tests: Z3 must not live in a process with other threads, as that of the tests is."""

from __future__ import annotations

import atexit
import functools
import json
import subprocess
import sys
from types import SimpleNamespace
from typing import Any


@functools.cache
def _process() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "ncg_ray.verify.smt.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(process.kill)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def ask(source: str, name: str = "f", budget_s: float = 5.0, **more: Any) -> SimpleNamespace:
    """One answer of `ncg_ray.verify.smt.messages.Answer`, in a fork of its own."""
    process = _process()
    assert process.stdin is not None and process.stdout is not None
    given = {"source": source} if "first" not in more else {}
    process.stdin.write(json.dumps({**given, "name": name, "budget_s": budget_s, **more}) + "\n")
    process.stdin.flush()
    return SimpleNamespace(**json.loads(process.stdout.readline()))
