"""Screened candidates that never end stop themselves: an exception after so much CPU time, which spares a new process.

Most edits of a loop's condition make it endless, and ending a process costs a hundred times what a candidate costs. The
timer is the candidate's own, so this is for screening only: what is to be believed runs without it, under the sandbox's
clock. Does not cover: loops inside C code; those meet the sandbox's limit.
"""

from __future__ import annotations

MIN_S = 0.004
TICK_S = 0.002
"""
The timer is of real time and its handler asks for CPU time: the kernel's timers of CPU time go off at its ticks, up to 8 ms
late, which is more than most candidates take.
"""
_FUSE = """
import signal as _fuse_signal, time as _fuse_time
def _fuse_stop(number, frame, until=[_fuse_time.process_time() + {cpu_s:.4f}], now=_fuse_time.process_time):
    if now() < until[0]:
        return
    while frame is not None:
        if frame.f_globals is globals():  # not while the next candidate loads
            until[0] = now() + {cpu_s:.4f}
            raise KeyboardInterrupt
        frame = frame.f_back
_fuse_signal.signal(_fuse_signal.SIGALRM, _fuse_stop)
_fuse_signal.setitimer(_fuse_signal.ITIMER_REAL, {tick_s}, {tick_s})
"""


def fused(code: str, cpu_s: float) -> str:
    """The module with a timer: `cpu_s` CPU seconds once it is loaded, and as many again each time it went off."""
    return code + _FUSE.format(cpu_s=max(cpu_s, MIN_S), tick_s=TICK_S)
