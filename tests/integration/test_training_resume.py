"""One training through everything that can happen to it: a full disk, a new job, a worker killed with SIGKILL. It must end
with the losses of plain PyTorch that nothing ever happened to."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import plain_training
import psutil
import pytest

from ncg_ray import corpus
from ncg_ray.config import Config, load
from ncg_ray.errors import ConfigError, InfrastructureError, InputError

STEPS, EVERY = 14, 4
SOURCE = "".join(f"def f{i}(x):\n    return x * {i} + {i * i}\n\n\n" for i in range(120))


SAVE_TWICE = """
import os, sys
from pathlib import Path
import torch.multiprocessing

def work(rank, disk, port):
    os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT=port)
    import plain_training
    from ncg_ray.config import load
    from ncg_ray.learn import lora, state, zero
    config = load().train
    engine = zero.start(lora.attach(plain_training.model(), config, 0), config)
    with_room = state.save(engine, disk / "first")
    if rank == 0:
        (disk / "ballast").write_bytes(b"x" * (os.statvfs(disk).f_bavail - 2) * os.statvfs(disk).f_bsize)
    state.agree("")
    without = state.save(engine, disk / "second")
    sys.stdout.write(f"rank {rank}: with room {with_room!r}\\nrank {rank}: without {without}\\n")

