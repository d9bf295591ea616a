"""Comments that excuse findings, and the baseline that lets known ones stay."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncg_ray.analyse import baseline, suppressions
from ncg_ray.analyse.baseline import Fingerprint
from ncg_ray.errors import InputError
from ncg_ray.types import Finding


def found(line: int, rule: str = "B602", cwe: str | None = "CWE-78", end_line: int = 0, path: str = "a.py") -> Finding:
    return Finding("bandit", rule, "security", "a shell", line, path, cwe, "high", "high", end_line=end_line)


def left(code: str, *findings: Finding, **more) -> list[tuple[int, str]]:
    return [(f.line, f.rule) for f in suppressions.apply(code, findings, "a.py", **more)]


class TestWhatAnExcuseHides:
    @pytest.mark.parametrize("comment", [
        "# ncg: ignore[B602]: the line is ours", "# ncg:ignore[b602]: ours", "#ncg: ignore[B602] - it is ours",
        "# ncg: ignore[CWE-78]: ours", "# ncg: ignore[ B602 , B602 ]: ours", "# nosec B602 the line is ours",
        "# nosec: B602 - ours", "# nosec subprocess_popen_with_shell_equals_true is ours",
        "# noqa: S602  # nosec B602 ours  # type: ignore", "# nosemgrep: B602 ours", "# nosem: x.y.B602 ours"])
    def test_one_with_a_rule_and_a_reason(self, comment):
        code = f"import os\nrun(x)  {comment}\n"
        assert left(code, found(2)) == []
        assert left(code, found(1), found(2))[0] == (1, "B602"), "of another line"

    def test_another_rule_of_the_line_stays(self):
        assert left("run(x)  # ncg: ignore[B602]: ours\n", found(1), found(1, "B101", None)) == [(1, "B101")]

    def test_several_rules_in_one_comment_and_several_comments(self):
        both = found(1), found(1, "B101", "CWE-703")
        assert left("run(x)  # ncg: ignore[B602, CWE-703]: a reason\n", *both) == []
        assert left("run(x)  # nosec B602 ours  # nosemgrep: B101 ours too\n", *both) == []
        assert left("run(x)  # nosec B602,B101 ours\n", *both) == []

    def test_a_semgrep_id_may_lack_or_have_its_folders(self):
        finding = found(1, "python.lang.exec-detected")
        assert left("exec(x)  # nosemgrep: exec-detected our template\n", finding) == []
        assert left("exec(x)  # nosemgrep: rules.python.lang.exec-detected our template\n", finding) == []
        assert left("exec(x)  # nosemgrep: detected our template\n", finding) == [(1, finding.rule)]

    def test_alone_on_a_line_it_speaks_of_the_line_below(self):
        code = "# ncg: ignore[B602]: ours\n# more words\nrun(x)\nrun(x)\n"
        assert left(code, found(3), found(4)) == [(4, "B602")]
        assert (1, "unused-suppression") in left("# ncg: ignore[B602]: ours\n\nrun(x)\n", found(3)), "not directly above"

    def test_statements_of_several_lines(self):
        code = "y = f(\n    g(a,\n      b),  # nosec B602 ours\n    c)\n"
        assert left(code, found(2, end_line=3)) == []
        assert left(code, found(2)) == [(2, "B602"), (3, "unused-suppression")]
        assert left("run(\n    x,\n)  # nosec B602 ours\n", found(1)) == [], "where black moves it"
        inside = "def f():\n    run(x)  # ncg: ignore[B602]: ours\n"
        assert (1, "B602") in left(inside, found(1, end_line=2)), "the body of a function is other statements"

    def test_bandits_id_also_hides_what_another_tool_found_in_its_place(self):
        code = "import subprocess\nsubprocess.call(x, shell=True)  # nosec B602 ours\n"
        other = Finding("semgrep", "os-command", "security", "a shell", 2, "a.py", "CWE-88", "high", "high", 1, 2)
        assert left(code, other) == []
        assert left(code, found(2, "B999", "CWE-502")) == [(2, "B999")], "another flaw on the line"
        assert left(code.replace("B602", "B301"), other) == [(2, "os-command"), (2, "unused-suppression")]

    def test_a_string_is_no_comment(self):
        code = 'run("# ncg: ignore[B602]: ours")\nrun("""\n# nosec B602 ours\n""")\n'
        assert suppressions.read(code) == []
        assert left(code, found(1), found(2)) == [(1, "B602"), (2, "B602")]

    def test_words_about_the_mark_are_no_mark(self):
        assert suppressions.read("x = 1  # use `# nosec B101` with care, not #nosecurity\n") == []

    def test_findings_of_a_whole_file_are_not_of_a_line(self):
        assert left("# ncg: ignore[B602]: ours\n", found(0)) == [(0, "B602"), (1, "unused-suppression")]

    def test_code_that_stops_being_python(self):
        assert [s.line for s in suppressions.read("x  # nosec B602 ours\ny = (\n z # nosec B602 ours\n")] == [1, 3]


