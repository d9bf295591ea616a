"""The process that solves: one request a line on standard input, one answer a line on standard output.

Each request runs in a fork of its own with a limit on CPU and memory, watched from outside, so that neither a crash of
the solver nor what it leaves behind reaches the next one. Code under verification is read here and never run.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import sys
import time
from typing import Any

from ncg_ray.verify.smt import differ, prove
from ncg_ray.verify.smt.messages import Answer, Request

MEMORY_BYTES = 3 << 30
GRACE = 1.08
"Of the budget; a solver that does not stop by itself is stopped from outside."
POLL_S = 0.02
MAX_WAITING = 20.0
"Wall seconds for each CPU second of the budget, before a process that gets no CPU is given up."


def main() -> None:
    """Serve until standard input ends."""
    sys.setrecursionlimit(20_000)
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    ours, theirs = os.pipe()
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _solve(request, theirs)
    os.close(theirs)
    budget = float(request["budget_s"])
    text, why = _collect(pid, ours, budget, started)
    os.close(ours)
    try:
        return dict(json.loads(text))
    except ValueError:
        used = time.monotonic() - started
        reason = "timeout" if why == "timeout" else "error"
        detail = "" if why == "timeout" else f"the solver ended without an answer ({why}); its memory limit is 3 GiB"
        return Answer("UNKNOWN", reason, detail, elapsed_s=used).document()


def _solve(request: dict[str, Any], out: int) -> None:
    """In the fork: limits first, then the work, then nothing else."""
    status = 1
    # Z3's objects must be let go by the thread that uses them: a collection in the one that watches the clock would not.
    gc.disable()
    try:
        os.setsid()
        seconds = int(request["budget_s"] * GRACE) + 2
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        answer = _work(request)
        os.write(out, json.dumps(answer.document()).encode("utf-8", "surrogatepass"))
        status = 0
    except MemoryError:
        os.write(out, json.dumps(Answer("UNKNOWN", "error", "the solver ran out of memory").document()).encode())
    except Exception as error:  # a fault of ours: said as such, and no verdict
        words = f"the verifier itself failed: {type(error).__name__}: {str(error)[:200]}"
        os.write(out, json.dumps(Answer("UNKNOWN", "error", words).document()).encode())
    finally:
        os._exit(status)


def _work(request: dict[str, Any]) -> Answer:
    kind = request.pop("kind", "prove")
    if kind == "differ":
        return differ.compare(differ.Request(**request))
    if kind == "diverges":
        args = request.pop("args")
        return prove.diverges(Request(**request), args)
    return prove.verify(Request(**request))


def _collect(pid: int, ours: int, budget: float, started: float) -> tuple[str, str]:
    """What the fork wrote, and how it ended; killed where it uses more than its budget."""
    chunks, why = [], ""
    while True:
        ready, _, _ = select.select([ours], [], [], POLL_S)
        if ready:
            chunk = os.read(ours, 1 << 16)
            if not chunk:
                break
            chunks.append(chunk)
        elif cpu_seconds(pid) > budget * GRACE or time.monotonic() - started > (budget + 1) * MAX_WAITING:
            why = "timeout"
            os.kill(pid, signal.SIGKILL)
            break
    _, status = os.waitpid(pid, 0)
    if not why and os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        why = "timeout" if number == signal.SIGXCPU else f"signal {number}"
    return b"".join(chunks).decode("utf-8", "surrogatepass"), why


def cpu_seconds(pid: int) -> float:
    """CPU that a process has used; 0 where it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
