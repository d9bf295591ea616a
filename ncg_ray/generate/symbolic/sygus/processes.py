"""Processes that search with a CPU budget: whatever they do, they end, and a crash is an empty answer."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

WALL_PER_CPU, WALL_MORE_S = 8.0, 20.0
"Wall seconds after which a process counts as stuck: so many a CPU second on a busy machine, and these."
CVC5_PATH = Path(__file__).with_name("cvc5_process.py")
SEARCH_MODULE = "ncg_ray.generate.symbolic.sygus.search_process"
PACKAGE_ROOT = Path(__file__).parents[4]
START = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), run_name='__main__')"
"Our own package and not what lies in the current directory, whose `random.py` would be taken for Python's."


@dataclass(frozen=True, slots=True)
class Output:
    """What a process wrote, and how it ended."""

    text: str
    cpu_s: float
    ended: str
    "`done`, `out of time` or `crashed (...)`."


def run_cvc5(problem: str, cpu_s: float) -> Output:
    """cvc5's answer to a SyGuS text."""
    return run([sys.executable, str(CVC5_PATH), str(cpu_s)], problem, cpu_s)


def run_search(what: str, document: str, cpu_s: float) -> Output:
    """`search_process` on a JSON document; `what` is `search` or `check`."""
    return run([sys.executable, "-P", "-c", START, str(PACKAGE_ROOT), SEARCH_MODULE, what, str(cpu_s)], document, cpu_s)


def run(command: list[str], given: str, cpu_s: float) -> Output:
    """Run a command that limits its own CPU time (`limits.limit`), with a text as its standard input."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as sink:
        source.write(given.encode())
        source.seek(0)
        process = subprocess.Popen(command, stdin=source, stdout=sink, stderr=subprocess.DEVNULL, start_new_session=True)
        used, status = _waited(process, time.monotonic() + WALL_PER_CPU * cpu_s + WALL_MORE_S)
        sink.seek(0)
        text = sink.read().decode(errors="replace")
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return Output(text, used, "done")
    # An answer that was cut off is no answer.
    late = -code in (signal.SIGPROF, signal.SIGXCPU, signal.SIGKILL)
    return Output("", used, "out of time" if late else f"crashed ({code})")


def _waited(process: subprocess.Popen[bytes], deadline: float) -> tuple[float, int]:
    """CPU seconds and wait status of a process, which is killed at the deadline or when we are interrupted."""
    watch = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(watch, select.POLLIN)
        if not poll.poll(max(0, 1000 * (deadline - time.monotonic()))):
            os.killpg(process.pid, signal.SIGKILL)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        os.close(watch)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)  # so that Popen does not wait for it again
    return usage.ru_utime + usage.ru_stime, status
