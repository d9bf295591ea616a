"""What the service counts. In a replica the numbers go to Ray's Prometheus endpoint, as `ray_ncg_serve_...`."""

from __future__ import annotations

from typing import Any, Protocol

LATENCY_BOUNDS_S = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]


class Metrics(Protocol):
    def request(self, route: str, status: int, seconds: float) -> None:
        """A request ended. `route` is the pattern, not the path, so that there are few."""

    def load(self, num_running: int, num_waiting: int) -> None:
        """How many are at work and how many wait."""

    def verdict(self, verdict: str) -> None:
        """A task was answered."""


class NoMetrics:
    """For an app outside of Ray."""

    def request(self, route: str, status: int, seconds: float) -> None: ...

    def load(self, num_running: int, num_waiting: int) -> None: ...

    def verdict(self, verdict: str) -> None: ...


class RayMetrics:
    """Ray's, with the tags that Serve adds: application, deployment, replica."""

    def __init__(self) -> None:
        from ray.serve import metrics

        def make(kind: Any, name: str, doc: str, tags: tuple[str, ...] = (), **more: Any) -> Any:
            return kind(f"ncg_serve_{name}", description=doc, tag_keys=tags, **more)

        # `route` is a tag that Serve keeps for itself.
        self._requests = make(metrics.Counter, "requests_total", "HTTP requests", ("path", "status"))
        self._latency = make(metrics.Histogram, "latency_s", "seconds a request", ("path",), boundaries=LATENCY_BOUNDS_S)
        self._running = make(metrics.Gauge, "running_requests", "requests at work")
        self._waiting = make(metrics.Gauge, "waiting_requests", "requests that wait for their turn")
        self._verdicts = make(metrics.Counter, "verdicts_total", "answers by verdict", ("verdict",))

    def request(self, route: str, status: int, seconds: float) -> None:
        self._requests.inc(tags={"path": route, "status": str(status)})
        self._latency.observe(seconds, tags={"path": route})

    def load(self, num_running: int, num_waiting: int) -> None:
        self._running.set(num_running)
        self._waiting.set(num_waiting)

    def verdict(self, verdict: str) -> None:
        self._verdicts.inc(tags={"verdict": verdict})
