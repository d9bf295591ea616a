"""Verifiers: what can be said of a candidate, and how far it was looked."""

from ncg_ray.verify.contract_verifier import ContractVerifier
from ncg_ray.verify.differential import Differ
from ncg_ray.verify.examples import ExampleVerifier
from ncg_ray.verify.portfolio import Portfolio
from ncg_ray.verify.solver import Solver

__all__ = ["ContractVerifier", "Differ", "ExampleVerifier", "Portfolio", "Solver"]
