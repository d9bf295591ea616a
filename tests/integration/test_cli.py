"""The command line in this process: real sandbox, verifier and analyser; only the model is a script."""

from __future__ import annotations

import asyncio
import functools
import io
import itertools
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import ncg_ray
from ncg_ray import api, cli, command, demo, display, storage
from ncg_ray.analyse import CodeAnalyser
from ncg_ray.config import Config, load
from ncg_ray.control import FixedController
from ncg_ray.errors import ClusterError, ConfigError, InputError
from ncg_ray.pipeline import Parts
from ncg_ray.records import from_json
from ncg_ray.reward import FormulaRewarder
from ncg_ray.sandbox import SandboxExecutor
from ncg_ray.testing import ScriptedGenerator
from ncg_ray.types import Level, Trace
from ncg_ray.verify import ExampleVerifier

ROOT = Path(ncg_ray.__file__).parents[1]
EXECUTOR = SandboxExecutor(Config().sandbox)
TRIPLE = "def triple(n):\n    return 3 * n\n"
WRONG = "def triple(n):\n    return n\n"
TASK = {"prompt": "Three times n.", "signature": "def triple(n: int) -> int",
        "examples": [{"args": [2], "returns": 6}, {"args": [0], "returns": 0}, {"args": [-1], "returns": -3}]}


def parts(*codes: str, **fakes) -> Parts:
    generator = ScriptedGenerator(list(codes) or [TRIPLE], repairs=[codes[-1] if codes else TRIPLE], **fakes)
    return Parts(ExampleVerifier(EXECUTOR), CodeAnalyser(), FormulaRewarder(),
                 {"adaptive": FixedController(load(sets=["search.num_samples=2", "search.num_repairs=1"]).search)},
                 generator, generator, isolation="bubblewrap")


@pytest.fixture
def ncg(monkeypatch, capsys, tmp_path):
    """Run a command; gives (exit code, stdout, stderr). What was not asked for must not be there."""
    monkeypatch.chdir(tmp_path)

    def run(*argv: str, codes=(), stdin: str = "", given: Parts | None = None):
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        start = functools.partial(api.session, parts=given or parts(*codes), executor=EXECUTOR)
        try:
            code = cli.main([str(a) for a in argv], start=start)
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return run


@pytest.fixture
def task(tmp_path) -> Path:
    path = tmp_path / "triple.json"
    path.write_text(json.dumps(TASK))
    return path


def test_generate_prints_code_and_reports_on_stderr(ncg, task):
    code, out, err = ncg("generate", task, codes=[TRIPLE])
    assert (code, out) == (0, TRIPLE)
    assert re.search(r"^TESTED  confidence 0\.\d\d  \(it passed every example", err, re.M)
    assert "3 of 3  examples  [examples, from you]" in err
    assert "gated" in err and "isolation bubblewrap" in err and "model scripted" in err
    assert "checking 1 distinct candidate\n  #0  greedy   TESTED   3 of 3 checks passed" in err


def test_a_refuted_answer_exits_1_and_names_the_counterexample(ncg, task):
    code, out, err = ncg("generate", task, codes=[WRONG])
    assert (code, out) == (1, WRONG)
    assert "REFUTED" in err and "triple(2) gave 2, expected 6" in err and "not a solution" in err


def test_words_without_evidence_exit_1(ncg):
    code, out, err = ncg("generate", "three times a number", codes=[TRIPLE])
    assert (code, out) == (1, TRIPLE)
    assert "UNKNOWN" in err and "nothing to check by" in err


def test_json_is_one_document_that_reads_back(ncg, task):
    code, out, err = ncg("generate", task, "--json", "--seed", "7", codes=[TRIPLE])
    trace = from_json(Trace, json.loads(out))
    assert code == 0 and trace.verdict == "TESTED" and trace.seed == 7 and trace.task.id == "triple"
    answer = json.loads(out)["answer"]
    assert answer["code"] == TRIPLE and set(answer["reward"]) >= {"tests", "security", "quality", "licence", "total",
                                                                  "gated"}
    assert "sampling 1 candidate" in err


