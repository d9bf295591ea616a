"""Code that exists, its tests, and the project that it belongs to, as a task."""

from __future__ import annotations

import ast
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from ncg_ray.errors import TaskError
from ncg_ray.task.read import read_text
from ncg_ray.task.tests_file import read_tests
from ncg_ray.task.values import parse_python
from ncg_ray.types import Project, Task


def read_given(file: Path, tests: Path, project: Path | None = None) -> tuple[Task, str]:
    """(task, code) from `FILE --tests T [--project DIR]`. Code that does not parse is read too: that is its outcome.

    The function under test is the one that the tests name, else the last one of the file that they mention.

    Raises:
        TaskError: one line that names the value and the mend.
    """
    code = read_text(file)
    examples, test_code, name = read_tests(tests)
    if name is None:
        name = _mentioned(code, test_code)
    tree = parse_python(code)
    function = next((n for n in reversed(tree.body) if isinstance(n, ast.FunctionDef) and n.name == name),
                    None) if tree else None
    words = ast.get_docstring(function) or "" if function else ""
    task = Task(words, file.stem or "task", entry_point=name, examples=examples, tests=test_code, docstring=words,
                project=find_project(project, file, tests) if project else None)
    return task, code


def find_project(folder: Path, file: Path, tests: Path | None = None) -> Project:
    """Where the file and its tests stand in a project, and what is installed for it.

    Installed packages are those of the project's own `.venv` or `venv`, where it is of this Python's version, else those
    of this Python. Raises TaskError.
    """
    root = folder.expanduser().resolve()
    if not root.is_dir():
        raise TaskError(f"--project {str(folder)!r} is not a folder; give the project's top folder")
    path = _inside(file, root) or Path(file.name)
    parts = path.with_suffix("").parts
    if parts[0] == "src" and len(parts) > 1:
        parts = parts[1:]
    module = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
    tests_path = (_inside(tests, root) if tests else None) or Path("test_given.py")
    return Project(str(root), _packages(root), module, str(path), str(tests_path))


def local_modules(folder: str | Path) -> frozenset[str]:
    """Names of the modules and packages at the top of a project, and below its `src`."""
    root = Path(folder)
    found: set[str] = set()
    for place in (root, root / "src"):
        if place.is_dir():
            found |= {p.stem for p in place.iterdir() if p.suffix == ".py" or (p.is_dir() and p.name.isidentifier())}
    return frozenset(found)


def _inside(path: Path, root: Path) -> Path | None:
    try:
        return path.resolve().relative_to(root)
    except ValueError:
        return None


def _packages(root: Path) -> tuple[str, ...]:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    own = [root / name / "lib" / version / "site-packages" for name in (".venv", "venv")]
    found = [path for path in own if path.is_dir()] or [Path(sysconfig.get_path("purelib")),
                                                         Path(sysconfig.get_path("platlib"))]
    source = [root / "src"] if (root / "src").is_dir() else []
    return tuple(dict.fromkeys(str(path) for path in [*source, *found] if path.is_dir()))


def _functions(body: list[ast.stmt]) -> Iterator[str]:
    """Names of the functions that a module defines, also within its `if`, `try` and `with`."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from _functions([*node.body, *getattr(node, "orelse", [])])


def _mentioned(code: str, tests: str) -> str:
    """The last function of the code that the tests mention, else its last function."""
    tree, checks = parse_python(code), parse_python(tests)
    names = list(_functions(tree.body)) if tree else []
    used = {n.id if isinstance(n, ast.Name) else n.attr for n in ast.walk(checks)
            if isinstance(n, (ast.Name, ast.Attribute))} if checks else set()
    mentioned = [name for name in names if name in used] or [name for name in names if not name.startswith("_")] or names
    return mentioned[-1] if mentioned else ""
