"""Mending candidates that failed."""

from ncg_ray.repair.model import ModelRepairer

__all__ = ["ModelRepairer"]
