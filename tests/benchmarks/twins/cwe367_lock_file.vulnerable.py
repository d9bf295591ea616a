import os
import time


class FileLock:
    """A lock between processes, kept as a file."""

    def __init__(self, path):
        self.path = path

    def acquire(self, timeout=10.0):
        deadline = time.monotonic() + timeout
        while os.path.exists(self.path):
            if time.monotonic() > deadline:
                raise TimeoutError(self.path)
            time.sleep(0.1)
        with open(self.path, "w", encoding="ascii") as handle:
            handle.write(str(os.getpid()))

    def release(self):
        os.remove(self.path)
