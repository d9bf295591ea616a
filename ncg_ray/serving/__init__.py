"""The HTTP service on Ray Serve: tasks in, Traces out; also in OpenAI's shape.

    serve deploy cluster/serve.yaml    `build_app`, on a cluster that runs
    ncg serve                          `run`, which starts or joins one

Routes are in `routes.py`; who may use them in `gate.py` and `keys.py`. Nothing heavy loads before it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ncg_ray.config import Config
from ncg_ray.telemetry import Listener

if TYPE_CHECKING:
    from ray.serve import Application

__all__ = ["build_app", "run"]


def build_app(args: dict[str, Any]) -> Application:
    """The Serve application, for `import_path: ncg_ray.serving:build_app` in a Serve config.

    Args:
        args: `config`, the path of a TOML file, and `set`, a list of `section.key=value`; both may be left out.

    Raises:
        ConfigError
    """
    from ncg_ray.serving.deployments import application, read_args

    return application(read_args(args))


def run(config: Config, on_event: Listener) -> None:
    """Start or join Ray, deploy, say where it listens, wait for SIGINT or SIGTERM, and take down what was started.

    Raises:
        ConfigError: an address other than loopback without keys, or a port that is taken.
        ModelError, SandboxError, ClusterError, ActorError, DeadlineError
    """
    from ncg_ray.serving.launch import launch

    launch(config, on_event)
