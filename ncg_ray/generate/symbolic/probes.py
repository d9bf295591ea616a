"""Inputs beside the examples: near ones to tell solutions apart, and sampled ones where only clauses say what is right."""

from __future__ import annotations

import ast
import random
from collections.abc import Sequence
from typing import Any

from ncg_ray.generate.symbolic.interpret import Clauses
from ncg_ray.generate.symbolic.problem import Problem, Row

MAX_TRIES = 400
_WORDS = ("a", "b", "ab", "abc", "Hello World", "x1 y2", "", "A", "zz top", "level")


def near(problem: Problem, requires: Clauses, num: int, seed: int) -> list[Row]:
    """Up to `num` inputs that are like the given ones: each value changed a little, or another input's."""
    rng = random.Random(seed)
    rows = [row.values for row in problem.rows]
    found: dict[str, Row] = {repr(row): Row(row) for row in rows}
    num_given = len(found)
    for _ in range(MAX_TRIES if rows else 0):
        row = {name: changed(rng.choice(rows)[name], rng) for name in problem.names}
        if len(found) >= num_given + num:
            break
        if requires.hold(row):
            found.setdefault(repr(row), Row(row))
    return list(found.values())[num_given:]


def changed(value: Any, rng: random.Random) -> Any:
    """A value of the same kind, often near this one; sometimes the same."""
    if rng.random() < 0.15:
        return value
    match value:
        case bool():
            return rng.random() < 0.5
        case int():
            return rng.choice([value + 1, value - 1, value + rng.randint(2, 9), max(0, value // 2), 2 * value + 1, -value
                               if value < 0 else value + 10])
        case float():
            return rng.choice([value + 1.0, value / 2, value * 1.5, value + 0.25])
        case str():
            return _changed_text(value, rng)
        case list():
            return _changed_items(value, rng)
        case tuple() if len(value) <= 3:
            return tuple(changed(item, rng) for item in value)
        case tuple():
            return tuple(_changed_items(list(value), rng))
        case set():
            return set(_changed_items(sorted(value, key=repr), rng))
        case dict():
            return {key: changed(item, rng) for key, item in _changed_items(list(value.items()), rng)}
    return value


def _changed_items(items: list[Any], rng: random.Random) -> list[Any]:
    found = list(items)
    for _ in range(rng.randint(1, 3)):
        what = rng.random()
        if found and what < 0.35:
            at = rng.randrange(len(found))
            found[at] = changed(found[at], rng) if type(found[at]) is not tuple else found[at]
        elif found and what < 0.55:
            del found[rng.randrange(len(found))]
        elif found and what < 0.75:
            found.insert(rng.randint(0, len(found)), rng.choice(found))
        else:
            rng.shuffle(found)
    return found


def _changed_text(text: str, rng: random.Random) -> str:
    if not text:
        return rng.choice(_WORDS)
    letters = list(text)
    for _ in range(rng.randint(1, 3)):
        what, at = rng.random(), rng.randrange(len(letters)) if letters else 0
        if letters and what < 0.3:
            letters[at] = letters[at].swapcase()
        elif letters and what < 0.5:
            del letters[at]
        elif what < 0.8:
            letters.insert(at, rng.choice(text))
        else:
            letters.insert(at, rng.choice("abkz19 "))
    return "".join(letters)


def sampled(problem: Problem, requires: Clauses, num: int, seed: int) -> list[Row]:
    """Up to `num` inputs by the hints of the parameters, small ones first, that the preconditions allow."""
    rng = random.Random(seed)
    found: dict[str, Row] = {}
    for _ in range(MAX_TRIES):
        if len(found) >= num:
            break
        row = {name: _of_hint(hint, rng) for name, hint in zip(problem.names, problem.hints, strict=True)}
        if requires.hold(row):
            found.setdefault(repr(row), Row(row))
    return list(found.values())


def _of_hint(hint: str, rng: random.Random, depth: int = 0) -> Any:
    try:
        tree = ast.parse(hint, mode="eval").body if hint else ast.Name("int", ast.Load())
    except SyntaxError:
        tree = ast.Name("int", ast.Load())
    return _of_tree(tree, rng, depth)


def _of_tree(tree: ast.expr, rng: random.Random, depth: int) -> Any:
    inner: Sequence[ast.expr] = ()
    if isinstance(tree, ast.Subscript):
        inner = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else (tree.slice,)
        tree = tree.value
    if isinstance(tree, ast.BinOp):  # int | None
        return _of_tree(tree.left if rng.random() < 0.7 else tree.right, rng, depth)
    name = getattr(tree, "id", getattr(tree, "attr", "int")).lower() if not isinstance(tree, ast.Constant) else "none"
    items: Sequence[ast.expr] = inner or (ast.Name("int", ast.Load()),)
    size = rng.randint(0, 4 if not depth else 2)
    match name:
        case "bool":
            return rng.random() < 0.5
        case "float":
            return rng.choice([0.0, 1.0, -1.5, 2.5, 10.0])
        case "str":
            return rng.choice(_WORDS)
        case "none":
            return None
        case "list" | "sequence" | "iterable":
            return [_of_tree(items[0], rng, depth + 1) for _ in range(size)]
        case "set" | "frozenset":
            return {_of_tree(items[0], rng, depth + 1) for _ in range(size)}
        case "dict" | "mapping":
            value = items[1] if len(items) > 1 else items[0]
            return {_of_tree(items[0], rng, depth + 1): _of_tree(value, rng, depth + 1) for _ in range(size)}
        case "tuple":
            if len(items) > 1 and not (isinstance(items[-1], ast.Constant) and items[-1].value is ...):
                return tuple(_of_tree(item, rng, depth + 1) for item in items)
            return tuple(_of_tree(items[0], rng, depth + 1) for _ in range(size))
        case "optional":
            return None if rng.random() < 0.3 else _of_tree(items[0], rng, depth)
    return rng.choice([0, 1, 2, 3, 5, -1, -4, 7, 10, 12])
