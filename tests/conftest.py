"""What tests share: one Ray for all that ask for it, and none for unit tests."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator

import pytest

# Known to the tests, so that a process they start can join their cluster.
os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))


def _ray_is_up() -> bool:
    ray = sys.modules.get("ray")
    return ray is not None and ray.is_initialized()


@pytest.fixture(autouse=True)
def unit_tests_start_no_ray(request: pytest.FixtureRequest) -> Iterator[None]:
    before = _ray_is_up()
    yield
    if "unit" in request.path.parts:
        assert _ray_is_up() == before, "a unit test started Ray; it belongs into tests/integration"


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[None]:
    """A local Ray with two CPUs. A `Ring` opened meanwhile runs on it and leaves it running."""
    from ncg_ray.actors import cluster
    from ncg_ray.config import RayConfig

    with cluster.running(RayConfig(address="local", num_cpus=2)):
        yield


@pytest.fixture(scope="session")
def ray_address(ray_cluster: None) -> str:
    """Where a process that a test starts joins that Ray."""
    import ray

    return str(ray.get_runtime_context().gcs_address)
