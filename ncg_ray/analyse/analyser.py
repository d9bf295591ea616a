"""All analysers of one program, put together: `protocols.Analyser`."""

from __future__ import annotations

import ast
import asyncio
import warnings
from collections.abc import Callable, Sequence

from ncg_ray.analyse import licence, quality, security
from ncg_ray.types import Analysis, Finding

Measure = Callable[[str], tuple[float, tuple[Finding, ...]]]
TERMS = ("security", "quality", "licence")


def measure_security(code: str) -> tuple[float, tuple[Finding, ...]]:
    """Risk in [0, 1] and the findings behind it."""
    findings = security.scan(code)
    return security.risk(findings), findings


class CodeAnalyser:
    """Security, quality and licences of Python modules, without running them.

    A term whose tool is missing or breaks on this code is None, and `missing` says why; code that does not parse has
    no terms.
    """

    def __init__(self) -> None:
        self.measures: dict[str, Measure] = {
            "security": measure_security, "quality": quality.measure, "licence": licence.measure}

    async def analyse(self, codes: Sequence[str]) -> list[Analysis]:
        """One Analysis for each program, in order; off the event loop."""
        return await asyncio.to_thread(lambda: [self.analyse_one(code) for code in codes])

    def analyse_one(self, code: str) -> Analysis:
        """The same for one program, in this thread."""
        with warnings.catch_warnings():  # of the candidate's code, such as a wrong escape in a string
            warnings.simplefilter("ignore")
            return self._measure_all(code)

    def _measure_all(self, code: str) -> Analysis:
        if problem := parse_problem(code):
            return Analysis(missing=dict.fromkeys(TERMS, problem))
        terms: dict[str, float] = {}
        missing: dict[str, str] = {}
        findings: list[Finding] = []
        for term, measure in self.measures.items():
            try:
                terms[term], found = measure(code)
                findings += found
            except ImportError as error:
                missing[term] = f"{error.name or error} is not installed"
            except Exception as error:  # a tool that breaks on odd code must not take the other terms with it
                missing[term] = f"the tool failed on this code: {type(error).__name__}: {error}"
        return Analysis(tuple(findings), terms.get("security"), terms.get("quality"), terms.get("licence"), missing)


def parse_problem(code: str) -> str:
    """Why the code does not parse, with the line; empty where it does."""
    try:
        ast.parse(code)
    except SyntaxError as error:
        return f"the code does not parse: line {error.lineno or 1}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"the code does not parse: {error or type(error).__name__}"
    return ""
