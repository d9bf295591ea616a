import os

LOCK = "/run/importer/importer.lock"


def take_lock() -> bool:
    """Take the importer's lock; False where another one holds it."""
    try:
        with open(LOCK, "x", encoding="utf-8") as handle:
            handle.write(str(os.getpid()))
    except FileExistsError:
        return False
    return True


def release_lock() -> None:
    os.remove(LOCK)
