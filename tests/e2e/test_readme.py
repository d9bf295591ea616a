"""The README's commands work as they stand, and its claims about the package are true."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import plain_training
import pytest
from openai_server import Server

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.M | re.S)
LINES = [line.split("#")[0].strip() for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
COMMANDS = [line for line in LINES if line]
NCG = [command for command in COMMANDS if command.startswith((".venv/bin/ncg generate", ".venv/bin/ncg config"))]
WITH_A_REAL_MODEL = "--mode neural"
"What the one command that loads a model says; the others ask a server, since loading takes most of their time."
JOBS = [command.partition(" -- ")[2] for command in COMMANDS if "ray job submit" in command]


def run(command: str, cwd: Path, **more) -> subprocess.CompletedProcess:
    words = shlex.split(command.replace(".venv/bin/ncg", f"{sys.executable} -m ncg_ray"))
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=300, **more)


def test_the_set_up_commands_are_in_the_makefile():
    targets = [command.split()[1] for command in COMMANDS if command.startswith("make ")]
    assert targets == ["demo", "test", "cluster"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in targets)


def on_the_cluster(ray_address: str) -> dict[str, str]:
    return {"RAY_ADDRESS": ray_address, "RAY_AUTH_MODE": "token", "HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="module")
def scripted():
    """The URL of a server that knows the answers of the README's tasks."""
    def reply(body):
        even = "is_even" in body["messages"][-1]["content"]
        code = "def is_even(n):\n    return n % 2 == 0" if even else "def product(a, b):\n    return a * b"
        return f"```python\n{code}\n```"

    with Server(reply=reply) as server:
        yield server.url


def test_one_command_runs_with_a_real_model():
    assert len([command for command in NCG if WITH_A_REAL_MODEL in command]) == 1


@pytest.mark.parametrize("command", NCG)
def test_command_runs(command, ray_address, scripted):
    if "generate" in command:  # nobody reads on where an answer rambles
        command += " --set " + ("model.max_new_tokens=64" if WITH_A_REAL_MODEL in command else f"model.source={scripted}")
    result = run(command, ROOT, env={**os.environ, **on_the_cluster(ray_address)})
    assert result.returncode in (0, 1), result.stderr
    assert "Traceback" not in result.stderr and result.stdout.strip()
    if "--json" in command:
        assert json.loads(result.stdout)["answer"]["verdict"] == "TESTED"


@pytest.mark.parametrize("command", JOBS)
def test_a_job_says_what_it_would_do(command, tmp_path, ray_address):
    """The jobs themselves run in `test_train_job.py`, `test_sweep_job.py` and `test_job_evaluate_submitted.py`."""
    command = command.replace("python ", f"{sys.executable} ") + f" --dry-run --set storage.uri={tmp_path}"
    if "train.py" in command:  # that the real model is found and read shows `test_train_job.py`
        command += f" --set model.source={plain_training.save(tmp_path / 'tiny')}"
    result = run(command, ROOT, env={**os.environ, **on_the_cluster(ray_address)})
    trained_first = "evaluate.py" in command and result.returncode == 2 and "jobs/train.py" in result.stderr
    assert result.returncode == 0 or trained_first, result.stderr
    assert "Traceback" not in result.stderr


def test_check_judges_code_that_exists(tmp_path):
    (command,) = [command for command in COMMANDS if " check " in command]
    (tmp_path / "solution.py").write_text("def twice(x):\n    return 2 * x\n")
    (tmp_path / "tests.py").write_text("def test_twice():\n    assert twice(2) == 4 and twice(-1) == -2\n")
    result = run(command, tmp_path)
    assert result.returncode == 0 and result.stdout.startswith("TESTED"), result.stderr


def test_scan_finds_nothing_severe_in_the_examples():
    (command,) = [command for command in COMMANDS if " scan " in command]
    done = run(command, ROOT)
    assert done.returncode == 0 and "findings in" in done.stdout, done.stderr


def test_verify_proves_one_and_refutes_one():
    (command,) = [command for command in COMMANDS if " verify " in command]
    result = run(command, ROOT)
    assert result.returncode == 1, result.stderr
    assert re.findall(r"^(\w+) +(\w+)  \(", result.stdout, re.M) == [
        ("PROVED", "largest"), ("REFUTED", "middle"), ("PROVED", "clamp")]
    assert "input     middle(" in result.stdout and "for       all inputs, and it ends on each" in result.stdout


def test_the_service_is_the_one_that_is_described():
    """It answers in `test_serve.py`; here, that what the README names is there."""
    routes = (ROOT / "ncg_ray" / "serving" / "routes.py").read_text(encoding="utf-8")
    for route in re.findall(r"`(?:POST )?(/v1/[\w/]+|/healthz|/readyz)", README):
        assert route in routes, route
    assert (ROOT / "cluster" / "serve.yaml").is_file() and " ncg serve" in README.replace(".venv/bin/", " ")


def test_the_python_example_names_real_attributes():
    example, sygus = (text for kind, text in BLOCKS if kind == "python")
    import ncg_ray
    from ncg_ray.generate.symbolic.sygus import Answer, solve
    assert callable(solve) and "answer.status, answer.define_fun, answer.python" in sygus
    assert {"status", "define_fun", "python"} <= set(Answer.__dataclass_fields__)
    assert callable(ncg_ray.generate) and "trace.code, trace.verdict, trace.confidence" in example
    assert {"code", "verdict", "confidence"} <= set(dir(ncg_ray.Trace))


def test_the_toml_example_is_a_task():
    from ncg_ray.task.read import read_task
    (example,) = [text for kind, text in BLOCKS if kind == "toml"]
    task = read_task("-", example)
    assert task.entry_point == "larger" and len(task.contracts) == 3


def test_every_part_of_the_tree_exists():
    tree = next(text for kind, text in BLOCKS if text.startswith("ncg_ray/"))
    for folder in re.findall(r"^  (\w+)/ ", tree, re.M):
        assert (ROOT / "ncg_ray" / folder).is_dir(), folder


def test_no_path_of_a_machine_stands_in_the_project():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    if not tracked:
        pytest.skip("not a git checkout: git ls-files names no file")
    for name in tracked:
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        assert not re.search(r"(?<![\w.])/(work|root)/[a-z.]", text) or name == "tests/e2e/test_readme.py", name
