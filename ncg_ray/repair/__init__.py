"""Mending candidates that failed."""

from ncg_ray.repair.editing import EditRepairer
from ncg_ray.repair.model import ModelRepairer

__all__ = ["EditRepairer", "ModelRepairer"]
