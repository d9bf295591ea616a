"""Untrusted code, contained: `SandboxExecutor` runs it in bubblewrap and returns what it did, as data."""

from ncg_ray.sandbox.executor import SandboxExecutor

__all__ = ["SandboxExecutor"]