class TestFindingsAboutExcuses:
    @pytest.mark.parametrize(("comment", "rule"), [
        ("# ncg: ignore[B602]", "suppression-without-reason"), ("# ncg: ignore[B602]: -", "suppression-without-reason"),
        ("# nosec B602", "suppression-without-reason"), ("# nosemgrep: B602", "suppression-without-reason"),
        ("# nosec", "suppression-without-rule"), ("# nosemgrep", "suppression-without-rule"),
        ("# ncg: ignore[]: why not", "suppression-without-rule"), ("# ncg: ignore: why not", "suppression-without-rule"),
        ("# nosec it is fine", "suppression-without-rule"), ("# ncg: ignore[B602", "suppression-without-rule")])
    def test_an_incomplete_one_hides_nothing(self, comment, rule):
        first, second = suppressions.apply(f"run(x)  {comment}\n", [found(1)], "a.py")
        assert first == found(1)
        assert (second.rule, second.kind, second.severity, second.path, second.line) == (rule, "quality", "low", "a.py", 1)
        assert second.column == 9 and "ncg: ignore[" in second.fix

    def test_one_that_hides_nothing(self):
        unused, = suppressions.apply("x = 1\ny = 2  # ncg: ignore[B101, B602]: ours\n", [found(2)], "a.py")
        assert (unused.rule, unused.severity, unused.line, unused.column) == ("unused-suppression", "low", 2, 8)
        assert "B101" in unused.message and "B602" not in unused.message

    def test_where_an_analyser_is_missing_none_is_unused(self):
        assert left("y = 2  # ncg: ignore[B101]: ours\n", complete=False) == []

    def test_none_excuses_these(self):
        assert left("y  # nosec B101  # ncg: ignore[suppression-without-reason]: so\n")[0][1] == "suppression-without-reason"

    @given(st.text(st.sampled_from("#ncg: ignore[]B602nosec,\n\t('\"\\é"), max_size=80))
    def test_no_text_breaks_it(self, code):
        suppressions.apply(code, [found(1)], "a.py")


LINES = {"a.py": ["run(x)", "y = 1", "  run(x)"], "b.py": ["run(x)"]}


class TestBaseline:
    def prints(self, findings, lines=None):
        texts = lines or LINES
        return baseline.fingerprints(findings, lambda path, line: texts[path][line - 1] if line else "")

    def test_moved_lines_match_and_a_second_occurrence_does_not(self):
        known = set(self.prints([found(1)], {"a.py": ["run(x)"]}))
        later = self.prints([found(2), found(3)], {"a.py": ["# new", "    run(x)", "run(x)"]})
        assert [fingerprint in known for fingerprint in later] == [True, False]

    def test_path_rule_and_text_are_told_apart(self):
        prints = self.prints([found(1), found(1, "B101"), found(2), found(1, path="b.py"), found(0)])
        assert len(set(prints)) == 5 and {p.occurrence for p in prints} == {1}

    def test_round_trip(self, tmp_path):
        prints = self.prints([found(1), found(3), found(1, path="b.py")])
        baseline.write(tmp_path / "known.json", prints)
        assert baseline.read(tmp_path / "known.json") == frozenset(prints)
        assert [p.name for p in tmp_path.iterdir()] == ["known.json"], "no draft is left"

    def test_names_that_are_not_utf8(self, tmp_path):
        known = [Fingerprint("\udcff.py", "B602", "0" * 16, 1)]
        baseline.write(tmp_path / "known.json", known)
        assert baseline.read(tmp_path / "known.json") == frozenset(known)

    @pytest.mark.parametrize("content", [
        "", "{", "[]", "null", '{"version": 1}', '{"version": 2, "findings": []}', '{"version": 1, "findings": {}}',
        '{"version": 1, "findings": [1]}', '{"version": 1, "findings": [{"path": "a.py"}]}', "\udcff" * 3,
        json.dumps({"version": 1, "findings": [{"path": "a", "rule": "r", "line_hash": "h", "occurrence": True}]}),
        "[" * 100_000])
    def test_a_broken_one_is_named(self, tmp_path, content):
        path = tmp_path / "known.json"
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
        with pytest.raises(InputError, match=r"known\.json.*--write-baseline"):
            baseline.read(path)

    def test_one_that_is_not_there(self, tmp_path):
        with pytest.raises(InputError, match="No such file"):
            baseline.read(tmp_path / "none.json")
        with pytest.raises(InputError, match="directory"):
            baseline.read(tmp_path)
