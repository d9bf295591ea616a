"""Reports as SARIF, against the official schema, and as SPDX, against the library's validator."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import jsonschema
import pytest

from ncg_ray.analyse import inventory, sarif, spdx
from ncg_ray.analyse.baseline import fingerprints
from ncg_ray.analyse.files import Skipped
from ncg_ray.analyse.imports import find
from ncg_ray.analyse.manifests import Requested
from ncg_ray.analyse.scan import Report, Scanned
from ncg_ray.types import Finding

SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
SHELL = Finding("bandit", "B602", "security", "a shell", 3, "pkg/a b#\u00e9.py", "CWE-78", "high", "high", 5, 7,
                "use a list")
ODD = [SHELL, dataclasses.replace(SHELL, line=9, severity="critical", confidence="low"),
       Finding("radon", "complexity", "quality", "too {0} [complex](1)", 1, "b.py", end_line=0),
       Finding("ruff", "complexity", "quality", "too complex", 1, "b.py"),
       Finding("pip", "CVE-2020-1", "dependency", "old", 0, "requirements.txt", "CWE-79", "medium"),
       Finding("licence", "strong-copyleft", "licence", "GPL \udcff", 2, "\udcff.py", None, "high")]


def report(findings=ODD, root: Path = Path("/srv/a b"), **more) -> Report:
    return Report(root, tuple(findings), tuple(fingerprints(findings, lambda path, line: f"{path} {line}")), **more)


def sarif_of(made: Report) -> dict:
    """The run of a report's log, which is valid and plain JSON."""
    log = json.loads(json.dumps(sarif.document(made)).encode("utf-8"))
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(log)
    run, = log["runs"]
    return run


