"""Code that a type checker is told not to look at: each part of it counts as a type error.

Covers: blocks that `TYPE_CHECKING` decides, unless they only import; `no_type_check`; module names with a type and no value.
"""

from __future__ import annotations

import ast

from ncg_ray.analyse.type_errors import TypeMistake

CODE = "unchecked"


def find(tree: ast.Module) -> list[TypeMistake]:
    """In the order of lines."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.If, ast.While, ast.IfExp)) and "TYPE_CHECKING" in _names(node.test):
            parts = [*node.body, *node.orelse] if isinstance(node, (ast.If, ast.While)) else [node.body, node.orelse]
            inner = [n for part in parts for n in ast.walk(part) if isinstance(n, (ast.stmt, ast.expr))]
            harmless = (ast.Import, ast.ImportFrom, ast.Pass)
            hidden = [n for n in inner if isinstance(n, ast.stmt) and not isinstance(n, harmless)]
            found += [_mistake(n, "the type checker does not see this: TYPE_CHECKING decides it") for n in hidden or (
                [node] if isinstance(node, ast.IfExp) else [])]
        for decorator in getattr(node, "decorator_list", ()):
            if "no_type_check" in _names(decorator):
                found += [_mistake(n, "the type checker does not see this: no_type_check") for n in ast.walk(node)
                          if isinstance(n, ast.stmt)]
    given = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
             and not _only_annotated(tree, n)}
    found += [_mistake(n, f"{n.target.id} has a type and never a value") for n in tree.body  # type: ignore[union-attr]
              if isinstance(n, ast.AnnAssign) and n.value is None and isinstance(n.target, ast.Name)
              and n.target.id not in given]
    return sorted(found, key=lambda m: (m.line, m.column))


def _names(node: ast.AST) -> set[str]:
    return {n.id if isinstance(n, ast.Name) else n.attr for n in ast.walk(node) if isinstance(n, (ast.Name, ast.Attribute))}


def _only_annotated(tree: ast.Module, name: ast.Name) -> bool:
    return any(isinstance(n, ast.AnnAssign) and n.target is name and n.value is None for n in tree.body)


def _mistake(node: ast.stmt | ast.expr, message: str) -> TypeMistake:
    return TypeMistake(node.lineno, node.col_offset + 1, CODE, message)
