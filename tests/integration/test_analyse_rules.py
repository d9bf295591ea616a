"""Every rule of our pack: it fires where its cases say so and nowhere else, and says what it is about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ncg_ray.analyse.semgrep_engine import SemgrepEngine
from ncg_ray.analyse.semgrep_rules import PACK, read_rules

CASES = Path(__file__).parents[1] / "rules"
RULES, ERRORS = read_rules([str(PACK)])
NOTE = re.compile(r"#\s*(?P<kind>ruleid|ok):\s*(?P<rule>[\w-]+)")


@pytest.fixture(scope="module")
def matches() -> dict[str, list[tuple[str, int]]]:
    """(rule, line) of everything found in each case file, in two batches."""
    paths = sorted(CASES.glob("*.py"))
    engine = SemgrepEngine()
    found = {}
    for half in (paths[::2], paths[1::2]):
        for path, mine in zip(half, engine.scan([p.read_text(encoding="utf-8") for p in half]), strict=True):
            assert isinstance(mine, list), (path.name, mine)
            found[path.stem] = [(m.rule, m.line) for m in mine]
    assert not engine.errors
    engine.close()
    return found


def test_the_pack_is_whole():
    assert not ERRORS and len(RULES) >= 60
    assert {rule["id"] for _, rule in RULES} == {path.stem for path in CASES.glob("*.py")}


@pytest.mark.parametrize("rule", [rule for _, rule in RULES], ids=lambda rule: rule["id"])
def test_a_rule(rule, matches):
    name, metadata = rule["id"], rule["metadata"]
    assert re.fullmatch(r"CWE-\d+", metadata["cwe"]) and metadata["confidence"] in ("HIGH", "MEDIUM", "LOW")
    assert rule["severity"] in ("CRITICAL", "HIGH", "MEDIUM", "LOW") and rule["message"].strip().endswith(".")
    assert rule["languages"] == ["python"] and metadata["fix"]
    wanted: dict[str, set[int]] = {"ruleid": set(), "ok": set()}
    for number, line in enumerate((CASES / f"{name}.py").read_text(encoding="utf-8").splitlines(), 1):
        if (note := NOTE.search(line)) and note["rule"] == name:
            wanted[note["kind"]].add(number + 1)
    assert wanted["ruleid"] and wanted["ok"], "a case that fires and one that does not"
    found = {line for rule_id, line in matches[name] if rule_id == name}
    assert wanted["ruleid"] <= found, f"missed in lines {sorted(wanted['ruleid'] - found)}"
    assert not found & wanted["ok"], f"false alarm in lines {sorted(found & wanted['ok'])}"
