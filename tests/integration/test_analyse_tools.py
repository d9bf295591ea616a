"""All analysers with their real tools: warm processes, batches, what happens where one is missing or dies."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tokenize
from collections import Counter
from pathlib import Path

import psutil
import pytest
from bandit.core import manager

from ncg_ray.analyse import CodeAnalyser, bandit_engine, semgrep_engine
from ncg_ray.analyse.semgrep_engine import EngineError, SemgrepEngine
from ncg_ray.analyse.type_errors import CheckerError, TypeChecker
from ncg_ray.config import AnalyseConfig
from ncg_ray.errors import InputError
from ncg_ray.protocols import Surroundings
from ncg_ray.types import Snippet

SHELL = "import subprocess\n\ndef run(name):\n    return subprocess.call('ls ' + name, shell=True)  # nosec\n"
CLEAN = "def add(a, b):\n    \"\"\"The sum.\"\"\"\n    return a + b\n"
EXAMPLES = Path(__file__).parents[3] / "shared" / "data" / "bandit_examples.jsonl"
TERMS = {"security", "quality", "licence"}


@pytest.fixture(scope="module")
def analyser():
    made = CodeAnalyser()
    yield made
    made.close()


@pytest.fixture(scope="module")
def engine():
    made = SemgrepEngine()
    yield made
    made.close()


class TestAnalyser:
    async def test_all_terms_in_the_order_of_the_codes(self, analyser):
        clean, broken, shell = await analyser.analyse([CLEAN, "def f(:\n", SHELL])
        assert (clean.risk, clean.licence, clean.findings) == (0.0, 1.0, ()) and clean.quality > 0.9
        assert broken.risk is broken.quality is broken.licence is None and set(broken.missing) == TERMS
        assert shell.risk > 0.5 and "CWE-78" in {f.cwe for f in shell.findings} and not shell.missing

    @pytest.mark.parametrize("code,rule", [
        ("def f(x: int) -> str:\n    return x  # type: ignore\n", "return-value"),
        ("import os\n\n\ndef f():\n    return oss.name  # noqa\n", "F821"), (SHELL, "B602"),
        ("# mypy: ignore-errors\ndef f(x: int) -> str:\n    return x\n", "return-value")])
    async def test_code_cannot_excuse_itself(self, analyser, code, rule):
        analysis, = await analyser.analyse([code])
        assert rule in {f.rule for f in analysis.findings} or (rule == "B602" and analysis.risk > 0.5)

    async def test_people_may_excuse_their_code(self):
        theirs = CodeAnalyser(honour_comments=True)
        wrong = "def f(x: int) -> str:\n    return x  # type: ignore\n"
        typed, unused = await theirs.analyse([wrong, "import os  # noqa\n"])
        theirs.close()
        assert not [f for f in (*typed.findings, *unused.findings) if f.tool in ("mypy", "ruff")]

    @pytest.mark.parametrize("code", ["", "# only words\n", "\n\n"])
    async def test_an_empty_program_is_clean_and_worth_nothing(self, analyser, code):
        analysis, = await analyser.analyse([code])
        assert (analysis.risk, analysis.quality, analysis.licence, analysis.missing) == (0.0, 0.0, 1.0, {})

    async def test_a_line_of_a_megabyte(self, analyser):
        long, after = await analyser.analyse([f"x = '{'a' * (1 << 20)}'\n", SHELL])
        assert (long.risk == 0.0 or "security" in long.missing) and after.risk > 0.5

    async def test_the_same_code_has_the_same_terms_alone_and_in_a_batch(self, analyser):
        alone, = await analyser.analyse([SHELL])
        batch = await analyser.analyse([CLEAN, SHELL, "import json\n"] * 20)
        assert all(analysis == alone for analysis in batch[1::3])

    async def test_what_was_copied_comes_with_its_licence(self, analyser):
        body = "".join(f"    total_{i} = first_{i} + second_{i} * {i}\n" for i in range(12))
        code = f"def f():\n{body}    return total_0\n"
        around = Surroundings((Snippet(code, "https://example.org/gpl.py", "GPL-3.0-only"),))
        copied, = await analyser.analyse([code], around)
        own, = await analyser.analyse([code])
        assert copied.licence == 0.0 < own.licence and any("GPL-3.0-only" in f.message for f in copied.findings)

    async def test_packages_that_are_not_there_are_a_risk_and_the_projects_own_are_not(self, analyser):
        code = "import reqeusts\nimport our_helpers\n\nprint(reqeusts, our_helpers)\n"
        unknown, = await analyser.analyse([code])
        local, = await analyser.analyse([code], Surroundings(local=frozenset({"our_helpers"})))
        assert {f.line for f in unknown.findings if f.kind == "dependency"} == {1, 2} and unknown.risk > local.risk > 0

    def test_nothing_is_imported_or_run(self, analyser, tmp_path):
        before = set(sys.modules)
        analyser.analyse_all([f"import this, antigravity\nopen({str(tmp_path / 'x')!r}, 'w')\n"])
        assert not {"this", "antigravity"} & (set(sys.modules) - before) and not list(tmp_path.iterdir())

    async def test_many_at_once(self, analyser):
        batches = await asyncio.gather(*(analyser.analyse([CLEAN, SHELL]) for _ in range(4)))
        assert all(batch == batches[0] for batch in batches)


class TestNeighbours:
    DEEP = "import os\n\n\ndef f(cmd):\n    os.system(cmd)\n" + "".join(
        " " * (4 + i) + "if cmd:\n" for i in range(90)) + " " * 94 + "pass\n"

    async def test_a_program_that_breaks_a_tool_costs_its_neighbours_nothing(self, analyser):
        alone, = await analyser.analyse([CLEAN])
        first, deep, last = await analyser.analyse([CLEAN, self.DEEP, CLEAN])
        assert first == last == alone
        again, = await analyser.analyse([self.DEEP])
        assert again == deep

    @pytest.mark.parametrize("hidden", ["X = '\u2028'\n", "# a\x0c\n", "X = '\x1c'\n"])
    async def test_odd_line_breaks_hide_nothing(self, analyser, hidden):
        flawed, = await analyser.analyse([hidden + SHELL + "# nosec " + "x" * 60 + "\n"])
        assert "security" in flawed.missing or flawed.risk > 0.5


class TestMissingTools:
    @pytest.mark.parametrize("term,module,name", [
        ("quality", "cognitive_complexity.api", "cognitive_complexity"), ("quality", "radon.metrics", "radon"),
        ("security", "bandit.core", "bandit")])
    def test_a_library(self, analyser, monkeypatch, term, module, name):
        monkeypatch.setitem(sys.modules, module, None)
        analysis, = analyser.analyse_all([SHELL])
        assert name in analysis.missing[term] and getattr(analysis, {"security": "risk"}.get(term, term)) is None
        assert set(analysis.missing) == {term}

    def test_semgrep(self, monkeypatch):
        def absent():
            raise ImportError("semgrep is not installed", name="semgrep")
        monkeypatch.setattr(semgrep_engine, "_binary", absent)
        made = CodeAnalyser()
        analysis, = made.analyse_all([SHELL])
        made.close()
        assert analysis.risk is None and "semgrep" in analysis.missing["security"] and analysis.quality

    def test_mypy(self, monkeypatch):
        real = semgrep_engine.importlib.util.find_spec
        monkeypatch.setattr("importlib.util.find_spec", lambda name, *a: None if name == "mypy" else real(name, *a))
        made = CodeAnalyser()
        analysis, = made.analyse_all([CLEAN])
        made.close()
        assert analysis.quality is None and "mypy" in analysis.missing["quality"] and analysis.risk == 0.0


class TestEngine:
    def test_a_rule_with_an_error_is_named_and_the_others_run(self, tmp_path):
        (tmp_path / "a.yaml").write_text("""
