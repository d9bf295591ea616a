from __future__ import annotations

import asyncio
import dataclasses
import json
import os

import pytest

from ncg_ray import config as configs
from ncg_ray.config import Config
from ncg_ray.control import NeuralController
from ncg_ray.errors import GenerationError, InfrastructureError, InputError
from ncg_ray.evaluate import SuiteRow, evaluate
from ncg_ray.pipeline import Parts, solve
from ncg_ray.protocols import Check, TestReport
from ncg_ray.records import from_json
from ncg_ray.testing import CleanAnalyser, ScriptedGenerator
from ncg_ray.types import Answer, Attempt, Candidate, Level, Outcome, OutcomeKind, Reward, Trace, Verdict

MET = Verdict(Level.TESTED, "examples", "examples", num_passed=1, num_checked=1)
MODE_KEYS = {"solved", "pass@1", "pass@1_interval", "pass@k", "verified@1", "exact_match", "bleu", "tokens",
             "sandbox_runs", "seconds"}


def row(number, sign="+", solution=True):
    name = f"op{number}"
    return SuiteRow(f"t/{number}", f'def {name}(a, b):\n    """Combine a and b."""\n', name,
                    f"assert {name}(1234, 1) == {1234 + 1 if sign == '+' else 1234 - 1}",
                    program(number, sign) if solution else None)


def program(number, sign):
    return f"def op{number}(a, b):\n    return a {sign} b\n"


class PlainExecutor:
    """Runs asserts in this process: every program in these tests is our own."""

    def __init__(self):
        self.num_jobs = 0

    async def test(self, jobs):
        self.num_jobs += len(jobs)
        return [self._report(job) for job in jobs]

    def _report(self, job):
        names = {}
        try:
            exec(job.code, names)
            exec(job.tests, names)
        except AssertionError:
            return TestReport(0, 1, Outcome(OutcomeKind.RETURNED), failure=job.tests, outcome="failed")
        return TestReport(1, 1, Outcome(OutcomeKind.RETURNED))


class MetVerifier:
    async def verify(self, task, candidates):
        return [Check((MET,), num_runs=2) for _ in candidates]


class FlatRewarder:
    async def score(self, task, candidates, checks, analyses):
        return [Reward(1.0, 1.0, 1.0, 1.0, 1.0, 1.0) for _ in candidates]


SEARCH = Config().search


def bound(generator, search=SEARCH):
    """`pipeline.solve` on a real controller and a scripted model."""
    parts = Parts(MetVerifier(), CleanAnalyser(), FlatRewarder(), {"neural": NeuralController(search)}, generator)

    async def run(task, *, mode, seed):
        return await solve(task, parts, mode=mode, seed=seed)

    return run


def drawing(draws, answers=None):
    """A solver whose Traces hold these draws (True: a right program) for each task; the answer is the first draw."""
    calls = []

    async def run(task, *, mode, seed):
        calls.append((mode, task.id))
        number = int(task.id.split("/")[1])
        codes = [program(number, "+" if right else "-") for right in draws[number]]
        attempts = tuple(Attempt(i, 0, Candidate(code, "sample" if i else "greedy"), (MET,), Level.TESTED)
                         for i, code in enumerate(codes))
        answer = Answer(codes[0], "TESTED", 0.5, mode, 0) if codes else None
        return Trace("id", task, mode, answer, attempts, timings_s={"total": 0.5}, counts={"tokens": 7},
                     model_id="m", model_hash="h", note="" if answer else "no candidate was made")

    run.calls = calls
    return run


async def measure(rows, solver, tmp_path, **changes):
    options = {"modes": ["neural"], "num_samples": 1, "seed": 0, "out": tmp_path / "report.json", "config": Config(),
               "suite_name": "small"} | changes
    return await evaluate(rows, solver, options.pop("executor", PlainExecutor()), **options)