if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    import socket
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    torch.multiprocessing.start_processes(work, (Path(sys.argv[1]), port), nprocs=2, start_method="fork")
"""


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory):
    """A file system of 4 MiB, or None where nobody lets us mount one."""
    folder = tmp_path_factory.mktemp("disk")
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)],
                                      capture_output=True).returncode:
        yield None
        return
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def config(tmp_path_factory, small_disk) -> Config:
    work = tmp_path_factory.mktemp("work")
    (work / "code").mkdir()
    (work / "code" / "a.py").write_text(SOURCE)
    (work / "code" / "broken.py").write_text("def f(:\n")
    (work / "code" / "again.py").write_text(SOURCE)
    return load(sets=[
        f"model.source={plain_training.save(work / 'tiny')}", f"storage.uri={small_disk or work / 'store'}",
        f"mlflow.uri=sqlite:///{work / 'mlflow.db'}", f"data.path={work / 'code'}", "data.sequence_tokens=64",
        "data.validation_share=0", f"train.num_steps={STEPS}", f"train.checkpoint_steps={EVERY}", "train.warmup_steps=2",
        "train.learning_rate=0.03", "train.lora_rank=4", "train.batch_size=3", "train.accumulation_steps=2", "seed=5",
        "train.name=resume"])


@dataclass
class Listener:
    """Remembers events."""

    events: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, event):
        self.events.append(event)

    def steps(self):
        return [e["step"] for e in self.events if e["event"] == "step"]


@contextlib.contextmanager
def once(file: Path, act: Callable[[], Any]) -> Iterator[list[Any]]:
    """Do something as soon as a file is there; gives what it returned. On a busy machine events come seconds late."""
    stop = threading.Event()
    done: list[Any] = []

    def watch() -> None:
        while not stop.wait(0.01):
            if file.exists():
                done.append(act())
                return

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join()


@dataclass(frozen=True)
class Ended:
    report: dict[str, Any]
    filled: Listener
    error: InfrastructureError | None
    whole_after_full: list[int]
    killed: Listener


def fill(disk: Path) -> None:
    """Leave a few pages: room for a folder, not for a checkpoint."""
    with contextlib.suppress(OSError), (disk / "ballast").open("wb", buffering=0) as file:
        for _ in range(4096):
            file.write(b"x" * 4096)


def kill_a_worker() -> int | None:
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "RayTrainWorker" in "".join(process.cmdline()[:1]):
                os.kill(process.pid, signal.SIGKILL)
                return process.pid
    return None


@pytest.fixture(scope="module")
def ended(ray_cluster, config, small_disk) -> Ended:
    from ncg_ray.training.plan import prepare
    from ncg_ray.training.run import train
    from ncg_ray.training.store import MARKER, RunFolder

    filled, error, whole, killed = Listener(), None, [], Listener()
    folder = RunFolder(config.storage.uri, "resume")
    sealed = {step: Path(folder.checkpoint(step), MARKER) for step in (EVERY, 2 * EVERY)}
    if small_disk:
        plan = prepare(config, filled)
        with once(sealed[EVERY], lambda: fill(small_disk)) as done, pytest.raises(InfrastructureError) as caught:
            train(plan, filled)
        assert done, f"it failed before the disk was full: {caught.value.message}"
        error, whole = caught.value, folder.checkpoints()
        (small_disk / "ballast").unlink()
    plan = prepare(config, killed)
    with once(sealed[2 * EVERY], kill_a_worker) as pids:
        report = train(plan, killed)
    assert pids and pids[0], "no worker to kill"
    return Ended(report, filled, error, whole, killed)


def reference(config: Config) -> list[float]:
    """The same training in plain PyTorch, from the files on."""
    from ncg_ray.learn import lora
    from ncg_ray.training.documents import order_key

    text = Path(config.data.path, "a.py").read_text()  # broken.py does not parse, again.py is the same again
    tokens = plain_training.tokenizer()(text).input_ids
    rows = corpus.pack([tokens], config.data.sequence_tokens, eos_id=plain_training.VOCABULARY - 1)
    rows = [rows[i] for i in sorted(range(len(rows)), key=lambda i: order_key(config.seed, "train", 0, i))]
    half = len(rows) // 2
    trainable = lora.attach(plain_training.model(), config.train, config.seed)
    return list(plain_training.losses(trainable, [rows[:half], rows[half:2 * half]], config.train))


class TestTheEnd:
    def test_losses_are_those_of_plain_pytorch_that_was_never_stopped(self, ended, config):
        curve = ended.report["curve"]
        assert [step for step, _ in curve] == list(range(1, STEPS + 1))
        expected = reference(config)
        assert [loss for _, loss in curve] == pytest.approx(expected, abs=2e-4)
        assert expected[-1] < expected[0] - 0.2, "the reference learned nothing"

    def test_after_the_kill_it_goes_on_at_a_checkpoint_and_does_the_rest_once(self, ended):
        events = ended.killed.events
        failed = [i for i, e in enumerate(events) if e.get("kind") == "worker_failed"]
        assert failed, "the user was not told"
        steps = [e["step"] for e in events[failed[-1]:] if e["event"] == "step"]
        steps = steps[len(steps) - 1 - steps[::-1].index(min(steps)):]  # from where it went on
        assert (steps[0] - 1) % EVERY == 0 and steps == list(range(steps[0], STEPS + 1))

    def test_the_merged_model_is_a_plain_one_that_loads(self, ended, config):
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        model = AutoModelForCausalLM.from_pretrained(ended.report["model"], dtype=torch.float32)
        ids = AutoTokenizer.from_pretrained(ended.report["model"])("def f3(x):\n    return", return_tensors="pt").input_ids
        before = plain_training.model()
        with torch.no_grad():
            assert model(ids, labels=ids).loss < before(ids, labels=ids).loss - 0.2
        assert ended.report["logits"]["difference"] <= ended.report["logits"]["tolerance"]

    def test_the_manifest_says_what_was_left_out(self, ended):
        assert ended.report["data"]["dropped"] == {"does not parse": 1, "duplicate": 1} and ended.report["data"]["kept"] == 1

    def test_mlflow_has_parameters_every_step_and_the_model(self, ended, config):
        from mlflow import MlflowClient

        client, run_id = MlflowClient(config.mlflow.uri), ended.report["mlflow"]["run_id"]
        history = {point.step: point.value for point in client.get_metric_history(run_id, "loss")}
        assert {step: history[step] for step, _ in ended.report["curve"]} == pytest.approx(dict(ended.report["curve"]))
        assert client.get_run(run_id).data.params["train.lora_rank"] == "4"
        assert ended.report["mlflow"]["model"] == "models:/resume/1"
        assert {"manifest.json", "model"} <= {file.path for file in client.list_artifacts(run_id)}

    def test_the_storage_holds_the_report_and_the_newest_checkpoints_only(self, ended, config):
        stored = json.loads(Path(config.storage.uri, "reports/train-resume.json").read_text())
        assert stored == ended.report
        left = sorted(path.name for path in Path(config.storage.uri, "checkpoints/resume").iterdir()
                      if not path.name.startswith("."))
        assert [name for name in left if name.startswith("checkpoint_0")] == [f"checkpoint_{s:08d}" for s in (12, 14)]
        assert not [name for name in left if name.startswith(".model")]


class TestAFullDisk:
    @pytest.fixture(autouse=True)
    def needs_a_disk(self, small_disk):
        if small_disk is None:
            pytest.skip("needs root and the right to mount a tmpfs, to have a disk that can be filled")

    def test_the_job_says_so_and_what_is_left(self, ended):
        assert "is full" in ended.error.message and f"of step {EVERY} is whole" in ended.error.message
        assert "\n" not in ended.error.message and "run the same command again" in ended.error.message

    def test_the_last_good_checkpoint_is_there_alone(self, ended):
        assert ended.whole_after_full == [EVERY]

    def test_it_is_no_reason_to_try_again(self, ended):
        """A worker that cannot save ends the training; so does Ray Train's controller where it was the first to notice."""
        steps = ended.filled.steps()
        assert EVERY <= steps[-1] <= 2 * EVERY and steps == list(range(1, steps[-1] + 1))

    def test_the_next_job_goes_on_from_there(self, ended):
        assert ended.killed.steps()[0] == EVERY + 1

    def test_a_checkpoint_that_does_not_fit_is_said_on_all_ranks_and_raises_on_none(self, ended, small_disk):
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", SAVE_TWICE, str(small_disk)], capture_output=True,
                              text=True, timeout=200, cwd=Path(__file__).parents[1],
                              env={**os.environ, "DS_ACCELERATOR": "cpu", "OMP_NUM_THREADS": "1"})
        assert done.returncode == 0, done.stderr
        for rank in (0, 1):
            assert f"rank {rank}: with room ''" in done.stdout
            assert f"rank {rank}: without the disk that holds '{small_disk}/second' is full" in done.stdout


