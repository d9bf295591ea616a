"""All analysers over a batch of programs, put together: `protocols.Analyser`."""

from __future__ import annotations

import ast
import asyncio
import threading
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ncg_ray.analyse import dependencies, licence, lint, quality
from ncg_ray.analyse.advisories import Advisories
from ncg_ray.analyse.comments import without_excuses
from ncg_ray.analyse.licence_policy import Policy, for_target
from ncg_ray.analyse.security import SecurityScanner, risk
from ncg_ray.analyse.type_errors import CheckerError, TypeChecker
from ncg_ray.config import AnalyseConfig
from ncg_ray.protocols import ANYWHERE, Surroundings
from ncg_ray.types import Analysis, Finding

TERMS = ("security", "quality", "licence")
BATCH = 50
"Programs that the tools see at once."
DEFAULTS = AnalyseConfig()

T = TypeVar("T")


class Absent(str):
    """Why a term was not measured."""


class CodeAnalyser:
    """Security, quality and licences of Python modules, without running them.

    A term whose tool is missing or fails on this code is None, and `missing` says why; code that does not parse has no
    terms. Tools that take long to start stay warm between calls; `close` ends them.

    Args:
        honour_comments: whether `# noqa` and `# type: ignore` are obeyed. A candidate must not excuse itself.

    Raises InputError for rules or advisories that are not there.
    """

    def __init__(self, config: AnalyseConfig = DEFAULTS, honour_comments: bool = False) -> None:
        self.config, self.honour_comments = config, honour_comments
        self._lock = threading.Lock()
        self._scanner: SecurityScanner | Absent | None = None
        self._checker: TypeChecker | Absent | None = None
        self._advisories = Advisories.read(config.advisories) if config.advisories else None
        lists = {"allow": config.licence_allow, "review": config.licence_review, "deny": config.licence_deny}
        policy = Policy(**{name: names for name, names in lists.items() if names})
        self._policy = for_target(config.licence_target, policy) if config.licence_target else policy

    async def analyse(self, codes: Sequence[str], surroundings: Surroundings = ANYWHERE) -> list[Analysis]:
        """One Analysis for each program, in order; off the event loop."""
        return await asyncio.to_thread(self.analyse_all, codes, surroundings)

    def analyse_all(self, codes: Sequence[str], surroundings: Surroundings = ANYWHERE) -> list[Analysis]:
        """The same in this thread."""
        found: list[Analysis] = []
        with warnings.catch_warnings():  # of the candidate's code, such as a wrong escape in a string
            warnings.simplefilter("ignore")
            for start in range(0, len(codes), BATCH):
                found += self._batch(codes[start:start + BATCH], surroundings)
        return found

    def warm_up(self) -> None:
        """Start the tools that take long to start, without waiting for them."""
        scanner, checker = self._tools()
        if isinstance(scanner, SecurityScanner):
            scanner.engine.warm_up()
        if isinstance(checker, TypeChecker):
            checker.warm_up()

    def problems(self) -> list[str]:
        """Rules and advisories that could not be used, each with its file; the others still are."""
        scanner, _ = self._tools()
        errors = scanner.engine.errors if isinstance(scanner, SecurityScanner) else []
        return [error.text() for error in errors] + [
            e.message for e in (self._advisories.errors if self._advisories else ())]

    def close(self) -> None:
        """End the tools' processes."""
        if isinstance(self._scanner, SecurityScanner):
            self._scanner.engine.close()
        if isinstance(self._checker, TypeChecker):
            self._checker.close()
        self._scanner = self._checker = None

    # -- one batch

    def _batch(self, codes: Sequence[str], surroundings: Surroundings) -> list[Analysis]:
        unread = [parse_problem(code) for code in codes]
        bare = [code if problem or self.honour_comments else _guarded(lambda c=code: without_excuses(c))
                for code, problem in zip(codes, unread, strict=True)]
        unread = [problem or (str(text) if isinstance(text, Absent) else "")
                  for problem, text in zip(unread, bare, strict=True)]
        texts, bare = ([code for code, problem in zip(some, unread, strict=True) if not problem] for some in (codes, bare))
        with ThreadPoolExecutor(3) as pool:  # three of the tools are processes of their own
            tools = [pool.submit(measure, bare) for measure in (self._security, self._types, self._lint)]
            licences = [_guarded(lambda t=t: licence.measure(t, self._policy, surroundings.snippets, surroundings.local))
                        for t in texts]
            packages = [_guarded(lambda t=t: dependencies.measure(t, surroundings.local, self._advisories)) for t in texts]
            shapes = [_guarded(lambda t=t: quality.shape(t)) for t in bare]
            said = [tool.result() for tool in tools]
        measured = iter([_analysis(*parts) for parts in zip(shapes, packages, licences, *said, strict=True)])
        return [Analysis(missing=dict.fromkeys(TERMS, problem)) if problem else next(measured) for problem in unread]

    def _security(self, codes: Sequence[str]) -> Sequence[tuple[Absent | None, tuple[Finding, ...]]]:
        """Why the risk of each program is not known, or None; and what was found in any case."""
        scanner, _ = self._tools()
        if isinstance(scanner, Absent):
            return [(scanner, ())] * len(codes)
        try:
            found = scanner.scan(codes)
        except Exception as error:  # one of them broke a tool; by itself each of the others is safe from it
            if len(codes) == 1:
                return [(_failed(error), ())]
            half = len(codes) // 2
            return [*self._security(codes[:half]), *self._security(codes[half:])]
        return [(_failed(problem) if problem else None, findings) for findings, problem in found]

    def _types(self, codes: Sequence[str]) -> Sequence[list[quality.TypeMistake] | Absent]:
        _, checker = self._tools()
        if isinstance(checker, Absent):
            return [checker] * len(codes)
        try:
            return checker.check(codes)
        except CheckerError as error:
            if len(codes) == 1:
                return [_failed(error)]
            half = len(codes) // 2
            return [*self._types(codes[:half]), *self._types(codes[half:])]

    def _lint(self, codes: Sequence[str]) -> Sequence[list[quality.Remark] | Absent]:
        try:
            return lint.lint(codes, self.honour_comments)
        except (lint.LintError, OSError) as error:
            if len(codes) == 1:
                return [_failed(error)]
            half = len(codes) // 2  # one of them is to blame
            return [*self._lint(codes[:half]), *self._lint(codes[half:])]
        except ImportError as error:
            return [_not_installed(error)] * len(codes)

    def _tools(self) -> tuple[SecurityScanner | Absent, TypeChecker | Absent]:
        with self._lock:
            if self._scanner is None:
                try:
                    self._scanner = SecurityScanner(self.config.rules)
                except ImportError as error:
                    self._scanner = _not_installed(error)
            if self._checker is None:
                try:
                    self._checker = TypeChecker()
                except ImportError as error:
                    self._checker = _not_installed(error)
            return self._scanner, self._checker


