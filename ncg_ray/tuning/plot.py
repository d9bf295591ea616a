"""The Pareto front as a picture. Drawn without a display and without matplotlib's global state."""

from __future__ import annotations

import io

from ncg_ray.tuning.report import Report


def draw(report: Report) -> bytes:
    """A PNG: hidden-test pass rate against security rate of all finished trials, the front, and the configured weights."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()

    def points(rows: list[dict[str, object]]) -> tuple[list[object], list[object]]:
        return [row["pass_rate"] for row in rows], [row["security_rate"] for row in rows]

    finished = [row for row in report["trials"] if row["finished"]]
    best = [report["trials"][index] for index in report["front"]]
    axes.scatter(*points(finished), s=30, c="0.7", label=f"{len(finished)} trials on all tasks")
    axes.plot(*points(best), "o:", c="tab:blue", ms=7, label="Pareto front")
    axes.scatter(*points([report["winner"]]), s=220, facecolors="none", edgecolors="tab:green", linewidths=2,
                 label=f"winner (trial {report['winner']['trial']})")
    axes.scatter(*points([report["configured"]]), s=140, marker="*", c="tab:red", zorder=3, label="configured weights")
    axes.set(xlabel="hidden-test pass rate of the picks", ylabel="security rate of the picks",
             title=f"Sweep {report['name']}: {report['tasks']} tasks")
    axes.margins(0.1)
    axes.grid(alpha=0.3)
    axes.legend(loc="best", fontsize="small")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()
