"""Analysers: real bandit, radon and package metadata on small programs."""

from __future__ import annotations

import sys
import threading

import pytest

from ncg_ray.analyse import CodeAnalyser, licence, quality, security
from ncg_ray.types import Finding

SHELL = "import subprocess\n\ndef run(name):\n    return subprocess.call('ls ' + name, shell=True)  # nosec\n"
CLEAN = "def add(a, b):\n    return a + b\n"
LADDER = "def f(x):\n" + "".join(f"    if x == {i}:\n        return {i + 1}\n" for i in range(24)) + "    return 0\n"


class TestSecurity:
    def test_a_shell_call_is_found_and_cannot_excuse_itself(self):
        found = next(f for f in security.scan(SHELL) if f.rule == "B602")
        assert (found.tool, found.kind, found.cwe, found.line) == ("bandit", "security", "CWE-78", 4)
        assert (found.severity, found.confidence) == ("high", "high")

    def test_clean_and_empty_code_have_no_risk(self):
        assert security.scan(CLEAN) == security.scan("") == security.scan("# only words\n") == ()
        assert security.risk([]) == 0.0

    def test_risk_grows_with_severity_confidence_and_number(self):
        def finding(severity="low", confidence="low", kind="security"):
            return Finding("t", "r", kind, "m", severity=severity, confidence=confidence)
        by_severity = [security.risk([finding(s)]) for s in ("low", "medium", "high", "critical")]
        by_confidence = [security.risk([finding("high", c)]) for c in ("low", "medium", "high")]
        by_number = [security.risk([finding()] * n) for n in range(1, 30)]
        for risks in (by_severity, by_confidence, by_number):
            assert risks == sorted(risks) and len(set(risks)) == len(risks) and risks[0] > 0 and risks[-1] < 1
        assert security.risk([finding(kind="quality")]) == 0.0

    def test_threads_do_not_mix_findings(self):
        codes = [SHELL, CLEAN] * 6
        results: dict[int, int] = {}

        def scan(i: int) -> None:
            results[i] = len(security.scan(codes[i]))
        threads = [threading.Thread(target=scan, args=(i,)) for i in range(len(codes))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [results[i] for i in range(12)] == [len(security.scan(SHELL)), 0] * 6


class TestQuality:
    def test_branching_lowers_it_and_is_named(self):
        simple, none = quality.measure(CLEAN)
        hard, (found,) = quality.measure(LADDER)
        assert (simple, none) == (pytest.approx(0.886, abs=0.001), ()) and 0 < hard < 0.3
        assert found.rule == "cyclomatic-complexity" and "25" in found.message and found.line == 1

    def test_no_statement_no_quality(self):
        assert quality.measure("") == quality.measure("# nothing\n") == (0.0, ())


class TestLicence:
    @pytest.mark.parametrize(("expression", "score"), [
        ("MIT", 1.0), ("Apache-2.0 OR GPL-3.0-only", 1.0), ("MIT AND LGPL-2.1-only", 0.5), ("GPL-2.0-or-later", 0.0),
        ("(MIT OR GPL-2.0) AND BSD-3-Clause", 1.0), ("MIT AND (GPL-2.0 AND ISC)", 0.0), ("AGPL-3.0-only", 0.0),
        ("GPL-2.0-only WITH Classpath-exception-2.0", 0.5), ("MPL-2.0", 0.5), ("LicenseRef-Ours", 0.5),
        ("GNU General Public License v3 (GPLv3)", 0.0), ("GNU Lesser General Public License v3 (LGPLv3)", 0.5),
        ("BSD License", 1.0), ("Apache Software License", 1.0)])
    def test_rate(self, expression, score):
        assert licence.rate(expression) == score

    def test_the_standard_library_and_the_code_itself_are_free(self):
        assert licence.measure("import os.path, json\nfrom . import x\nfrom collections import abc\n") == (1.0, ())

    def test_installed_and_unknown_imports(self):
        assert licence.measure("import hypothesis_no_such, hypothesis\n")[0] == 0.5
        score, (found,) = licence.measure("def f():\n    import no_such_package_at_all\n")
        assert (score, found.rule, found.line, found.kind) == (0.5, "unknown-licence", 2, "licence")
        assert licence.measure("import pytest\n") == (1.0, ())

    def test_a_variable_called_gpl_is_no_licence(self):
        assert licence.measure("gpl = 'GPL-3.0'\nGPL = gpl\n") == (1.0, ())

    def test_nothing_is_imported(self):
        before = set(sys.modules)
        licence.measure("import this, antigravity, turtledemo\n")
        assert not {"this", "antigravity", "turtledemo"} & (set(sys.modules) - before)


class TestAnalyser:
    async def test_all_terms_in_the_order_of_the_codes(self):
        clean, shell = await CodeAnalyser().analyse([CLEAN, SHELL])
        assert (clean.risk, clean.licence, clean.findings) == (0.0, 1.0, ()) and clean.quality > 0.8
        assert shell.risk > 0.5 and {f.rule for f in shell.findings} >= {"B602", "B404"} and not shell.missing

    @pytest.mark.parametrize(("code", "words"), [
        ("x = 1\ny = 2\ndef f(:\n", "line 3"), ("x = '\x00'", "does not parse"), ("(" * 5000, "does not parse"),
        ("SELECT * FROM t;", "line 1"), ("x = '\ud800'", "surrogates")])
    async def test_code_that_does_not_parse_has_no_terms(self, code, words):
        (analysis,) = await CodeAnalyser().analyse([code])
        assert analysis.risk is analysis.quality is analysis.licence is None
        assert set(analysis.missing) == {"security", "quality", "licence"}
        assert all(words in why for why in analysis.missing.values())

    def test_a_missing_tool_is_said_and_the_others_go_on(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "radon.complexity", None)
        analysis = CodeAnalyser().analyse_one(CLEAN)
        assert analysis.quality is None and "radon" in analysis.missing["quality"]
        assert (analysis.risk, analysis.licence) == (0.0, 1.0)

    def test_odd_code_is_analysed_without_a_warning(self, recwarn):
        assert CodeAnalyser().analyse_one("import re\nx = re.compile('\\d')\ny = 'é'\n").licence == 1.0
        assert not recwarn.list
