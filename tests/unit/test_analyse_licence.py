"""Licences of imports, copies and headers, on distributions that are really there, in a folder on `sys.path`."""

from __future__ import annotations

import time

import pytest

from ncg_ray.analyse import licence, licence_declared
from ncg_ray.analyse.distributions import installed
from ncg_ray.analyse.licence_policy import Policy, Rating, for_target, into, judge
from ncg_ray.errors import ConfigError
from ncg_ray.types import Snippet

MIT_TEXT = """Copyright (c) 2020 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
GPL_NOTICE = """Copyright (C) 2020 Somebody

This program is free software: you can redistribute it and/or modify
it under the terms of the GNU {kind}General Public License as published by
the Free Software Foundation, either version {version} of the License, or
(at your option) any later version.
"""
COPIED = """
def merge(left, right, key=lambda item: item):
    result, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if key(left[i]) <= key(right[j]):
            result.append(left[i])
            i += 1
        else:
            result.append(right[j])
            j += 1
    return result + left[i:] + right[j:]
"""


@pytest.fixture
def distribution(tmp_path, monkeypatch):
    """Install a distribution that has nothing but metadata and one module."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(name: str, *headers: str, files: dict[str, str] | None = None, raw: bytes | None = None) -> str:
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        text = "\n".join(["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *headers]) + "\n"
        (folder / "METADATA").write_bytes(text.encode() if raw is None else raw)
        (folder / "RECORD").write_text(f"{name}/__init__.py,,\n{name}-1.0.dist-info/METADATA,,\n")
        for path, content in (files or {}).items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(content)
        return name
    return install


def commented(text: str) -> str:
    return "".join(f"# {line}\n" for line in text.splitlines())


class TestPolicy:
    @pytest.mark.parametrize(("expression", "rating"), [
        ("MIT", "ALLOW"), ("Apache-2.0 OR GPL-3.0-only", "ALLOW"), ("MIT AND LGPL-2.1-only", "REVIEW"),
        ("gpl-2.0+", "DENY"),
        ("(MIT OR GPL-2.0) AND BSD-3-Clause", "ALLOW"), ("MIT AND (GPL-2.0 AND ISC)", "DENY"), ("AGPL-3.0-only", "DENY"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "REVIEW"), ("GPL-2.0-only WITH Made-up", "DENY"),
        ("Apache-2.0 WITH LLVM-exception", "ALLOW"), ("MPL-2.0", "REVIEW"), ("LicenseRef-Ours", "REVIEW"),
        ("MIT OR Frobnicate", "ALLOW"), ("MIT AND Frobnicate", "REVIEW"), ("SSPL-1.0", "DENY"), ("CC-BY-NC-4.0", "DENY"),
        ("BUSL-1.1", "DENY"), ("MIT AND (", "REVIEW"), ("", "REVIEW"), ("whatever you like", "REVIEW"),
        pytest.param("(" * 9000, "REVIEW", id="brackets")])
    def test_expressions(self, expression, rating):
        assert judge(expression, Policy()).rating.name == rating

    def test_deny_beats_review_beats_allow_and_names_the_clause(self):
        policy = Policy(allow=("*",), review=("BSD-*", "MIT"), deny=("MIT",))
        assert judge("MIT", policy).clause == "deny 'MIT'"
        assert judge("BSD-2-Clause", policy).clause == "review 'BSD-*'"
        assert judge("ISC", policy).clause == "allow '*'"
        assert judge("ISC", Policy(allow=())).clause == "no list names it"
        assert judge("GPL-3.0-only", Policy(deny=("GPL-3.0",))).rating is Rating.DENY

    @pytest.mark.parametrize(("name", "target", "imported", "copied"), [
        ("MIT", "LicenseRef-Proprietary", "ALLOW", "ALLOW"), ("Apache-2.0", "GPL-2.0-only", "REVIEW", "REVIEW"),
        ("Apache-2.0", "GPL-3.0-only", "ALLOW", "ALLOW"), ("LGPL-3.0-only", "MIT", "ALLOW", "REVIEW"),
        ("MPL-2.0", "Apache-2.0", "ALLOW", "REVIEW"), ("GPL-3.0-only", "MIT", "DENY", "DENY"),
        ("GPL-2.0-only", "GPL-3.0-or-later", "DENY", "DENY"), ("GPL-2.0-or-later", "GPL-3.0-only", "ALLOW", "ALLOW"),
        ("GPL-3.0-only", "GPL-2.0-only", "DENY", "DENY"), ("GPL-3.0-only", "GPL-2.0-or-later", "REVIEW", "REVIEW"),
        ("GPL-3.0-or-later", "AGPL-3.0-only", "ALLOW", "ALLOW"), ("GPL-2.0-only", "AGPL-3.0-only", "DENY", "DENY"),
        ("AGPL-3.0-only", "GPL-3.0-only", "REVIEW", "REVIEW"), ("AGPL-3.0-only", "AGPL-3.0-or-later", "ALLOW", "ALLOW"),
        ("SSPL-1.0", "MIT", "DENY", "DENY"), ("SSPL-1.0", "SSPL-1.0", "ALLOW", "ALLOW"),
        ("CC-BY-SA-4.0", "MIT", "REVIEW", "REVIEW")])
    def test_what_goes_into_a_target(self, name, target, imported, copied):
        assert (into(name, target, False).name, into(name, target, True).name) == (imported, copied)

    def test_a_target_only_lowers_and_for_target_lets_its_own_kind_through(self):
        assert judge("GPL-3.0-only", Policy(target="GPL-3.0-only")).clause == "deny 'GPL-*'"
        assert judge("GPL-2.0-or-later", for_target("GPL-3.0-only")).rating is Rating.ALLOW
        denied = judge("GPL-2.0-only", for_target("GPL-3.0-only"))
        assert denied.incompatible and "target 'GPL-3.0-only'" in denied.clause
        assert judge("GPL-3.0-only OR MIT", Policy(target="MIT")).rating is Rating.ALLOW

    def test_wrong_policies_name_the_value(self):
        with pytest.raises(ConfigError, match="target = 'MIT AND'"):
            Policy(target="MIT AND")
        with pytest.raises(ConfigError, match="deny = 'GPL"):
            Policy(deny="GPL-*")


class TestDistributions:
    @pytest.mark.parametrize(("headers", "files", "expression"), [
        (["License-Expression: MIT OR Apache-2.0", "License: GPL"], {}, "MIT OR Apache-2.0"),
        (["Classifier: License :: OSI Approved :: GNU General Public License v3 or later (GPLv3+)", "License: MIT"], {},
         "GPL-3.0-or-later"),
        (["Classifier: License :: OSI Approved :: MIT License",
          "Classifier: License :: OSI Approved :: ISC License (ISCL)"], {}, "MIT AND ISC"),
        (["Classifier: License :: OSI Approved", "License: Apache License, Version 2.0"], {}, "Apache-2.0"),
        (["License: BSD-2-Clause AND ISC"], {}, "BSD-2-Clause AND ISC"), (["License: GPLv2"], {}, "GPL-2.0-only"),
        (["License: see the file", "License-File: LICENSE"], {"licenses/LICENSE": MIT_TEXT}, "MIT"),
        ([], {"COPYING": "GNU GENERAL PUBLIC LICENSE\n  Version 3, 29 June 2007\n"}, "GPL-3.0-only"),
        (["Classifier: License :: Other/Proprietary License"], {}, "LicenseRef-Proprietary"),
        ([], {}, "")])
    def test_what_it_declares(self, distribution, headers, files, expression):
        distribution("declared_here", *headers, files=files)
        assert licence_declared.of_distribution("declared-here", installed()).expression == expression

    def test_the_finding_names_the_match(self, distribution):
        distribution("copyleft_here", "License-Expression: GPL-3.0-only")
        score, (found,) = licence.measure("import os\n\ndef f():\n    import copyleft_here.part\n")
        assert (score, found.rule, found.line, found.severity, found.tool) == (0.0, "denied-licence", 4, "high", "licence")
        for word in ("'copyleft_here.part'", "copyleft-here", "GPL-3.0-only", "License-Expression", "deny 'GPL-*'"):
            assert word in found.message

    def test_the_worst_match_holds_and_each_gives_one_finding(self, distribution):
        distribution("weak_here", "License: LGPL-2.1-only")
        distribution("silent_here")
        weak = licence.measure("import weak_here\nimport weak_here.again\n")
        both = licence.measure("import weak_here, silent_here\nimport pytest\n")
        assert (weak[0], [f.rule for f in weak[1]]) == (0.5, ["review-licence"])
        assert (both[0], [f.rule for f in both[1]]) == (0.5, ["unknown-licence", "review-licence"])
        assert licence.measure("import weak_here\n", Policy(deny=("LGPL-2.1",)))[0] == 0.0

    def test_metadata_that_cannot_be_decoded_is_an_unknown_licence(self, distribution):
        distribution("broken_here", raw=b"Name: \xff\xfe\nLicense: \xe9\n")
        score, (found,) = licence.measure("import broken_here\n")
        assert (score, found.rule) == (0.5, "unknown-licence")

    def test_a_new_installation_is_seen(self, distribution):
        assert licence.measure("import appears_later\n") == (1.0, ())
        distribution("appears_later", "License-Expression: AGPL-3.0-only")
        assert licence.measure("import appears_later\n")[0] == 0.0

    def test_what_does_not_count(self, distribution):
        distribution("ours", "License-Expression: GPL-3.0-only")
        assert licence.measure("import ours\n", local=frozenset({"ours"})) == (1.0, ())
        assert licence.measure("import os.path, json\nfrom . import x\nfrom collections import abc\n") == (1.0, ())
        assert licence.measure("import nobody_ever_heard_of_this\n") == licence.measure("") == (1.0, ())

    def test_not_installed_but_in_the_table(self):
        score, (found,) = licence.measure("from PyQt5 import QtWidgets\n")
        assert score == 0.0 and "pyqt5" in found.message and "packaged table" in found.message


class TestHeader:
    @pytest.mark.parametrize(("head", "score", "words"), [
        ("#!/usr/bin/env python\n# SPDX-License-Identifier: GPL-3.0-only\n", 0.0, "GPL-3.0-only"),
        ("# SPDX-License-Identifier: MIT OR GPL-2.0-only\n", 1.0, ""),
        (commented(GPL_NOTICE.format(kind="", version="2")), 0.0, "GPL-2.0-or-later"),
        (commented(GPL_NOTICE.format(kind="Affero ", version="3")), 0.0, "AGPL-3.0-or-later"),
        (f'"""A program.\n\n{GPL_NOTICE.format(kind="Lesser ", version="2.1")}"""\n', 0.5, "LGPL-2.1-or-later"),
        ("# This file is licensed under the GNU General Public License v3.0.\n", 0.0, "GPL-3.0-only"),
        (commented(MIT_TEXT), 1.0, "")])
    def test_a_real_header_counts(self, head, score, words):
        found = licence.measure(head + "x = 1\n")
        assert found[0] == score and len(found[1]) == (score < 1) and all(words in f.message for f in found[1])

    @pytest.mark.parametrize("code", [
        "gpl = 'GPL-3.0'\nGPL = gpl\n", "# This reads GPL files, under no licence of their own.\nx = 1\n",
        "LICENCE = 'SPDX-License-Identifier: GPL-3.0-only'\n", "x = 1\n# SPDX-License-Identifier: GPL-3.0-only\n",
        f"x = '''{GPL_NOTICE}'''\n",
        "# Finds code that is licensed under the GNU General Public License v3.\nx = 1\n",
        '"""Checks whether files are distributed under the GNU General Public License version 2."""\n',
        '"""Tells GNU General Public License version 3 texts from others; copyright unknown."""\n'])
    def test_a_mention_does_not(self, code):
        assert licence.measure(code) == (1.0, ())


class TestCopies:
    @pytest.mark.parametrize(("name", "score", "rule"), [
        (None, 0.5, "unknown-licence"), ("MIT", 1.0, ""), ("GPL-3.0-only", 0.0, "denied-licence"),
        ("LGPL-3.0-only", 0.5, "review-licence")])
    def test_code_copied_from_a_snippet(self, name, score, rule):
        found = licence.measure("import os\n" + COPIED, snippets=[Snippet(COPIED, "lists.py", name)])
        assert (found[0], [f.rule for f in found[1]]) == (score, [rule] if rule else [])
        for finding in found[1]:
            assert (finding.line, finding.end_line) == (3, 12) and "lists.py" in finding.message

    def test_a_snippet_that_was_not_copied_is_nothing(self):
        snippets = [Snippet(COPIED, "lists.py", "GPL-3.0-only")]
        assert licence.measure("def f(x):\n    return x + 1\n", snippets=snippets) == (1.0, ())


class TestOddInput:
    def test_code_that_does_not_parse(self):
        with pytest.raises(SyntaxError):
            licence.measure("def f(:\n")
        with pytest.raises(SyntaxError):
            licence.measure("# SPDX-License-Identifier: MIT\ndef f(:\n")

    @pytest.mark.parametrize("code", ["x = '" + "a" * 1_000_000 + "'\n", "# " + "licence copyright " * 60_000 + "\n"],
                             ids=["string", "comment"])
    def test_a_line_of_a_megabyte(self, code):
        assert licence.measure(code) == (1.0, ())

    def test_it_is_fast_once_warm(self):
        code = "import numpy, pytest, hypothesis, packaging\n" + "def f(x):\n    return x * 2\n" * 28
        licence.measure(code)
        times = []
        for _ in range(5):
            start = time.perf_counter()
            licence.measure(code)
            times.append(time.perf_counter() - start)
        assert min(times) < 0.005
