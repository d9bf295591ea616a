"""What type of value a parameter takes, read from its hint or from the values in examples."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """A type as far as sampling needs it."""

    kind: str
    "int float bool str bytes complex none list tuple dict set frozenset union literal"
    items: tuple[Shape, ...] = ()
    "Of the elements; of each place for a tuple; key and value for a dict; the options of a union."
    values: tuple[Any, ...] = ()
    "Values seen in examples (or allowed by a Literal)."


_ANY = Shape("union", (Shape("int"), Shape("str"), Shape("none"), Shape("bool"), Shape("float"),
                       Shape("list", (Shape("int"),))))
_SCALARS = {"int": "int", "float": "float", "bool": "bool", "str": "str", "bytes": "bytes", "complex": "complex",
            "None": "none", "NoneType": "none", "Hashable": "int", "SupportsInt": "int", "SupportsFloat": "float"}
_LISTS = {"list", "List", "Sequence", "MutableSequence", "Iterable", "Collection", "Iterator", "Reversible"}
_SETS = {"set": "set", "Set": "set", "AbstractSet": "set", "MutableSet": "set", "frozenset": "frozenset",
         "FrozenSet": "frozenset"}
_DICTS = {"dict", "Dict", "Mapping", "MutableMapping"}


def shape_of_hint(hint: ast.expr | None) -> Shape | None:
    """Read a type hint. None where it names something that no plain value can be made for."""
    if hint is None:
        return None
    if isinstance(hint, ast.Constant):
        if hint.value is None:
            return Shape("none")
        try:
            return shape_of_hint(ast.parse(hint.value, mode="eval").body) if isinstance(hint.value, str) else None
        except SyntaxError:
            return None
    if isinstance(hint, ast.BinOp) and isinstance(hint.op, ast.BitOr):
        return _union([shape_of_hint(hint.left), shape_of_hint(hint.right)])
    name, arguments = _name(hint), []
    if isinstance(hint, ast.Subscript):
        name = _name(hint.value)
        arguments = hint.slice.elts if isinstance(hint.slice, ast.Tuple) else [hint.slice]
    return _named(name, arguments)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _named(name: str, arguments: list[ast.expr]) -> Shape | None:
    if name in _SCALARS:
        return Shape(_SCALARS[name])
    if name in ("Any", "object"):
        return _ANY
    if name == "Number":
        return Shape("union", (Shape("int"), Shape("float")))
    if name == "Literal":
        values = tuple(a.value for a in arguments if isinstance(a, ast.Constant))
        return Shape("literal", values=values) if values else None
    if name == "Annotated" and arguments:
        return shape_of_hint(arguments[0])
    if name == "Optional" and arguments:
        return _union([shape_of_hint(arguments[0]), Shape("none")])
    if name == "Union":
        return _union([shape_of_hint(a) for a in arguments])
    if name in ("tuple", "Tuple"):
        if len(arguments) == 2 and isinstance(arguments[1], ast.Constant) and arguments[1].value is ...:
            item = shape_of_hint(arguments[0])
            return item and Shape("tuple", (item, item))
        return _container("tuple", arguments or [ast.Name("int"), ast.Name("int")])
    if name in _LISTS:
        return _container("list", arguments or [ast.Name("int")])
    if name in _SETS:
        return _container(_SETS[name], arguments or [ast.Name("int")])
    if name in _DICTS:
        return _container("dict", arguments or [ast.Name("str"), ast.Name("int")])
    return None


def _container(kind: str, arguments: list[ast.expr]) -> Shape | None:
    items = [shape_of_hint(a) for a in arguments]
    return None if any(item is None for item in items) else Shape(kind, tuple(i for i in items if i is not None))


def _union(options: Sequence[Shape | None]) -> Shape | None:
    known = tuple(option for option in options if option is not None)
    return Shape("union", known) if known else None


def shape_of_values(values: Sequence[Any]) -> Shape | None:
    """The shape that all these plain values share; a union where they differ."""
    by_kind: dict[str, list[Any]] = {}
    for value in values:
        by_kind.setdefault("none" if value is None else type(value).__name__, []).append(value)
    shapes = []
    for kind, members in by_kind.items():
        if kind == "tuple" and len({len(m) for m in members}) == 1:
            items = [shape_of_values([m[i] for m in members]) or _ANY for i in range(len(members[0]))]
        elif kind == "dict":
            items = [shape_of_values([k for m in members for k in m]) or Shape("str"),
                     shape_of_values([v for m in members for v in m.values()]) or Shape("int")]
        elif kind in ("list", "tuple", "set", "frozenset"):
            item = shape_of_values([item for m in members for item in m]) or Shape("int")
            items = [item, item] if kind == "tuple" else [item]
        else:
            items = []
        shapes.append(Shape(kind, tuple(items), tuple(members)))
    return shapes[0] if len(shapes) == 1 else _union(shapes)
