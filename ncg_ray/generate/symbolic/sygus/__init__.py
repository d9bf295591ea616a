"""Syntax-guided synthesis: SyGuS-IF 2 problems over Int, Bool and String, by our search and cvc5; each answer is checked.

    sexpr, elaborate, read, problem, terms   text to a typed problem         semantics    what the operators mean
    rules, bank                              enumeration over a grammar      witness, positions, trees    deduction, cases
    by_example, by_points                    from examples; from counterexamples
    specification, linear, cover, templates  linear arithmetic               search       which method fits
    membership, check                        is the answer one               code         define-fun and Python
    limits, processes, *_process             CPU budgets                     solve        the door
"""

from ncg_ray.generate.symbolic.sygus.check import Check, check
from ncg_ray.generate.symbolic.sygus.solve import Answer, solve, solve_with_cvc5

__all__ = ["Answer", "Check", "check", "solve", "solve_with_cvc5"]
