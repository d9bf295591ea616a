import os
import time


class FileLock:
    """A lock between processes, kept as a file."""

    def __init__(self, path):
        self.path = path

    def acquire(self, timeout=10.0):
        deadline = time.monotonic() + timeout
        while True:
            try:
                descriptor = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                break
            except FileExistsError:
                if time.monotonic() > deadline:
                    raise TimeoutError(self.path) from None
                time.sleep(0.1)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(str(os.getpid()))

    def release(self):
        os.remove(self.path)
