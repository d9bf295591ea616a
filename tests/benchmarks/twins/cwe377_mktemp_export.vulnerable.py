import csv
import tempfile


def export_rows(rows, header):
    """Write the rows to a temporary CSV file and return its path."""
    path = tempfile.mktemp(suffix=".csv")
    with open(path, "w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        writer.writerows([float(value) for value in row] for row in rows)
    return path
