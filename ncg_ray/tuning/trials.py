"""Trials under Ray Tune: each scores one weight vector in a process of its own, and ASHA stops the losers.

What is done is snapshotted to `<storage>/sweeps/<name>` about once a second, so that after a kill -9 the same call goes on
there. The snapshot holds pickles: whoever may write to the storage may run code here, as with checkpoints.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import ray
from ray import tune
from ray.tune.schedulers import ASHAScheduler, TrialScheduler

from ncg_ray import storage, telemetry
from ncg_ray.config import preset
from ncg_ray.errors import ClusterError, InfrastructureError, NCGError
from ncg_ray.telemetry import Listener
from ncg_ray.tuning.score import Score, Scorer, Weights
from ncg_ray.tuning.weights import Trial

FOLDER = "sweeps"
TERMINATED = "TERMINATED"
"Tune's word for a trial that ended well, early or not."
REDUCTION = 2
"ASHA: after each part a trial below the best 1/2 of those that came as far is stopped."
WAIT_S = 30.0
"Without a running trial for so long, the user is told what for."

_SETTINGS = {
    "TUNE_GLOBAL_CHECKPOINT_S": "1",  # between snapshots; its 10 would lose a short sweep
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # CSV, JSON and TensorBoard files of every trial
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C ends us, and the snapshot is there
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",
    "RAY_AIR_NEW_OUTPUT": "0",  # tables of all trials, again and again, even with verbose=0
}


def run(weights: Sequence[Weights], scorer: Scorer, *, name: str, uri: str, security_share: float, max_parallel: int,
        max_failures: int, on_event: Listener = telemetry.ignore,
        on_trial: Callable[[Trial], None] = lambda trial: None) -> list[Trial]:
    """Score every weight vector, or go on where an earlier call of the same name stopped. Ray must be up.

    Args:
        weights: the first is never stopped early, so that the others have something to be compared with.
        max_failures: restarts of a trial whose process died.
        on_trial: told of each trial that ended, once in this call, those of an earlier call included.

    Raises ClusterError where the cluster has no CPU, InfrastructureError where a trial failed too often: the same call
    goes on with it.
    """
    if ray.cluster_resources().get("CPU", 0) < 1:
        raise ClusterError("the cluster has no CPU for a trial; add a node that has one, or start it with --num-cpus")
    preset(_SETTINGS)
    logging.getLogger("ray.tune").setLevel(logging.CRITICAL)
    logging.getLogger("ray.train").setLevel(logging.CRITICAL)
    recorder = Recorder(weights, scorer.num_parts, security_share, on_event, on_trial)
    kind = tune.ResumeConfig.ResumeType
    resume = tune.ResumeConfig(finished=kind.SKIP, unfinished=kind.RESUME, errored=kind.RESUME)
    trainable = tune.with_parameters(_score, scorer=scorer, weights=list(weights), security_share=security_share)
    for _ in range(max_failures + 1):
        analysis = tune.run(
            trainable, name=name, **_place(uri), config={"index": tune.grid_search(list(range(len(weights))))},
            metric="objective", mode="max", scheduler=_Halving(scorer.num_parts), resources_per_trial={"cpu": 1},
            max_concurrent_trials=max_parallel, max_failures=max_failures, reuse_actors=True, raise_on_failed_trial=False,
            callbacks=[recorder], verbose=0, trial_dirname_creator=_folder_name,
            resume_config=resume if _is_begun(uri, name) else None)
        failed = [trial for trial in analysis.trials if trial.status != TERMINATED]
        # Tune gives a trial up although it has restarts left where the death is noticed again while it waits for one.
        if all(trial.num_failures > max_failures for trial in failed):
            break
    if failed:
        raise InfrastructureError(f"{len(failed)} of {len(weights)} trials failed again and again: {_gist(failed[0])}; the "
                                  "same command goes on with them")
    recorder.tell_rest()
    return recorder.trials()


def _score(config: dict[str, Any], scorer: Scorer, weights: Sequence[Weights], security_share: float) -> None:
    """The trainable: one trial. All but its index comes through the object store, once for all trials."""
    for part, score in enumerate(scorer(weights[config["index"]])):
        tune.report({"budget": REDUCTION**part, "part": part, "objective": score.objective(security_share),
                     "score": asdict(score)})


class _Halving(ASHAScheduler):
    """Asynchronous successive halving after each part; the first trial is exempt.

    Source: Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning". Its rungs grow by the reduction
    factor; that `budget` does so too makes a rung of every part.
    """

    def __init__(self, num_parts: int) -> None:
        super().__init__(time_attr="budget", max_t=REDUCTION ** (num_parts - 1), grace_period=1, reduction_factor=REDUCTION)

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        action: str = super().on_trial_result(tune_controller, trial, result)
        return TrialScheduler.CONTINUE if trial.config["index"] == 0 else action


class Recorder(tune.Callback):
    """Every score that came; part of Tune's snapshot. Tells of progress."""

    def __init__(self, weights: Sequence[Weights], num_parts: int, security_share: float, on_event: Listener,
                 on_trial: Callable[[Trial], None]) -> None:
        self.weights, self.num_parts, self.security_share = weights, num_parts, security_share
        self.on_event, self.on_trial = on_event, on_trial
        self.scores: dict[int, dict[int, Score]] = {}
        "By index and part; a trial that is run again gives the same."
        self.ended: set[int] = set()
        self.told: set[int] = set()
        self.postponed = False
        "`on_trial` failed; it is called again in the end, when its error is nobody else's."
        self.last_seen = time.monotonic()

    def get_state(self) -> dict[str, Any]:
        return {"scores": self.scores, "ended": self.ended}

    def set_state(self, state: dict[str, Any]) -> None:
        self.scores, self.ended = state["scores"], state["ended"]
        self.on_event({"event": "note", "text": f"going on: {len(self.ended)} of {len(self.weights)} trials are done"})

    def on_trial_result(self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any) -> None:
        self.scores.setdefault(trial.config["index"], {})[result["part"]] = Score(**result["score"])

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        index = trial.config["index"]
        self.ended.add(index)
        ended = self.trial(index)
        score, how = ended.score, "" if ended.finished else f", stopped after {ended.score.num_tasks} tasks"
        self.on_event({"event": "progress", "done": len(self.ended), "total": len(self.weights), "trial": index,
                       "finished": ended.finished, "text": f"trial {index}: hidden tests {score.pass_rate:.3f}, "
                       f"security {score.security_rate:.3f}, objective {score.objective(self.security_share):.3f}{how}"})
        if not self.postponed:
            try:
                self._tell(index)
            except NCGError:  # Tune would take it for the trial's failure
                self.postponed = True

    def on_trial_recover(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self.on_event({"event": "note", "text": f"trial {trial.config['index']} died; it is started again"})

    def on_step_end(self, iteration: int, trials: list[Any], **info: Any) -> None:
        if any(trial.status == "RUNNING" for trial in trials):
            self.last_seen = time.monotonic()
        elif time.monotonic() - self.last_seen > WAIT_S:
            self.last_seen = time.monotonic()
            self.on_event({"event": "note", "text": f"no trial has run for {WAIT_S:g} s: no CPU of the cluster is free for "
                           "one, or starting it takes long; waiting"})

    def trial(self, index: int) -> Trial:
        parts = self.scores[index]
        return Trial(index, self.weights[index], tuple(parts[part] for part in sorted(parts)),
                     self.num_parts - 1 in parts)

    def trials(self) -> list[Trial]:
        return [self.trial(index) for index in range(len(self.weights))]

    def tell_rest(self) -> None:
        """Tell `on_trial` of those that it was not told of in this call."""
        for index in sorted(self.ended - self.told):
            self._tell(index)

    def _tell(self, index: int) -> None:
        self.on_trial(self.trial(index))
        self.told.add(index)


def _place(uri: str) -> dict[str, Any]:
    """Where Tune keeps its snapshots, in its own words."""
    if not storage.is_remote(uri):
        return {"storage_path": str(Path(uri).expanduser().resolve() / FOLDER)}
    from pyarrow.fs import FSSpecHandler, PyFileSystem

    files, root = storage.filesystem(uri)
    return {"storage_path": f"{root}/{FOLDER}", "storage_filesystem": PyFileSystem(FSSpecHandler(files))}


def _is_begun(uri: str, name: str) -> bool:
    """Whether there is a snapshot; one that cannot be read begins the sweep anew."""
    pattern = f"{FOLDER}/{name}/experiment_state-*.json"
    if storage.is_remote(uri):
        files, root = storage.filesystem(uri)
        return bool(files.glob(f"{root}/{pattern}"))
    return any(Path(uri).expanduser().glob(pattern))


def _folder_name(trial: Any) -> str:
    return f"trial-{trial.config['index']:05}"


def _gist(trial: Any) -> str:
    """What the trial's last error was, on one line."""
    error = trial.get_error()
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"trial {trial.config['index']}: {lines[-1][:300] if lines else type(error).__name__}"
