import json
import os
import subprocess
import tempfile


def plot(points: list[tuple[float, float]], output: str) -> None:
    """Draw the points with the plotting program."""
    with tempfile.TemporaryDirectory(prefix="plot-") as folder:
        work = os.path.join(folder, "input.json")
        with open(work, "w", encoding="utf-8") as handle:
            json.dump(points, handle)
        subprocess.run(["/usr/local/bin/plotter", "--input", work, "--output", output], check=True, timeout=60)