class TestTheSameNameAgain:
    def test_a_finished_run_says_so_and_does_nothing(self, ended, config):
        from ncg_ray.training.plan import prepare
        from ncg_ray.training.run import train

        listener = Listener()
        assert train(prepare(config, listener), listener) == ended.report
        assert "finished" in listener.events[-1]["text"] and not listener.steps()

    def test_other_settings_are_refused(self, ended, config):
        from ncg_ray.training.plan import prepare

        other = dataclasses.replace(config, train=dataclasses.replace(config.train, learning_rate=0.5))
        with pytest.raises(ConfigError, match=r"train\.learning_rate was 0\.03 and is 0\.5.*another value"):
            prepare(other, Listener())

    def test_two_jobs_cannot_train_one_run(self, ray_cluster, monkeypatch):
        from ncg_ray.training import channel

        monkeypatch.setattr(channel, "LOCK_WAIT_S", 0.0)
        with channel.opened("twice"), pytest.raises(InputError, match="another job trains the run 'twice'"), \
                channel.opened("twice"):
            pass


class TestBadInput:
    """Said before any worker starts."""

    @pytest.fixture
    def refused(self, ray_cluster, config, tmp_path):
        from ncg_ray.training.plan import prepare

        def check(error, said, **changes):
            """`section__knob=value`."""
            other = config
            for key, value in {"train__name": "bad", **changes}.items():
                section, knob = key.split("__")
                changed = dataclasses.replace(getattr(other, section), **{knob: value})
                other = dataclasses.replace(other, **{section: changed})
            listener = Listener()
            with pytest.raises(error, match=said):
                prepare(other, listener)
            assert not listener.steps()

        return check

    def test_nothing_is_left_after_filtering(self, refused, tmp_path):
        (tmp_path / "broken.py").write_text("def f(:\n")
        refused(InputError, "1 does not parse", data__path=str(tmp_path))

    def test_no_data_at_all(self, refused, tmp_path):
        refused(InputError, r"has no \.py or \.jsonl file", data__path=str(tmp_path))

    def test_a_model_that_does_not_fit(self, refused, config, tmp_path):
        """A real model of 70 billion weights, as far as anybody can see before loading it."""
        for file in Path(config.model.source).iterdir():
            (tmp_path / file.name).write_bytes(file.read_bytes())
        shape = json.loads((tmp_path / "config.json").read_text())
        (tmp_path / "config.json").write_text(json.dumps({**shape, "hidden_size": 8192, "intermediate_size": 28672,
                                                          "num_hidden_layers": 80, "vocab_size": 128_256,
                                                          "num_attention_heads": 64, "num_key_value_heads": 8}))
        refused(ConfigError, r"does not fit in memory: each of 2 workers needs about \d{3}\.\d GiB",
                model__source=str(tmp_path))

    def test_sequences_longer_than_the_model_can_see(self, refused):
        refused(ConfigError, "has positions for 256", data__sequence_tokens=512)

    def test_a_server_has_no_weights(self, refused):
        refused(ConfigError, "training needs weights", model__source="http://127.0.0.1:1/v1")
