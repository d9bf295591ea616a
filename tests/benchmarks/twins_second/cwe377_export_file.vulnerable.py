import csv
import tempfile


def export_rows(rows):
    """Write rows to a temporary CSV file and return its path."""
    path = tempfile.mktemp(suffix=".csv")
    with open(path, "w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerows(rows)
    return path
