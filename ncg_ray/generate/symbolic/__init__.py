"""Programs from examples and contracts, by search and without a language model.

    problem     a task as the search sees it         productions, grammar   what programs are made of, and their prior
    goal        what is right                        operations, kinds      values, and how they are computed with guards
    space       bottom-up enumeration                binders                comprehensions, sorting by a key
    deduce      the last step backwards              conditions, loops      decision trees; folds and recurrences
    recursion   over nested containers
    search      all of these, level by level         interpret, probes      clauses, and inputs beside the examples
    simplify, write   readable Python                synthesiser            the protocol
    sygus/            SyGuS-IF 2 files, by a search of their own beside cvc5's
    contracts         clauses over whole numbers as such a file

Names load when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ncg_ray.generate.symbolic.grammar import Grammar
    from ncg_ray.generate.symbolic.synthesiser import SymbolicSynthesiser

__all__ = ["Grammar", "SymbolicSynthesiser"]

_HOMES = {"Grammar": "grammar", "SymbolicSynthesiser": "synthesiser"}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
