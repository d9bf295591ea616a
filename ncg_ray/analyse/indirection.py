"""Dangerous builtins by another name: what no rule that looks for their calls would see.

Covers: `eval`, `exec`, `compile` and `__import__` named as values, reached by `getattr` with a known text, or an operating
system's call of a module that `__import__` gives. Does not cover: names that are computed from data.
"""

from __future__ import annotations

import ast

from ncg_ray.types import Finding

RUNS_CODE = frozenset({"eval", "exec", "compile", "__import__"})
RUNS_PROGRAMS = frozenset({"system", "popen", "spawnl", "spawnv", "execv", "execl", "execve", "Popen", "call", "run",
                           "check_call", "check_output", "getoutput"})
MODULES = frozenset({"os", "subprocess", "posix", "builtins", "importlib"})


def find(tree: ast.Module) -> list[Finding]:
    """The findings, in the order of lines."""
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    own = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    own |= {n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
    found = []
    for node in ast.walk(tree):
        name = _reached(node)
        if name in RUNS_CODE:
            message = f"`{name}`, which runs code, is reached by way of its name"
            found.append(_finding("indirect-code", message, "CWE-95", node))
        elif name:
            message = f"`{name}`, which runs programs, is reached by way of its name"
            found.append(_finding("indirect-command", message, "CWE-78", node))
        elif isinstance(node, ast.Name) and node.id in RUNS_CODE - own and isinstance(node.ctx, ast.Load):
            if id(node) not in called:
                found.append(_finding("indirect-code", f"`{node.id}`, which runs code, gets another name", "CWE-95", node))
        elif isinstance(node, ast.Attribute) and node.attr in RUNS_PROGRAMS and isinstance(node.value, ast.Name):
            if node.value.id in ("os", "subprocess") and id(node) not in called and isinstance(node.ctx, ast.Load):
                found.append(_finding("indirect-command", f"`{ast.unparse(node)}`, which runs programs, gets another name",
                                      "CWE-78", node))
    return sorted(found, key=lambda f: (f.line, f.column))


def _reached(node: ast.AST) -> str:
    """The dangerous name that an expression reaches by `getattr`, a namespace's item, or `__import__(...)`; else nothing."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1:
        return _dangerous(_text(node.args[1]))
    if isinstance(node, ast.Subscript) and isinstance(node.value, (ast.Call, ast.Attribute, ast.Name)):
        place = ast.unparse(node.value)
        if place in ("globals()", "vars()", "__builtins__") or place.endswith(".__dict__") or place.startswith("vars("):
            return _dangerous(_text(node.slice))
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call):
        function = ast.unparse(node.value.func)
        if function in ("__import__", "importlib.import_module", "import_module") and node.value.args:
            return _dangerous(node.attr) if _text(node.value.args[0]).split(".")[0] in MODULES else ""
    return ""


def _dangerous(name: str) -> str:
    return name if name in RUNS_CODE | RUNS_PROGRAMS - {"run", "call"} else ""


def _text(node: ast.expr) -> str:
    """The text that an expression of literals gives; empty where it is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    return _text(node.value) if isinstance(node, ast.FormattedValue) else ""


def _finding(rule: str, message: str, cwe: str, node: ast.AST) -> Finding:
    return Finding("ncg", rule, "security", message, getattr(node, "lineno", 0), "", cwe, "high", "medium",
                   getattr(node, "col_offset", -1) + 1, getattr(node, "end_lineno", 0) or 0,
                   "Call it by its own name, or not at all.")
