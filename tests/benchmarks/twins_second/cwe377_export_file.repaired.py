import csv
import tempfile


def export_rows(rows):
    """Write rows to a temporary CSV file and return its path."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8", delete=False) as handle:
        writer = csv.writer(handle)
        writer.writerows(rows)
    return handle.name
