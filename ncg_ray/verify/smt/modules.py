"""The module under verification: its functions, classes, imports and constants, by name."""

from __future__ import annotations

import ast
import builtins
import functools
import sys
import typing
from typing import Any

from ncg_ray.verify.decorators import canonical, enforces, library_names
from ncg_ray.verify.smt.frames import frozen
from ncg_ray.verify.smt.library import named
from ncg_ray.verify.smt.paths import Unsupported
from ncg_ray.verify.smt.raising import Raised, host_exception
from ncg_ray.verify.smt.values import Builtin, Class, Function, Module, SDict, holds_mutable
from ncg_ray.verify.specification import enforced_clauses

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
        "deal.chain",
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
CACHES = frozenset({"functools.lru_cache", "functools.cache", "lru_cache", "cache"})
PLAIN_METHODS = frozenset({"__init__", "__repr__", "__str__", "__post_init__"})
"Methods with a special name that are known; any other makes rules of its own."
METHODS = frozenset({"staticmethod", "classmethod", "property"})
REBINDING = frozenset(
    {"exec", "eval", "compile", "globals", "locals", "vars", "__import__", "__builtins__", "setattr", "delattr"}
)
REBINDING_ATTRIBUTES = frozenset(
    {"__dict__", "__globals__", "__builtins__", "_getframe", "f_globals", "f_locals"}
)
REBINDING_MODULES = frozenset({"builtins", "importlib", "ctypes", "gc", "runpy", "code"})
"What may bind a module's names, or those of its classes, where no statement shows it."


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
        if isinstance(part, ast.Lambda):
            continue
        if isinstance(part, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
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
        self.nodes = list(ast.walk(tree))
        self.hidden = {name for node in self.nodes if isinstance(node, ast.Global) for name in node.names}
        "Names that some function rebinds, so that nobody knows what they are."
        self.has_nonlocal = any(isinstance(node, ast.Nonlocal) for node in self.nodes)
        self.unknown_star = False
        "Whether some `import *` may have brought any name."
        self.touched: set[str] = set()
        "Names that statements at the module's top hand to code that may change what they stand for."
        self.definitions: dict[str, list[ast.stmt]] = {}
        self.has_private_names = any(
            isinstance(n, ast.Attribute) and n.attr.startswith("__") and not n.attr.endswith("__") for n in self.nodes
        )
        for node in tree.body:
            for name in self._defined(node):
                self.definitions.setdefault(name, []).append(node)
        self.names_in_classes = {
            name
            for node in self.nodes
            if isinstance(node, ast.ClassDef)
            for part in node.body
            for name in self._defined(part)
        }
        self.libraries = library_names(tree)
        "What the module calls icontract, deal, and what it takes from them."
        self.own_private, self.private_names = _private(self.nodes)
        "Attributes `self.__x` in the methods of the class that they are of; other private names in classes."
        self.set_from_outside = _set_from_outside(self.nodes)
        "Attributes that something sets which is no object's own method."
        self.free: dict[str, bool] = {}
        "By class: whether its constructor can make all of its objects."
        self._clauses: dict[int, tuple[list[str], list[str]] | None] | None = None
        self.rebinds = self._rebinds()
        "What may bind any name anew without a statement that says so; empty where nothing does."
        self.has_effects = any(map(self._has_effects, tree.body))
        "Whether loading the module runs code that may change what its names stand for."
        for part in self.nodes:
            for child in ast.iter_child_nodes(part):
                if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load) and not _only_reads(part, child):
                    self.touched.add(child.id)

    def is_known(self, decorator: ast.expr, known: frozenset[str]) -> bool:
        """Whether a decorator is what its name says: the module may define another of that name."""
        name = _decorator(decorator)
        nodes = self.definitions.get(name.split(".")[0], [])
        return canonical(name, self.libraries) in known and all(
            isinstance(node, (ast.Import, ast.ImportFrom)) and _modules_of(node) <= KNOWN_MODULES for node in nodes
        )

    def enforced(self, node: Any) -> bool:
        """Whether a function or class has contracts that CPython itself checks, as icontract and deal make it."""
        return any(enforces(d, self.libraries) for d in getattr(node, "decorator_list", ()))

    def forbids_output(self, decorator: ast.expr) -> bool:
        """Whether a decorator of deal lets nothing be printed, in a module that prints."""
        names = {
            canonical(ast.unparse(part), self.libraries)
            for part in ast.walk(decorator)
            if isinstance(part, (ast.Name, ast.Attribute))
        }
        prints = any(isinstance(part, ast.Name) and part.id == "print" for part in self.nodes)
        return prints and bool(names & {"deal.has", "deal.pure"})

    def enforced_clauses(self, node: ast.FunctionDef) -> tuple[list[ast.expr], list[ast.expr]] | None:
        """The pre- and postconditions that a call of a function checks; None where that is not all that it checks."""
        if self._clauses is None:
            self._clauses = enforced_clauses(self.tree)
        found = self._clauses.get(node.lineno)
        if found is None:
            return None
        return [[ast.parse(text, mode="eval").body for text in part] for part in found]  # type: ignore[return-value]

    def rebinding(self, node: ast.FunctionDef | ast.ClassDef) -> str:
        """Why the name of a function or class of the module's top may stand for something else; empty where it may not."""
        name = node.name
        if self.rebinds:
            return f"`{self.rebinds}`, which may bind any name anew"
        nodes = self.definitions.get(name, [])
        plain = all(isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n in self.tree.body for n in nodes)
        later = any(
            isinstance(n, ast.ImportFrom) and n.names[0].name == "*" and n.lineno > node.lineno for n in self.nodes
        )
        rebound = not plain or nodes[-1:] != [node] or name in self.hidden or later
        return f"the name {name!r}, which the module binds anew" if rebound else ""

    def _rebinds(self) -> str:
        imports: set[str] = set()
        for node in self.nodes:
            if isinstance(node, ast.Import):
                imports |= {(a.asname or a.name).split(".")[0] for a in node.names}
            if isinstance(node, (ast.Import, ast.ImportFrom)) and _modules_of(node) & REBINDING_MODULES:
                return ast.unparse(node)
            if isinstance(node, ast.ImportFrom) and node.module == "sys" and {"modules", "_getframe"} & {
                a.name for a in node.names
            }:
                return ast.unparse(node)
        own_setters = {
            id(node.func)
            for node in self.nodes
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name) and node.args[0].id == "self"
        }
        for node in self.nodes:
            if isinstance(node, ast.Name) and node.id in REBINDING and isinstance(node.ctx, ast.Load):
                own = any(isinstance(n, ast.FunctionDef) and n.name == node.id for n in self.tree.body)
                if own or (node.id in ("setattr", "delattr") and id(node) in own_setters):
                    continue
                return node.id
            if isinstance(node, ast.Attribute):
                of_module = isinstance(node.value, ast.Name) and node.value.id in imports
                if node.attr in REBINDING_ATTRIBUTES or (
                    of_module and (node.attr == "modules" or not isinstance(node.ctx, ast.Load))
                ):
                    return ast.unparse(node)
        return ""

    def _has_effects(self, node: ast.stmt) -> bool:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            parts = [d for n in ast.walk(node) for d in getattr(n, "decorator_list", [])]
            if isinstance(node, ast.ClassDef):
                parts += [p for p in node.body if not isinstance(p, ast.FunctionDef)]
            return any(self._runs_code(part) for part in parts)
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass)):
            return False
        if isinstance(node, ast.If) and ast.unparse(node.test).replace('"', "'") == "__name__ == '__main__'":
            return False
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return False
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return not all(isinstance(t, ast.Name) for t in targets) or self._runs_code(node)
        return True

    def _runs_code(self, node: ast.AST) -> bool:
        """Whether something calls, or is, what the module itself defines."""
        for part in ast.walk(node):
            if isinstance(part, ast.Call) and not (isinstance(part.func, ast.Name) and hasattr(builtins, part.func.id)):
                root = part.func
                while isinstance(root, ast.Attribute):
                    root = root.value
                nodes = self.definitions.get(root.id, []) if isinstance(root, ast.Name) else [node]
                if not nodes or not all(isinstance(n, (ast.Import, ast.ImportFrom)) for n in nodes):
                    return True
            elif isinstance(part, ast.Name) and any(
                isinstance(n, (ast.FunctionDef, ast.ClassDef)) for n in self.definitions.get(part.id, ())
            ):
                return True
        return False

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
            if name.startswith("__"):  # of the module itself, as `__name__`, or of nothing
                raise Unsupported(f"the name {name!r}", line)
            if name not in vars(builtins):
                raise Raised(NameError, f"name '{name}' is not defined", line)
            if self.source.rebinds not in ("", "setattr", "delattr") or not callable(vars(builtins)[name]):
                raise Unsupported(f"the name {name!r}", line)
            return Builtin(name)
        if self.source.rebinds:
            raise Unsupported(f"the name {name!r}, which `{self.source.rebinds}` may bind anew", line)
        node = nodes[-1]
        if len(nodes) > 1:
            raise Unsupported(f"{name!r}, which the module defines more than once", line)
        if isinstance(node, ast.FunctionDef):
            return self._function(node)
        if isinstance(node, ast.ClassDef):
            return self._class(node)
        if isinstance(node, ast.Import):
            alias = next(a for a in node.names if (a.asname or a.name).split(".")[0] == name)
            return Module(alias.name if alias.asname else name)
        if isinstance(node, ast.ImportFrom):
            original = next((a.name for a in node.names if (a.asname or a.name) == name), name)
            if node.level or (node.module or "").split(".")[0] not in KNOWN_MODULES:
                raise Unsupported(f"{name!r}, which comes from another module", line)
            return named(str(node.module), original, line)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            return self._constant(name, node, line)
        raise Unsupported(f"the global {name!r}, which a {type(node).__name__} sets", line)

    def _constant(self, name: str, node: ast.Assign | ast.AnnAssign, line: int) -> Any:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if len(targets) != 1 or not isinstance(targets[0], ast.Name) or node.value is None:
            raise Unsupported(f"the global {name!r}", line)
        try:
            value = frozen(self.interpreter.evaluate(node.value, self))
        except Raised:
            raise Unsupported(f"the global {name!r}, whose value raises", line) from None
        if holds_mutable(value) and (self.source.has_effects or name in self.source.touched or _is_deep(value)):
            raise Unsupported(f"the global {name!r}, which the module may change", line)
        return value

    def _function(self, node: ast.FunctionDef) -> Any:
        for decorator in node.decorator_list:
            if not self.source.is_known(decorator, TRANSPARENT):
                raise Unsupported(f"the decorator `{ast.unparse(decorator)[:40]}`", node.lineno)
        return self.interpreter.define(node.name, node, self)

    def _class(self, node: ast.ClassDef) -> Any:
        made = Class(node.name, node)
        self.values[node.name] = made
        try:
            self._fill(made, node)
        except (Raised, Unsupported) as gap:
            del self.values[node.name]
            if isinstance(gap, Unsupported):
                raise
            raise Unsupported(f"the class {node.name}, whose body raises", node.lineno) from None
        return made

    def _fill(self, made: Class, node: ast.ClassDef) -> None:
        """A class without rules of its own: at most one base, methods, plain constants; all else is outside."""
        known = all(self.source.is_known(d, TRANSPARENT | DATACLASS) for d in node.decorator_list)
        # deal's invariants are checked whenever a field is set.
        known &= not any(canonical(_decorator(d), self.source.libraries) == "deal.inv" for d in node.decorator_list)
        options = any(isinstance(d, ast.Call) and _decorator(d) in DATACLASS for d in node.decorator_list)
        if not known or options or node.keywords or len(node.bases) > 1:
            raise Unsupported(f"the class {node.name}, for its decorators, bases or metaclass", node.lineno)
        made.is_dataclass = any(_decorator(d) in DATACLASS for d in node.decorator_list)
        made.bases = tuple(self.interpreter.evaluate(base, self) for base in node.bases)
        fields: list[tuple[str, Any]] = []
        for base in made.bases:
            if isinstance(base, Class):
                if made.is_dataclass or base.is_dataclass or self.source.has_private_names:
                    raise Unsupported(f"the class {node.name}, for its base", node.lineno)
                made.methods |= base.methods
                made.constants |= base.constants
            elif base != Builtin("object") and host_exception(getattr(base, "name", "")) is None:
                raise Unsupported(f"the class {node.name}, for its base", node.lineno)
        own = {n.id for part in node.body for n in _stored(part)}
        names = [n.id for part in node.body for n in _stored(part)]
        names += [part.name for part in node.body if isinstance(part, ast.FunctionDef)]
        if made.is_dataclass and len(names) > len(set(names)):
            raise Unsupported(f"the class {node.name}, which binds a name twice", node.lineno)
        for part in node.body:
            self._member(made, part, fields, own)
        outside = {*made.constants, *made.methods} & self.source.set_from_outside - {name for name, _ in fields}
        if outside:
            raise Unsupported(f"the class {node.name}, whose {min(outside)} is set from outside", node.lineno)
        made.fields = tuple(fields)

    def _member(self, made: Class, part: ast.stmt, fields: list[tuple[str, Any]], own: set[str]) -> None:
        if isinstance(part, ast.FunctionDef):
            special = part.name.startswith("__") and part.name not in PLAIN_METHODS
            if special or not all(self.source.is_known(d, TRANSPARENT | METHODS) for d in part.decorator_list):
                raise Unsupported(f"the method {made.name}.{part.name}", part.lineno)
            made.constants.pop(part.name, None)
            made.methods[part.name] = self.interpreter.define(part.name, part, self)
        elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            if made.is_dataclass:
                if (
                    any(word in ast.unparse(part.annotation) for word in ("ClassVar", "InitVar", "KW_ONLY"))
                    or part.target.id.startswith("__")
                    or not (part.value is None or isinstance(part.value, ast.Constant))
                ):
                    raise Unsupported(f"the field {made.name}.{part.target.id}", part.lineno)
                fields.append((part.target.id, part.value))
                if part.target.id in self.source.set_from_outside:
                    return  # of an object or of the class: only the former is known
            if part.value is not None:
                self._store_constant(made, part.target.id, part.value, own)
        elif isinstance(part, ast.Assign) and len(part.targets) == 1 and isinstance(part.targets[0], ast.Name):
            self._store_constant(made, part.targets[0].id, part.value, own)
        elif not (isinstance(part, ast.Pass) or (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))):
            raise Unsupported(f"the body of class {made.name}", part.lineno)

    def _store_constant(self, made: Class, name: str, node: ast.expr, own: set[str]) -> None:
        """A plain value; one that objects could change, or share, would be another at the next call."""
        if name.startswith("__") or any(isinstance(n, ast.Name) and n.id in own for n in ast.walk(node)):
            raise Unsupported(f"the attribute {made.name}.{name}", node.lineno)
        value = self.interpreter.evaluate(node, self)
        if holds_mutable(value) or isinstance(value, (Function, Builtin, Class, Module)):
            raise Unsupported(f"the attribute {made.name}.{name}", node.lineno)
        made.methods.pop(name, None)
        made.constants[name] = value


