"""Licence compliance of what the code imports.

Covers: the licence that each installed distribution declares (`License-Expression`, then its classifiers).
Does not cover: licence texts, vendored code, the dependencies of dependencies, the code's own origin.
"""

from __future__ import annotations

import ast
import functools
import re
import sys
from importlib import metadata

from ncg_ray.types import Finding

PERMISSIVE, WEAK, UNKNOWN, STRONG = 1.0, 0.5, 0.5, 0.0

_STRONG = re.compile(r"\b(A?GPL|EUPL|OSL|SSPL|CC-BY-SA|CC-BY-NC|BUSL|Affero|General Public)", re.IGNORECASE)
_WEAK = re.compile(r"\b(LGPL|MPL|EPL|CDDL|CPL|Lesser General Public|Library or Lesser|Mozilla|Eclipse)", re.IGNORECASE)
_PERMISSIVE = re.compile(
    r"\b(0BSD|MIT|BSD|Apache|ISC|PSF|Python|CNRI|Zlib|Unlicense|CC0|BSL-1\.0|Boost|HPND|X11|NCSA|AFL|Academic Free|"
    r"Artistic|Zope|ZPL|Public Domain|WTFPL|PostgreSQL|BlueOak|CC-BY-[1-4])", re.IGNORECASE)


def measure(code: str) -> tuple[float, tuple[Finding, ...]]:
    """Compliance in [0, 1]: that of the worst import; 1 where only the standard library is used.

    Permissive 1, weak copyleft 0.5, strong copyleft 0. An import that is not installed or declares no licence that
    can be read counts 0.5: it may be anything. All but permissive ones give a finding.
    Raises SyntaxError where the code does not parse.
    """
    worst, findings = 1.0, []
    for name, line in imported(code).items():
        if name in sys.stdlib_module_names:
            continue
        score, licence = licence_of(name)
        worst = min(worst, score)
        if score < PERMISSIVE:
            rule = {STRONG: "strong-copyleft"}.get(score, "weak-copyleft" if licence else "unknown-licence")
            message = f"the import {name!r} is under {licence}" if licence else (
                f"the licence of the import {name!r} is not known: it is not installed here, or declares none")
            findings.append(Finding("licence", rule, "licence", message, line, "", None,
                                    "high" if score == STRONG else "medium", "high" if licence else "low"))
    return worst, tuple(findings)


def imported(code: str) -> dict[str, int]:
    """Top-level names of the absolute imports anywhere in the code, with the line of the first."""
    names: dict[str, int] = {}
    for node in ast.walk(ast.parse(code)):
        found = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found = [node.module]
        for name in found:
            top = name.partition(".")[0]
            names[top] = min(names.get(top, node.lineno), node.lineno)
    return dict(sorted(names.items(), key=lambda item: item[1]))


@functools.lru_cache(maxsize=4096)
def licence_of(name: str) -> tuple[float, str]:
    """(compliance, declared licence) of the distributions that provide a module; ("" where none is known)."""
    worst: tuple[float, str] | None = None
    for distribution in _distributions().get(name, []):
        declared = metadata.metadata(distribution)
        expression = declared.get("License-Expression")
        classifiers = [c.rpartition(" :: ")[2] for c in declared.get_all("Classifier") or []
                       if c.startswith("License ::") and not c.endswith("OSI Approved")]
        text = expression or " AND ".join(classifiers)
        found = (rate(text), text) if text else (UNKNOWN, "")
        worst = found if worst is None else min(worst, found)
    return worst or (UNKNOWN, "")


@functools.cache
def _distributions() -> dict[str, list[str]]:
    return {name: sorted(set(found)) for name, found in metadata.packages_distributions().items()}


def rate(expression: str) -> float:
    """Compliance of an SPDX expression: with OR one may choose the best, with AND the worst holds.

    Example:
        >>> rate("MIT OR GPL-3.0-only"), rate("MIT AND LGPL-2.1-only")
        (1.0, 0.5)
    """
    if "(" in expression:
        # Innermost brackets first; what they amount to stands in for them.
        inner = re.sub(r"\(([^()]*\b(?:OR|AND)\b[^()]*)\)", lambda m: f"<{rate(m[1])}>", expression)
        if inner != expression:
            return rate(inner)
    best = STRONG
    for option in re.split(r"\s+OR\s+", expression):
        best = max(best, min(_rate_one(part) for part in re.split(r"\s+AND\s+", option)))
    return best


def _rate_one(licence: str) -> float:
    if rated := re.fullmatch(r"\s*<([\d.]+)>\s*", licence):
        return float(rated[1])
    if _WEAK.search(licence):
        return WEAK
    if _STRONG.search(licence):
        # An exception (linking, class path, runtime) lets other code stay under its own licence.
        return WEAK if " WITH " in licence else STRONG
    return PERMISSIVE if _PERMISSIVE.search(licence) else UNKNOWN
