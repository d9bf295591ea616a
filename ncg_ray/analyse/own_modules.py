"""Which imports are of the scanned code itself, and not of a distribution."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ncg_ray.analyse.distributions import installed

_FIRST = (PurePosixPath(), PurePosixPath("src"))
"Folders below the root that Python is told to look into."


class OwnModules:
    """The modules and packages that some files are.

    Args:
        paths: relative to the root, with `/`.
        package: the root's own name, where the root is a package.
    """

    def __init__(self, paths: Iterable[str], package: str = "") -> None:
        files = [PurePosixPath(path) for path in paths]
        self.modules = {file.parent if file.stem == "__init__" else file.with_suffix("") for file in files}
        "Without suffix, relative to the root. A folder without `__init__.py` is none: an installed package goes before it."
        self.names = {part for file in files for part in (*file.parts[:-1], file.stem)}
        self.package = package

    @classmethod
    def of(cls, root: Path, paths: Iterable[str]) -> OwnModules:
        """Those of a folder."""
        paths = list(paths)
        return cls(paths, root.name if {"__init__.py", "__init__.pyi"} & set(paths) else "")

    def near(self, module: str, path: str) -> bool:
        """Whether a file imports this module from where Python looks first: the root, `src`, or its own folder."""
        return module == self.package or any(folder / module in self.modules
                                             for folder in (*_FIRST, PurePosixPath(path).parent))

    def anywhere(self, module: str) -> bool:
        """Whether some folder holds it: it may be on the path, and is more likely ours than a distribution's."""
        return module in self.names

    def top_level(self) -> frozenset[str]:
        """Names that imports may begin with: what Python looks for first, and what no distribution here provides."""
        known = installed().modules
        first = {module.name for module in self.modules if module.parent in _FIRST}
        others = {name for name in (*self.names, self.package) if name and name not in known}
        return frozenset(first | others | ({self.package} - {""}))
