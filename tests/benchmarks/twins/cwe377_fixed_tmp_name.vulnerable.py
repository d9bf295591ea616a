import json
import os
import subprocess


def plot(points: list[tuple[float, float]], output: str) -> None:
    """Draw the points with the plotting program."""
    work = "/tmp/plot_input_%d.json" % os.getpid()
    with open(work, "w", encoding="utf-8") as handle:
        json.dump(points, handle)
    subprocess.run(["/usr/local/bin/plotter", "--input", work, "--output", output], check=True, timeout=60)
    os.remove(work)
