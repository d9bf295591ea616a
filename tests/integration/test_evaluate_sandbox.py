"""`evaluate` on the real sandbox: time limits, bad rows, and a run that is killed in the middle."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from ncg_ray.config import SandboxConfig
from ncg_ray.evaluate import SuiteRow
from ncg_ray.evaluate.grade import Grader
from ncg_ray.sandbox import SandboxExecutor

CONFIG = SandboxConfig(time_s=2.0)
STUB = 'def square(x):\n    """The square of x.\n\n    >>> square(2)\n    4\n    """\n'
RIGHT = "def square(x):\n    return x * x\n"
CHECK = "def check(candidate):\n    assert candidate(3) == 9\n    assert candidate(-4) == 16\n"
ASSERTS = "assert square(3) == 9\nassert square(-4) == 16"


@pytest.fixture
def grader() -> Grader:
    return Grader(SandboxExecutor(CONFIG), CONFIG)


@pytest.mark.parametrize("tests", [CHECK, ASSERTS])
async def test_answers_of_every_kind(grader, tests):
    row = SuiteRow("t", STUB, "square", tests, RIGHT)
    gate = await grader.gate(row)
    assert not gate.left_out and gate.time_limit_s >= 2.0
    answers = {
        RIGHT: True,
        "def square(x):\n    return x ** 2\n": True,
        "def square(x):\n    return 2 * x\n": False,
        "def square(x):\n    while True: pass\n": False,
        "def square(x):\n    raise SystemExit(0)\n": False,
        "import os\nos._exit(0)\n": False,
        "def square(x) return x\n": False,
        "def other(x):\n    return x * x\n": False,
        "def square(x):\n    return [0] * 10**11\n": False,
        "": False,
    }
    grades = await grader.grade(row, list(answers), gate.time_limit_s)
    assert dict(zip(answers, [g.solved for g in grades], strict=True)) == answers
    assert all(g.reason for g in grades if not g.solved)


async def test_an_answer_that_only_passes_in_one_process_with_the_tests_is_marked(grader):
    liar = "class Any(int):\n    def __eq__(self, other): return True\n\ndef square(x):\n    return Any()\n"
    lying, right = await grader.grade(SuiteRow("t", STUB, "square", ASSERTS, RIGHT), [liar, RIGHT], 2.0)
    assert lying.forgeable and not right.forgeable


async def test_the_gate_finds_rows_that_measure_nothing(grader):
    wrong = await grader.gate(SuiteRow("t", STUB, "square", ASSERTS, "def square(x):\n    return x\n"))
    assert wrong.left_out == "the canonical solution fails: 0 of 2 tests passed"
    for solution in (RIGHT, None):
        for tests in ("assert square(3) ==", "x = 1", "import nowhere_to_be_found\nassert square(3) == 9"):
            gate = await grader.gate(SuiteRow("t", STUB, "square", tests, solution))
            assert gate.left_out.startswith("the tests cannot be used: "), tests
        gate = await grader.gate(SuiteRow("t", STUB, "square", ASSERTS, solution))
        assert not gate.left_out


async def test_an_answer_that_breaks_the_setup_of_the_tests_keeps_its_row(grader):
    row = SuiteRow("t", STUB, "square", "first = square(3) + 0\nassert first == 9")
    assert not (await grader.gate(row)).left_out
    grades = await grader.grade(row, [RIGHT, "def square(x):\n    raise ValueError\n"], 2.0)
    assert [g.solved for g in grades] == [True, False]


async def test_a_slow_canonical_solution_gives_answers_more_time(grader):
    slow = "import time\n\ndef square(x):\n    time.sleep(0.4)\n    return x * x\n"
    row = SuiteRow("t", STUB, "square", "assert square(3) == 9", slow)
    gate = await grader.gate(row)
    assert gate.time_limit_s >= 4.0
    slower, = await grader.grade(row, [slow.replace("0.4", "2.3")], gate.time_limit_s)
    assert slower.solved, "2.3 s is more than sandbox.time_s, and less than ten times the canonical solution"


DRIVER = """
    import asyncio, sys
    from pathlib import Path
    from ncg_ray.config import Config
    from ncg_ray.control import NeuralController
    from ncg_ray.evaluate import evaluate, read_suite
    from ncg_ray.pipeline import Parts, solve
    from ncg_ray.protocols import Limits
    from ncg_ray.reward import FormulaRewarder
    from ncg_ray.sandbox import SandboxExecutor
    from ncg_ray.testing import CleanAnalyser, ScriptedGenerator
    from ncg_ray.verify import ExampleVerifier

    suite, out, wait_s = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    config = Config()
    executor = SandboxExecutor(config.sandbox)
    verifier = ExampleVerifier(executor, config.verify, Limits(time_s=config.sandbox.time_s))

    async def scripted(task, *, mode, seed):
        number = int(task.id.removeprefix("t/"))
        sign = "*" if number % 3 else "+"
        generator = ScriptedGenerator([f"def op{number}(a, b):\\n    return a {sign} b\\n"])
        controllers = {"neural": NeuralController(config.search)}
        parts = Parts(verifier, CleanAnalyser(), FormulaRewarder(config.reward), controllers, generator)
        await asyncio.sleep(wait_s)
        return await solve(task, parts, mode=mode, seed=seed)

    asyncio.run(evaluate(read_suite(suite), scripted, executor, modes=["neural"], num_samples=1, seed=3, out=out,
                         config=config, suite_name="killed"))
