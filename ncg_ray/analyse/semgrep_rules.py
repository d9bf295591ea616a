"""semgrep's rules out of files: our own pack and any other folder. A file or rule that cannot be used is named.

Covers: YAML, ids, what a file must hold. Does not cover: patterns, which the engine reads and complains of itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ncg_ray.errors import InputError

PYTHON = frozenset({"python", "py", "python2", "python3"})
PACK = Path(__file__).with_name("rules")


@dataclass(frozen=True, slots=True)
class RuleError:
    """A rule that cannot be used; all others still run."""

    path: str
    rule: str
    message: str

    def text(self) -> str:
        where = f"rule {self.rule!r} in {self.path}" if self.rule else self.path
        return f"{where}: {self.message}"


def read_rules(folders: Sequence[str]) -> tuple[list[tuple[str, dict[str, Any]]], list[RuleError]]:
    """Every rule with the file that it comes from, and what could not be read. A later rule of the same id is an error."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    rules: list[tuple[str, dict[str, Any]]] = []
    errors: list[RuleError] = []
    seen: set[str] = set()
    for path in (p for folder in folders for p in _rule_files(folder)):
        try:
            data = yaml.load(path.read_bytes(), loader)  # ncg: ignore[CWE-502, CWE-20]: a safe loader, the fast one
        except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
            errors.append(RuleError(str(path), "", f"not a rule file: {' '.join(str(error).split())[:200]}"))
            continue
        if not isinstance(data, dict) or not isinstance(data.get("rules"), list):
            errors.append(RuleError(str(path), "", "no list of `rules`"))
            continue
        for rule in data["rules"]:
            name = str(rule.get("id", "")) if isinstance(rule, dict) else ""
            if problem := ("a second rule of this id" if name in seen else _problem(rule)):
                errors.append(RuleError(str(path), name, problem))
                continue
            seen.add(name)
            rules.append((str(path), rule))
    return rules, errors


def _problem(rule: Any) -> str:
    """What is wrong with a rule, as far as its keys tell: for one that has not even their shape the engine refuses all."""
    if not isinstance(rule, dict) or not isinstance(rule.get("id"), str) or not rule["id"]:
        return "a rule without an id that is text"
    languages = rule.get("languages")
    if not isinstance(languages, list) or not all(isinstance(name, str) for name in languages):
        return "its `languages` are no list of names"
    if not {name.lower() for name in languages} & PYTHON:
        return f"it is for {', '.join(languages) or 'no language'}, and Python files alone are scanned"
    for key in ("message", "severity"):
        if not isinstance(rule.get(key), str):
            return f"its `{key}` is no text"
    if not isinstance(rule.get("metadata", {}), dict):
        return "its `metadata` is no table"
    patterns = ("pattern", "patterns", "pattern-either", "pattern-regex", "pattern-sources", "match", "taint")
    return "" if any(key in rule for key in patterns) else "it has no pattern"


def _rule_files(folder: str) -> list[Path]:
    path = Path(folder).expanduser()
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputError(f"no rules at {folder!r}; give a .yaml file of semgrep rules or a folder of them")
    return sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml") and p.is_file()
                  and not p.name.endswith((".test.yaml", ".test.yml")))