def _stored(part: ast.stmt) -> list[ast.Name]:
    return (
        [n for n in ast.walk(part) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)]
        if isinstance(part, (ast.Assign, ast.AnnAssign))
        else []
    )


def _is_deep(value: Any) -> bool:
    """Whether a container holds others: what changes one of those is not seen."""
    parts = (
        [*getattr(getattr(value, "elements", None), "items", ()), *getattr(value, "items", ())]
        if not isinstance(value, (tuple, SDict))
        else []
    )
    if isinstance(value, SDict):
        parts = [part for entry in value.entries for part in entry]
    return isinstance(value, tuple) or any(map(holds_mutable, parts))


READERS = frozenset({"get", "keys", "values", "items", "index", "count", "copy", "union", "intersection", "issubset"})
READING_CALLS = frozenset(
    {
        "len",
        "sum",
        "min",
        "max",
        "sorted",
        "list",
        "tuple",
        "set",
        "frozenset",
        "dict",
        "any",
        "all",
        "enumerate",
        "zip",
        "reversed",
        "range",
        "print",
        "isinstance",
        "abs",
        "int",
        "str",
    }
)


def _only_reads(parent: ast.AST, name: ast.Name) -> bool:
    """Whether a use of a name neither changes what it stands for nor passes it on."""
    if isinstance(parent, ast.Subscript):
        return parent.value is not name or isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Attribute):
        return isinstance(parent.ctx, ast.Load) and parent.attr in READERS
    if isinstance(parent, ast.Call):
        return parent.func is name or (isinstance(parent.func, ast.Name) and parent.func.id in READING_CALLS)
    if isinstance(parent, (ast.For, ast.comprehension)):
        return parent.iter is name
    return isinstance(parent, (ast.Compare, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.If, ast.While, ast.IfExp, ast.Assert))


