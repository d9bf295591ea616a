import threading

lock = threading.Lock()


def weak(x):
    # ruleid: robustness-lock-not-released
    lock.acquire()
    x.work()
    lock.release()


def weaker(self):
    # ruleid: robustness-lock-not-released
    self.lock.acquire()
    if self.done:
        return
    self.lock.release()


def fine(x):
    # ok: robustness-lock-not-released
    with lock:
        x.work()


def careful(x):
    # ok: robustness-lock-not-released
    lock.acquire()
    try:
        x.work()
    finally:
        lock.release()
