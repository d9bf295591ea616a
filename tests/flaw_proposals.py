"""What the rewrites of security findings propose for a text."""

from __future__ import annotations

from ncg_ray.repair.draft import without_unused_imports
from ncg_ray.repair.flaws import edits
from ncg_ray.types import Finding


def proposals(code: str, rule: str, cwe: int, line: int, column: int = 0) -> list[str]:
    finding = Finding("test", rule, "security", "", line, cwe=f"CWE-{cwe}", column=column)
    return [without_unused_imports(code, edit.apply(code)) for edit in edits(code, finding)]


def pointed(code: str) -> tuple[str, int, int]:
    """(code without §, line, column) of a place that § stands before."""
    at = code.index("§")
    return code.replace("§", ""), code[:at].count("\n") + 1, at - code.rfind("\n", 0, at)
