"""Unknown inputs from type hints, and known ones from a model of the solver."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import z3

from ncg_ray.verify.smt import comparison
from ncg_ray.verify.smt.paths import Path, Unsupported
from ncg_ray.verify.smt.raising import Raised
from ncg_ray.verify.smt.values import (
    FP,
    Builtin,
    Class,
    Fixed,
    Instance,
    Lazy,
    Opaque,
    SBool,
    SDict,
    SFloat,
    SInt,
    SLazySet,
    SList,
    SSet,
    SStr,
    STuple,
    copied,
    elements_of,
    float_of,
    float_term,
    int_term,
    is_string,
    make_str,
    neg,
)

MAX_ASCII, MAX_CODE = 127, 0x10FFFF
MAX_SHOWN = 40
"Elements of a counterexample; a longer one is not worth replaying."
SAMPLES = {
    "list": (
        "list",
        "List",
        "Sequence",
        "MutableSequence",
        "Iterable",
        "Collection",
        "collections.abc.Sequence",
        "collections.abc.Iterable",
        "Container",
    ),
    "set": ("set", "Set", "MutableSet", "AbstractSet"),
    "frozenset": ("frozenset", "FrozenSet"),
    "dict": ("dict", "Dict", "Mapping", "MutableMapping", "collections.abc.Mapping"),
}
CONTAINERS = {name: kind for kind, names in SAMPLES.items() for name in names}
WIDER = frozenset(
    {
        "Sequence",
        "MutableSequence",
        "Iterable",
        "Collection",
        "Container",
        "Mapping",
        "MutableMapping",
        "AbstractSet",
        "DefaultDict",
        "defaultdict",
        "collections.defaultdict",
        "MutableSet",
        "collections.abc.Sequence",
        "collections.abc.Iterable",
        "collections.abc.Mapping",
    }
)
"Hints that allow more types than the one that is tried."


@dataclass(frozen=True)
class Shape:
    """What inputs are tried. `size` bounds the elements of each container; None leaves it open."""

    size: int | None
    ascii: bool = False
    "Whether strings hold only ASCII."


class Inputs:
    """Makes unknown values on one path."""

    def __init__(self, run: Any, shape: Shape, narrowed: set[str] | None = None) -> None:
        """`narrowed` takes the names of classes of whose objects not all are tried."""
        self.run, self.path, self.shape = run, run.path, shape
        self.made: list[Instance] = []
        self.narrowed = set() if narrowed is None else narrowed

    def make(self, hint: ast.expr | None, name: str, index: tuple[Any, ...] = ()) -> Any:
        """A value of a hint. `index` holds the places in the containers around it, where those are unbounded."""
        if hint is None:
            raise Unsupported(f"the argument {name!r} without a type hint")
        if isinstance(hint, ast.Constant):
            if hint.value is None:
                return None
            if isinstance(hint.value, str):
                return self.make(_parsed(hint.value), name, index)
        if isinstance(hint, ast.BinOp) and isinstance(hint.op, ast.BitOr):
            return self.make(self._one_of([hint.left, hint.right], index), name, index)
        if isinstance(hint, ast.Subscript):
            return self._generic(hint, name, index)
        self._refuse_rebound(hint)
        text = _name(hint)
        scalar = self._scalar(text, name, index)
        if scalar is not None:
            return scalar
        if text in ("None", "NoneType"):
            return None
        if text in CONTAINERS or text in ("tuple", "Tuple"):
            return self._container(CONTAINERS.get(text, "tuple"), [ast.Name("object")] * 2, name, index)
        if text in ("Any", "object", "Hashable"):
            return Opaque("object") if self._pick(2, index) else None
        if text == "Callable":
            return Opaque("function")
        return self._object(hint, name, index)

    def _refuse_rebound(self, hint: ast.expr) -> None:
        """A hint is read by its name, so the name must stand for what it does everywhere."""
        if not _means_itself(hint, self.run.module.source):
            raise Unsupported(f"the type hint {ast.unparse(hint)}, which the module binds to something of its own")

    def _pick(self, num: int, index: tuple[Any, ...]) -> int:
        if index:
            raise Unsupported("elements of several types in a container of unbounded length")
        return self.path.pick(num)

    def _one_of(self, hints: list[ast.expr], index: tuple[Any, ...]) -> ast.expr:
        return hints[self._pick(len(hints), index)]

    def _scalar(self, text: str, name: str, index: tuple[Any, ...]) -> Any:
        if text == "int":
            return SInt(self._constant(name, index, z3.IntSort()))
        if text == "bool":
            return SBool(self._constant(name, index, z3.BoolSort()))
        if text == "float":
            return SFloat(self._constant(name, index, FP))
        if text == "str":
            return self._text(name, index)
        return None

    def _constant(self, name: str, index: tuple[Any, ...], sort: Any) -> Any:
        if not index:
            return z3.Const(name, sort)
        return z3.Function(name, *(z3.IntSort() for _ in index), sort)(*index)

    def _text(self, name: str, index: tuple[Any, ...]) -> Any:
        if self.shape.size is None:
            size = self._constant(f"{name}.len", index, z3.IntSort())
            if not self.path.quantified:
                self.path.axiom(size >= 0)
            return SStr(Lazy(size, lambda i: self._code(f"{name}.code", (*index, i))))
        codes = [self._code(f"{name}.{i}", index) for i in range(self._pick(self.shape.size + 1, index))]
        return make_str(Fixed(tuple(codes)))

    def _code(self, name: str, index: tuple[Any, ...]) -> SInt:
        code = self._constant(name, index, z3.IntSort())
        if not self.path.quantified:
            self.path.axiom(z3.And(code >= 0, code <= (MAX_ASCII if self.shape.ascii else MAX_CODE)))
        return SInt(code)

    def _generic(self, hint: ast.Subscript, name: str, index: tuple[Any, ...]) -> Any:
        self._refuse_rebound(hint.value)
        origin = _name(hint.value)
        args = list(hint.slice.elts) if isinstance(hint.slice, ast.Tuple) else [hint.slice]
        if origin == "Optional":
            return self.make(self._one_of([ast.Constant(None), args[0]], index), name, index)
        if origin == "Union":
            return self.make(self._one_of(args, index), name, index)
        if origin in ("Final", "Annotated", "ClassVar"):
            return self.make(args[0], name, index)
        if origin == "Literal":
            return ast.literal_eval(self._one_of(args, index))
        if origin == "Callable":
            return Opaque("function")
        if origin in ("tuple", "Tuple"):
            if len(args) == 2 and isinstance(args[1], ast.Constant) and args[1].value is ...:
                return self._container("tuple", [args[0]], name, index)
            if len(args) == 1 and isinstance(args[0], ast.Tuple) and not args[0].elts:
                return ()
            return tuple(self.make(part, f"{name}.{i}", index) for i, part in enumerate(args))
        if origin in ("DefaultDict", "defaultdict", "collections.defaultdict"):
            made = self._container("dict", args, name, index)
            factory = ast.unparse(args[1])
            made.has_default = True
            made.default = (
                Builtin(factory) if self.path.pick(2) and factory in ("int", "str", "list", "float", "bool") else None
            )
            return made
        if origin in CONTAINERS:
            return self._container(CONTAINERS[origin], args, name, index)
        raise Unsupported(f"an argument of type {ast.unparse(hint)}")

    def _container(self, kind: str, args: list[ast.expr], name: str, index: tuple[Any, ...]) -> Any:
        if self.shape.size is None:
            return self._unbounded(kind, args, name, index)
        size = self._pick(self.shape.size + 1, index)
        if kind in ("list", "tuple"):
            items = tuple(self.make(args[0], f"{name}.{i}", index) for i in range(size))
            return SList(Fixed(items)) if kind == "list" else items
        keys = [self.make(args[0], f"{name}.k{i}", index) for i in range(size)]
        self._distinct(keys)
        if kind == "dict":
            return SDict([(key, self.make(args[1], f"{name}.v{i}", index)) for i, key in enumerate(keys)])
        return SSet(keys, kind == "frozenset")

    def _distinct(self, keys: list[Any]) -> None:
        for i, key in enumerate(keys):
            for other in keys[:i]:
                self.path.assume(neg(comparison.equal(self.path, key, other)))

    def _unbounded(self, kind: str, args: list[ast.expr], name: str, index: tuple[Any, ...]) -> Any:
        size = self._constant(f"{name}.len", index, z3.IntSort())
        if not self.path.quantified:
            self.path.axiom(size >= 0)
        if kind in ("list", "tuple"):
            base = (name, z3.IntVal(0)) if not index else None
            elements = Lazy(size, lambda i: self._frozen(self.make(args[0], f"{name}.item", (*index, i))), base)
            if not index and not self.path.quantified:
                self._check(args[0], name)
            made = SList(elements) if kind == "list" else STuple(elements)
            return made
        if kind in ("set", "frozenset") and ast.unparse(args[0]) in ("int", "bool") and not index:
            member = z3.Function(f"{name}.has", z3.IntSort(), z3.BoolSort())
            return SLazySet(
                lambda item: member(int_term(item)) if isinstance(item, (int, SInt, SBool)) else _no_member(item),
                size,
                kind == "frozenset",
            )
        raise Unsupported(f"a {kind} of unbounded size")

    def _check(self, hint: ast.expr, name: str) -> None:
        """Find out now whether elements of this type can be had by index."""
        self.make(hint, f"{name}.item", (z3.IntVal(0),))

    def _frozen(self, value: Any) -> Any:
        if hasattr(value, "frozen"):
            value.frozen = True
        for item in value if isinstance(value, tuple) else ():
            self._frozen(item)
        return value

    def _object(self, hint: ast.expr, name: str, index: tuple[Any, ...]) -> Any:
        """An object as its constructor leaves it, of arguments that are unknown."""
        if index:
            raise Unsupported("objects in a container of unbounded length")
        try:
            kind = self.run.evaluate(hint, self.run.module)
        except Raised:
            raise Unsupported(f"an argument of type {ast.unparse(hint)}") from None
        if not isinstance(kind, Class):
            raise Unsupported(f"an argument of type {ast.unparse(hint)}")
        if len(self.made) > 8:
            raise Unsupported("objects within objects without end")
        source = self.run.module.source
        free = source.free[kind.name] if kind.name in source.free else is_free(kind, source.tree)
        source.free[kind.name] = free
        args: list[Any] = []
        if "__init__" in kind.methods:
            spec = kind.methods["__init__"].node.args
            if spec.vararg or spec.kwarg or spec.kwonlyargs or spec.posonlyargs:
                raise Unsupported(f"the constructor of {kind.name}")
            args = [self.make(p.annotation, f"{name}.{p.arg}") for p in spec.args[1:]]
        elif kind.is_dataclass:
            hints = {
                p.target.id: p.annotation
                for p in kind.node.body
                if isinstance(p, ast.AnnAssign) and isinstance(p.target, ast.Name)
            }
            args = [self.make(hints.get(field), f"{name}.{field}") for field, _ in kind.fields]
        before = [copied(item) for item in args]
        if not free:
            self.narrowed.add(kind.name)
        made, all_of_them = self.run.construct_allowed(kind, args, free)
        if not all_of_them:
            self.narrowed.add(kind.name)
        made.made_from = before
        self.made.append(made)
        return made


def _no_member(item: Any) -> bool:
    if is_string(item) or item is None:
        return False
    raise Unsupported("membership in a set of ints of what is no int")


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise Unsupported(f"the type hint {text!r}") from None


HINTS = {"int", "bool", "float", "str", "tuple", "Tuple", "Any", "object", "Hashable", "Callable", "Optional", "Union"}
HINTS |= {"Final", "Annotated", "ClassVar", "Literal", "DefaultDict", "defaultdict", "NoneType", *CONTAINERS}
HINT_MODULES = ("typing", "typing_extensions", "collections", "collections.abc", "types")


def _means_itself(hint: ast.expr, source: Any) -> bool:
    """Whether the module leaves to the name of a hint what it means everywhere."""
    root, *rest = ast.unparse(hint).split(".")
    nodes = source.definitions.get(root, [])
    if root in source.hidden:
        return False
    if rest:
        wanted = {"t": "typing", "typing": "typing", "collections": "collections"}.get(root)
        imports = [a for n in nodes if isinstance(n, ast.Import) for a in n.names]
        aliases = [a for a in imports if (a.asname or a.name.split(".")[0]) == root]
        return wanted is None or (
            all(isinstance(n, ast.Import) for n in nodes)
            and all((a.name if a.asname else a.name.split(".")[0]) == wanted for a in aliases)
        )
    if root not in HINTS:
        return True  # a class of the module, which is looked up
    if root in source.names_in_classes or (source.unknown_star and not nodes):
        return False
    return all(
        isinstance(n, ast.ImportFrom)
        and n.module in HINT_MODULES
        and not (root == "Set" and n.module == "collections.abc")  # that is any set
        and all(a.name in (root, "*") for a in n.names if (a.asname or a.name) in (root, "*"))
        for n in nodes
    )


def _name(hint: ast.expr) -> str:
    """What a hint without brackets is called, with or without its module."""
    return ast.unparse(hint).removeprefix("typing.").removeprefix("t.")


def _names_in(hint: ast.expr) -> Iterator[str]:
    """The names of all types that a hint is made of; a tuple of a fixed number of parts is none, but its parts are."""
    if isinstance(hint, ast.Constant):
        if isinstance(hint.value, str):
            yield from _names_in(_parsed(hint.value))
    elif isinstance(hint, ast.BinOp):
        yield from _names_in(hint.left)
        yield from _names_in(hint.right)
    elif isinstance(hint, ast.Subscript):
        origin = _name(hint.value)
        parts = hint.slice.elts if isinstance(hint.slice, ast.Tuple) else [hint.slice]
        if origin in ("Literal", "Callable"):
            return
        fixed = origin in ("tuple", "Tuple") and not any(isinstance(p, ast.Constant) and p.value is ... for p in parts)
        if not fixed:
            yield origin
        for part in parts[:1] if origin == "Annotated" else parts:
            yield from _names_in(part)
    else:
        yield _name(hint)


def is_wider(hint: ast.expr | None) -> bool:
    """Whether a hint allows more types of value than those that are tried."""
    return hint is None or any(name in WIDER for name in _names_in(hint))


SIZED = {*CONTAINERS, "str", "tuple", "Tuple", "DefaultDict", "defaultdict", "collections.defaultdict"}


def has_container(hint: ast.expr | None) -> bool:
    """Whether values of a hint have a size that `Shape` bounds."""
    return hint is not None and any(name in SIZED for name in _names_in(hint))


def is_free(kind: Class, tree: ast.Module) -> bool:
    """Whether its constructor can make every object of a class: each field is what its own argument says, nothing else
    in the module gives an object further fields, and no other class is a kind of it."""
    derived = {
        part.attr if isinstance(part, ast.Attribute) else part.id
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        for part in ast.walk(base)
        if isinstance(part, (ast.Name, ast.Attribute))
    }
    if kind.name in derived or any(isinstance(base, Class) and base.is_dataclass for base in kind.bases):
        return False
    if "__init__" in kind.methods:
        fields = _verbatim(kind.methods["__init__"].node)
        if fields is None or kind.is_dataclass or kind.constants:
            return False
    else:
        fields = {name for name, _ in kind.fields}
        if "__post_init__" in kind.methods or not kind.constants.keys() <= fields:
            return False
    stored = {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
    }
    if any(isinstance(n, ast.Name) and n.id in ("setattr", "delattr") for n in ast.walk(tree)):
        return False
    deleted = any(isinstance(part, ast.Attribute) for node in ast.walk(tree) if isinstance(node, ast.Delete)
                  for part in node.targets)
    return not deleted and stored - _stored_by_others(kind, tree) <= fields


def _verbatim(node: ast.FunctionDef) -> set[str] | None:
    """The fields that a constructor sets, each to an argument of its own; None where it does anything else."""
    first, *rest = [p.arg for p in [*node.args.posonlyargs, *node.args.args]]
    fields: dict[str, str] = {}
    for number, part in enumerate(node.body):
        docstring = not number and isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
        if docstring or isinstance(part, ast.Pass):
            continue
        targets = part.targets if isinstance(part, ast.Assign) else [part.target] if isinstance(part, ast.AnnAssign) else []
        if (
            len(targets) != 1
            or not isinstance(targets[0], ast.Attribute)
            or not (isinstance(targets[0].value, ast.Name) and targets[0].value.id == first)
            or not (isinstance(part.value, ast.Name) and part.value.id in rest)  # type: ignore[union-attr]
            or targets[0].attr in fields
        ):
            return None
        fields[targets[0].attr] = part.value.id  # type: ignore[union-attr]
    return set(fields) if sorted(fields.values()) == sorted(rest) else None


def _stored_by_others(kind: Class, tree: ast.Module) -> set[str]:
    """Fields that only the methods of other classes set, of their own objects."""
    mine, own = [], [kind]
    while own:
        now = own.pop()
        mine.append(now.name)
        own += [base for base in now.bases if isinstance(base, Class)]
    theirs: set[str] = set()
    counts: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            counts[node.attr] = counts.get(node.attr, 0) + 1
    for node in tree.body:
        if not isinstance(node, ast.ClassDef) or node.name in mine:
            continue
        for method in node.body:
            if isinstance(method, ast.FunctionDef) and method.args.args:
                own_name = method.args.args[0].arg
                for part in ast.walk(method):
                    if (
                        isinstance(part, ast.Attribute)
                        and not isinstance(part.ctx, ast.Load)
                        and isinstance(part.value, ast.Name)
                        and part.value.id == own_name
                    ):
                        counts[part.attr] -= 1
                        if not counts[part.attr]:
                            theirs.add(part.attr)
    return theirs


def source_of(value: Any, model: z3.ModelRef) -> str:
    """A value of a model as a Python expression. Raises Unsupported where it has none."""
    if value is None or type(value) in (bool, int, str):
        return repr(value)
    if isinstance(value, SBool):
        return str(z3.is_true(model.eval(value.term, model_completion=True)))
    if isinstance(value, SInt):
        return repr(_int(value.term, model))
    if isinstance(value, (float, SFloat)):
        known = float_of(z3.simplify(model.eval(float_term(value), model_completion=True)))
        if known is None:
            raise Unsupported("a float that the model leaves open")
        return repr(known) if known == known and abs(known) != float("inf") else f"float('{known}')"
    if is_string(value):
        codes = _items(value, model)
        return repr("".join(chr(min(max(_int(int_term(c), model), 0), MAX_CODE)) for c in codes))
    if isinstance(value, SList):
        return "[" + ", ".join(source_of(item, model) for item in _items(value, model)) + "]"
    if isinstance(value, (tuple, STuple)):
        items = [source_of(item, model) for item in _items(value, model)]
        return "(" + ", ".join(items) + ("," if len(items) == 1 else "") + ")"
    if isinstance(value, SDict):
        entries = ", ".join(f"{source_of(k, model)}: {source_of(v, model)}" for k, v in value.entries)
        if value.has_default:
            factory = "None" if value.default is None else value.default.name
            return f"__import__('collections').defaultdict({factory}, {{{entries}}})"
        return "{" + entries + "}"
    if isinstance(value, SSet):
        items = "{" + ", ".join(source_of(item, model) for item in value.items) + "}" if value.items else ""
        return f"frozenset({items})" if value.is_frozenset else items or "set()"
    if isinstance(value, Instance) and value.made_from is not None:
        return f"{value.kind.name}({', '.join(source_of(item, model) for item in value.made_from)})"
    raise Unsupported("an input that has no source")


def _int(term: Any, model: z3.ModelRef) -> int:
    known = model.eval(term, model_completion=True)
    if not z3.is_int_value(known):
        raise Unsupported("an int that the model leaves open")
    return int(known.as_long())


def _items(value: Any, model: z3.ModelRef) -> tuple[Any, ...]:
    elements = elements_of(value)
    if isinstance(elements, Fixed):
        return elements.items
    assert elements is not None
    size = _int(elements.length if isinstance(elements.length, z3.ExprRef) else z3.IntVal(elements.length), model)
    if size > MAX_SHOWN:
        raise Unsupported("a counterexample of more than 40 elements")
    return tuple(elements.get(z3.IntVal(i)) for i in range(size))


__all__ = ["Inputs", "Path", "Shape", "has_container", "is_wider", "source_of"]
