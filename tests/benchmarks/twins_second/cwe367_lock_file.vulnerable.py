import os

LOCK = "/run/importer/importer.lock"


def take_lock() -> bool:
    """Take the importer's lock; False where another one holds it."""
    if os.path.exists(LOCK):
        return False
    with open(LOCK, "w", encoding="utf-8") as handle:
        handle.write(str(os.getpid()))
    return True


def release_lock() -> None:
    os.remove(LOCK)
