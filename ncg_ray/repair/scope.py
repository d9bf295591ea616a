"""Guesses about names: which are in scope at a place, and what kind of value each holds."""

from __future__ import annotations

import ast
from collections import defaultdict

from ncg_ray.repair.source import Function, Source

_RESULTS = {"len": "number", "sum": "number", "abs": "number", "int": "number", "float": "number", "round": "number",
            "ord": "number", "str": "text", "chr": "text", "repr": "text", "input": "text", "list": "list", "sorted": "list",
            "set": "set", "dict": "dict", "tuple": "list", "bool": "truth", "any": "truth", "all": "truth",
            "isinstance": "truth", "reversed": "list", "range": "list", "zip": "list", "enumerate": "list", "map": "list",
            "defaultdict": "dict", "Counter": "dict"}
_METHODS = {"lower": "text", "upper": "text", "strip": "text", "join": "text", "replace": "text", "split": "list",
            "count": "number", "find": "number", "index": "number", "keys": "list", "values": "list", "items": "list",
            "startswith": "truth", "endswith": "truth", "isdigit": "truth", "isalpha": "truth", "swapcase": "text",
            "title": "text", "capitalize": "text", "lstrip": "text", "rstrip": "text", "isupper": "truth",
            "islower": "truth"}
_HINTS = {"int": "number", "float": "number", "complex": "number", "str": "text", "bool": "truth", "list": "list",
          "List": "list", "tuple": "list", "Tuple": "list", "Sequence": "list", "Iterable": "list", "dict": "dict",
          "Dict": "dict", "set": "set", "Set": "set"}
_USES = {"append": "list", "extend": "list", "sort": "list", "insert": "list", "lower": "text", "upper": "text",
         "split": "text", "strip": "text", "startswith": "text", "endswith": "text", "join": "text", "items": "dict",
         "keys": "dict", "get": "dict", "add": "set"}
_CONTAINERS = frozenset({"list", "text", "dict", "set"})


class Scope:
    """What one function's names hold, as far as hints, assignments and uses tell; `""` where nothing does.

    A wrong guess costs candidates and never a wrong patch: every candidate is run.
    """

    def __init__(self, source: Source, function: Function) -> None:
        self.source, self.function = source, function
        self.kinds: dict[str, str] = {}
        self.first_line: dict[str, int] = {}
        self._local_to: dict[str, list[ast.AST]] = defaultdict(list)
        arguments = function.args
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            self._note(argument.arg, kind_of_hint(argument.annotation), function.lineno)
        self.parameters = list(self.first_line)
        outer = source.function_of(function)
        while outer is not None:
            for argument in outer.args.args:
                self._note(argument.arg, kind_of_hint(argument.annotation), outer.lineno)
            outer = source.function_of(outer)
        for node in ast.walk(function):
            self._read(node)

    def _note(self, name: str, kind: str, line: int) -> None:
        self.kinds[name] = self.kinds.get(name) or kind
        self.first_line[name] = min(line, self.first_line.get(name, line))

    def _read(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._note(name, self.kind(value), node.lineno)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=hint):
                self._note(name, kind_of_hint(hint), node.lineno)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if name in self.kinds:
                self.kinds[name] = self.kinds[name] or _USES.get(method, "")
            case ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"))):
                self._note(name, "number", node.lineno)
            case ast.For(target=ast.Tuple(elts=[ast.Name(id=name), *_]), iter=ast.Call(func=ast.Name(id="enumerate"))):
                self._note(name, "number", node.lineno)
            case ast.comprehension():
                for target in ast.walk(node.target):
                    if isinstance(target, ast.Name):
                        whole = self.source.parents[node]
                        self._local_to[target.id].append(whole)
                        self._note(target.id, "text" if self.kind(node.iter) == "text" else "", target.lineno)
            case ast.Lambda():
                for argument in node.args.args:
                    self._local_to[argument.arg].append(node)
                    self._note(argument.arg, "", node.lineno)
            case ast.Name(ctx=ast.Store()):
                self._note(node.id, "", node.lineno)
            case ast.BinOp(left=ast.Name(id=name), op=ast.FloorDiv() | ast.Sub(), right=ast.Constant(value=int())):
                if name in self.kinds:
                    self.kinds[name] = self.kinds[name] or "number"

    def kind(self, node: ast.expr) -> str:
        """`number`, `text`, `truth`, `list`, `set`, `dict`, or empty where it cannot be told."""
        match node:
            case ast.Constant(value=bool()) | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return "truth"
            case ast.Constant(value=int() | float()) | ast.UnaryOp(op=ast.USub()):
                return "number"
            case ast.Constant(value=str()) | ast.JoinedStr():
                return "text"
            case ast.List() | ast.ListComp() | ast.Tuple() | ast.GeneratorExp():
                return "list"
            case ast.Dict() | ast.DictComp():
                return "dict"
            case ast.Set() | ast.SetComp():
                return "set"
            case ast.Name(id=name):
                return self.kinds.get(name, "")
            case ast.Call(func=ast.Name(id="min" | "max"), args=[first, *_]) if len(node.args) > 1:
                return self.kind(first)
            case ast.Call(func=ast.Name(id=name)):
                return _RESULTS.get(name, "")
            case ast.Call(func=ast.Attribute(attr=name)):
                return _METHODS.get(name, "")
            case ast.Subscript(value=value, slice=ast.Slice()):
                return self.kind(value)
            case ast.Subscript(value=value):
                return "text" if self.kind(value) == "text" else ""
            case ast.BinOp(op=ast.Sub() | ast.Mult() | ast.Div() | ast.FloorDiv() | ast.Pow()):
                left = self.kind(node.left)
                return left if left in ("text", "list", "set") else "number"
            case ast.BinOp(left=left, right=right):
                return self.kind(left) or self.kind(right)
            case ast.IfExp(body=body, orelse=other):
                return self.kind(body) or self.kind(other)
        return ""

    def names_at(self, node: ast.AST) -> list[str]:
        """Names that probably have a value where `node` is computed, the parameters first."""
        line = getattr(node, "lineno", 0)
        around: set[ast.AST] = set()
        up: ast.AST | None = node
        while up is not None:
            around.add(up)
            up = self.source.parents.get(up)
        in_loop = any(isinstance(n, ast.For | ast.While) for n in around)
        found = []
        for name, first in self.first_line.items():
            local = self._local_to.get(name)
            if local and not any(owner in around for owner in local):
                continue
            if first < line or in_loop or local or name in self.parameters:
                found.append(name)
        return found

    def alike(self, name: str, kind: str) -> bool:
        """Whether a name may stand where a value of this kind is wanted."""
        own = self.kinds.get(name, "")
        return not own or not kind or own == kind


def kind_of_hint(hint: ast.expr | None) -> str:
    """The kind that a type hint names."""
    match hint:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _HINTS.get(name, "")
        case ast.Subscript(value=value):
            return kind_of_hint(value)
        case ast.Constant(value=str(text)):
            return _HINTS.get(text, "")
    return ""


def may_iterate(kind: str) -> bool:
    """Whether a value of this kind may be gone through."""
    return not kind or kind in _CONTAINERS


class Scopes:
    """The scope of every function of a module, each read once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._known: dict[Function, Scope] = {}

    def at(self, node: ast.AST) -> Scope | None:
        """The scope of the innermost function around a node; None at the top level."""
        function = self.source.function_of(node)
        if function is None:
            return None
        if function not in self._known:
            self._known[function] = Scope(self.source, function)
        return self._known[function]
