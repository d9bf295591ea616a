"""What can hold a zygote, and which of them works here."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Environment
from ncg_ray.sandbox.bubblewrap import Bubblewrap
from ncg_ray.sandbox.gvisor import Gvisor
from ncg_ray.sandbox.landlock import Landlock

Name = Literal["auto", "bubblewrap", "gvisor", "landlock"]


class Backend(Protocol):
    """Starts zygotes. `worker.Worker` speaks with them, and `zygote.py` reads the set-up."""

    name: str
    "The isolation level, as it stands in every Trace."
    is_relayed: bool
    "Whether the zygote speaks over standard input and output, since no descriptor can be passed to it."

    def command(self, control_fd: int, environment: Environment) -> list[str]:
        """The argument list; orders come over the Unix socket `control_fd`. Raises SandboxError."""
        ...

    def setup(self, environment: Environment) -> dict[str, Any]: ...

    def explain(self, stderr: str) -> str:
        """One line: what these last words of a start that failed mean, and the mend."""
        ...


def choices(name: Name) -> list[Backend]:
    """The back ends to try, in order."""
    every: dict[str, Backend] = {"bubblewrap": Bubblewrap(), "gvisor": Gvisor(), "landlock": Landlock()}
    return list(every.values()) if name == "auto" else [every[name]]


def none_works(reasons: dict[str, str]) -> SandboxError:
    """The error that says why each back end does not work here, and how to mend it."""
    text = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
    return SandboxError(f"no sandbox works here, and code is never run without one. {text}")
