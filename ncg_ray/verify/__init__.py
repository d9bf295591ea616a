"""Verifiers: what can be said of a candidate, and how far it was looked."""

from ncg_ray.verify.examples import ExampleVerifier

__all__ = ["ExampleVerifier"]
