"""Find the weights of the reward that pick the best code: `python jobs/tune_rewards.py --config FILE`.

Scores weight vectors on the Traces that `tune.traces` names, or, where it names none, on the packaged tasks, which are
evaluated first. Writes the report, the picture and the winner's config to the storage. Where it was killed, the same
command goes on.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

from ncg_ray import storage
from ncg_ray.config import Config, RewardConfig, environment, storage_root
from ncg_ray.job import Job, Result, run_job


def body(job: Job) -> Result:
    from ncg_ray.actors import cluster
    from ncg_ray.tuning import report, rewards, traces

    config = job.config
    rewards.check(config)
    source = config.tune.traces or _evaluated(config)
    plan = rewards.plan(config, source) if source else None
    done = rewards.finished(plan) if plan else None
    if job.dry_run:
        _reach(config)
        facts = {"name": config.tune.name, "trials": config.tune.num_trials, "traces": source, "storage": job.storage,
                 "finished": done is not None}
        material = traces.describe(plan.cases) if plan else f"Traces to be made from {rewards.SUITE.name}"
        return Result(facts, f"ok: {config.tune.num_trials} trials; {material}; results go to {job.storage}"
                             + ("; this sweep is finished" if done else ""))
    if plan is None or done is None:
        with cluster.running(config.ray, min_cpus=2):
            plan = plan or rewards.plan(config, _evaluate(job))
            done = rewards.sweep(plan, job.on_event)
    else:
        job.on_event({"event": "note", "text": f"the sweep {plan.name} is finished; this is its result"})
    places = rewards.files(plan)
    lines = [f"{what + ':':<8}{place}" for what, place in places.items()]
    return Result({**done, "files": places}, "\n".join([report.text(done), "", *lines]))


def _reach(config: Config) -> None:
    """Raise ClusterError where no cluster answers at the address; without one a local Ray would be started."""
    from ncg_ray.actors import cluster

    if config.ray.address or environment("RAY_ADDRESS"):
        with cluster.running(config.ray):
            pass


def _sampling(config: Config) -> Config:
    """How the packaged tasks are evaluated: the bare model with samples beside its greedy candidate, since the loop would
    stop at the first that passes and leave nothing to choose from; its weights, which change nothing, as they are by
    default, so that the Traces serve every sweep of this model."""
    search = dataclasses.replace(config.search, num_neural_samples=max(1, config.search.num_samples))
    return dataclasses.replace(config, search=search, reward=RewardConfig())


def _tasks_report(config: Config) -> str:
    """Name of the packaged tasks' report in the storage: another model or suite has another."""
    from ncg_ray.evaluate import read_suite
    from ncg_ray.records import stable_hash
    from ncg_ray.tuning import rewards

    identity = stable_hash([stable_hash(read_suite(rewards.SUITE)), _sampling(config).hash, config.seed])
    return f"reports/sweep-tasks-{identity[:8]}.json"


def _evaluated(config: Config) -> str:
    """The Traces of the packaged tasks, where they are all made (the report is written last); else empty."""
    name = _tasks_report(config)
    return "" if storage.read(config.storage.uri, name) is None else _traces(config.storage.uri, name)


def _evaluate(job: Job) -> str:
    """Evaluate the packaged tasks, going on where that stopped, and give back where their Traces are."""
    from ncg_ray import api
    from ncg_ray.tuning import rewards

    uri, name = job.storage, _tasks_report(job.config)
    # `evaluate` appends to files; where the storage has none, they lie here first.
    out = Path(storage_root(Config()) if storage.is_remote(uri) else uri).expanduser() / name
    out.parent.mkdir(parents=True, exist_ok=True)
    with api.session(_sampling(job.config), on_event=job.on_event):
        api.evaluate(rewards.SUITE, modes=["neural"], out=out)
    if storage.is_remote(uri):
        for path in (out.with_suffix(".traces.jsonl"), out.with_suffix(".md"), out):
            storage.write(uri, f"reports/{path.name}", path.read_bytes())
    return _traces(uri, name)


def _traces(uri: str, name: str) -> str:
    return f"{uri.rstrip('/')}/{name.removesuffix('.json')}.traces.jsonl"


def main(argv: Sequence[str] | None = None) -> int:
    return run_job("tune_rewards", "find the weights of the reward that pick the best code", body, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
