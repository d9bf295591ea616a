"""What came of a sweep: one JSON document, and the table, the page and the config that are made of it. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ncg_ray.evaluate.metrics import wilson
from ncg_ray.reward.score import TERMS
from ncg_ray.tuning.score import Weights
from ncg_ray.tuning.traces import Cases
from ncg_ray.tuning.weights import Trial, best, front

Report = dict[str, Any]

COLUMNS = ["", "trial", *TERMS, "hidden tests pass", "secure", "quality", "objective", "changed"]

CAUTION = ("The weights were chosen on these same tasks, so that their rates are a little too high: measure them on other "
           "tasks with `ncg evaluate --config`.")


def build(name: str, identity: dict[str, Any], source: str, cases: Cases, trials: Sequence[Trial],
          security_share: float) -> Report:
    """The report. `trials[0]` has the configured weights; at least that one is finished."""
    winner = best(trials, security_share)
    rows = [_row(trial, security_share) for trial in trials]
    differing = cases.differing()
    return {
        "name": name, "sweep": identity, "traces": source, "tasks": len(cases.eligible), "left_out": cases.num_left_out,
        "attempts": sum(len(case.options) for case in cases.eligible), "gaps": cases.num_gaps, "differing": differing,
        "security_share": security_share,
        "finished": sum(trial.finished for trial in trials), "stopped_early": sum(not trial.finished for trial in trials),
        "finding": _finding(trials, winner, differing, security_share), "winner": rows[winner.index],
        "configured": rows[0], "front": [trial.index for trial in front(trials)], "trials": rows,
    }


def _row(trial: Trial, security_share: float) -> dict[str, Any]:
    score = trial.score
    return {
        "trial": trial.index, "weights": dict(zip(TERMS, trial.weights, strict=True)), "finished": trial.finished,
        "tasks": score.num_tasks, "pass_rate": round(score.pass_rate, 6), "pass_rate_interval": _interval(score.pass_rate,
                                                                                                     score.num_tasks),
        "security_rate": round(score.security_rate, 6),
        "security_rate_interval": _interval(score.security_rate, score.num_tasks),
        "quality": None if score.quality is None else round(score.quality, 6),
        "objective": round(score.objective(security_share), 6), "changed": score.num_changed,
    }


def _interval(share: float, num_tasks: int) -> list[float]:
    return [round(end, 6) for end in wilson(share, num_tasks)]


def _finding(trials: Sequence[Trial], winner: Trial, differing: dict[str, int], security_share: float) -> str:
    """What the sweep says, and what it does not, in sentences."""
    finished = [trial for trial in trials if trial.finished]
    said = []
    flat = not any(trial.score.num_changed for trial in trials)
    if len(trials) == 1:
        said.append("Only the configured weights were tried.")
    elif flat:
        said.append("No weights that were tried change any pick: these Traces cannot tell weights apart, and the configured "
                    "weights stay.")
    elif winner.index == 0:
        said.append("No weights that were tried do better than the configured ones, which stay.")
    else:
        gain = winner.score.objective(security_share) - trials[0].score.objective(security_share)
        equals = sum(trial.score.objective(security_share) == winner.score.objective(security_share) for trial in finished)
        said.append(f"Trial {winner.index} is {gain:.3f} above the configured weights; it picks other code in "
                    f"{winner.score.num_changed} of {winner.score.num_tasks} tasks."
                    + (f" {equals - 1} more are as good; it is the nearest to the configured weights."
                       if equals > 1 else ""))
    if not differing["security"]:
        said.append("In no task do the candidates differ in security: its rate is the same under any weights.")
    if not differing["hidden"]:
        said.append("In no task do the candidates differ in the hidden tests: the pass rate is the same under any weights.")
    if num_stopped := sum(not trial.finished for trial in trials):
        said.append(f"{num_stopped} of {len(trials)} were stopped before all tasks, which may cost a good one; "
                    "tune.num_rungs = 1 lets every one end.")
    if winner.index:
        said.append(CAUTION)
    return " ".join(said)


def text(report: Report) -> str:
    """The front, the winner and what they mean, for a terminal."""
    rows = [COLUMNS, *(_cells(report, row) for row in _shown(report))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    table = ["  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                       for i, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip() for row in rows]
    return "\n".join([_headline(report), _material(report), "", *table, "", report["finding"]])


def to_markdown(report: Report) -> str:
    """The report on one page, with all trials."""
    parts = [f"# Sweep {report['name']}", f"{_headline(report)} {_material(report)}", report["finding"],
             f"![hidden-test pass rate against security rate]({report['name']}.png)",
             "## The front and the winner", _markdown(report, _shown(report)),
             "Intervals are Wilson's, 95 %, over tasks. `changed`: tasks in which other code is picked than by the "
             "configured weights. Weights: tests, security, quality, licence.",
             f"## All {len(report['trials'])} trials", _markdown(report, report["trials"]),
             "A trial that was stopped early by successive halving is scored on fewer tasks: its rates do not compare."]
    return "\n\n".join(parts) + "\n"


def to_json_text(report: Report) -> str:
    return json.dumps(report, indent=2) + "\n"


def policy(report: Report) -> str:
    """The winner as a config file, with how it was found."""
    winner, configured = report["winner"], report["configured"]
    numbers = ", ".join(repr(weight) for weight in winner["weights"].values())
    facts = [f"Weights of the reward, found by the sweep {report['name']!r}: trial {winner['trial']} of "
             f"{len(report['trials'])} on {report['tasks']} tasks, seed {report['sweep']['seed']}.",
             f"Traces: {report['traces']}",
             f"Hidden-test pass rate {_rate(winner, 'pass_rate')}, security rate {_rate(winner, 'security_rate')}; with the "
             f"weights that were configured {_rate(configured, 'pass_rate')} and {_rate(configured, 'security_rate')}.",
             report["finding"]]
    comment = "\n".join(f"# {' '.join(ascii(fact)[1:-1].split())}" for fact in facts)
    return f"{comment}\n\n[reward]\nweights = [{numbers}]  # {', '.join(TERMS)}\n"


def weights_of(row: dict[str, Any]) -> Weights:
    """The weights of a trial in a report."""
    return tuple(row["weights"][name] for name in TERMS)


def _headline(report: Report) -> str:
    return (f"Sweep {report['name']}: {len(report['trials'])} weight vectors on {report['tasks']} tasks, "
            f"{report['finished']} scored on all of them, {report['stopped_early']} stopped early.")


def _material(report: Report) -> str:
    terms = ", ".join(f"{name} in {number}" for name, number in report["differing"].items() if name != "hidden")
    text = (f"Among the candidates of a task, terms of the reward differ: {terms}; the hidden tests' result in "
            f"{report['differing']['hidden']} of {report['tasks']} tasks.")
    if report["gaps"]:
        text += f" {report['gaps']} candidates are left out, since a term of their reward could not be measured."
    if report["left_out"]:
        text += f" {report['left_out']} tasks are left out, since none of their candidates has a reward."
    return text


def _shown(report: Report) -> list[dict[str, Any]]:
    """The rows of the front, the winner, and the configured weights."""
    wanted = {*report["front"], report["winner"]["trial"], 0}
    rows = [row for row in report["trials"] if row["trial"] in wanted]
    return sorted(rows, key=lambda row: (-row["pass_rate"], -row["security_rate"], row["trial"]))


def _marks(report: Report, row: dict[str, Any]) -> str:
    marks = {"winner": row["trial"] == report["winner"]["trial"], "front": row["trial"] in report["front"],
             "configured": row["trial"] == 0, "stopped early": not row["finished"]}
    return ", ".join(name for name, holds in marks.items() if holds)


def _cells(report: Report, row: dict[str, Any]) -> list[str]:
    quality = "-" if row["quality"] is None else f"{row['quality']:.3f}"
    return [_marks(report, row), str(row["trial"]), *(f"{weight:.4g}" for weight in row["weights"].values()),
            _rate(row, "pass_rate"), _rate(row, "security_rate"), quality, f"{row['objective']:.3f}",
            f"{row['changed']} of {row['tasks']}"]


def _rate(row: dict[str, Any], key: str) -> str:
    low, high = row[f"{key}_interval"]
    return f"{row[key]:.3f} ({low:.2f} to {high:.2f})"


def _markdown(report: Report, rows: Sequence[dict[str, Any]]) -> str:
    lines = [COLUMNS, ["---", *["---:"] * (len(COLUMNS) - 1)], *(_cells(report, row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
