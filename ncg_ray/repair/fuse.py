"""Screened candidates that never end stop themselves: an exception after so much CPU time, which spares a new process.

Most edits of a loop's condition make it endless, and ending a process costs a hundred times what a candidate costs. The
timer is the candidate's own, so this is for screening only: what is to be believed runs without it, under the sandbox's
clock. Does not cover: loops inside C code; those meet the sandbox's limit.
"""

from __future__ import annotations

MIN_S = 0.01
_FUSE = """
import signal as _fuse_signal
def _fuse_stop(number, frame):
    while frame is not None:
        if frame.f_globals is globals():  # not while the next candidate loads
            raise KeyboardInterrupt
        frame = frame.f_back
_fuse_signal.signal(_fuse_signal.SIGVTALRM, _fuse_stop)
_fuse_signal.setitimer(_fuse_signal.ITIMER_VIRTUAL, {first:.4f}, {next:.4f})
"""


def fused(code: str, cpu_s: float) -> str:
    """The module with a timer that starts once it is loaded: `cpu_s` CPU seconds, then half of that again and again."""
    return code + _FUSE.format(first=max(cpu_s, MIN_S), next=max(cpu_s / 2, MIN_S / 2))
