"""What a module imports.

Covers: `import` and `from` anywhere in the code, also inside functions and `try`; `importlib.import_module` and
`__import__` with a literal name. Does not cover: relative imports (they stay in the code's own package) and names that
are put together while the code runs.
"""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass

_CATCHES_MISSING = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


@dataclass(frozen=True, slots=True)
class Import:
    """One import of one module."""

    module: str
    "Dotted name, as in `google.cloud`."
    line: int
    "From 1."
    members: tuple[str, ...] = ()
    "What `from module import ...` takes; any of them may be a module."
    guarded: bool = False
    "Stands in a `try` that goes on where the module is missing."

    @property
    def top(self) -> str:
        """The first part of the name."""
        return self.module.partition(".")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """Every dotted name that this may load, longest first: `google.cloud.storage`, `google.cloud`, `google`."""
        parts = self.module.split(".")
        return (*(f"{self.module}.{member}" for member in self.members),
                *(".".join(parts[:length]) for length in range(len(parts), 0, -1)))


def find(code: str) -> tuple[Import, ...]:
    """The absolute imports of a module in the order of lines. Nothing is imported.

    Raises SyntaxError where the code does not parse.

    Example:
        >>> [found.module for found in find("import os.path\\nfrom . import mine")]
        ['os.path']
    """
    return _find(code)


@functools.lru_cache(maxsize=64)
def _find(code: str) -> tuple[Import, ...]:
    # Calls stand in expressions, which are most of a tree; without the words only statements need be looked at.
    return of_tree(ast.parse(code), "import_module" in code or "__import__" in code)


def of_tree(tree: ast.AST, calls_too: bool = True) -> tuple[Import, ...]:
    """The same for code that is parsed already; without `calls_too` those of `import` and `from` alone."""
    imports: list[Import] = []
    calls: list[tuple[ast.Call, bool]] = []
    modules, functions = {"importlib"}, {"__import__"}
    stack: list[tuple[ast.AST, bool]] = [(tree, False)]
    while stack:
        node, guarded = stack.pop()
        if isinstance(node, ast.Import):
            imports += [Import(alias.name, node.lineno, (), guarded) for alias in node.names]
            modules |= {alias.asname for alias in node.names if alias.name == "importlib" and alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            members = tuple(alias.name for alias in node.names if alias.name != "*")
            imports.append(Import(node.module, node.lineno, members, guarded))
            if node.module == "importlib":
                functions |= {alias.asname or alias.name for alias in node.names if alias.name == "import_module"}
        elif isinstance(node, ast.Call):
            calls.append((node, guarded))
        inside = {id(child) for child in node.body} if isinstance(node, ast.Try) and _goes_on(node) else set()
        children = ast.iter_child_nodes(node) if calls_too else _statements(node)
        stack += [(child, guarded or id(child) in inside) for child in children]
    for call, guarded in calls:
        if (name := _called_import(call, modules, functions)) is not None:
            imports.append(Import(name, call.lineno, (), guarded))
    return tuple(sorted(imports, key=lambda found: (found.line, found.module)))


def _statements(node: ast.AST) -> list[ast.AST]:
    """The statements right below a node, and what holds more of them."""
    found: list[ast.AST] = []
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        below = getattr(node, name, None)
        if isinstance(below, list):  # of a lambda and `a if b else c` it is an expression
            found += below
    return found


def _goes_on(node: ast.Try) -> bool:
    """Whether a handler catches a missing module."""
    for handler in node.handlers:
        caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if any(each is None or (isinstance(each, ast.Name) and each.id in _CATCHES_MISSING) for each in caught):
            return True
    return False


def _called_import(call: ast.Call, modules: set[str], functions: set[str]) -> str | None:
    """The literal name that `importlib.import_module("x")` or `__import__("x")` loads."""
    func, args = call.func, call.args
    named = isinstance(func, ast.Name) and func.id in functions
    method = (isinstance(func, ast.Attribute) and func.attr == "import_module" and isinstance(func.value, ast.Name)
              and func.value.id in modules)
    if not (named or method) or not args or not isinstance(args[0], ast.Constant):
        return None
    name = args[0].value
    if not isinstance(name, str) or not all(part.isidentifier() for part in name.split(".")):
        return None  # relative, or no name at all
    return name