def test_json_never_holds_what_json_cannot_say(capsys):
    stream = io.StringIO()
    command.document(stream, {"a": float("nan"), "b": [float("inf"), 1.5]})
    assert json.loads(stream.getvalue(), parse_constant=pytest.fail) == {"a": None, "b": [None, 1.5]}


def test_the_task_may_come_from_standard_input(ncg):
    code, out, _ = ncg("generate", "-", stdin=json.dumps(TASK), codes=[TRIPLE])
    assert (code, out) == (0, TRIPLE)


def test_out_writes_the_code_and_nothing_else(ncg, task, tmp_path):
    code, out, err = ncg("generate", task, "--out", tmp_path / "answer.py", codes=[TRIPLE])
    assert (code, out) == (0, "") and (tmp_path / "answer.py").read_text() == TRIPLE
    assert {p.name for p in tmp_path.iterdir()} == {"answer.py", "triple.json"}, "no draft is left"
    assert "TESTED" in err


def test_events_are_json_lines(ncg, task, tmp_path):
    ncg("generate", task, "--events", tmp_path / "events.jsonl", codes=[WRONG, TRIPLE])
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [e["event"] for e in events].count("attempt") == 3, "greedy and two samples"
    assert events[0]["event"] == "decision" and events[-1]["event"] == "answer"
    assert all(a["elapsed_s"] <= b["elapsed_s"] for a, b in itertools.pairwise(events))


def test_traces_are_stored_where_the_config_says(ncg, task, tmp_path):
    code, out, _ = ncg("generate", task, "--json", "--set", "storage.uri=" + str(tmp_path / "store"), codes=[TRIPLE])
    stored, = (tmp_path / "store" / "traces").iterdir()
    assert code == 0 and json.loads(stored.read_text()) == json.loads(out)
    assert stored.stem == json.loads(out)["id"]


def test_traces_are_stored_behind_a_url(ncg, task, tmp_path):
    code, out, _ = ncg("generate", task, "--json", "--set", f"storage.uri=file://{tmp_path}/store", codes=[TRIPLE])
    assert code == 0
    assert json.loads((tmp_path / "store" / "traces" / (json.loads(out)["id"] + ".json")).read_text())["mode"]


@pytest.mark.parametrize("argv,words", [
    (["generate", "nowhere.toml"], "nowhere.toml"),
    (["generate", ""], "empty"),
    (["generate", "-"], "empty"),
    (["generate", "x", "--set", "search.num_sample=3"], "unknown config key 'search.num_sample'"),
    (["generate", "x", "--set", "search.temperature=9"], "search.temperature = 9"),
    (["generate", "x", "--set", "seed"], "section.key=value"),
    (["generate", "x", "--seed", "-1"], "seed = -1"),
    (["generate", "x", "--config", "nowhere.toml"], "nowhere.toml"),
    (["generate", "x", "--out", "no/such/folder.py"], "no/such"),
    (["generate", "x", "--out", "."], "it is a folder"),
    (["generate", "x", "--events", "no/such/events"], "no/such/events"),
    (["generate", "x", "--set", "storage.uri=/dev/null/store"], "storage.uri"),
    (["generate", "x", "--set", "storage.uri=nope://store"], "storage.uri"),
    (["generate", "x", "--mode", "neural"], "mode 'neural' needs a part"),
    (["evaluate", "nowhere.jsonl"], "nowhere.jsonl"),
    (["config", "--set", "model.dtype=int9"], "model.dtype"),
])
def test_bad_input_is_one_line_and_exit_2(ncg, argv, words, tmp_path):
    code, out, err = ncg(*argv, "--json")
    last = err.splitlines()[-1]
    assert (code, out) == (2, "")
    assert last.startswith("ncg: error: ") and words in last
    assert [line for line in err.splitlines() if "error" in line] == [last]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("task", [
    {"prompt": "x", "signatur": "def f()"}, {"prompt": "x", "signature": "def f("}, {"prompt": " "}, [], "text", 3,
    {"prompt": "x", "signature": "def f(a)", "examples": [{"args": [1, 2], "returns": 3}]},
    {"prompt": "x", "signature": "def f(a)", "ensures": ["result >"]}, {"prompt": "x", "mode": "psychic"},
    {"prompt": 3}, {"prompt": "x", "examples": 3}, {"prompt": "x", "tests": "assert f("}, {},
])
def test_a_broken_task_is_one_line_and_exit_2(ncg, task, tmp_path):
    (tmp_path / "broken.json").write_text(json.dumps(task))
    code, out, err = ncg("generate", "broken.json")
    assert (code, out) == (2, "")
    assert re.fullmatch(r"ncg: error: [^\n]+\n", err)


