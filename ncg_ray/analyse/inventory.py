"""The distributions that scanned code depends on.

Covers: what the files import and is installed here, what the manifests pin, and modules of neither under their usual
distribution's name, or their own.
Leaves out: the standard library and the code's own modules. Does not cover: dependencies of dependencies.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from ncg_ray.analyse import distributions
from ncg_ray.analyse.own_modules import OwnModules
from ncg_ray.analyse.scan import Report


@dataclass(frozen=True, slots=True)
class Dependency:
    """A distribution that the code imports or its manifests pin."""

    name: str
    version: str | None
    modules: tuple[str, ...]
    "Top-level modules by which the code imports it."
    installed: bool


def dependencies(report: Report, project: str = "") -> list[Dependency]:
    """What the scanned code depends on, by name; neither the standard library nor the code's own modules."""
    installed = distributions.installed()
    pinned = {asked.name: asked.version for asked in reversed(report.requested)}
    modules: dict[str, set[str]] = {name: set() for name in pinned}
    own = OwnModules.of(report.root, (scanned.path for scanned in report.scanned))
    for scanned in report.scanned:
        for found in scanned.imports:
            if found.top in sys.stdlib_module_names or own.near(found.top, scanned.path):
                continue
            owners = installed.of_import(found)
            if not owners and not own.anywhere(found.top):
                owners = (distributions.normal(distributions.in_table(found) or found.top),)
            for owner in owners:
                modules.setdefault(owner, set()).add(found.top)
    modules.pop(distributions.normal(project), None)
    return [Dependency(name, pinned.get(name) or installed.version(name), tuple(sorted(found)), name in installed.folders)
            for name, found in sorted(modules.items())]
