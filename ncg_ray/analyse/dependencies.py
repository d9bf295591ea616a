"""What is wrong with the packages that a module imports: made up, misspelt, or known to be vulnerable.

Covers: imports anywhere in the code, also in functions, under `try`, and by `import_module("literal")`. A name is known
if it is of the standard library, installed, in the packaged table, pinned or the project's own; relative imports are.
Does not cover: submodules that are not there, the dependencies of dependencies.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from packaging.version import InvalidVersion, Version

from ncg_ray.analyse import imports
from ncg_ray.analyse.advisories import Advisories, Advisory
from ncg_ray.analyse.distributions import Installed, in_table, installed, normal
from ncg_ray.analyse.imports import Import
from ncg_ray.analyse.known_packages import OTHER, RENAMED, SAME
from ncg_ray.analyse.misspelling import nearest
from ncg_ray.errors import ConfigError, InfrastructureError
from ncg_ray.types import Finding

UNTRUSTWORTHY = "CWE-1357"
"Reliance on Insufficiently Trustworthy Component."
_VULNERABLE = "CWE-1395"
"Dependency on Vulnerable Third-Party Component; where the advisory names no weakness of its own."
_MOST_COMPARED = 50
"Unknown names of one module that are compared with the known ones."
_SPECIAL = {"__main__", "_typeshed"}
"Modules that are no package: the program itself, and what type checkers alone know."
_TABLE = SAME | {name.partition(".")[0] for name in OTHER}


def measure(code: str, local: frozenset[str] = frozenset(), advisories: Advisories | None = None,
            pins: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """The findings on what a module imports, in the order of lines; each package is named once, at its first import.

    Args:
        code: a Python module.
        local: import names of the project's own modules.
        advisories: known vulnerabilities; None looks for none.
        pins: version by distribution, as the project's requirements give it; goes before the installed version.
    Raises: SyntaxError where the code does not parse, ConfigError where a pin is no version.
    """
    pinned = _pinned(pins or {})
    here = installed()
    own = {name.partition(".")[0] for name in local}
    findings: list[Finding] = []
    asked: set[str] = set()
    unknown: dict[str, Import] = {}
    unasked = ""
    for found in imports.find(code):
        if found.top in sys.stdlib_module_names or found.top in own or found.top in _SPECIAL:
            continue
        names = _distributions(found, here, pinned)
        if not names:
            earlier = unknown.get(found.top)
            unknown[found.top] = found if earlier is None or (earlier.guarded and not found.guarded) else earlier
        for name in names or (normal(found.top),):
            if advisories is None or name in asked:
                continue
            asked.add(name)
            version = pinned.get(name) or here.version(name)
            try:
                findings += [_vulnerable(each, found, name, version) for each in advisories.match(name, version)]
            except InfrastructureError as error:
                unasked = unasked or error.message
    also = frozenset({*here.modules, *own})
    findings += [_unknown(found, also, number < _MOST_COMPARED) for number, found in enumerate(unknown.values())]
    if unasked:
        findings.append(Finding("dependencies", "advisories-not-asked", "dependency",
                                f"{unasked}; whether the imports are vulnerable is not known", confidence="high",
                                fix="ask again, or give a data set as a file"))
    return tuple(sorted(findings, key=lambda f: (f.line, f.rule, f.message)))


def _distributions(found: Import, here: Installed, pinned: Mapping[str, str]) -> tuple[str, ...]:
    """The distributions of an import; none where nothing is known of it."""
    if owners := here.of_import(found):
        return owners
    if name := in_table(found):
        return (name,)
    if found.top in _TABLE or found.top in here.modules:  # another part of a namespace such as `google`
        return (normal(found.module),)
    return (normal(found.top),) if normal(found.top) in pinned else ()


def _pinned(pins: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, text in pins.items():
        try:
            found[normal(name)] = str(Version(text.strip().removeprefix("==").strip()))
        except InvalidVersion:
            raise ConfigError(f"pins: {name!r} = {text!r} is no version; give an exact one, such as '2.1.0'") from None
    return found


def _unknown(found: Import, also: frozenset[str], compare: bool) -> Finding:
    """A name that nothing knows: made up, or misspelt."""
    name = found.top
    if name in RENAMED:
        return Finding("dependencies", "unknown-package", "dependency",
                       f"there is no module {name!r} in this Python: it is of an older one", found.line,
                       cwe=UNTRUSTWORTHY, severity="medium", confidence="low" if found.guarded else "high",
                       fix=f"use {RENAMED[name]}")
    if meant := nearest(name, also) if compare else None:
        return Finding("dependencies", "misspelt-package", "dependency",
                       f"no known package is imported as {name!r}; {meant!r} was probably meant, and whoever publishes the "
                       "misspelt name runs code here", found.line, cwe=UNTRUSTWORTHY, severity="high",
                       confidence="low" if found.guarded else "medium", fix=f"import {meant}")
    return Finding("dependencies", "unknown-package", "dependency",
                   f"no known package is imported as {name!r}: it may be made up, and anyone may publish one of that "
                   "name", found.line, cwe=UNTRUSTWORTHY, severity="medium", confidence="low" if found.guarded else "medium",
                   fix="import a package that exists, or name it as one of the project's own modules")


def _vulnerable(advisory: Advisory, found: Import, name: str, version: str | None) -> Finding:
    which = f"{name} {version}" if version else name
    others = f" ({', '.join(advisory.aliases)})" if advisory.aliases else ""
    words = f": {advisory.summary}" if advisory.summary else ""
    if advisory.malicious:
        return Finding("dependencies", advisory.id, "dependency",
                       f"the import {found.module!r} is {which}, which {advisory.id}{others} calls malicious{words}",
                       found.line, cwe=advisory.cwe, severity="critical", confidence="high" if version else "medium",
                       fix="do not install it; use another package")
    fixed = advisory.fixed(Version(version)) if version else ()
    return Finding("dependencies", advisory.id, "dependency",
                   f"the import {found.module!r} is {which}, which has {advisory.id}{others}{words}", found.line,
                   cwe=advisory.cwe or _VULNERABLE, severity=advisory.severity, confidence="high",
                   fix=f"use {name} {fixed[0]} or later" if fixed else f"use another package: no version of {name} mends it")