@pytest.mark.parametrize("argv,words", [
    ([], "COMMAND"), (["solve"], "'solve'"), (["generate"], "TASK"), (["generate", "reverse", "a", "string"], "quote it"),
    (["generate", "x", "--mode", "psychic"], "'psychic'"), (["demo", "--seed", "many"], "'many'"),
    (["evaluate", "s.jsonl", "--samples", "0"], "'0' is not a number from 1"), (["demo", "--jso"], "--jso"),
])
def test_a_wrong_command_line_is_one_line_and_exit_2(ncg, argv, words):
    code, out, err = ncg(*argv)
    assert (code, out) == (2, "")
    assert re.fullmatch(r"ncg: error: [^\n]+--help\n", err) and words in err


def test_infrastructure_failure_is_exit_3(ncg, task):
    code, out, err = ncg("generate", task, "--json", given=parts(failures=[ClusterError("no cluster\nat all")]))
    assert (code, out) == (3, "") and err.splitlines()[-1] == "ncg: error: no cluster at all"


def test_a_defect_of_ours_is_one_line_with_a_hint(ncg, task, monkeypatch):
    monkeypatch.setattr(api, "generate", lambda *a, **k: 1 / 0)
    code, out, err = ncg("generate", task)
    assert (code, out) == (3, "") and re.search(r"error: ZeroDivisionError: division by zero; .*--debug", err)


def test_debug_shows_the_traceback(capsys):
    assert cli.main(["generate", "nowhere.toml", "--debug"]) == 2
    err = capsys.readouterr().err
    assert "Traceback" in err and err.splitlines()[-1].startswith("ncg: error: no such file")


