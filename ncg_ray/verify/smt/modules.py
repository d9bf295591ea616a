"""The module under verification: its functions, classes, imports and constants, by name."""

from __future__ import annotations

import ast
import builtins
import functools
import sys
import typing
from typing import Any

from ncg_ray.verify.smt.frames import frozen
from ncg_ray.verify.smt.paths import Unsupported
from ncg_ray.verify.smt.raising import Raised
from ncg_ray.verify.smt.values import Builtin, Class, Function, Module

TRANSPARENT = frozenset(
    {
        "icontract.require",
        "icontract.ensure",
        "icontract.snapshot",
        "icontract.invariant",
        "require",
        "ensure",
        "snapshot",
        "invariant",
        "deal.pre",
        "deal.post",
        "deal.ensure",
        "deal.raises",
        "deal.safe",
        "deal.pure",
        "deal.has",
        "deal.inv",
        "functools.lru_cache",
        "functools.cache",
        "lru_cache",
        "cache",
        "functools.wraps",
        "override",
        "typing.override",
        "final",
        "typing.final",
    }
)
"Decorators that leave what a function returns as it is; contracts are read elsewhere."
KNOWN_MODULES = sys.stdlib_module_names | {"typing_extensions", "icontract", "deal", "crosshair"}
DATACLASS = frozenset({"dataclass", "dataclasses.dataclass"})
METHODS = frozenset({"staticmethod", "classmethod", "property"})


