"""What a search learns from earlier ones: arms, mined rewrites, the file, bad input."""

import ast
import json
import sqlite3
import subprocess
import sys

import pytest

from ncg_ray import cli
from ncg_ray.errors import InputError
from ncg_ray.repair.edits import all_edits
from ncg_ray.repair.history import History
from ncg_ray.repair.localise import localise
from ncg_ray.repair.rewrites import Rewrite, learned_edits, mined, rewrite_of
from ncg_ray.repair.source import Source

CODE = """def f(xs, n):
    total = 0
    for i in range(n):
        if xs[i] < n:
            total += xs[i] * 2
    return total
"""
OTHER = "def g(a, b):\n    if a < b:\n        return a * 2\n    return b + 1\n"


def edits(code, rewrites=()):
    source = Source(code)
    return all_edits(source, localise(source, []), [], {}, rewrites)


def place(found, code, text):
    return next(n for n, edit in enumerate(found) if text in edit.apply(code))


def learn(history, code, text, times=1, context="value"):
    found = edits(code)
    for _ in range(times):
        history.record(found, [found[place(found, code, text)]], code, context)


class TestOrder:
    def test_without_history_it_is_as_it_was(self):
        assert History(":memory:").ordered(edits(CODE), CODE, "value", 0) == edits(CODE)

    def test_what_mended_other_code_comes_earlier_and_what_never_did_comes_later(self):
        history = History(":memory:")
        learn(history, OTHER, "b + 0", 6)
        before, after = edits(CODE), history.ordered(edits(CODE), CODE, "value", 1)
        assert place(after, CODE, "total = 1") > 0 and len(after) == len(before)
        history = History(":memory:")
        learn(history, OTHER, "a <= b", 6)
        assert place(history.ordered(edits(CODE), CODE, "value", 1), CODE, "xs[i] <= n") == 0

    def test_equal_seeds_draw_alike_and_others_explore(self):
        history = History(":memory:")
        learn(history, OTHER, "a <= b", 2)
        orders = [tuple(e.changes for e in history.ordered(edits(CODE), CODE, "value", seed)) for seed in (1, 1, 2, 3)]
        assert orders[0] == orders[1] and len(set(orders)) > 1

    def test_the_kind_of_failure_matters(self):
        history = History(":memory:")
        learn(history, OTHER, "a <= b", 8, "IndexError")
        for _ in range(8):
            history.record(edits(OTHER), [], OTHER, "value")
        ranks = [place(history.ordered(edits(CODE), CODE, kind, 5), CODE, "xs[i] <= n") for kind in ("IndexError", "value")]
        assert ranks[0] <= ranks[1]


class TestMining:
    def test_two_fixes_make_a_template(self):
        rewrite, = [r for r in mined([("a < b", "a <= b"), ("x[i] < n", "x[i] <= n")]) if r.before == "_0 < _1"]
        assert rewrite == Rewrite("_0 < _1", "_0 <= _1", 2)

    @pytest.mark.parametrize("pairs", [
        [("a < b", "a <= b")], [("f(a)", "g(a)"), ("h(b)", "k(b)")], [("a", "a + 1"), ("b", "b * 2")],
        [("a < b", "c"), ("x < y", "z")], [("a <", "b"), ("", "")]])
    def test_what_two_fixes_do_not_share_is_none(self, pairs):
        assert mined(pairs) == []

    def test_a_variable_stands_for_the_same_part_everywhere(self):
        rewrite, = mined([("f(a, b)", "f(b, a)"), ("f(x + 1, y)", "f(y, x + 1)")])
        assert (rewrite.before, rewrite.after) == ("f(_0, _1)", "f(_1, _0)")

    def test_a_template_that_nobody_wrote_mends_other_code(self):
        rewrites = mined([("fold(a, b, 0)", "fold(a, b, start=b)"), ("fold(xs, ys, 0)", "fold(xs, ys, start=ys)")])
        code = "def f(p, q):\n    return fold(p, q[1:], 0)\n"
        found = list(learned_edits(Source(code), rewrites))
        assert [e.apply(code).split("return ")[1].strip() for e in found] == ["fold(p, q[1:], start=q[1:])"]
        assert all(0 < e.prior <= 1 and e.template.startswith("learned: ") for e in found)

    def test_they_come_out_of_what_was_recorded(self):
        history = History(":memory:")
        learn(history, OTHER, "a <= b")
        learn(history, CODE, "xs[i] <= n")
        assert Rewrite("_0 < _1", "_0 <= _1", 2) in history.rewrites()
        assert any(e.template.startswith("learned") or "i <= 3" in e.apply("def f(i):\n    return i < 3\n")
                   for e in edits("def f(i):\n    return i < 3\n", history.rewrites()))

    def test_they_are_mined_again_once_there_are_more_fixes(self, tmp_path, monkeypatch):
        runs = []
        monkeypatch.setattr("ncg_ray.repair.history.mined", lambda fixes: runs.append(len(fixes)) or mined(fixes))
        for _ in range(40):
            history = History(str(tmp_path / "h.sqlite"))  # as in a new process
            learn(history, OTHER, "a <= b")
            assert history.rewrites() == history.rewrites()
        assert runs[:4] == [1, 2, 3, 4] and len(runs) < 30 and Rewrite("a < b", "a <= b", runs[-1]) in history.rewrites()

    def test_the_smallest_expression_is_remembered(self):
        found = edits(CODE)
        edit = found[place(found, CODE, "xs[i] <= n")]
        assert rewrite_of(edit, CODE) == ("xs[i] < n", "xs[i] <= n")

    @pytest.mark.parametrize("after", [
        "__import__('os').system('id')", "eval(a)", "a.__class__", "[0, 7, 9][a]", "'table'[a]", "open(a)", "(lambda: a)()",
        "round(a, 12345)", "a" + "+ 1" * 420])
    def test_a_fix_that_brings_code_of_its_own_makes_none(self, after):
        assert mined([("round(a, b)", after), ("round(c, d)", after.replace("a", "c"))]) == []
        assert mined([("round(a, b)", "round(b, abs(a)) + 1"), ("round(c, d)", "round(d, abs(c)) + 1")])

    def test_every_edit_of_a_mined_rewrite_parses(self):
        rewrites = [Rewrite("_0 < _1", "_1 if _0 else _1 + 1", 2), Rewrite("_0 * _1", "_0 + _1", 2), Rewrite("2", "3", 2)]
        for edit in learned_edits(Source(CODE), rewrites):
            ast.parse(edit.apply(CODE))


