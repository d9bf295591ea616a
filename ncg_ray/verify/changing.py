"""What can change: by its type hint, as far as the classes of a module are plain."""

from __future__ import annotations

import ast

from ncg_ray.verify.decorators import parameters_in

IMMUTABLE = frozenset({"int", "bool", "float", "str", "bytes", "complex", "None", "NoneType", "range", "Callable", "type"})
COMPARABLE = frozenset(
    {"list", "dict", "set", "frozenset", "tuple", "deque", "bytearray", "defaultdict", "Any", "object"}
    | {"List", "Dict", "Set", "FrozenSet", "Tuple", "Deque", "DefaultDict", "Optional", "Union", "Sequence", "Iterable"}
    | {"Collection", "Container", "MutableSequence", "Mapping", "MutableMapping", "AbstractSet", "MutableSet", "Hashable"}
)
"Types whose values can be compared with what they were; of those with parts, where the parts can."


class Mutability:
    """Of the values that a module's functions take."""

    def __init__(self, kinds: dict[str, ast.ClassDef], type_variables: set[str]) -> None:
        self.kinds, self.type_variables = kinds, type_variables

    def kind_of_change(self, hint: ast.expr | None) -> str:
        """Whether values of a hint can change: `never`, as a `value` that can be compared, or as an `object`."""
        if isinstance(hint, ast.Constant):
            if not isinstance(hint.value, str):
                return "never"
            try:
                return self.kind_of_change(ast.parse(hint.value.strip(), mode="eval").body)
            except SyntaxError:
                return "object"
        parts: list[ast.expr] = []
        if isinstance(hint, ast.BinOp):
            parts, name = [hint.left, hint.right], "Union"
        elif isinstance(hint, ast.Subscript):
            name = ast.unparse(hint.value).rpartition(".")[2]
            parts = hint.slice.elts if isinstance(hint.slice, ast.Tuple) else [hint.slice]
            if name in ("Literal", "Callable", "Type", "type"):
                return "never"
            if name in ("Annotated", "Final"):
                return self.kind_of_change(parts[0])
        elif isinstance(hint, (ast.Name, ast.Attribute)):
            name = ast.unparse(hint).rpartition(".")[2]
        else:
            return "object"
        kind = self.kinds.get(name)
        if (kind is None and name in IMMUTABLE) or (kind and any(_is_enum(base) for base in kind.bases)):
            return "never"
        if name in self.type_variables:
            return "value"
        if name not in COMPARABLE or name in self.kinds:
            return "object"
        inner = {self.kind_of_change(part) for part in parts}
        if "object" in inner:
            return "object"
        plain = name in ("Optional", "Union", "tuple", "Tuple", "frozenset", "FrozenSet") and parts
        return "never" if plain and inner == {"never"} else "value"

    def fields(self, hint: ast.expr) -> dict[str, ast.expr | None] | None:
        """The fields of a class of the module with what their types are known by; None where it is no plain class."""
        node = self.kinds.get(hint.id) if isinstance(hint, ast.Name) else None
        if node is None or any(not (isinstance(b, ast.Name) and b.id == "object") for b in node.bases) or node.keywords:
            return None
        found: dict[str, ast.expr | None] = {
            part.target.id: part.annotation
            for part in node.body
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
        }
        for method in node.body:
            if not isinstance(method, ast.FunctionDef) or not method.args.args:
                continue
            first = method.args.args[0].arg
            hints = {p.arg: p.annotation for p in parameters_in(method.args)}
            for part in ast.walk(method):
                if not (
                    isinstance(part, ast.Attribute)
                    and not isinstance(part.ctx, ast.Load)
                    and isinstance(part.value, ast.Name)
                    and part.value.id == first
                ):
                    continue
                found.setdefault(part.attr, None)
            if method.name != "__init__":
                continue
            for statement in method.body:
                target = (
                    statement.targets[0]
                    if isinstance(statement, ast.Assign)
                    else statement.target
                    if isinstance(statement, ast.AnnAssign)
                    else None
                )
                if not isinstance(target, ast.Attribute) or ast.unparse(target.value) != first:
                    continue
                value = statement.value  # type: ignore[union-attr]
                known = (
                    statement.annotation
                    if isinstance(statement, ast.AnnAssign)
                    else hints.get(value.id)
                    if isinstance(value, ast.Name)
                    else ast.Name(type(value.value).__name__, ast.Load())
                    if isinstance(value, ast.Constant) and value.value is not None
                    else None
                )
                found[target.attr] = found[target.attr] or known
        return found

    def is_copy(
        self, body: ast.expr, function: ast.FunctionDef | ast.AsyncFunctionDef, owner: ast.ClassDef | None
    ) -> bool:
        """Whether what an expression gives does not change together with what it was made of."""
        hints = {p.arg: p.annotation for p in parameters_in(function.args)}
        if isinstance(body, ast.Name):
            return hints.get(body.id) is not None and self.kind_of_change(hints[body.id]) == "never"
        if isinstance(body, ast.Attribute):
            first = next(parameters_in(function.args), None)
            hint: ast.expr | None = hints.get(body.value.id) if isinstance(body.value, ast.Name) else None
            if owner is not None and isinstance(body.value, ast.Name) and first is not None and body.value.id == first.arg:
                hint = ast.Name(owner.name, ast.Load())
            fields = self.fields(hint) if hint is not None else None
            known = fields.get(body.attr) if fields else None
            return known is not None and self.kind_of_change(known) == "never"
        if isinstance(body, ast.Subscript):
            return isinstance(body.slice, ast.Slice)
        return not isinstance(body, (ast.IfExp, ast.BoolOp, ast.NamedExpr, ast.Starred))


def _is_enum(base: ast.expr) -> bool:
    return ast.unparse(base).endswith(("Enum", "Flag", "NamedTuple"))