def test_interruption_is_exit_130_and_leaves_no_session(ncg, task, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt
    monkeypatch.setattr(api, "generate", interrupt)
    code, out, err = ncg("generate", task)
    assert (code, out) == (130, "") and err.splitlines()[-1] == "ncg: interrupted"
    assert api._shared is None


def test_libraries_that_print_do_not_spoil_the_answer(ncg, task, monkeypatch):
    whole = api.generate
    monkeypatch.setattr(api, "generate", lambda *a, **k: print("noise") or whole(*a, **k))
    code, out, err = ncg("generate", task, "--json")
    assert code == 0 and json.loads(out) and "noise" in err


def test_config_lists_every_knob_and_reads_back(ncg, tmp_path):
    code, out, _ = ncg("config", "--set", "model.top_p=0.5", "--set", "seed=4")
    (tmp_path / "all.toml").write_text(out)
    assert code == 0 and load(tmp_path / "all.toml") == load(sets=["model.top_p=0.5", "seed=4"])
    assert "top_p = 0.5" in out and "(default 0.95)" in out
    code, out, _ = ncg("config", "--config", tmp_path / "all.toml", "--json")
    assert json.loads(out)["model.top_p"] == {"value": 0.5, "default": 0.95, "meaning": "nucleus, in (0, 1]"}


def test_version_and_help(ncg):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    if "version" in project:
        assert ncg_ray.__version__ == project["version"]
    assert ncg("--version") == (0, f"ncg {ncg_ray.__version__}\n", "")
    code, out, _ = ncg("--help")
    assert code == 0 and all(command in out for command in ("demo", "generate", "evaluate", "config"))


# --- the demo -------------------------------------------------------------------------------------------------

SOLUTIONS = {
    "is_even": "def is_even(n):\n    return n % 2 == 0\n",
    "larger": "def larger(a, b):\n    return a if a > b else b\n",
    "sum_list": "def sum_list(numbers):\n    return sum(numbers)\n",
    "product": "def times(a, b):\n    return a * b\n",
    "count_vowels": "def count_vowels(text):\n    return sum(c in 'aeiou' for c in text.lower())\n",
    "gcd": "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return abs(a)\n",
}


class Solver(ScriptedGenerator):
    """Knows the solution of each packaged task by its id, and gives others' words for the rest."""

    def __init__(self, **changes: str) -> None:
        super().__init__([""])
        self.solutions = SOLUTIONS | changes

    async def generate(self, requests):
        self.codes = [self.solutions[requests[0].task.id]]
        name = re.search(r"def (\w+)", self.codes[0])
        batch, = await super().generate(requests)
        return [[ncg_ray.types.Candidate(c.code, c.origin, name.group(1) if name else "") for c in batch]]

    async def specify(self, tasks, seed):
        assumed = ncg_ray.Example((2, 3), returns=6, origin="generated")
        return [task if task.examples or task.contracts or task.tests else
                ncg_ray.Task(task.prompt, task.id, "def times(a, b)", "times", examples=(assumed,)) for task in tasks]


def demo_parts(**changes: str) -> Parts:
    solver = Solver(**changes)
    return Parts(ExampleVerifier(EXECUTOR), CodeAnalyser(), FormulaRewarder(),
                 {"adaptive": FixedController(load(sets=["search.num_samples=1", "search.num_repairs=0"]).search)},
                 solver, None, solver)


def test_the_packaged_tasks_are_of_every_kind():
    tasks = {t.task.id: t for t in demo.load()}
    assert list(tasks) == list(SOLUTIONS)
    assert all(len(t.held_out) >= 4 and not set(map(repr, t.held_out)) & set(map(repr, t.task.examples))
               for t in tasks.values())
    assert tasks["is_even"].task.is_stub and len(tasks["is_even"].task.examples) == 3
    assert tasks["larger"].task.contracts and tasks["count_vowels"].task.examples
    assert tasks["sum_list"].task.tests or tasks["sum_list"].task.examples, "asserts may be read as examples"
    words = tasks["product"].task
    assert not (words.examples or words.tests or words.contracts or words.signature)


def test_demo_sums_up_and_allows_one_failure(ncg):
    code, out, err = ncg("demo", given=demo_parts(gcd="not python"))
    lines = out.splitlines()
    assert code == 0 and sum(line.startswith("ok ") for line in lines) == 5
    assert re.match(r"ok +is_even +adaptive +TESTED +confidence 0\.\d\d  checks 3/3  held-out 5/5  \d+\.\d s", lines[0])
    assert "FAILED gcd" in out and "solved 5 of 6 with scripted" in out and "TESTED: it passed every example" in out
    assert "assuming times(2, 3) == 6" in err and "[1 of 6] is_even" in err


def test_demo_says_which_part_failed(ncg):
    lucky = "def is_even(n):\n    return n in (4, 0)\n"
    given = demo_parts(is_even=lucky, gcd="def gcd(a, b):\n    return 1\n", product="def times(a, b):\n    return a\n")
    code, out, _ = ncg("demo", "--json", given=given)
    outcome = json.loads(out)
    reasons = {r["task"]: r["reason"] for r in outcome["results"] if r["reason"]}
    assert code == 1 and (outcome["solved"], outcome["tasks"], outcome["model"]) == (3, 6, "scripted")
    assert reasons["is_even"].startswith("selection: ") and "is_even(2) gave False, expected True" in reasons["is_even"]
    assert reasons["gcd"].startswith("sampling: none of 3 candidates passed (1 distinct)")
    assert reasons["product"].startswith("specification: no candidate meets the examples that the model assumed")
    assert {r["task"] for r in outcome["results"] if r["solved"]} == {"larger", "sum_list", "count_vowels"}


# --- evaluate ---------------------------------------------------------------------------------------------------

ROW = {"task_id": "t/0", "prompt": 'def triple(n):\n    """Three times n.\n\n    >>> triple(1)\n    3\n    """\n',
       "entry_point": "triple", "tests": "assert triple(5) == 15", "canonical_solution": TRIPLE}


def test_evaluate_reports_as_a_page_or_as_json(ncg, tmp_path):
    (tmp_path / "suite.jsonl").write_text(json.dumps(ROW) + "\n")
    code, out, err = ncg("evaluate", "suite.jsonl", "--samples", "2", "--json", codes=[TRIPLE])
    report = json.loads(out)
    assert code == 0 and report["modes"]["adaptive"]["pass@1"] == 1.0 and report["num_samples"] == 2
    assert json.loads((tmp_path / "suite.report.json").read_text()) == report
    assert "[1 of 1] adaptive t/0 solved" in err and "#0" not in err
    assert "checking the suite's tests on its canonical solutions (1 rows)" in err
    code, out, _ = ncg("evaluate", "suite.jsonl", "--samples", "2", "--out", tmp_path / "r.json", codes=[WRONG])
    assert code == 0 and out == (tmp_path / "r.md").read_text() and "Not solved by `adaptive` (1)" in out


def test_a_suite_without_tests_is_refused_before_anything_starts(ncg, tmp_path):
    (tmp_path / "suite.jsonl").write_text(json.dumps(ROW | {"tests": ""}))
    code, out, err = ncg("evaluate", "suite.jsonl", "--out", "r.json")
    assert (code, out) == (2, "") and re.fullmatch(r"ncg: error: suite 'suite.jsonl' line 1: [^\n]+\n", err)
    assert [p.name for p in tmp_path.iterdir()] == ["suite.jsonl"]


# --- the Python functions ---------------------------------------------------------------------------------------


def test_functions_share_a_session_and_say_so_when_it_differs(task):
    with api.session(parts=parts(), executor=EXECUTOR) as outer:
        assert ncg_ray.generate(task).code == TRIPLE
        with api.session() as inner:
            assert inner is outer
        with pytest.raises(InputError, match="another config"):
            ncg_ray.generate(task, search__num_samples=1)
        assert ncg_ray.generate(task, seed=5).seed == 5
    assert api._shared is None


def test_functions_work_inside_a_running_event_loop(task):
    async def notebook() -> str:
        with api.session(parts=parts(), executor=EXECUTOR):
            return ncg_ray.generate(str(task)).verdict

    assert asyncio.run(notebook()) == "TESTED"


def test_sets_change_single_knobs_of_any_config():
    given = load(sets=["seed=9", "model.source=here", "reward.weights=[1, 0, 0, 0]"])
    assert api.configure(given) is given
    changed = api.configure(given, search__num_samples=3, model__name='a "quoted" name')
    assert changed == load(sets=["seed=9", "model.source=here", "reward.weights=[1, 0, 0, 0]", "search.num_samples=3",
                                 "model.name='a \"quoted\" name'"])
    with pytest.raises(ConfigError, match=r"search\.nothing"):
        api.configure(None, search__nothing=1)


def test_an_assumed_example_that_fails_is_not_called_no_evidence(ncg):
    code, _, err = ncg("generate", demo.FOLDER / "product.txt",
                       given=demo_parts(product="def times(a, b):\n    return a\n"))
    assert code == 1 and "UNKNOWN" in err and "no evidence" not in err
    assert "it fails an example that the model itself assumed" in err and "attempt #0 (of 3)" in err


def test_a_session_says_which_modes_its_parts_lack(task):
    with api.session(parts=parts(), executor=EXECUTOR), pytest.raises(InputError, match="available: adaptive"):
        ncg_ray.generate(task, mode="neural")


def test_unknown_modes_and_half_given_parts_are_input_errors(task):
    with pytest.raises(InputError, match="psychic"):
        ncg_ray.generate(task, mode="psychic")
    with pytest.raises(InputError, match="a Task, not dict"):
        ncg_ray.generate(TASK)
    with pytest.raises(InputError, match="executor"), api.session(parts=parts()):
        pass
    assert api._shared is None


@pytest.mark.parametrize("first", ["ncg_ray.generate.prompts", "ncg_ray.api"])
def test_stages_that_are_also_functions_stay_both(first):
    script = (f"import {first}, ncg_ray, inspect, pickle; from ncg_ray import generate, evaluate, demo, solve, Task\n"
              "assert all(map(callable, (generate, evaluate, demo, solve))) and generate is ncg_ray.generate\n"
              "from ncg_ray.generate.prompts import write_function\n"
              "assert ncg_ray.generate.prompts.write_function is write_function\n"
              "assert pickle.loads(pickle.dumps(ncg_ray)) is ncg_ray and inspect.ismodule(ncg_ray.generate)\n"
              "assert set(ncg_ray.__all__) <= set(dir(ncg_ray)) and not hasattr(ncg_ray, 'nothing')\n"
              "try: generate(3.5, mode='psychic')\nexcept Exception as error: print(type(error).__name__)")
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip(), "the call went through to the function"


# --- displays ---------------------------------------------------------------------------------------------------


def test_control_characters_of_a_model_do_not_reach_the_terminal():
    line = display.line_for({"event": "attempt", "index": 0, "origin": "greedy", "level": "REFUTED",
                             "detail": "gave \x1b[2J\x07 [bold]x[/bold]\nnext"})
    assert line == "  #0  greedy   REFUTED  gave ?[2J? [bold]x[/bold] next"


def test_a_stream_that_breaks_is_told_nothing_more(task):
    told = []

    def broken(event):
        told.append(event)
        raise BrokenPipeError

    with api.session(parts=parts(), executor=EXECUTOR, on_event=display.Listeners([broken])):
        assert ncg_ray.generate(task).verdict == "TESTED"
    assert len(told) == 1


def test_the_live_display_shows_stage_and_attempts_and_clears_itself():
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    results, stream = [], Terminal()
    progress = display.LiveProgress(stream, results.append)
    progress({"event": "task", "task": "is_even", "done": 0, "total": 6})
    progress({"event": "stage", "stage": "generate", "num_candidates": 10})
    progress({"event": "attempt", "index": 0, "origin": "sample", "level": "REFUTED", "detail": "[red]f(2)[/red]"})
    progress({"event": "note", "text": "using the small model"})
    progress.live.refresh()
    shown = stream.getvalue()
    assert "[1 of 6] is_even" in shown and "sampling 10 candidates" in shown and "[red]f(2)[/red]" in shown
    assert "using the small model" in shown
    progress({"event": "result", "task": "is_even"})
    assert results and not progress.live.is_started
    progress.close()


def test_every_level_has_a_meaning():
    assert set(display.MEANINGS) == set(Level)


def test_files_are_written_whole_or_not_at_all(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    storage.write_text(tmp_path / "link", "new \ud800")
    assert (tmp_path / "real").read_text() == "new \\ud800" and (tmp_path / "link").is_symlink()
    with pytest.raises(InputError, match="cannot write"):
        storage.write_text(tmp_path / "no" / "file", "x")
    storage.check_writable("/dev/null")
    storage.write_text("/dev/null", "x")
    assert not Path("/dev/null").is_file()
