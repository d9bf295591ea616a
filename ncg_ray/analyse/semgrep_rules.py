"""semgrep's rules out of files: our own pack and any other folder. A file or rule that cannot be used is named.

Covers: YAML, ids, what a file must hold. Does not cover: patterns, which the engine reads and complains of itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ncg_ray.errors import InputError

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
            name = rule.get("id") if isinstance(rule, dict) else None
            if not isinstance(name, str) or name in seen:
                errors.append(RuleError(str(path), str(name or ""),
                                        "a second rule of this id" if name else "a rule without id"))
                continue
            seen.add(name)
            rules.append((str(path), rule))
    return rules, errors


def _rule_files(folder: str) -> list[Path]:
    path = Path(folder).expanduser()
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputError(f"no rules at {folder!r}; give a .yaml file of semgrep rules or a folder of them")
    return sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml") and p.is_file()
                  and not p.name.endswith((".test.yaml", ".test.yml")))
