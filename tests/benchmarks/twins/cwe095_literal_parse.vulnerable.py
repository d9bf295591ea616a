import csv


def read_points(path):
    """Read a CSV file whose second column holds a list of coordinates."""
    points = {}
    with open(path, newline="", encoding="utf-8") as handle:
        for row in csv.reader(handle):
            label, raw = row[0], row[1]
            points[label] = eval(raw)
    return points
