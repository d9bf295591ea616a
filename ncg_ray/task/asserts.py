"""Comparisons that say what a call returns: `f(3) == 5`, `math.isclose(f(3), 0.1)`, `abs(f(3) - 0.1) < 1e-6` ..."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from ncg_ray.task.signature import Signature
from ncg_ray.task.values import NotConstant, constant, parse_python, segment, source_lines
from ncg_ray.types import Example, Origin

Names = Mapping[str, Any]


def call_of(node: ast.AST, name: str, names: Names | None = None) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """The constant arguments of `name(...)`, or None where `node` is not such a call."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name):
        return None
    try:
        args = tuple(constant(arg, names) for arg in node.args)
        kwargs = {k.arg: constant(k.value, names) for k in node.keywords if k.arg is not None}
    except NotConstant:
        return None
    return (args, kwargs) if len(kwargs) == len(node.keywords) else None


def example_of(test: ast.AST, name: str, names: Names | None = None, origin: Origin = "user",
               rounded: bool = False) -> Example | None:
    """The example that a true `test` states, or None where it states none that can be read without doubt.

    With `rounded`, `round(f(x), 2) == 0.33` is read as 0.33 within half a unit of the second place.
    """
    read = _comparison if isinstance(test, ast.Compare) else _isclose
    found = read(test, name, names or {}, rounded)
    if found is None:
        return None
    (args, kwargs), value, abs_tol = found
    return Example(args, kwargs, value, abs_tol=abs_tol, origin=origin)


_Found = tuple[tuple[tuple[Any, ...], dict[str, Any]], Any, float | None]


def _comparison(test: ast.AST, name: str, names: Names, rounded: bool) -> _Found | None:
    assert isinstance(test, ast.Compare)
    if len(test.ops) != 1:
        return None
    left, op, right = test.left, test.ops[0], test.comparators[0]
    if isinstance(op, (ast.Lt, ast.LtE)):
        return _distance(left, right, name, names)
    if isinstance(op, (ast.Gt, ast.GtE)):
        return _distance(right, left, name, names)
    if not isinstance(op, (ast.Eq, ast.Is)):
        return None
    for call, other in ((left, right), (right, left)):
        found, abs_tol = call_of(call, name, names), None
        if found is None and rounded:
            found, abs_tol = rounded_call(call, name, names)
        if found is None:
            continue
        try:
            value = constant(other, names)
        except NotConstant:
            return _approx(found, other, names)
        if isinstance(op, ast.Is) and not (value is None or isinstance(value, bool)):
            return None
        return found, value, abs_tol
    return None


def examples_from_asserts(tests: str, entry_point: str, signature: Signature | None = None
                          ) -> tuple[list[Example], str]:
    """The examples in test code, and the code that is left.

    `assert f(3) == 5` (also `is None`, `math.isclose`, `abs(f(3) - y) < eps`, `pytest.approx`) becomes an example,
    because values that the host compares cannot be forged. Only code without state is taken apart: top-level asserts
    and imports; anything else stays whole. With a signature, asserts that do not bind to it stay code.
    """
    tree = parse_python(tests)
    if tree is None or not all(isinstance(node, (ast.Assert, ast.Import, ast.ImportFrom)) for node in tree.body):
        return [], tests
    examples: list[Example] = []
    imports, rest = [], []
    lines = source_lines(tests)
    for node in tree.body:
        if not isinstance(node, ast.Assert):
            imports.append(segment(lines, node))
            continue
        example = example_of(node.test, entry_point)
        if example is not None and (signature is None or signature.fits(example)):
            examples.append(example)
        else:
            rest.append(segment(lines, node))
    return examples, "\n".join(imports + rest) + "\n" if rest else ""


def holds_a_test(tests: str) -> bool:
    """Whether test code that parses has an assert, a `check` or a test function anywhere."""
    tree = parse_python(tests)
    return tree is not None and any(isinstance(node, ast.Assert) or (
        isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and (
            node.name == "check" or node.name.startswith("test"))) for node in ast.walk(tree))


def rounded_call(node: ast.AST, name: str, names: Names | None = None) -> tuple[Any, float | None]:
    """The arguments of `f` in `round(f(...), n)`, and half a unit of the n-th place; else (None, None)."""
    match node:
        case ast.Call(func=ast.Name(id="round"), args=[call, ast.Constant(value=int(places))], keywords=[]):
            return call_of(call, name, names), 0.5 * 10.0 ** -min(max(places, 0), 15) * (1 + 1e-6)
    return None, None


def _distance(left: ast.AST, right: ast.AST, name: str, names: Names) -> _Found | None:
    """`abs(f(x) - y) < eps`."""
    match left:
        case ast.Call(func=ast.Name(id="abs"), args=[ast.BinOp(left=a, op=ast.Sub(), right=b)], keywords=[]):
            pass
        case ast.Call(func=ast.Attribute(value=ast.Name(id="math"), attr="fabs"),
                      args=[ast.BinOp(left=a, op=ast.Sub(), right=b)], keywords=[]):
            pass
        case _:
            return None
    return _near(a, b, name, names, [right])


def _isclose(test: ast.AST, name: str, names: Names, rounded: bool) -> _Found | None:
    """`math.isclose(f(x), y, rel_tol=, abs_tol=)`."""
    match test:
        case ast.Call(func=(ast.Attribute(value=ast.Name(id="math"), attr="isclose") | ast.Name(id="isclose")),
                      args=[a, b], keywords=keywords):
            options = {k.arg: k.value for k in keywords}
            if options.keys() <= {"rel_tol", "abs_tol"}:
                absolute, relative = options.get("abs_tol"), options.get("rel_tol")
                return _near(a, b, name, names, [absolute], relative, 1e-9)
    return None


def _approx(found: Any, other: ast.AST, names: Names) -> _Found | None:
    """`f(x) == pytest.approx(y, rel=, abs=)`."""
    match other:
        case ast.Call(func=(ast.Attribute(attr="approx") | ast.Name(id="approx")), args=[value], keywords=keywords):
            options = {k.arg: k.value for k in keywords}
            if options.keys() <= {"rel", "abs"}:
                # pytest: an absolute tolerance alone switches the relative one off
                default = 0.0 if "abs" in options and "rel" not in options else 1e-6
                return _tolerance(found, value, names, [options.get("abs")], options.get("rel"), default)
    return None


def _near(a: ast.AST, b: ast.AST, name: str, names: Names, absolute: list[ast.expr | ast.AST | None],
          relative: ast.AST | None = None, default: float = 0.0) -> _Found | None:
    for call, other in ((a, b), (b, a)):
        found = call_of(call, name, names)
        if found is not None:
            return _tolerance(found, other, names, absolute, relative, default)
    return None


def _tolerance(found: Any, value_node: ast.AST, names: Names, absolute: list[ast.expr | ast.AST | None],
               relative: ast.AST | None, default: float) -> _Found | None:
    try:
        value = constant(value_node, names)
        abs_tol = max((constant(node, names) for node in absolute if node is not None), default=0.0)
        rel_tol = default if relative is None else constant(relative, names)
        if isinstance(value, (int, float)):
            abs_tol = max(abs_tol, rel_tol * abs(value) * (1 + rel_tol))
        elif relative is not None or not isinstance(value, (list, tuple, dict)):
            return None
    except (NotConstant, TypeError, OverflowError):
        return None
    return (found, value, float(abs_tol)) if 0 <= abs_tol < float("inf") else None
