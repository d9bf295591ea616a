import ctypes
import os

libc = ctypes.CDLL(None)


def weak(lock, fd):
    lock.acquire()
    # ruleid: robustness-double-release
    lock.release()
    lock.release()
    # ruleid: robustness-double-release
    os.close(fd)
    work()
    os.close(fd)


def memory(p):
    # ruleid: robustness-double-release
    libc.free(p)
    work()
    libc.free(p)


def fine(lock, fd, p):
    # ok: robustness-double-release
    lock.release()
    # ok: robustness-double-release
    os.close(fd)
    # ok: robustness-double-release
    libc.free(p)
    p = None
    return p