class TestFile:
    def test_it_is_exported_and_imported(self, tmp_path):
        one, other = History(str(tmp_path / "new" / "one.sqlite")), History(str(tmp_path / "other.sqlite"))
        learn(one, OTHER, "a <= b", 3)
        assert one.export(tmp_path / "out.jsonl") == other.load(tmp_path / "out.jsonl") > 10
        assert one.ordered(edits(CODE), CODE, "value", 4) == other.ordered(edits(CODE), CODE, "value", 4)
        assert other.load(tmp_path / "out.jsonl") and other.rewrites() == mined([("a < b", "a <= b")] * 6)

    @pytest.mark.parametrize("text,words", [
        ("{", "line 1"), ("3\n", "line 1: a JSON object"), ("[" * 100_000, "line 1"), ("null", "a JSON object"),
        ('{"arm": "\\ud800", "tries": 1, "fixes": 0}', "not UTF-8"), ("\xff", "line"),
        ('{"arm": "x", "tries": 1' + "0" * 400 + ', "fixes": 0}', "line 1"),
        ('{"arm": "x", "tries": 1e308, "fixes": 5e307}', "not be over 1e"),
        ('{"arm": "x", "tries": 1, "fixes": 2}\n', "between 0 and tries"),
        ('{"arm": "x", "tries": "many", "fixes": 2}', "line 1"), ('{"a": 1}', "neither an arm nor a fix")])
    def test_a_file_that_is_no_export_is_named_and_nothing_is_taken(self, tmp_path, text, words):
        (tmp_path / "bad.jsonl").write_text(text)
        history = History(":memory:")
        with pytest.raises(InputError, match=words):
            history.load(tmp_path / "bad.jsonl")
        assert history.export(tmp_path / "out.jsonl") == 0
        with pytest.raises(InputError, match="nowhere"):
            history.load(tmp_path / "nowhere")

    @pytest.mark.parametrize("spoil", [
        lambda path: path.write_bytes(b"no database at all" * 100), lambda path: path.mkdir()])
    def test_one_that_cannot_be_used_costs_no_repair(self, tmp_path, spoil):
        path = tmp_path / "history.sqlite"
        spoil(path)
        history = History(str(path))
        learn(history, OTHER, "a <= b")
        assert history.ordered(edits(CODE), CODE, "value", 0) == edits(CODE) and history.rewrites() == []

    def test_processes_share_it(self, tmp_path):
        path = tmp_path / "history.sqlite"
        script = ("import sys; from ncg_ray.repair.history import History; from ncg_ray.repair.source import Edit\n"
                  "for _ in range(20): History(sys.argv[1]).record([Edit(((0, 1, 'y'),), 'name', 1, 0.5)], [], 'x', 'v')\n")
        runs = [subprocess.Popen([sys.executable, "-c", script, str(path)]) for _ in range(3)]
        assert [run.wait(60) for run in runs] == [0, 0, 0]
        with sqlite3.connect(path) as file:
            assert file.execute("select tries from arms where arm = 'name'").fetchone() == (60,)

    def test_what_is_stored_names_no_variable(self, tmp_path):
        history = History(str(tmp_path / "h.sqlite"))
        learn(history, OTHER.replace("a <", "secret <"), "secret <= b")
        history.export(tmp_path / "out.jsonl")
        rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
        assert not any("secret" in row.get("arm", "") for row in rows)

    def test_the_command_carries_it_elsewhere(self, tmp_path, capsys):
        out, ones, others = tmp_path / "out.jsonl", tmp_path / "one.sqlite", tmp_path / "other.sqlite"
        learn(History(str(ones)), OTHER, "a <= b")
        assert cli.main(["history", "export", str(out), "--set", f"repair.history={ones}"]) == 0
        assert cli.main(["history", "import", str(out), "--set", f"repair.history={others}", "--json"]) == 0
        text, document = capsys.readouterr().out.split("\n", 1)
        assert json.loads(document)["records"] == len(out.read_text().splitlines()) and f"written to {out}" in text
        assert History(str(others)).ordered(edits(CODE), CODE, "value", 0) != edits(CODE)

    @pytest.mark.parametrize("verb,where,words", [
        ("export", "none", "nothing is learned"), ("export", "{}", "cannot be read"),
        ("import", "none", "nothing is learned"), ("import", "{}/h.sqlite", "nowhere.jsonl")])
    def test_the_command_names_what_is_wrong(self, tmp_path, capsys, verb, where, words):
        file = tmp_path / "nowhere.jsonl"
        assert cli.main(["history", verb, str(file), "--set", f"repair.history={where.format(tmp_path)}"]) == 2
        assert words in capsys.readouterr().err and not file.exists()
