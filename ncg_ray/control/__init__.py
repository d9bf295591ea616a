"""The meta-learning controller's first form: what to try next, which attempt to answer with, how sure to be."""

from ncg_ray.control.doubts import doubts
from ncg_ray.control.policy import FixedController, NeuralController
from ncg_ray.control.select import confidence, pass_share, select, summary
from ncg_ray.control.symbolic import SymbolicController

__all__ = ["FixedController", "NeuralController", "SymbolicController", "confidence", "doubts", "pass_share", "select",
           "summary"]