rules:
  - {id: ours, languages: [python], severity: HIGH, message: ours, pattern: frobnicate($X), metadata: {cwe: "CWE-1: x"}}
  - {id: half, languages: [python], severity: HIGH, message: half, pattern: "frobnicate($X"}
  - {id: none, languages: [python], severity: HIGH, message: none}
""")
        (tmp_path / "b.yml").write_text("rules: [")
        (tmp_path / "c.yaml").write_text("other: 1")
        made = CodeAnalyser(AnalyseConfig(rules=(str(tmp_path),)))
        analysis, = made.analyse_all(["frobnicate(1)\n"])
        problems = made.problems()
        made.close()
        found = [(f.rule, f.cwe, f.severity) for f in analysis.findings if f.kind == "security"]
        assert found == [("ours", "CWE-1", "high")]
        for words in ("b.yml", "c.yaml", "'half' in", "'none' in"):
            assert any(words in problem for problem in problems), problems

    def test_rules_that_have_not_even_the_shape_of_rules(self, tmp_path):
        (tmp_path / "own.yaml").write_text("""
rules:
  - {id: text, languages: python, severity: HIGH, message: m, pattern: zork()}
  - {id: none, severity: HIGH, message: m, pattern: zork()}
  - {id: 4, languages: [python], severity: HIGH, message: m, pattern: zork()}
  - {id: other, languages: [generic], severity: HIGH, message: m, pattern-regex: TODO}
  - {id: dated, languages: [python], severity: HIGH, message: m, pattern: zork(), metadata: {when: 2020-01-01}}