async def test_report_traces_and_page(tmp_path):
    generator = ScriptedGenerator([program(1, "+"), program(2, "+"), program(3, "-")])
    events = []
    report = await measure([row(1), row(2, "-"), row(3, "-")], bound(generator), tmp_path, seed=5,
                           on_event=events.append)
    mode = report["modes"]["neural"]
    assert set(mode) >= MODE_KEYS
    assert (report["suite"], report["tasks"], report["left_out"], report["seed"]) == ("small", 3, 0, 5)
    assert report["config_hash"] == Config().hash and report["model"]["id"] == "scripted"
    assert mode["solved"] == 2 and mode["pass@1"] == pytest.approx(2 / 3, abs=1e-6)
    assert mode["pass@k"] == {"1": pytest.approx(2 / 3, abs=1e-6)}
    assert mode["pass@1_interval"] == pytest.approx([0.2077, 0.9385], abs=1e-4)
    assert mode["verified@1"] == mode["pass@1"] and mode["misjudged"] == 1
    assert mode["exact_match"] == pytest.approx(2 / 3, abs=1e-6) and 2 / 3 < mode["bleu"] < 1
    assert mode["tokens"] == 3 and mode["sandbox_runs"] == 6 and mode["seconds"] >= 0
    assert mode["unsolved"] == {"t/2": "0 of 1 tests passed"}
    assert json.loads((tmp_path / "report.json").read_text()) == report

    lines = [json.loads(line) for line in (tmp_path / "report.traces.jsonl").read_text().splitlines()]
    assert [(line["task_id"], line["mode"]) for line in lines] == [(f"t/{n}", "neural") for n in (1, 2, 3)]
    assert lines[0]["answer"]["code"] == program(1, "+")
    trace = from_json(Trace, {k: v for k, v in lines[0].items() if k not in ("task_id", "graded")})
    assert trace.seed == 5 and trace.task.entry_point == "op1"

    page = (tmp_path / "report.md").read_text()
    for text in ("# small", "0.667", "`t/2`: 0 of 1 tests passed", "seed: 5", Config().hash, "CPUs"):
        assert text in page
    assert [(e["done"], e["total"], e["task_id"], e["solved"]) for e in events if e["event"] == "progress"] == [
        (1, 3, "t/1", True), (2, 3, "t/2", False), (3, 3, "t/3", True)]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["report.json", "report.md", "report.run.json",
                                                          "report.traces.jsonl"]


async def test_hidden_tests_reach_neither_the_model_nor_the_stored_traces(tmp_path):
    generator = ScriptedGenerator([program(1, "-")])
    await measure([row(1)], bound(generator), tmp_path)
    assert generator.requests
    for text in (repr(generator.requests), (tmp_path / "report.traces.jsonl").read_text()):
        assert "1234" not in text and "a + b" not in text


async def test_pass_at_k_counts_every_draw_of_the_common_prefix(tmp_path):
    rows = [row(1), row(2)]
    right, wrong = True, False
    draws = {1: [right, wrong, wrong, wrong, wrong], 2: [wrong, wrong, right, right, wrong]}
    report = await measure(rows, drawing(draws), tmp_path, num_samples=5)
    # one of five and two of five: pass@1 of draws is (0.2 + 0.4) / 2
    assert report["modes"]["neural"]["pass@k"] == {"1": pytest.approx(0.3), "5": 1.0}
    assert report["modes"]["neural"]["pass@1"] == 0.5, "pass@1 judges the answer"

    report = await measure(rows, drawing({1: [right], 2: [wrong, right, right]}), tmp_path, num_samples=3,
                           out=tmp_path / "early.json")
    assert report["modes"]["neural"]["pass@k"] == {"1": 0.5}, "what a mode drew after others had stopped is not counted"
    report = await measure(rows, drawing({1: [right] * 9, 2: [wrong] * 9}), tmp_path, num_samples=2,
                           out=tmp_path / "more.json")
    assert report["modes"]["neural"]["pass@k"] == {"1": 0.5, "2": 0.5}


async def test_samples_of_the_bare_model_give_pass_at_k_and_leave_its_answer_alone(tmp_path):
    generator = ScriptedGenerator([program(1, sign) for sign in "-+-+"])
    search = dataclasses.replace(SEARCH, num_neural_samples=3)
    report = await measure([row(1)], bound(generator, search), tmp_path, num_samples=4)
    mode = report["modes"]["neural"]
    assert mode["solved"] == 0 and mode["pass@k"] == {"1": 0.5, "4": 1.0} and mode["tokens"] == 4


async def test_no_answer_is_not_solved(tmp_path):
    report = await measure([row(1)], drawing({1: []}), tmp_path)
    mode = report["modes"]["neural"]
    assert mode["solved"] == 0 and mode["pass@k"] == {} and mode["verified@1"] == 0.0
    assert mode["unsolved"] == {"t/1": "no candidate was made"}


