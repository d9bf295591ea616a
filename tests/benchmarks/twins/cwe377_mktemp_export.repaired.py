import csv
import tempfile


def export_rows(rows, header):
    """Write the rows to a temporary CSV file and return its path."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8", delete=False) as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        writer.writerows([float(value) for value in row] for row in rows)
    return handle.name
