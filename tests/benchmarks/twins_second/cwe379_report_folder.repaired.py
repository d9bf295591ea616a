import os
import tempfile


def report_folder(text):
    """Put a report in a new temporary folder and return its path."""
    folder = tempfile.mkdtemp(prefix="report-")
    path = os.path.join(folder, "report.txt")
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(text)
    return path
