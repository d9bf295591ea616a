"""The reward: the user's formula with its breakdown, and the gated form that selection and training use."""

from ncg_ray.reward.score import FormulaRewarder, explain, recomputed

__all__ = ["FormulaRewarder", "explain", "recomputed"]