async def test_rows_that_fail_the_gate_are_left_out_and_never_solved(tmp_path):
    broken = dataclasses.replace(row(1), canonical_solution=program(1, "-"))
    solver = drawing({2: [True]})
    report = await measure([broken, row(2)], solver, tmp_path)
    assert (report["tasks"], report["left_out"]) == (1, 1) and report["modes"]["neural"]["pass@1"] == 1.0
    assert report["left_out_tasks"] == {"t/1": "the canonical solution fails: 0 of 1 tests passed"}
    assert solver.calls == [("neural", "t/2")]
    assert "## Left out (1)" in (tmp_path / "report.md").read_text()

    nothing = await measure([broken], drawing({}), tmp_path, out=tmp_path / "nothing.json")
    assert nothing["tasks"] == 0 and nothing["modes"]["neural"]["pass@1"] is None
    assert nothing["modes"]["neural"]["pass@1_interval"] is None


async def test_without_canonical_solutions_likeness_is_null(tmp_path):
    report = await measure([row(1, solution=False)], drawing({1: [True]}), tmp_path)
    assert report["modes"]["neural"]["exact_match"] is None and report["modes"]["neural"]["bleu"] is None
    assert report["modes"]["neural"]["solved"] == 1


async def test_an_infrastructure_failure_keeps_what_is_done_and_the_next_call_goes_on(tmp_path):
    rows = [row(n) for n in (1, 2, 3)]
    draws = {1: [True], 2: [False], 3: [True]}
    whole = await measure(rows, drawing(draws), tmp_path, out=tmp_path / "whole.json", modes=["neural", "hybrid"])

    good = drawing(draws)

    async def failing(task, *, mode, seed):
        if task.id == "t/3":
            raise GenerationError("the model is gone")
        return await good(task, mode=mode, seed=seed)

    with pytest.raises(GenerationError):
        await measure(rows, failing, tmp_path, modes=["neural", "hybrid"])
    assert not (tmp_path / "report.json").exists() and not (tmp_path / "report.md").exists()
    again, events = drawing(draws), []
    report = await measure(rows, again, tmp_path, modes=["neural", "hybrid"], on_event=events.append)
    assert again.calls[0] == ("neural", "t/3") and len(again.calls) == 4
    assert events[0]["event"] == "note" and events[-1]["done"] == events[-1]["total"] == 6
    assert report == whole
    done = (tmp_path / "report.json").read_bytes()
    assert done == (tmp_path / "whole.json").read_bytes()
    executor = PlainExecutor()
    await measure(rows, drawing({}), tmp_path, modes=["neural", "hybrid"], executor=executor)
    assert executor.num_jobs == 0 and (tmp_path / "report.json").read_bytes() == done


async def test_a_half_written_line_is_done_again(tmp_path):
    rows = [row(1), row(2)]
    whole = await measure(rows, drawing({1: [True], 2: [False]}), tmp_path)
    traces = tmp_path / "report.traces.jsonl"
    complete = traces.read_bytes()
    traces.write_bytes(complete[:-40])
    solver = drawing({2: [False]})
    assert await measure(rows, solver, tmp_path) == whole
    assert solver.calls == [("neural", "t/2")] and traces.read_bytes() == complete


