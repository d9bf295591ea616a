"""Analysers: what can be said of code without running it."""

from ncg_ray.analyse.analyser import CodeAnalyser

__all__ = ["CodeAnalyser"]
