"""`Ring`: from a config to named, supervised actors and the `Parts` that stand for them."""

from __future__ import annotations

import contextlib
import functools
import math
import uuid
from typing import Any

import ray

from ncg_ray import assemble, telemetry
from ncg_ray.actors import cluster, remote
from ncg_ray.actors.analyser import AnalyserActor
from ncg_ray.actors.controller import ControllerActor
from ncg_ray.actors.crew import Crew, translated
from ncg_ray.actors.executor import ExecutorActor
from ncg_ray.actors.generator import GeneratorActor, Load
from ncg_ray.actors.repairer import RepairActor
from ncg_ray.actors.rewarder import RewardActor
from ncg_ray.actors.synthesiser import SynthesiserActor
from ncg_ray.actors.verifier import VerifierActor
from ncg_ray.config import Config
from ncg_ray.pipeline import Parts
from ncg_ray.protocols import Executor
from ncg_ray.telemetry import Listener

# Shares of a CPU that Ray sets aside for one actor of each kind. With two executors, two verifiers and two HTTP replicas
# they fit on two cores.
CPUS = {"generator": 1.0, "executor": 0.25, "verifier": 0.05, "analyser": 0.05, "synthesiser": 0.05, "rewarder": 0.02,
        "repairer": 0.02, "controller": 0.02}
MAX_CALLS_AT_ONCE = 1000


class Ring:
    """All parts as actors, while the `with` block lasts.

    Actors are named `ncg-<kind>-<i>` in a namespace of their own, so that several rings share a cluster. An actor that
    dies is restarted up to `config.ray.max_restarts` times, and its calls are repeated.

    Args:
        model: whether a generator is needed; without one no model is loaded.
        on_event: told of loading, and of actors that died.
        load: makes the generator inside its actor, in place of `config.model`; tests give a scripted one.

    Raises:
        SandboxError: no working sandbox; said before a model is waited for.
        ModelError, ClusterError, ActorError, DeadlineError

    Example:
        >>> with Ring(config) as ring:                        # doctest: +SKIP
        ...     trace = asyncio.run(solve(task, ring.parts))
    """

    parts: Parts
    executor: Executor
    "The pool alone: what a grader needs."

    def __init__(self, config: Config, model: bool = True, on_event: Listener = telemetry.ignore,
                 load: Load | None = None) -> None:
        self.config, self.model, self.on_event = config, model, on_event
        self.load = load or functools.partial(assemble.generator, config.model)
        self._loads_here = model and load is None
        self.namespace = f"ncg-{uuid.uuid4().hex[:8]}"
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Ring:
        self.on_event({"event": "stage", "stage": "load" if self.model else "ray"})
        if self._loads_here and cluster.starts_here(self.config.ray):
            assemble.check_model(self.config.model)  # seconds before Ray would be up
        with self._stack:
            self._start()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self) -> None:
        config, num_executors = self.config, self.config.sandbox.num_workers
        num_cpus = sum(CPUS.values()) + CPUS["executor"] * (num_executors - 1)
        for kind, num in (("verifier", config.verify.num_workers), ("analyser", config.analyse.num_workers),
                          ("rewarder", config.reward.num_workers), ("synthesiser", config.synthesis.num_workers),
                          ("repairer", config.repair.num_workers)):
            num_cpus += CPUS[kind] * (num - 1)
        self._stack.enter_context(cluster.running(config.ray, min_cpus=math.ceil(num_cpus)))

        executors = self._spawn(ExecutorActor, "executor", num_executors, config)
        generators = self._spawn(GeneratorActor, "generator", 1, self.load) if self.model else None
        generator = remote.RemoteGenerator(generators) if generators else None
        verifiers = self._spawn(VerifierActor, "verifier", config.verify.num_workers, config, generator)
        isolations = [actor.isolation.remote() for actor in (*executors.handles, *verifiers.handles)]
        notes = [actor.start.remote() for actor in generators.handles] if generators else []
        analysers = self._spawn(AnalyserActor, "analyser", config.analyse.num_workers, config)
        rewarders = self._spawn(RewardActor, "rewarder", config.reward.num_workers, config)
        controllers = self._spawn(ControllerActor, "controller", 1, config, self.model)
        self.executor = remote.RemoteExecutor(executors)
        repairers = self._spawn(RepairActor, "repairer", config.repair.num_workers, self.executor, generator, config)
        synthesisers = self._spawn(SynthesiserActor, "synthesiser", config.synthesis.num_workers, config)

        isolation = self._await("executor", isolations)[0]
        for text in (text for texts in self._await("generator", notes) for text in texts):
            self.on_event({"event": "note", "text": text})
        self.parts = Parts(
            verifier=remote.RemoteVerifier(verifiers), analyser=remote.RemoteAnalyser(analysers),
            rewarder=remote.RemoteRewarder(rewarders),
            controllers={mode: remote.RemoteController(controllers, mode) for mode in assemble.modes(self.model)},
            generator=generator, repairer=remote.RemoteRepairer(repairers) if generator else None,
            editor=remote.RemoteEditor(repairers),
            specifier=remote.RemoteSpecifier(repairers) if generator else None,
            synthesiser=remote.RemoteSynthesiser(synthesisers), isolation=isolation, config=config)

    def _spawn(self, kind: type, name: str, num: int, *args: Any) -> Crew:
        gpus = 1 if name == "generator" and self._wants_gpu() else 0
        options = {"num_cpus": CPUS[name], "num_gpus": gpus, "max_restarts": self.config.ray.max_restarts,
                   "max_task_retries": 0, "max_concurrency": MAX_CALLS_AT_ONCE, "namespace": self.namespace}
        if num > 1:
            options["scheduling_strategy"] = "SPREAD"  # over the nodes, where there are several
        if name in ("executor", "verifier") and self.config.ray.sandbox_resource:
            # In place of a CPU: a node that offers the one and none of the other runs candidates and nothing else of ours.
            options |= {"num_cpus": 0, "resources": {self.config.ray.sandbox_resource: CPUS[name]}}
        actors = {}
        for actor in (f"ncg-{name}-{i}" for i in range(num)):
            actors[actor] = ray.remote(kind).options(name=actor, **options).remote(*args)
            self._stack.callback(_kill, actors[actor])
        return Crew(name, actors, self.namespace, self.config.ray.call_timeout_s, self.on_event)

    def _wants_gpu(self) -> bool:
        is_server = self.config.model.source.startswith(("http://", "https://"))
        return not is_server and ray.cluster_resources().get("GPU", 0) >= 1

    def _await(self, name: str, refs: list[Any]) -> list[Any]:
        with translated(name):
            return ray.get(refs, timeout=self.config.ray.start_timeout_s)


def _kill(handle: Any) -> None:
    with contextlib.suppress(Exception):
        ray.kill(handle)