def is_private(name: str) -> bool:
    """Whether a class makes another name of it: `_C__x`."""
    return name.startswith("__") and not name.endswith("__")


def _private(nodes: list[ast.AST]) -> tuple[set[int], set[str]]:
    attributes: set[int] = set()
    names: set[str] = set()
    for node in nodes:
        if not isinstance(node, ast.ClassDef):
            continue
        for part in ast.walk(node):
            for field in ("id", "arg", "name"):
                name = getattr(part, field, None)
                if isinstance(name, str) and is_private(name):
                    names.add(name)
        for method, first in _own_methods(node):
            inner = [p for p in ast.walk(method) if isinstance(p, ast.Name) and p.id == first]
            if all(isinstance(p.ctx, ast.Load) for p in inner) and not any(
                isinstance(p, ast.ClassDef) for p in ast.walk(method)
            ):
                attributes |= {id(p) for p in ast.walk(method) if isinstance(p, ast.Attribute) and p.value in inner}
    return attributes, names


def _own_methods(node: ast.ClassDef) -> list[tuple[ast.FunctionDef, str]]:
    """The methods of objects, each with the name of its object."""
    found = []
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and not {"staticmethod", "classmethod"} & set(
            map(_decorator, method.decorator_list)
        ):
            positional = [*method.args.posonlyargs, *method.args.args]
            if positional:
                found.append((method, positional[0].arg))
    return found


def _set_from_outside(nodes: list[ast.AST]) -> set[str]:
    own = {
        id(part)
        for node in nodes
        if isinstance(node, ast.ClassDef)
        for method, first in _own_methods(node)
        for part in ast.walk(method)
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == first
    }
    return {
        part.attr
        for part in nodes
        if isinstance(part, ast.Attribute) and not isinstance(part.ctx, ast.Load) and id(part) not in own
    }


def decorator_kinds(function: Function) -> set[str]:
    return {_decorator(d) for d in getattr(function.node, "decorator_list", [])}


def _modules_of(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The top-level modules that an import takes names from; a relative one is none that is known."""
    names = [a.name for a in node.names] if isinstance(node, ast.Import) else ["." * node.level + (node.module or "")]
    return {name.split(".")[0] for name in names}


def _decorator(node: ast.expr) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node)


def is_cached(function: Function) -> bool:
    """Whether a function remembers what it gave."""
    return bool(decorator_kinds(function) & CACHES)
