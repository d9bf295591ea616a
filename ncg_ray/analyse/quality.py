"""Static quality: radon's maintainability index, lowered by functions that are too complex.

Covers: size, volume and branching of one module. Does not cover: names, types, style, duplication, design.
"""

from __future__ import annotations

import ast
from typing import Literal

from ncg_ray.types import Finding

COMPLEX = 10
"Cyclomatic complexity up to which a function is simple enough (radon's ranks A and B)."


def measure(code: str) -> tuple[float, tuple[Finding, ...]]:
    """Quality in [0, 1], and a finding for each function with a cyclomatic complexity above `COMPLEX`.

    Quality is the maintainability index / 100, times `COMPLEX` / complexity of the worst function where that is
    above `COMPLEX`: a module is as hard to change as its hardest function. A module without a statement has none: 0.
    Raises SyntaxError where the code does not parse, ImportError where radon is not installed.
    Source: McCabe, A Complexity Measure (1976); Oman and Hagemeister, Construction and Testing of Polynomials
    Predicting Software Maintainability (1994), in radon's variant.
    """
    from radon.complexity import cc_visit
    from radon.metrics import mi_visit

    if not ast.parse(code).body:
        return 0.0, ()
    functions = [block for block in cc_visit(code) if block.letter in ("F", "M")]
    worst = max((f.complexity for f in functions), default=1)
    index = min(1.0, max(0.0, mi_visit(code, multi=True) / 100.0))
    findings = tuple(
        Finding("radon", "cyclomatic-complexity", "quality",
                f"{f.fullname} has a cyclomatic complexity of {f.complexity}; split it below {COMPLEX + 1}",
                f.lineno, "", None, _severity(f.complexity), "high") for f in functions if f.complexity > COMPLEX)
    return index * min(1.0, COMPLEX / worst), findings


def _severity(complexity: int) -> Literal["medium", "low"]:
    return "medium" if complexity > 2 * COMPLEX else "low"
