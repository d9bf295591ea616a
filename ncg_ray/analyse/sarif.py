"""A report as SARIF 2.1.0, which code hosts and editors read.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0 (2020); the properties `tags`,
`precision` and `security-severity` are those that GitHub's code scanning reads.
Covers: rules, results with places, CWE as a taxonomy, fingerprints, what was skipped or missing as notifications.
Does not cover: data flows, and fixes as edits (what to write instead stands in the message).
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ncg_ray import __version__
from ncg_ray.analyse.baseline import Fingerprint
from ncg_ray.analyse.scan import SEVERITIES, Report
from ncg_ray.types import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"Of GitHub's ranges: critical above 9.0, high from 7.0, medium from 4.0."

_ROOT = "SRCROOT"


def document(report: Report) -> dict[str, Any]:
    """A SARIF log with one run."""
    by_rule: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in report.findings:
        by_rule[finding.tool, finding.rule].append(finding)
    ids = rule_ids(list(by_rule))
    places = {key: index for index, key in enumerate(by_rule)}
    cwes = sorted({f.cwe for f in report.findings if f.cwe}, key=lambda cwe: (len(cwe), cwe))
    run: dict[str, Any] = {
        "tool": {"driver": {
            "name": "ncg", "fullName": "ncg scan", "version": __version__, "semanticVersion": __version__,
            "rules": [_rule(ids[key], found) for key, found in by_rule.items()],
            "supportedTaxonomies": [{"name": "CWE"}] if cwes else []}},
        "originalUriBaseIds": {_ROOT: {"uri": report.root.as_uri().rstrip("/") + "/"}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(report)}],
        "results": [_result(finding, fingerprint, ids[finding.tool, finding.rule], places[finding.tool, finding.rule])
                    for finding, fingerprint in zip(report.findings, report.fingerprints, strict=True)]}
    if cwes:
        run["taxonomies"] = [{
            "name": "CWE", "organization": "MITRE", "informationUri": "https://cwe.mitre.org/data/index.html",
            "shortDescription": {"text": "Common Weakness Enumeration"}, "isComprehensive": False,
            "taxa": [{"id": cwe, "helpUri": _cwe_uri(cwe)} if _cwe_uri(cwe) else {"id": cwe} for cwe in cwes]}]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def rule_ids(keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
    """The id of each (tool, rule): the rule, or `tool/rule` where several tools have a rule of this name."""
    tools: dict[str, set[str]] = defaultdict(set)
    for tool, rule in keys:
        tools[rule].add(tool)
    return {(tool, rule): rule if len(tools[rule]) == 1 else f"{tool}/{rule}" for tool, rule in keys}


def _rule(rule_id: str, found: Sequence[Finding]) -> dict[str, Any]:
    first = found[0]
    worst = min((f.severity for f in found), key=SEVERITIES.index)
    cwes = sorted({f.cwe for f in found if f.cwe})
    tags = [first.kind, first.tool, *(f"external/cwe/{cwe.lower()}" for cwe in cwes)]
    properties: dict[str, Any] = {"tags": list(dict.fromkeys(tags)), "precision": _precision(found)}
    if first.kind in ("security", "dependency"):
        properties["security-severity"] = SCORES[worst]
    else:
        properties["problem.severity"] = {"note": "recommendation"}.get(LEVELS[worst], LEVELS[worst])
    rule: dict[str, Any] = {
        "id": rule_id, "name": first.rule, "shortDescription": {"text": f"{first.rule} ({first.tool}, {first.kind})"},
        "defaultConfiguration": {"level": LEVELS[worst]}, "properties": properties}
    if cwes:
        rule["relationships"] = [{"target": _taxon(cwe), "kinds": ["superset"]} for cwe in cwes]
        if uri := _cwe_uri(cwes[0]):
            rule["helpUri"] = uri
    return rule


def _precision(found: Sequence[Finding]) -> str:
    """The lowest confidence of a rule's findings."""
    return max((f.confidence for f in found), key=("high", "medium", "low").index)


def _result(finding: Finding, fingerprint: Fingerprint, rule_id: str, rule_index: int) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(finding.path)}
    if finding.line > 0:
        place["region"] = {"startLine": finding.line}
        if finding.column > 0:
            place["region"]["startColumn"] = finding.column
        if finding.end_line > 0:
            place["region"]["endLine"] = max(finding.line, finding.end_line)
    result: dict[str, Any] = {
        "ruleId": rule_id, "ruleIndex": rule_index, "level": LEVELS[finding.severity],
        "message": {"text": _text(f"{finding.message}\nInstead: {finding.fix}" if finding.fix else finding.message)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint.line_hash}:{fingerprint.occurrence}"},
        "properties": {"tool": finding.tool, "kind": finding.kind, "severity": finding.severity,
                       "confidence": finding.confidence}}
    if finding.cwe:
        result["taxa"] = [_taxon(finding.cwe)]
    return result


def _notifications(report: Report) -> list[dict[str, Any]]:
    missing = [{"level": "warning", "message": {"text": _text(f"{term} was not measured: {why}")}}
               for term, why in report.missing.items()]
    skipped = [{"level": "note", "message": {"text": _text(f"skipped: {s.why}")},
                "locations": [{"physicalLocation": {"artifactLocation": _artifact(s.path)}}]} for s in report.skipped]
    return missing + skipped


def _artifact(path: str) -> dict[str, str]:
    """A relative reference; also a name that is not UTF-8 is one."""
    return {"uri": quote(os.fsencode(path)), "uriBaseId": _ROOT}


def _taxon(cwe: str) -> dict[str, Any]:
    return {"id": cwe, "toolComponent": {"name": "CWE"}}


def _cwe_uri(cwe: str) -> str:
    number = re.fullmatch(r"CWE-(\d+)", cwe)
    return f"https://cwe.mitre.org/data/definitions/{number[1]}.html" if number else ""


def _text(text: str) -> str:
    """Words that hold no half of a surrogate pair, which no JSON reader need accept."""
    return text.encode("utf-8", "backslashreplace").decode()