@pytest.mark.parametrize(("changes", "difference"), [
    ({"seed": 1}, "seed 0 there and 1 now"),
    ({"num_samples": 4}, "num_samples 1 there and 4 now"),
    ({"config": configs.load(sets=["search.num_samples=3"])}, "config_hash"),
])
async def test_another_run_is_refused(tmp_path, changes, difference):
    await measure([row(1)], drawing({1: [True]}), tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(InputError, match=difference) as caught:
        await measure([row(1)], drawing({1: [True]}), tmp_path, **changes)
    assert "report.run.json" in caught.value.message and "--out" in caught.value.message
    assert before == {p.name: p.read_bytes() for p in tmp_path.iterdir()}


async def test_another_suite_another_model_and_broken_files_are_refused(tmp_path):
    await measure([row(1)], drawing({1: [True]}), tmp_path)
    with pytest.raises(InputError, match="suite_hash"):
        await measure([row(1, "-")], drawing({1: [True]}), tmp_path)

    async def other_model(task, *, mode, seed):
        return dataclasses.replace(await drawing({1: [True]})(task, mode=mode, seed=seed), model_hash="h2")

    with pytest.raises(InputError, match=r"model m \(h\) there and m \(h2\) now"):
        await measure([row(1)], other_model, tmp_path, modes=["neural", "hybrid"])

    traces, run_file = tmp_path / "report.traces.jsonl", tmp_path / "report.run.json"
    good = traces.read_bytes()
    traces.write_bytes(b"{}\n" + good)
    with pytest.raises(InputError, match="line 1 is not a stored Trace"):
        await measure([row(1)], drawing({1: [True]}), tmp_path)
    traces.write_bytes(good)
    run_file.write_text("{")
    with pytest.raises(InputError, match="not the description of a run"):
        await measure([row(1)], drawing({1: [True]}), tmp_path)
    run_file.unlink()
    with pytest.raises(InputError, match="does not describe"):
        await measure([row(1)], drawing({1: [True]}), tmp_path)
    assert traces.read_bytes() == good


async def test_bad_input_leaves_nothing_behind(tmp_path):
    for changes in ({"modes": ["neutral"]}, {"modes": []}, {"num_samples": 0}, {"concurrency": 0},
                    {"out": tmp_path / "no" / "where.json"}, {"out": tmp_path}, {"out": tmp_path / "report.md"}):
        with pytest.raises(InputError):
            await measure([row(1)], drawing({1: [True]}), tmp_path, **changes)
    with pytest.raises(InputError):
        await measure([], drawing({}), tmp_path)

    class NoSandbox:
        async def test(self, jobs):
            raise InfrastructureError("no sandbox")

    with pytest.raises(InfrastructureError):
        await measure([row(1)], drawing({1: [True]}), tmp_path, executor=NoSandbox())
    assert list(tmp_path.iterdir()) == []


async def test_two_runs_do_not_write_the_same_files(tmp_path):
    reached, proceed = asyncio.Event(), asyncio.Event()

    async def waiting(task, *, mode, seed):
        reached.set()
        await proceed.wait()
        return await drawing({1: [True]})(task, mode=mode, seed=seed)

    first = asyncio.create_task(measure([row(1)], waiting, tmp_path))
    await reached.wait()
    with pytest.raises(InputError, match="another process is writing"):
        await measure([row(1)], drawing({1: [True]}), tmp_path)
    proceed.set()
    assert (await first)["tasks"] == 1


async def test_concurrency_changes_the_order_of_work_and_not_the_report(tmp_path):
    rows, draws = [row(n) for n in range(6)], {n: [n % 2 == 0] for n in range(6)}
    alone = await measure(rows, drawing(draws), tmp_path, out=tmp_path / "alone.json")
    active, most = 0, 0

    async def slow(task, *, mode, seed):
        nonlocal active, most
        active += 1
        most = max(most, active)
        await asyncio.sleep(0.002 * (6 - int(task.id[-1])))
        active -= 1
        return await drawing(draws)(task, mode=mode, seed=seed)

    together = await measure(rows, slow, tmp_path, concurrency=3)
    assert most == 3 and together == alone


async def test_an_unforeseen_error_is_infrastructure_and_keeps_what_is_done(tmp_path):
    async def broken(task, *, mode, seed):
        raise ZeroDivisionError("in a part")

    with pytest.raises(InfrastructureError, match="evaluate: ZeroDivisionError: in a part"):
        await measure([row(1)], broken, tmp_path)
    assert not (tmp_path / "report.json").exists()


@pytest.mark.parametrize("name,content", [("suite.jsonl", '{"task_id": "a"}\n'), ("notes.txt", "words"), ("list.json", "3")])
async def test_a_file_that_is_no_report_is_not_overwritten(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match="not a report"):
        await measure([row(1)], drawing({}), tmp_path, out=tmp_path / name)
    assert [p.name for p in tmp_path.iterdir()] == [name] and (tmp_path / name).read_text() == content


async def test_a_device_is_not_replaced_and_a_name_has_room_for_its_neighbours(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(InputError, match="not a report"):
        await measure([row(1)], drawing({}), tmp_path, out=tmp_path / "pipe.json")
    with pytest.raises(InputError, match="name of a JSON file"):
        await measure([row(1)], drawing({}), tmp_path, out=tmp_path / ("x" * 300))