def _analysis(shape: quality.Shape | Absent | None, packages: tuple[Finding, ...] | Absent,
              licences: tuple[float, tuple[Finding, ...]] | Absent,
              security: tuple[Absent | None, tuple[Finding, ...]], types: list[quality.TypeMistake] | Absent,
              remarks: list[quality.Remark] | Absent) -> Analysis:
    """One program's terms out of what each tool said, or why it said nothing."""
    missing: dict[str, str] = {}
    danger = rate = score = None
    parts: dict[str, float] = {}
    problem, findings = security[0], [*security[1]]
    if isinstance(packages, Absent):
        problem = problem or packages
    else:
        findings += packages
    if problem is None:
        danger = risk(findings)
    else:
        missing["security"] = str(problem)
    if isinstance(types, Absent) or isinstance(remarks, Absent):
        missing["quality"] = str(types if isinstance(types, Absent) else remarks)
    else:
        measured = shape if isinstance(shape, Absent) else _guarded(lambda: quality.rate(shape, remarks, types))
        if isinstance(measured, Absent):
            missing["quality"] = str(measured)
        else:
            score, parts, found = measured
            findings += found
    if isinstance(licences, Absent):
        missing["licence"] = str(licences)
    else:
        rate, found = licences
        findings += found
    return Analysis(tuple(findings), danger, score, rate, missing, parts)


def _guarded(measure: Callable[[], T]) -> T | Absent:
    try:
        return measure()
    except ImportError as error:
        return _not_installed(error)
    except Exception as error:  # a tool that breaks on odd code must not take the other terms with it
        return _failed(error)


def _failed(error: Exception) -> Absent:
    return Absent(f"the tool failed on this code: {type(error).__name__}: {error}")


def _not_installed(error: ImportError) -> Absent:
    return Absent(f"{error.name or error} is not installed")


def parse_problem(code: str) -> str:
    """Why the code does not parse, with the line; empty where it does."""
    try:
        ast.parse(code)
    except SyntaxError as error:
        return f"the code does not parse: line {error.lineno or 1}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"the code does not parse: {error or type(error).__name__}"
    return ""
