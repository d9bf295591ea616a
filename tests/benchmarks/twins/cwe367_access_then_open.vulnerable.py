import os


def append_report(path: str, line: str) -> bool:
    """Append a line to the caller's report when they may write to it."""
    if not os.access(path, os.W_OK):
        return False
    with open(path, "a", encoding="utf-8") as handle:
        handle.write(line + "\n")
    return True