@functools.lru_cache(maxsize=4096)
def local_names(node: Any) -> tuple[frozenset[str], bool]:
    """The names that a function assigns, and whether it is a generator."""
    names: set[str] = {p.arg for p in ast.walk(node.args) if isinstance(p, ast.arg)}
    outside: set[str] = set()
    generator = False
    todo: list[ast.AST] = list(node.body) if isinstance(node.body, list) else [node.body]
    while todo:
        part = todo.pop()
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(part.name)
            continue
        if isinstance(part, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            names |= {n.target.id for n in ast.walk(part) if isinstance(n, ast.NamedExpr)}
            continue
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            names.add(part.id)
        if isinstance(part, (ast.Nonlocal, ast.Global)):
            outside |= set(part.names)
        if isinstance(part, ast.ExceptHandler) and part.name:
            names.add(part.name)
        if isinstance(part, (ast.Import, ast.ImportFrom)):
            names |= {(a.asname or a.name).split(".")[0] for a in part.names}
        generator |= isinstance(part, (ast.Yield, ast.YieldFrom))
        todo += ast.iter_child_nodes(part)
    return frozenset(names - outside), generator


class Source:
    """The parsed module, the same for all paths."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.hidden = {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
        "Names that some function rebinds, so that nobody knows what they are."
        self.has_nonlocal = any(isinstance(node, ast.Nonlocal) for node in ast.walk(tree))
        self.unknown_star = False
        "Whether some `import *` may have brought any name."
        self.touched: set[str] = set()
        "Names that statements at the module's top hand to code that may change what they stand for."
        self.definitions: dict[str, list[ast.stmt]] = {}
        for node in tree.body:
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                self.touched |= {
                    n.id
                    for call in ast.walk(node)
                    if isinstance(call, ast.Call)
                    and not (isinstance(call.func, ast.Name) and hasattr(builtins, call.func.id))
                    for n in ast.walk(call)
                    if isinstance(n, ast.Name)
                }
            for name in self._defined(node):
                self.definitions.setdefault(name, []).append(node)

    def _defined(self, node: ast.stmt) -> list[str]:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return [node.name]
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return self._imported(node)
        names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)]
        for part in ast.walk(node):  # what a block defines is not known
            if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                names.append(part.name)
            elif isinstance(part, (ast.Import, ast.ImportFrom)):
                names += self._imported(part)
        # A statement that changes what a name stands for: `TABLE[3] = 4`, `NAMES.append("x")`, `obj.field = 1`.
        changed = [
            n for n in ast.walk(node) if isinstance(n, (ast.Subscript, ast.Attribute)) and not isinstance(n.ctx, ast.Load)
        ]
        changed += [
            n.func
            for n in ast.walk(node)
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and isinstance(node, ast.Expr)
        ]
        for part in changed:
            names += [n.id for n in ast.walk(part) if isinstance(n, ast.Name)]
        return names

    def _imported(self, node: ast.Import | ast.ImportFrom) -> list[str]:
        names = []
        for alias in node.names:
            if alias.name != "*":
                names.append((alias.asname or alias.name).split(".")[0])
            elif isinstance(node, ast.ImportFrom) and node.module == "typing":
                names += list(typing.__all__)
            else:
                self.unknown_star = True
        return names

    def on(self, interpreter: Any) -> Globals:
        return Globals(self, interpreter)


class Globals:
    """The module's names on one path, evaluated when first asked for."""

    def __init__(self, source: Source, interpreter: Any) -> None:
        self.source, self.interpreter = source, interpreter
        self.values: dict[str, Any] = {}
        self.names: dict[str, Any] = self.values

    def lookup(self, name: str, line: int) -> Any:
        if name not in self.values:
            self.values[name] = self._evaluated(name, line)
        return self.values[name]

    def _evaluated(self, name: str, line: int) -> Any:
        nodes = self.source.definitions.get(name)
        if name in self.source.hidden:
            raise Unsupported(f"the global {name!r}, which functions rebind", line)
        if nodes is None:
            if self.source.unknown_star:
                raise Unsupported(f"{name!r}, which some `import *` may have brought", line)
            if not hasattr(builtins, name):
                raise Raised(NameError, f"name '{name}' is not defined", line)
            return Builtin(name)
        node = nodes[-1]
        if len(nodes) > 1 and not all(
            isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)) for n in nodes
        ):
            raise Unsupported(f"the global {name!r}, which is defined more than once", line)
        if isinstance(node, ast.FunctionDef):
            return self._function(node)
        if isinstance(node, ast.ClassDef):
            try:
                return self._class(node)
            except Raised:
                raise Unsupported(f"the class {name}, whose body raises", line) from None
        if isinstance(node, ast.Import):
            alias = next(a for a in node.names if (a.asname or a.name).split(".")[0] == name)
            return Module(alias.name if alias.asname else name)
        if isinstance(node, ast.ImportFrom):
            original = next((a.name for a in node.names if (a.asname or a.name) == name), name)
            if node.level or (node.module or "").split(".")[0] not in KNOWN_MODULES:
                raise Unsupported(f"{name!r}, which comes from another module", line)
            return Builtin(f"{node.module}.{original}")
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            return self._constant(name, node, line)
        raise Unsupported(f"the global {name!r}, which a {type(node).__name__} sets", line)

    def _constant(self, name: str, node: ast.Assign | ast.AnnAssign, line: int) -> Any:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if len(targets) != 1 or not isinstance(targets[0], ast.Name) or node.value is None:
            raise Unsupported(f"the global {name!r}", line)
        for part in ast.walk(node.value):
            if isinstance(part, ast.Name) and len(self.source.definitions.get(part.id, ())) > 1:
                raise Unsupported(f"the global {name!r}", line)
        try:
            value = frozen(self.interpreter.evaluate(node.value, self))
        except Raised:
            raise Unsupported(f"the global {name!r}, whose value raises", line) from None
        if hasattr(value, "frozen") and name in self.source.touched:
            raise Unsupported(f"the global {name!r}, which the module may change", line)
        return value

    def _function(self, node: ast.FunctionDef) -> Any:
        for decorator in node.decorator_list:
            if _decorator(decorator) not in TRANSPARENT:
                raise Unsupported(f"the decorator `{ast.unparse(decorator)[:40]}`", node.lineno)
        return self.interpreter.define(node.name, node, self)

    def _class(self, node: ast.ClassDef) -> Any:
        made = Class(node.name, node)
        self.values[node.name] = made
        names = {_decorator(d) for d in node.decorator_list}
        if not names <= TRANSPARENT | DATACLASS or node.keywords:
            raise Unsupported(f"the class {node.name}, for its decorator or metaclass", node.lineno)
        made.is_dataclass = bool(names & DATACLASS)
        made.bases = tuple(self.interpreter.evaluate(base, self) for base in node.bases)
        fields: list[tuple[str, Any]] = []
        for base in made.bases:
            if isinstance(base, Class):
                made.methods |= base.methods
                made.constants |= base.constants
                fields += base.fields
        for part in node.body:
            self._member(made, part, fields)
        made.fields = tuple(fields)
        return made

    def _member(self, made: Class, part: ast.stmt, fields: list[tuple[str, Any]]) -> None:
        if isinstance(part, ast.FunctionDef):
            kinds = {_decorator(d) for d in part.decorator_list}
            if not kinds <= TRANSPARENT | METHODS:
                raise Unsupported(f"the decorator of {made.name}.{part.name}", part.lineno)
            made.methods[part.name] = self.interpreter.define(part.name, part, self)
        elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            if made.is_dataclass:
                fields.append((part.target.id, part.value))
            if part.value is not None:
                made.constants[part.target.id] = self.interpreter.evaluate(part.value, self)
        elif isinstance(part, ast.Assign) and all(isinstance(t, ast.Name) for t in part.targets):
            value = self.interpreter.evaluate(part.value, self)
            made.constants |= {t.id: value for t in part.targets if isinstance(t, ast.Name)}
        elif not (isinstance(part, ast.Pass) or (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))):
            raise Unsupported(f"the body of class {made.name}", part.lineno)


def decorator_kinds(function: Function) -> set[str]:
    return {_decorator(d) for d in getattr(function.node, "decorator_list", [])}


def _decorator(node: ast.expr) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node)
