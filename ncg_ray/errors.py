"""Every error that ncg_ray raises on purpose.

    NCGError                    base; `retryable`, `http_status` and `exit_code` are class attributes
    ├── InputError              what the user gave is wrong                                   exit 2, HTTP 400
    │   ├── TaskError           a task, example, contract or test file
    │   ├── ConfigError         a config file or a `--set`
    │   ├── SuiteError          a row of an evaluation suite
    │   └── ModelError          a model that is not there or cannot be read
    └── InfrastructureError     our side failed; never a score                                exit 3, HTTP 503
        ├── SandboxError        no working sandbox, or it broke apart from the code in it
        ├── GenerationError     the model or its server failed while generating               retryable
        ├── ActorError          an actor died or did not answer                               retryable
        ├── ClusterError        no Ray cluster where one was expected
        └── DeadlineError       a deadline of ours passed                                     HTTP 504

A refuted program, a program that runs too long, or code that does not parse is data (`types.Verdict`,
`types.Outcome`), never an exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class NCGError(Exception):
    """Base of all errors here. `message` names the value and the mend; `context` holds machine-readable facts."""

    retryable = False
    http_status = 500
    exit_code = 3

    def __init__(self, message: str, **context: Any) -> None:
        super().__init__(message)
        self.message = message
        self.context = context

    def __reduce__(self) -> tuple[Any, ...]:
        # Ray pickles errors between processes; keyword arguments must survive the trip.
        return _rebuild, (type(self), self.message, self.context)


def _rebuild(kind: type[NCGError], message: str, context: dict[str, Any]) -> NCGError:
    return kind(message, **context)


class InputError(NCGError):
    """What the user gave is wrong; the message says which value and what to write instead."""

    http_status = 400
    exit_code = 2


class TaskError(InputError):
    """A task, an example, a contract or a test file is not usable."""


class ConfigError(InputError):
    """A config value is unknown, out of range or of the wrong type."""


class SuiteError(InputError):
    """A suite row is not usable; `context` has the line number."""


class ModelError(InputError):
    """A model is not there, or its files cannot be read."""


class InfrastructureError(NCGError):
    """Our side failed. Never turned into a score of 0."""

    http_status = 503
    exit_code = 3


class SandboxError(InfrastructureError):
    """No working sandbox, or the sandbox itself broke; the message says how to get one."""


class GenerationError(InfrastructureError):
    """The model, or the server that holds it, failed while generating."""

    retryable = True


class ActorError(InfrastructureError):
    """An actor died or did not answer, and its retries are used up."""

    retryable = True


class ClusterError(InfrastructureError):
    """No Ray cluster where one was expected, or a local one did not start."""


class DeadlineError(InfrastructureError):
    """A deadline of ours passed before the answer came."""

    http_status = 504


@contextmanager
def boundary(stage: str) -> Iterator[None]:
    """Attribute an unforeseen exception to one stage, once.

    An `NCGError` passes through; anything else becomes an `InfrastructureError` that names the stage.
    """
    try:
        yield
    except NCGError:
        raise
    except Exception as error:
        message = f"{stage}: {type(error).__name__}: {error}"
        raise InfrastructureError(message, stage=stage, cause=type(error).__name__) from error