class TestSarif:
    def test_the_schema_is_one(self):
        jsonschema.Draft4Validator.check_schema(SCHEMA)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft4Validator(SCHEMA).validate({"version": "2.1.0", "runs": [{}]})

    def test_a_result(self):
        result = sarif_of(report())["results"][0]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"] == {"uri": "pkg/a%20b%23%C3%A9.py", "uriBaseId": "SRCROOT"}
        assert place["region"] == {"startLine": 3, "startColumn": 5, "endLine": 7}
        assert (result["ruleId"], result["level"]) == ("B602", "error")
        assert result["message"]["text"] == "a shell\nInstead: use a list"
        assert result["taxa"] == [{"id": "CWE-78", "toolComponent": {"name": "CWE"}}]
        assert result["partialFingerprints"]["primaryLocationLineHash"].endswith(":1")

    def test_rules(self):
        run = sarif_of(report())
        rules = run["tool"]["driver"]["rules"]
        ids = [rule["id"] for rule in rules]
        assert ids == ["B602", "radon/complexity", "ruff/complexity", "CVE-2020-1", "strong-copyleft"]
        assert [result["ruleIndex"] for result in run["results"]] == [0, 0, 1, 2, 3, 4]
        assert rules[0]["properties"] == {"tags": ["security", "bandit", "external/cwe/cwe-78"], "precision": "low",
                                          "security-severity": "9.5"}, "of the worst finding"
        assert rules[0]["helpUri"] == "https://cwe.mitre.org/data/definitions/78.html"
        assert "security-severity" not in rules[1]["properties"] and rules[3]["properties"]["security-severity"] == "5.5"
        assert [taxon["id"] for taxon in run["taxonomies"][0]["taxa"]] == ["CWE-78", "CWE-79"]

    def test_a_finding_about_a_whole_file_has_no_region(self):
        place = sarif_of(report())["results"][4]["locations"][0]["physicalLocation"]
        assert place == {"artifactLocation": {"uri": "requirements.txt", "uriBaseId": "SRCROOT"}}

    def test_names_that_are_not_utf8(self):
        result = sarif_of(report())["results"][5]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "%FF.py"

    def test_fingerprints_tell_equal_lines_apart(self):
        twice = [SHELL, dataclasses.replace(SHELL, column=20)]
        first, second = (r["partialFingerprints"]["primaryLocationLineHash"] for r in sarif_of(report(twice))["results"])
        assert first.endswith(":1") and second == f"{first[:-1]}2"

    def test_nothing_found_and_what_was_not_looked_at(self):
        run = sarif_of(report([], missing={"security": "bandit is not installed"}, skipped=(Skipped("a:b.py", "large"),)))
        assert run["results"] == [] and "taxonomies" not in run
        assert run["originalUriBaseIds"]["SRCROOT"]["uri"] == "file:///srv/a%20b/"
        missing, skipped = run["invocations"][0]["toolExecutionNotifications"]
        assert missing["message"]["text"] == "security was not measured: bandit is not installed"
        assert skipped["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%3Ab.py"


def scanned(**codes: str) -> tuple[Scanned, ...]:
    """Files by name, with `__` for `/`."""
    names = {name: name if name.startswith("__") else name.replace("__", "/") for name in codes}
    return tuple(Scanned(f"{names[name]}.py", "0" * 40, "0" * 64, find(code)) for name, code in codes.items())


class TestSpdx:
    def document(self, made: Report) -> dict:
        return json.loads(spdx.text(made))

    def test_a_project(self, tmp_path):
        project = '[project]\nname = "Mine"\nversion = "2"\nlicense = "MIT OR LicenseRef-x"\n'
        (tmp_path / "pyproject.toml").write_text(project)
        made = self.document(report([], tmp_path, scanned=scanned(
            a="import pytest, jsonschema.exceptions, no_such_at_all, os\nimport mine_too\n", mine_too="from a import b\n"),
            requested=(Requested("pytest", "5.0", "a.txt", 1), Requested("only-pinned", "1", "a.txt", 2))))
        packages = {package["name"]: package for package in made["packages"]}
        assert list(packages) == ["Mine", "jsonschema", "no-such-at-all", "only-pinned", "pytest"]
        assert (packages["Mine"]["versionInfo"], packages["Mine"]["licenseDeclared"]) == ("2", "MIT OR LicenseRef-x")
        assert packages["pytest"]["licenseDeclared"] == packages["jsonschema"]["licenseDeclared"] == "MIT"
        assert packages["pytest"]["versionInfo"] == "5.0", "what the project asks for goes before what is installed"
        assert packages["pytest"]["externalRefs"][0]["referenceLocator"] == "pkg:pypi/pytest@5.0"
        assert packages["no-such-at-all"]["licenseDeclared"] == "NOASSERTION"
        assert "versionInfo" not in packages["no-such-at-all"]
        links = [(r["spdxElementId"], r["relationshipType"], r["relatedSpdxElement"]) for r in made["relationships"]]
        assert ("SPDXRef-Project-Mine", "DEPENDS_ON", "SPDXRef-Package-pytest") in links
        assert [file["fileName"] for file in made["files"]] == ["./a.py", "./mine_too.py"]
        assert {c["algorithm"] for c in made["files"][0]["checksums"]} == {"SHA1", "SHA256"}
        assert made["spdxVersion"] == "SPDX-2.3"

    def test_odd_names_and_nothing_at_all(self, tmp_path):
        root = tmp_path / "a b_c é"
        root.mkdir()
        (root / "pyproject.toml").write_text("broken = ")
        names = ["a_b.py", "a b.py", "a-b.py", "é/\udcff.py", "x/" * 40 + "y.py"]
        made = self.document(report([], root, scanned=tuple(Scanned(name, "0" * 40, "0" * 64, ()) for name in names)))
        ids = [file["SPDXID"] for file in made["files"]]
        assert len(set(ids)) == len(names) and made["name"] == "a b_c é"
        empty = self.document(report([], root))
        assert len(empty["packages"]) == 1 and not empty.get("files")

    def test_own_modules_are_no_dependencies(self, tmp_path):
        made = report([], tmp_path, scanned=scanned(
            src__pkg__a="import pkg.b, beside, deep\n", src__pkg__b="", src__pkg__beside="", lib__deep__c="",
            tests__t="import pkg, pytest\n", docker__d="import docker\n"))
        names = [d.name for d in inventory.dependencies(made)]
        assert names == ["docker", "pytest"], "an installed package goes before a folder that is no package"
        inside = report([], tmp_path, scanned=scanned(__init__="", a=f"import {tmp_path.name}\n"))
        assert inventory.dependencies(inside) == []
