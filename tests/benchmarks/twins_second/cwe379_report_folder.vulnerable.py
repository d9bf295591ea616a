import os
import uuid


def report_folder(text):
    """Put a report in a new temporary folder and return its path."""
    folder = os.path.join("/tmp", "report-" + uuid.uuid4().hex)
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    path = os.path.join(folder, "report.txt")
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(text)
    return path
