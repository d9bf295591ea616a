"""Parts of the training ring that need no cluster: order, identity, checkpoints on disk, room on machines."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from ncg_ray.config import load
from ncg_ray.corpus import Manifest
from ncg_ray.errors import ConfigError
from ncg_ray.learn import zero
from ncg_ray.learn.base import Base, Shape
from ncg_ray.learn.memory import need
from ncg_ray.learn.sft import Step
from ncg_ray.training import nodes, record
from ncg_ray.training.documents import order_key
from ncg_ray.training.nodes import Node
from ncg_ray.training.store import MARKER, RAY_LIST, Progress, RunFolder

SHAPE = Shape(num_params=70_000_000_000, num_layers=80, hidden_size=8192, vocab_size=128_000, max_tokens=8192,
              linear_features=50_000_000)
SMALL = dataclasses.replace(SHAPE, num_params=1_000_000, num_layers=2, hidden_size=64, vocab_size=300, linear_features=1000)
JOBS = Path(__file__).parents[2] / "jobs"
LAPTOP = [Node("10.0.0.1", 2, 0, 8 << 30)]


def manifest(*hashes):
    return Manifest.of("src", [(f"{h}.py", h, "train", "", 10) for h in hashes])


class TestIdentity:
    base = Base("m", None, None, "abc")

    def of(self, *sets, data=("a", "b")):
        return record.identity(load(sets=sets), self.base, manifest(*data))

    def test_the_same_is_the_same(self):
        record.check(self.of(), self.of(), "sft", "here")

    @pytest.mark.parametrize("free", ["train.keep_checkpoints=9", "train.max_failures=0", "train.checkpoint_steps=1",
                                      "train.name=other", "mlflow.experiment=e"])
    def test_what_moves_no_number_may_change(self, free):
        record.check(self.of(), self.of(free), "sft", "here")

    @pytest.mark.parametrize("change,said", [
        ("train.learning_rate=0.5", r"train\.learning_rate was 0\.0002 and is 0\.5"), ("seed=7", "seed was 0 and is 7"),
        ("train.num_workers=3", r"train\.num_workers was 2 and is 3"),
        ("data.sequence_tokens=64", r"data\.sequence_tokens was 512 and is 64")])
    def test_a_difference_is_named_with_its_mend(self, change, said):
        with pytest.raises(ConfigError, match=f"{said}.*give train.name another value"):
            record.check(self.of(), self.of(change), "sft", "here")

    def test_other_data_of_the_same_size_are_other_data(self):
        with pytest.raises(ConfigError, match="data was"):
            record.check(self.of(), self.of(data=("a", "c")), "sft", "here")


class TestOrder:
    def test_it_looks_random_and_is_the_same_each_time(self):
        keys = [order_key(0, "train", 0, i) for i in range(100)]
        assert keys == [order_key(0, "train", 0, i) for i in range(100)]
        assert sorted(keys) != keys and len(set(keys)) == 100 and all(0 <= key < 1 << 63 for key in keys)

    def test_another_seed_is_another_order(self):
        first, second = ([order_key(seed, "train", 0, i) for i in range(20)] for seed in (0, 1))
        assert sorted(range(20), key=first.__getitem__) != sorted(range(20), key=second.__getitem__)


class TestCheckpoints:
    @pytest.fixture
    def folder(self, tmp_path):
        run = RunFolder(str(tmp_path), "sft")
        for step in (2, 4, 6):
            (tmp_path / f"checkpoints/sft/checkpoint_{step:08d}").mkdir(parents=True)
            run.seal(Progress(step=step))
        return run

    def test_one_without_its_marker_is_not_whole_and_goes(self, folder, tmp_path):
        (tmp_path / f"checkpoints/sft/checkpoint_00000006/{MARKER}").unlink()
        assert folder.checkpoints() == [2, 4]
        folder.tidy(keep=5)
        assert sorted(p.name for p in (tmp_path / "checkpoints/sft").iterdir()) == ["checkpoint_00000002",
                                                                                    "checkpoint_00000004"]

    def test_the_newest_stay_and_ray_s_list_goes(self, folder, tmp_path):
        (tmp_path / "checkpoints/sft" / RAY_LIST).write_text("")  # as a full disk leaves it
        (tmp_path / "checkpoints/sft/.model-x7/model").mkdir(parents=True)  # as a kill does
        folder.tidy(keep=1)
        assert [path.name for path in (tmp_path / "checkpoints/sft").iterdir()] == ["checkpoint_00000006"]
        assert folder.checkpoints() == [6] and not (tmp_path / "checkpoints/sft" / RAY_LIST).exists()

    def test_a_forgotten_one_is_gone_and_may_be_forgotten_again(self, folder):
        folder.forget(4)
        folder.forget(4)
        assert folder.checkpoints() == [2, 6]

    def test_progress_comes_back(self, folder):
        progress = Progress()
        for i in range(3):
            progress.add(Step(loss=3.0 - i, grad_norm=1.0, learning_rate=0.1, num_tokens=64), 0.5, num_steps=3)
        folder.seal(progress)
        assert folder.progress(3) == progress
        assert progress.curve == [[1, 3.0], [2, 2.0], [3, 1.0]] and progress.num_tokens == 192

    def test_the_curve_of_a_long_run_stays_small(self):
        progress = Progress()
        for _ in range(50_000):
            progress.add(Step(1.0, 1.0, 0.1, 1), 0.0, num_steps=50_000)
        assert len(progress.curve) <= 1001 and progress.curve[-1][0] == 50_000

    @pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "x" * 200])
    def test_a_name_that_is_no_folder_is_refused(self, tmp_path, name):
        with pytest.raises(ConfigError, match=r"train\.name"):
            RunFolder(str(tmp_path), name)

    def test_behind_an_fsspec_url(self):
        folder = RunFolder("memory://store", "sft")
        folder.seal(Progress(step=3))
        assert folder.checkpoints() == [3] and folder.progress(3).step == 3
        with folder.local(3) as local:
            assert (local / MARKER).is_file()
        folder.tidy(keep=1)
        folder.forget(3)
        assert folder.checkpoints() == []


class TestRoom:
    def check(self, shape, *sets, machines=LAPTOP):
        config = load(sets=[f"train.{item}" for item in sets]).train
        nodes.check(machines, config, need(shape, config, 512))

    def test_a_small_model_fits(self):
        self.check(SMALL)

    def test_a_model_that_does_not_fit_is_refused_with_numbers(self):
        with pytest.raises(ConfigError, match=r"does not fit in memory: each of 2 workers needs about \d+\.\d GiB.*"
                                              r"8\.0 GiB on 10\.0\.0\.1.*train\.dtype=bfloat16"):
            self.check(SHAPE)

    def test_memory_of_several_machines_is_not_one_memory(self):
        tight = [Node(f"10.0.0.{i}", 8, 0, 1200 << 20) for i in range(2)]
        self.check(SMALL, machines=tight)
        with pytest.raises(ConfigError, match="does not fit in memory"):
            self.check(SMALL, "num_workers=3", machines=tight)

    @pytest.mark.parametrize("sets,said", [(["num_workers=3"], "3 with 1 CPU each"), (["use_gpu=true"], "2 with 1 GPU each"),
                                           (["cpus_per_worker=1.5"], r"2 with 1\.5 CPU each")])
    def test_workers_that_the_cluster_has_no_place_for(self, sets, said):
        with pytest.raises(ConfigError, match=said):
            self.check(SMALL, *sets)


class TestTheJob:
    """`jobs/train.py` as a user runs it, up to where a cluster would start."""

    @pytest.fixture
    def main(self, monkeypatch, tmp_path):
        import runpy

        script = runpy.run_path(str(JOBS / "train.py"))
        (tmp_path / "a.py").write_text("x = 1\n")
        sets = [f"storage.uri={tmp_path / 'store'}", f"data.path={tmp_path / 'a.py'}"]
        return lambda *argv: script["main"]([*(word for item in sets for word in ("--set", item)), *argv])

    @pytest.mark.parametrize("item,said", [
        ("train.num_steps=many", "config train.num_steps = 'many'"), ("train.stage=2", "unknown config key 'train.stage'"),
        ("train.dtype=float16", "train.dtype = 'float16' needs a GPU"), ("train.name=a/b", "train.name = 'a/b'"),
        ("train.warmup_steps=100", "would never reach its peak"), ("data.path=/nowhere", "'/nowhere' is not there"),
        ("train.zero_stage=4", "train.zero_stage = 4: from 0 to 3")])
    def test_bad_input_is_one_line_and_exit_code_2(self, main, capsys, item, said):
        assert main("--set", item) == 2
        captured = capsys.readouterr()
        assert captured.out == "" and said in captured.err
        assert captured.err.startswith("train: error: ") and len(captured.err.splitlines()) == 1

    def test_the_scenarios_differ_in_numbers_only(self):
        import tomllib

        every = [tomllib.loads((JOBS / "configs" / f"{name}.toml").read_text()) for name in ("laptop", "one_gpu", "cluster")]
        shapes = [{section: sorted(knobs) for section, knobs in config.items()} for config in every]
        assert shapes[0] == shapes[1] == shapes[2]
        for name in ("laptop", "one_gpu", "cluster"):
            zero.check(load(JOBS / "configs" / f"{name}.toml").train)
