"""Measure a trained model on a suite: `python jobs/evaluate.py --config jobs/configs/laptop.toml`, also by `ray job submit`.

`ncg evaluate` over the actors of the job's cluster, on the model that `jobs/train.py` left in the storage. The report goes
to the storage, its numbers to MLflow. Where it was killed, the same command goes on.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from ncg_ray import storage
from ncg_ray.config import Config, storage_root
from ncg_ray.errors import InputError
from ncg_ray.job import Job, Result, run_job

MODES = ("neural", "symbolic", "hybrid", "adaptive")
COUNTED = ("pass@1", "verified@1", "solved", "misjudged", "tokens", "sandbox_runs", "seconds")
"Numbers of a mode that MLflow gets, beside its pass@k."
FILES = (".traces.jsonl", ".run.json", ".md", ".json")
"Of a report, itself the last."

Start = Callable[..., AbstractContextManager[Any]]


def body(job: Job, start: Start | None = None) -> Result:
    from ncg_ray import api
    from ncg_ray.evaluate import read_suite
    from ncg_ray.evaluate.report import to_markdown
    from ncg_ray.evaluate.store import Store
    from ncg_ray.registry import Tracking
    from ncg_ray.registry.place import check_answers, place_of

    suite, modes = Path(job.args.suite or str(files("ncg_ray.tuning") / "tasks.jsonl")), job.args.modes or ["adaptive"]
    rows = read_suite(suite)
    if start is None:
        api.check_modes(modes)
    config = with_model(job.config, job.args.model)
    check_answers(place_of(config.mlflow, job.storage))
    name = re.sub(r"[^\w.-]", "-", f"evaluate-{config.train.name}-{suite.stem}")
    out = Path(job.args.out or here(job.storage) / "reports" / f"{name}.json")
    if job.args.out:
        storage.check_writable(out)
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
    Store(out, {})  # says now, and not after the model has loaded, what is wrong with the name
    if job.dry_run:
        job.reach()
        plan = {"suite": str(suite), "tasks": len(rows), "modes": modes, "model": config.model.source, "out": str(out)}
        return Result(plan, f"ok: {len(rows)} tasks of {suite.name} in {', '.join(modes)} on the model "
                            f"{config.model.source}; the report goes to {out}")
    with (start or api.session)(config, model=modes != ["symbolic"], on_event=job.on_event):
        with Tracking.open(config.mlflow, job.storage, name) as run, kept(out, job.storage, not job.args.out):
            run.log_params({"suite": suite.name, "modes": ",".join(modes), "config_hash": config.hash,
                            "model.source": config.model.source, "seed": config.seed})
            report = api.evaluate(suite, modes=modes, out=out)
            run.log_metrics(dict(numbers(report)))
            run.log_file(out)
            run.log_file(out.with_suffix(".md"))
    place = f"{job.storage.rstrip('/')}/reports/{out.name}" if storage.is_remote(job.storage) and not job.args.out else out
    return Result(report, f"{to_markdown(report)}\nreport: {place}")


def with_model(config: Config, given: str) -> Config:
    """The config with the model to measure: the one that is given, else the trained one, else the configured one.

    Raises InputError where the given one is not there or the trained one is out of the actors' reach, ModelError for a
    folder or file that is no model; said now, and not when the actors load it.
    """
    from ncg_ray.generate.loading import find_model

    if given and not Path(given).expanduser().exists():
        raise InputError(f"--model {given!r} is not there; give the folder that jobs/train.py wrote (its last line names "
                         "it), or a .gguf file, or leave it out and set model.source")
    source = given or trained(config) or config.model.source
    if Path(source).expanduser().exists():
        find_model(source, config.model.hub_timeout_s, lambda text: None)
    return dataclasses.replace(config, model=dataclasses.replace(config.model, source=source))


def trained(config: Config) -> str:
    """The folder of the model that a finished training of this `train.name` left; empty where there is none."""
    uri, name = config.storage.uri, f"checkpoints/{config.train.name}/model"
    if storage.read(uri, f"{name}/training.json") is None:  # the last file that a training writes
        return ""
    if storage.is_remote(uri):
        raise InputError(f"the trained model is at {uri!r}, from where no model can be loaded; copy {name} to a folder that "
                         "every machine of the cluster sees, and give it as --model")
    return str(Path(uri).expanduser().absolute() / name)


def here(uri: str) -> Path:
    """Where a run's files lie while it writes them: in the storage, or on this machine where that is behind a URL."""
    return Path(storage_root(Config()) if storage.is_remote(uri) else uri).expanduser()


@contextmanager
def kept(out: Path, uri: str, wanted: bool) -> Iterator[None]:
    """Bring what an earlier job stored behind a URL, and store what there is when the block ends, however it ends."""
    if not wanted or not storage.is_remote(uri):
        yield
        return
    paths = [out.with_name(out.stem + suffix) for suffix in FILES]
    for path in paths:
        if not path.exists() and (data := storage.read(uri, f"reports/{path.name}")) is not None:
            path.write_bytes(data)
    try:
        yield
    finally:
        for path in filter(Path.exists, paths):
            storage.write(uri, f"reports/{path.name}", path.read_bytes())


def numbers(report: dict[str, Any]) -> Iterator[tuple[str, float | None]]:
    """The numbers of a report for MLflow: `adaptive.pass@1`."""
    for mode, values in report["modes"].items():
        yield from ((f"{mode}.{key}", values[key]) for key in COUNTED if key in values)
        yield from ((f"{mode}.pass@{k}", value) for k, value in values["pass@k"].items() if k != "1")
    yield from (("tasks", report["tasks"]), ("left_out", report["left_out"]))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--suite", metavar="FILE", help="JSONL with one task a line; default: the packaged sweep tasks")
    parser.add_argument("--mode", dest="modes", action="append", choices=MODES, metavar="MODE",
                        help="neural: the bare model; adaptive: the whole loop (default); may be repeated")
    parser.add_argument("--model", metavar="FOLDER", default="",
                        help="default: the model that jobs/train.py made under train.name, else model.source")
    parser.add_argument("--out", metavar="FILE", help="default: a file in the storage's reports/")


def main(argv: Sequence[str] | None = None, start: Start | None = None) -> int:
    """`start` stands in for `api.session`, so that the job runs on other parts."""
    return run_job("evaluate", "measure a trained model on a suite of tasks with hidden tests",
                   functools.partial(body, start=start), arguments=arguments, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
