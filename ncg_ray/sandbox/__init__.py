"""Untrusted code, contained: `BubblewrapExecutor` runs it in bubblewrap and returns what it did, as data."""

from ncg_ray.sandbox.executor import BubblewrapExecutor

__all__ = ["BubblewrapExecutor"]