""")
        made = CodeAnalyser(AnalyseConfig(rules=(str(tmp_path),)))
        ours, theirs = made.analyse_all([SHELL, "zork()\n"])
        problems = " ".join(made.problems())
        made.close()
        assert ours.risk > 0.5 and [f.rule for f in theirs.findings if f.kind == "security"] == ["dated"]
        assert all(name in problems for name in ("'text'", "'none'", "'4'", "generic"))

    def test_a_rule_that_runs_out_of_time_is_no_clean_scan(self, monkeypatch):
        monkeypatch.setattr(semgrep_engine, "RULE_TIMEOUT_S", 0.01)
        made = CodeAnalyser()
        flat = "import os\ndef f(a):\n" + "".join(f"    os.system(a)\n    b{i} = a\n" for i in range(300))
        slow, = made.analyse_all([flat])
        made.close()
        assert slow.risk is None and "gave up" in slow.missing["security"]
        assert any(f.tool == "bandit" for f in slow.findings), "what the other tool found stays"

    def test_rules_that_are_not_there(self):
        with pytest.raises(InputError, match="no rules at"):
            SemgrepEngine(["/no/such/rules"])

    def test_a_process_that_dies_is_an_error_and_the_next_scan_works(self, engine):
        engine.warm_up()
        os.kill(engine._spares[1][0].process.pid, signal.SIGKILL)
        with pytest.raises(EngineError, match="died"):
            engine.scan([SHELL])
        assert engine.scan([SHELL])[0]

    def test_a_batch_in_which_one_kills_the_engine(self, monkeypatch):
        made = CodeAnalyser()
        made.warm_up()
        scanner, _ = made._tools()
        os.kill(scanner.engine._spares[1][0].process.pid, signal.SIGKILL)
        shell, clean = made.analyse_all([SHELL, CLEAN])
        made.close()
        assert shell.risk > 0.5 and clean.risk == 0.0, "each is looked at by itself"

    def test_close_leaves_no_process_and_no_file(self):
        made = SemgrepEngine()
        made.warm_up()
        process, folder = made._spares[1][0].process, made._folder
        made.close()
        assert process.poll() is not None and not os.path.exists(folder)

    def test_the_waiting_process_ends_with_us(self, tmp_path):
        script = ("import os, sys, time\nfrom ncg_ray.analyse.semgrep_engine import SemgrepEngine\n"
                  "e = SemgrepEngine(); e.warm_up(); print(e._spares[1][0].process.pid, flush=True); time.sleep(60)\n")
        parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True,
                                  env={**os.environ, "TMPDIR": str(tmp_path)})
        pid = int(parent.stdout.readline())
        child = psutil.Process(pid)
        parent.kill()
        parent.wait()
        parent.stdout.close()
        gone, alive = psutil.wait_procs([child], timeout=20)
        assert gone and not alive


class TestTypeChecker:
    def test_it_survives_the_death_of_its_process(self):
        checker = TypeChecker()
        assert [m.code for m in checker.check(["x: int = ''\n"])[0]] == ["assignment"]
        checker._process.kill()
        checker._process.wait()
        assert [m.line for m in checker.check(["\nx: int = ''\n"])[0]] == [2]
        checker.close()

    def test_one_program_that_mypy_gives_up_on_harms_no_other(self):
        checker = TypeChecker()
        odd = "x = 1\nnonlocal x\n"
        found = checker.check(["x: int = ''\n", odd, "def g() -> int:\n    return ''\n"])
        checker.close()
        assert [m.code for m in found[0]] == ["assignment"] and [m.code for m in found[2]] == ["return-value"]

    def test_a_program_alone_has_the_errors_that_it_has_in_a_batch(self):
        checker = TypeChecker()
        codes = ["def f(x: int) -> str:\n    return x\n", "import asyncio\nasyncio.run(3)\n",
                 "from xml.dom import minidom\nminidom.parseString(1)\n", "import nowhere\nnowhere.f()\n"]
        alone = [checker.check([code])[0] for code in codes]
        assert checker.check(codes) == alone and [len(found) for found in alone] == [1, 1, 1, 0]
        checker.close()

    def test_the_folder_that_it_is_started_in_is_none_of_its_business(self, monkeypatch, tmp_path):
        (tmp_path / "helper.py").write_text("def f(x: int) -> int:\n    return x\n")
        monkeypatch.chdir(tmp_path)
        checker = TypeChecker()
        assert checker.check(["import helper\nhelper.f('')\n"]) == [[]]
        checker.close()

    def test_close_leaves_no_process_and_no_file(self, monkeypatch, tmp_path):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        checker = TypeChecker()
        checker.check(["x = 1\n"])
        process = checker._process
        assert list(tmp_path.iterdir())
        checker.close()
        assert process.poll() is not None and not list(tmp_path.iterdir())

    def test_time_is_limited(self, monkeypatch):
        monkeypatch.setattr("ncg_ray.analyse.type_errors.START_S", 0.0)
        monkeypatch.setattr("ncg_ray.analyse.type_errors.DEADLINE_S", 0.001)
        monkeypatch.setattr("ncg_ray.analyse.type_errors.DEADLINE_PER_FILE_S", 0.0)
        checker = TypeChecker()
        with pytest.raises(CheckerError, match="took longer"):
            checker.check(["x = 1\n"])
        checker.close()


@pytest.mark.skipif(not EXAMPLES.is_file(), reason=f"bandit's examples are not at {EXAMPLES}")
def test_bandits_own_examples_give_bandits_own_counts():
    rows = [json.loads(line) for line in EXAMPLES.read_text(encoding="utf-8").splitlines()]
    compared, wrong = 0, []
    for row in rows:
        runs: dict[str, list] = {}
        for expected in row["expected"] or ():
            if not expected["custom_config"] and not expected["kw"]:  # else bandit is given other settings than ours
                runs.setdefault(expected["test"], []).append(
                    {what: {rank: n for rank, n in expected["expect"][what].items() if n} for what in expected["expect"]})
        for test, wanted in runs.items():  # several where bandit's test also tries other settings of one rule
            comments = {} if "ignore" in test else comments_of(row["source"])
            try:
                found = bandit_engine.issues(row["source"], comments)
            except SyntaxError:
                found = []
            seen = {what: dict(Counter(getattr(i, what.lower()) for i in found)) for what in ("SEVERITY", "CONFIDENCE")}
            compared += 1
            if seen not in wanted:
                wrong.append((row["file"], test, seen, wanted))
    assert compared > 60 and not wrong, wrong[:5]


def comments_of(source: str) -> dict[int, set[str]]:
    """As bandit's manager reads `# nosec`."""
    found = {}
    with contextlib.suppress(tokenize.TokenError, IndentationError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and (rules := manager._parse_nosec_comment(token.string)) is not None:
                found[token.start[0]] = rules
    return found
