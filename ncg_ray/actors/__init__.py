"""The Ray ring: every part as a named, supervised actor behind the same protocol. `Ring` starts them."""

from ncg_ray.actors.spawn import Ring

__all__ = ["Ring"]
