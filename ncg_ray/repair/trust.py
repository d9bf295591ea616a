"""Which patches are not to be trusted, whatever they pass: those that learn the tests by heart or hide the failure.

Covers: new branches that name a visible input or result, new tables of constants, handlers that swallow exceptions, asserts,
raises and checks that are gone or can no longer fail, tests and contracts in the file that differ.
Does not cover: a patch that is wrong elsewhere for any other reason; that is what ranking and the verifier are for.

Source: the overfitting patterns of Qi et al., An analysis of patch plausibility and correctness (2015).
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ncg_ray.types import Example

_HARMLESS = (None, True, False, 0, 1, -1, 0.0, 1.0, "", (), [], {})
"Values that base cases and guards rightly name."
MIN_TABLE = 3


def objection(before: ast.Module | None, after: ast.Module, examples: Sequence[Example]) -> str:
    """Why a patch is rejected, in words; empty where nothing speaks against it.

    Args:
        before: the code as it was; None where it did not parse, and then only new handlers and constants can be told.
    """
    old = before if before is not None else ast.Module([], [])
    if _handlers(after) - _handlers(old):
        return "it swallows exceptions that were raised before"
    if before is None:
        return ""
    if _count(after, ast.Assert) < _count(before, ast.Assert):
        return "it deletes an assert"
    if _count(after, ast.Raise) < _count(before, ast.Raise) or _count(after, ast.Try) < _count(before, ast.Try):
        return "it deletes a check"
    if _dead_checks(after) > _dead_checks(before):
        return "it switches a check off"
    if Counter(_asserted(before)) - Counter(_asserted(after)):
        return "it changes an assert"
    if Counter(_promises(before)) - Counter(_promises(after)):
        return "it changes a contract or a docstring"
    visible = {_key(value) for example in examples for value in _values(example)} - {_key(v) for v in _HARMLESS}
    known = {_key(value) for value in _literals(before)}
    parts, old_parts = Counter(_branch_parts(after)), Counter(_branch_parts(before))
    if parts.total() > old_parts.total():  # a bound that moves is no new branch
        fresh = parts - old_parts
        named = {_key(value) for node in ast.walk(after) for part in _parts(node) if ast.dump(part) in fresh
                 for value in _literals(part)}
        if named & visible - known:
            return "it names a visible input or result in a new branch"
    if _tables(after) > _tables(before):  # an entry that changes is no new table
        return "it looks results up in a new table"
    return ""


def _tables(tree: ast.AST) -> int:
    """How many literals of at least `MIN_TABLE` constants there are out of which something is taken by place or key."""
    found = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
            items = getattr(node.value, "elts", getattr(node.value, "values", ()))
            text = node.value.value if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str) else ""
            if len(text) >= MIN_TABLE or sum(isinstance(item, ast.Constant) for item in items) >= MIN_TABLE:
                found += 1
    return found


def _count(tree: ast.AST, kind: type[ast.AST]) -> int:
    return sum(isinstance(node, kind) for node in ast.walk(tree))


def _handlers(tree: ast.AST) -> Counter[str]:
    """Handlers of everything, and handlers that do nothing."""
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            kind = node.type.id if isinstance(node.type, ast.Name) else ""
            silent = all(isinstance(s, ast.Pass | ast.Continue) for s in node.body)
            if node.type is None or kind in ("Exception", "BaseException") or silent:
                found[ast.dump(node.type) if node.type else "bare"] += 1
    return found


def _dead_checks(tree: ast.AST) -> int:
    """Branches that only raise and can never be taken, and asserts that cannot fail."""
    num = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Constant) and any(
                isinstance(inner, ast.Raise) for inner in ast.walk(node)):
            num += 1
        elif isinstance(node, ast.Assert) and isinstance(node.test, ast.Constant):
            num += 1
    return num


def _asserted(tree: ast.AST) -> list[str]:
    return [ast.dump(node.test) for node in ast.walk(tree) if isinstance(node, ast.Assert)]


def _promises(tree: ast.AST) -> list[str]:
    """Docstrings and decorators: where contracts stand."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found += [ast.dump(decorator) for decorator in node.decorator_list]
            found.append(ast.get_docstring(node, clean=False) or "")
    return found


def _branch_parts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        yield from map(ast.dump, _parts(node))


def _parts(node: ast.AST) -> list[ast.AST]:
    """What decides which way a node goes."""
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return list(test.values) if isinstance(test, ast.BoolOp) else [test]
        case ast.comprehension(ifs=tests) | ast.BoolOp(values=tests):
            return list(tests)
        case ast.Dict(keys=keys):
            return [key for key in keys if key is not None]
        case ast.Match(cases=cases):
            return [case.pattern for case in cases]
    return []


def _literals(tree: ast.AST) -> Iterator[Any]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.List | ast.Tuple | ast.Set | ast.Dict | ast.UnaryOp):
            try:
                yield ast.literal_eval(node)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                continue


def _values(example: Example) -> Iterator[Any]:
    """The inputs and the result, and what is in them one level down."""
    for value in (*example.args, *example.kwargs.values(), example.returns):
        yield value
        if isinstance(value, list | tuple | set | frozenset):
            yield from value


def _key(value: Any) -> str:
    try:
        return repr(value)
    except ValueError:  # an int too long to print
        return ""
