"""The CPU time and the memory of a process that searches; it imports nothing of the package, so that cvc5 starts fast."""

from __future__ import annotations

import math
import resource
import signal
import time

MEMORY_BYTES = 4 << 30


def limit(cpu_s: float) -> float:
    """End this process when it has used so many CPU seconds, start-up included; gives the seconds that are left.

    The timer's signal is not caught: it also ends a process that is deep in a solver.
    """
    left_s = max(0.01, cpu_s - time.process_time())
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, left_s)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(cpu_s) + 1, math.ceil(cpu_s) + 2))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return left_s
