"""The report of a run, as data and as one page, made from its stored lines only."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any

from ncg_ray.evaluate.metrics import pass_at_k, wilson
from ncg_ray.evaluate.store import Line

Report = dict[str, Any]

NOTES = """\
- **pass@1**: share of tasks whose one answer passes all hidden tests, with Wilson's 95 % interval over tasks.
- **pass@k**: unbiased estimate (Chen et al. 2021) over the first m candidates that the model drew for each task, the
  greedy one first, m being what every task has: a mode that stops early has a small m, and no number for a larger k.
- **verified@1**: share of tasks whose answer has a verdict of TESTED or better *and* passes all hidden tests.
- **misjudged**: answers with a verdict of TESTED or better that fail a hidden test.
- **exact**, **BLEU**: against the canonical solution, without comments, docstrings and layout.
- **tokens**, **runs**, **seconds**: generated tokens, sandbox runs and wall seconds of solving; grading is not in them.
"""


def build(header: dict[str, Any], lines: Sequence[Line], task_ids: Sequence[str], modes: Sequence[str]) -> Report:
    """Put a report together; every mode must have a line for each task that passed its gate."""
    left_out = {task: gate["left_out"] for task, gate in header["gates"].items() if gate["left_out"]}
    order = [task for task in task_ids if task not in left_out]
    by_key = {(line["mode"], line["task_id"]): line for line in lines}
    models = sorted({(line["model_id"], line["model_hash"]) for line in lines if line["model_id"]})
    return {
        "suite": header["suite"], "tasks": len(order), "left_out": len(left_out), "config_hash": header["config_hash"],
        "seed": header["seed"], "num_samples": header["num_samples"], "suite_hash": header["suite_hash"],
        "model": {"id": models[0][0], "hash": models[0][1]} if models else None,
        "isolation": sorted({line["isolation"] for line in lines if line["isolation"]}),
        "machine": header["machine"], "commit": header["commit"],
        "left_out_tasks": {task: left_out[task] for task in task_ids if task in left_out},
        "modes": {mode: _mode([by_key[mode, task] for task in order], header["num_samples"]) for mode in modes},
    }


def _mode(lines: Sequence[Line], num_samples: int) -> dict[str, Any]:
    grades = [line["graded"] for line in lines]
    num_solved = sum(g["solved"] for g in grades)
    draws = _pass_at_k([g["draws"] for g in grades], num_samples)
    return {
        "solved": num_solved,
        "pass@1": _share(num_solved, len(lines)),
        "pass@1_interval": _interval(_share(num_solved, len(lines)), len(lines)),
        "pass@k": {str(k): value for k, value in draws.items()},
        "pass@k_interval": {str(k): _interval(value, len(lines)) for k, value in draws.items()},
        "verified@1": _share(sum(g["solved"] and g["verified"] for g in grades), len(lines)),
        "misjudged": sum(g["verified"] and not g["solved"] for g in grades),
        "exact_match": _mean([g["exact_match"] for g in grades]),
        "bleu": _mean([g["bleu"] for g in grades]),
        "tokens": sum(line["counts"].get("tokens", 0) for line in lines),
        "sandbox_runs": sum(line["counts"].get("sandbox_runs", 0) for line in lines),
        "seconds": round(sum(line["timings_s"].get("total", 0.0) for line in lines), 3),
        "forgeable": sum(g["solved"] and g["forgeable"] for g in grades),
        "unsolved": {line["task_id"]: g["reason"] for line, g in zip(lines, grades, strict=True) if not g["solved"]},
    }


def _pass_at_k(draws: Sequence[Sequence[bool]], num_samples: int) -> dict[int, float]:
    # A fixed prefix of the draws: were all of them taken, a mode that stops at its first success would look better
    # or worse than the model that it draws from.
    num_drawn = min(map(len, draws), default=0)
    ks = [k for k in sorted({1, 5, 10, 20, 50, 100, num_samples}) if k <= num_drawn]
    return {k: round(fmean(pass_at_k(num_drawn, sum(d[:num_drawn]), k) for d in draws), 6) for k in ks}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _interval(share: float | None, num_tasks: int) -> list[float] | None:
    return None if share is None else [round(end, 6) for end in wilson(share, num_tasks)]  # conservative for pass@k


def _mean(values: Sequence[float | None]) -> float | None:
    present = [float(v) for v in values if v is not None]
    return round(fmean(present), 6) if present else None


def to_json_text(report: Report) -> str:
    return json.dumps(report, indent=2) + "\n"


def to_markdown(report: Report) -> str:
    """The report on one page."""
    model, machine = report["model"], report["machine"]
    facts = {
        "tasks": f"{report['tasks']} graded, {report['left_out']} left out",
        "model": f"`{model['id']}` (hash `{model['hash']}`)" if model else "none",
        "seed": report["seed"], "samples": report["num_samples"], "config": f"`{report['config_hash']}`",
        "suite hash": f"`{report['suite_hash']}`", "isolation": ", ".join(report["isolation"]) or "none",
        "machine": f"{machine['num_cpus']} CPUs, {machine['platform']}, Python {machine['python']}",
        "commit": f"`{report['commit']}`" if report["commit"] else "not a git checkout",
    }
    parts = [f"# {report['suite']}", "\n".join(f"- {key}: {value}" for key, value in facts.items()),
             _table(report["modes"]), NOTES.rstrip()]
    for mode, result in report["modes"].items():
        if result["forgeable"]:
            parts.append(f"{result['forgeable']} solved by `{mode}` ran in one process with the tests, where a hostile "
                         "answer could forge its result: read those answers (`forgeable` in the Traces).")
        if result["unsolved"]:
            parts.append(_tasks(f"Not solved by `{mode}` ({len(result['unsolved'])})", result["unsolved"]))
    if report["left_out_tasks"]:
        parts.append(_tasks(f"Left out ({report['left_out']})", report["left_out_tasks"]))
    return "\n\n".join(parts) + "\n"


def _table(modes: dict[str, dict[str, Any]]) -> str:
    ks = sorted({int(k) for result in modes.values() for k in result["pass@k"]})
    columns: list[tuple[str, Callable[[dict[str, Any]], str]]] = [
        ("solved", lambda r: str(r["solved"])),
        ("pass@1", lambda r: _number(r["pass@1"])),
        ("95 %", lambda r: " to ".join(map(_number, r["pass@1_interval"] or [])) or "-"),
        *[(f"pass@{k} drawn", lambda r, k=str(k): _number(r["pass@k"].get(k))) for k in ks],
        ("verified@1", lambda r: _number(r["verified@1"])), ("misjudged", lambda r: str(r["misjudged"])),
        ("exact", lambda r: _number(r["exact_match"])), ("BLEU", lambda r: _number(r["bleu"])),
        ("tokens", lambda r: str(r["tokens"])), ("runs", lambda r: str(r["sandbox_runs"])),
        ("seconds", lambda r: f"{r['seconds']:.1f}"),
    ]
    rows = [["mode", *(name for name, _ in columns)], ["---"] + ["---:"] * len(columns),
            *([mode, *(cell(result) for _, cell in columns)] for mode, result in modes.items())]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _tasks(title: str, reasons: dict[str, str]) -> str:
    lines = [f"- `{task}`: {' '.join(reason.split())}" for task, reason in reasons.items()]
    return f"## {title}\n\n" + "\n".join(lines)