"""


def test_kill_9_in_the_middle_and_again_gives_the_same_report(tmp_path):
    driver, suite = tmp_path / "driver.py", tmp_path / "suite.jsonl"
    driver.write_text(textwrap.dedent(DRIVER))
    rows = [{"task_id": f"t/{n}", "entry_point": f"op{n}",
             "prompt": f'def op{n}(a, b):\n    """The product.\n\n    >>> op{n}(2, 2)\n    4\n    """\n',
             "tests": f"assert op{n}(3, 5) == 15\nassert op{n}(7, {n}) == {7 * n}",
             "canonical_solution": f"def op{n}(a, b):\n    return a * b\n"} for n in range(1, 7)]
    rows[4]["canonical_solution"] = "def op5(a, b):\n    return a\n"
    suite.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def start(out: Path, wait_s: float) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, str(driver), str(suite), str(out), str(wait_s)], stderr=subprocess.PIPE)

    whole, killed = tmp_path / "whole.json", tmp_path / "killed.json"
    process = start(whole, 0.0)
    assert process.wait(120) == 0, process.stderr.read().decode()

    traces = tmp_path / "killed.traces.jsonl"
    process = start(killed, 0.3)
    deadline = time.monotonic() + 60
    while not (traces.exists() and traces.read_bytes().count(b"\n") >= 2):
        assert process.poll() is None and time.monotonic() < deadline, process.stderr.read().decode()
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    stored = traces.read_bytes()
    assert not killed.exists() and 2 <= stored.count(b"\n") < 5

    process = start(killed, 0.0)
    assert process.wait(120) == 0, process.stderr.read().decode()
    assert traces.read_bytes().startswith(stored[:stored.rfind(b"\n") + 1]), "what was done is not done again"
    report = json.loads(whole.read_text())
    assert report["modes"]["neural"]["solved"] == 3 and (report["tasks"], report["left_out"]) == (5, 1)
    assert list(report["modes"]["neural"]["unsolved"]) == ["t/3", "t/6"]
    assert _without_seconds(killed) == _without_seconds(whole)
    assert (tmp_path / "killed.md").exists() and not list(tmp_path.glob(".*.tmp"))


def _without_seconds(path: Path) -> dict:
    report = json.loads(path.read_text())
    assert report["modes"]["neural"].pop("seconds") > 0
    return report
