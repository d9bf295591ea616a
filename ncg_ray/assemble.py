"""From a config to parts: the one place that says how each part is built. No Ray here; the actors call the same."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ncg_ray import telemetry
from ncg_ray.config import Config, ModelConfig, SandboxConfig, cache_home
from ncg_ray.pipeline import Parts
from ncg_ray.protocols import (
    Analyser,
    Controller,
    Executor,
    Generator,
    Limits,
    Observe,
    Repairer,
    Rewarder,
    Specifier,
    Synthesiser,
    Verifier,
)
from ncg_ray.telemetry import Listener

if TYPE_CHECKING:
    from ncg_ray.repair.history import History
    from ncg_ray.verify.portfolio import Propose


def limits(config: SandboxConfig) -> Limits:
    """What one sandbox process may use."""
    return Limits(config.time_s, config.memory_mb << 20, config.output_kb << 10)


def executor(config: SandboxConfig) -> Executor:
    """The sandbox. Code runs nowhere else."""
    from ncg_ray.sandbox import SandboxExecutor

    return SandboxExecutor(config)


_executor = executor


def verifier(executor: Executor, config: Config, observe: tuple[Observe, ...] = (),
             generator: Generator | None = None) -> Verifier:
    """`generator` is asked for loop invariants, where `verify.num_guesses` says so."""
    from ncg_ray.verify import ContractVerifier, ExampleVerifier, Portfolio, Solver

    examples = ExampleVerifier(executor, config.verify, limits(config.sandbox), observe)
    portfolio = Portfolio(executor, Solver(), config.verify, limits(config.sandbox), invariants(generator, config))
    return ContractVerifier(examples, portfolio, config.verify.max_proofs)


def invariants(generator: Generator | None, config: Config) -> Propose | None:
    """What guesses loop invariants; None where nobody is to be asked."""
    from ncg_ray.generate.invariants import ModelInvariants

    wanted = generator is not None and config.verify.num_guesses > 0
    return ModelInvariants(generator, config.verify.num_guesses, config.search.temperature, config.seed) if wanted else None


def analyser(config: Config) -> Analyser:
    """Its tools begin to start at once. Raises InputError for rules or advisories that are not there."""
    from ncg_ray.analyse import CodeAnalyser

    made = CodeAnalyser(config.analyse)
    made.warm_up()
    return made


def rewarder(config: Config) -> Rewarder:
    from ncg_ray.reward import FormulaRewarder

    return FormulaRewarder(config.reward)


def generator(config: ModelConfig, notify: Callable[[str], None]) -> Generator:
    """Load the model; may take minutes. Raises ModelError."""
    from ncg_ray.generate import load_generator

    return load_generator(config, notify)


def check_model(config: ModelConfig) -> None:
    """Raise ModelError for a folder or file that is not on this machine; other sources are found out about by loading."""
    if config.source.startswith(("/", ".", "~")) or config.source.endswith(".gguf"):
        from ncg_ray.generate.loading import find_model

        find_model(config.source, config.hub_timeout_s, lambda text: None)


def repairer(generator: Generator) -> Repairer:
    from ncg_ray.repair import ModelRepairer

    return ModelRepairer(generator)


def editor(executor: Executor, config: Config) -> Repairer:
    from ncg_ray.repair import EditRepairer
    from ncg_ray.verify.compare import meets

    return EditRepairer(executor, config.repair, limits(config.sandbox), meets, history(config))


def history(config: Config) -> History | None:
    """What earlier repairs learned; None where nothing is to be."""
    from ncg_ray.repair.history import History

    if config.repair.history == "none":
        return None
    return History(config.repair.history or str(Path(cache_home()) / "repair.sqlite"))


def specifier(generator: Generator, config: Config) -> Specifier:
    from ncg_ray.generate import ModelSpecifier

    return ModelSpecifier(generator, config.search)


def synthesiser(config: Config) -> Synthesiser:
    from ncg_ray.generate.symbolic import SymbolicSynthesiser

    return SymbolicSynthesiser(config.synthesis)


def modes(model: bool) -> Sequence[str]:
    """The modes that these parts can serve."""
    return ("neural", "adaptive", "hybrid", "symbolic") if model else ("symbolic",)


ENGINES = ("edit", "synthesise")
"The searches that all parts together can make."


def controllers(config: Config, model: bool, engines: Sequence[str] = ENGINES) -> dict[str, Controller]:
    """One controller for each of `modes(model)`; `engines` are the searches that there are parts for."""
    from ncg_ray.control import FixedController, NeuralController, SymbolicController

    every: dict[str, Controller] = {"neural": NeuralController(config.search),
                                    "adaptive": FixedController(config.search, engines),
                                    "hybrid": FixedController(config.search, engines, always=True),
                                    "symbolic": SymbolicController(config.synthesis)}
    return {mode: every[mode] for mode in modes(model)}


def local_parts(config: Config, *, model: bool, executor: Executor | None = None, observe: tuple[Observe, ...] = (),
                on_event: Listener = telemetry.ignore) -> Parts:
    """All parts in this process: for tests, benchmarks and commands that need no cluster.

    `executor` stands in for a new sandbox; `observe` says what its runs are to tell about themselves.

    Raises SandboxError where there is no working sandbox, before any model is loaded, and ModelError.
    """
    sandbox = executor or _executor(config.sandbox)
    isolation = _run(sandbox.isolation)
    speaker = generator(config.model, lambda text: on_event({"event": "note", "text": text})) if model else None
    return Parts(
        verifier=verifier(sandbox, config, observe, speaker), analyser=analyser(config), rewarder=rewarder(config),
        controllers=controllers(config, model), generator=speaker, repairer=repairer(speaker) if speaker else None,
        editor=editor(sandbox, config),
        specifier=specifier(speaker, config) if speaker else None, synthesiser=synthesiser(config), isolation=isolation,
        config=config)


def _run(ask: Callable[[], Any]) -> Any:
    """Run one coroutine from synchronous code, whether or not a loop runs in this thread."""
    answers: list[Any] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            answers.append(asyncio.run(ask()))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return answers[0]
