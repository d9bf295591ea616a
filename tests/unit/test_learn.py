"""The algorithm, what DeepSpeed is told, and what is known before a model loads: pure parts, no processes."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ncg_ray.config import load
from ncg_ray.errors import ConfigError
from ncg_ray.learn import memory, sft, zero
from ncg_ray.learn.base import Shape

SHAPE = Shape(num_params=1_000_000, num_layers=4, hidden_size=64, vocab_size=500, max_tokens=256, linear_features=3000)


def train(*sets):
    return load(sets=[f"train.{item}" for item in sets]).train


class TestLoss:
    def test_it_is_the_mean_negative_log_probability_of_the_next_token(self):
        logits = torch.tensor([[[0.0, 1.0, 2.0], [3.0, 0.0, 0.0], [9.0, 9.0, 9.0]]])  # the last one predicts nothing
        expected = -(math.log(math.exp(2) / (1 + math.e + math.exp(2))) + math.log(1 / (math.exp(3) + 2))) / 2
        assert sft.next_token_loss(logits, torch.tensor([[0, 2, 1]])).item() == pytest.approx(expected, abs=1e-6)

    def test_low_precision_logits_are_summed_in_float32(self):
        logits = torch.randn(2, 9, 50).bfloat16()
        tokens = torch.randint(0, 50, (2, 9))
        assert sft.next_token_loss(logits, tokens) == sft.next_token_loss(logits.float(), tokens)

    @pytest.mark.parametrize("loss,expected", [(0.0, 1.0), (math.log(7), 7.0), (1e4, math.inf), (None, None)])
    def test_perplexity(self, loss, expected):
        assert sft.perplexity(loss) == (None if expected is None else pytest.approx(expected))


class TestBatches:
    @given(st.integers(1, 7), st.integers(1, 5), st.integers(0, 30))
    def test_a_run_that_begins_later_sees_what_the_whole_run_would_have_seen(self, num_rows, batch_size, start):
        rows = [[i, i + 1] for i in range(num_rows)]

        def take(begin, num):
            batches = sft.batches_from(lambda: iter(rows), num_rows, batch_size, begin)
            return [next(batches).tolist() for _ in range(num)]

        assert take(0, start + 4)[start:] == take(start, 4)

    def test_every_sequence_comes_once_an_epoch(self):
        rows = [[i, 0] for i in range(6)]
        batches = sft.batches_from(lambda: iter(rows), 6, 2, 0)
        epoch = [row[0] for _ in range(3) for row in next(batches).tolist()]
        assert sorted(epoch) == list(range(6))


class TestSchedule:
    def test_warm_up_then_decay_to_nothing(self):
        config = train("num_steps=10", "warmup_steps=4")
        factors = [zero.learning_rate_factor(step, config) for step in range(11)]
        assert factors[:5] == [0.25, 0.5, 0.75, 1.0, 1.0] and factors[10] == 0.0
        assert all(a > b for a, b in zip(factors[4:], factors[5:], strict=False))

    def test_no_warm_up_begins_at_the_peak(self):
        assert zero.learning_rate_factor(0, train("num_steps=3", "warmup_steps=0")) == 1.0


class TestImpossible:
    @pytest.mark.parametrize("sets,said", [
        (["zero_stage=3", "dtype=float16"], "needs a GPU"),
        (["num_steps=5", "warmup_steps=5"], "would never reach its peak")])
    def test_it_is_said_before_anything_starts(self, sets, said):
        with pytest.raises(ConfigError, match=said):
            zero.check(train(*sets))

    def test_the_defaults_are_possible(self):
        zero.check(load().train)

    def test_buffers_are_no_larger_than_what_trains(self):
        config = zero.zero_config(train("zero_stage=2"), num_trainable=1234)
        assert config["zero_optimization"]["reduce_bucket_size"] == 1234


class TestMemory:
    def test_stages_share_out_what_they_say(self):
        whole, optimizer, gradients = (memory.need(SHAPE, train("lora_rank=0", "num_workers=4", f"zero_stage={stage}"), 128)
                                       for stage in (0, 1, 2))
        assert whole.optimizer == 12 * SHAPE.num_params and optimizer.optimizer == whole.optimizer // 4
        assert optimizer.gradients == whole.gradients == 4 * gradients.gradients
        assert whole.total > optimizer.total > gradients.total

    def test_an_adapter_is_small_and_half_precision_half_as_large(self):
        full, adapter = (memory.need(SHAPE, train(f"lora_rank={rank}"), 128) for rank in (0, 8))
        assert adapter.optimizer < full.optimizer / 10
        assert memory.need(SHAPE, train("dtype=bfloat16"), 128).weights == full.weights // 2

    def test_longer_sequences_need_more(self):
        assert memory.need(SHAPE, train(), 1024).activations == 8 * memory.need(SHAPE, train(), 128).activations

    def test_a_container_has_what_its_group_has_left(self, tmp_path):
        (tmp_path / "memory.max").write_text("1000000\n")
        (tmp_path / "memory.current").write_text("700000\n")
        (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 100000\n")  # a cache that the kernel would give back
        assert memory.free_bytes(tmp_path) == 400_000

    @pytest.mark.parametrize("limit", ["max", None])
    def test_without_a_limit_it_is_the_machine(self, tmp_path, limit):
        import psutil

        for name, text in (("memory.max", limit), ("memory.current", "5"), ("memory.stat", "")):
            if limit:
                (tmp_path / name).write_text(text)
        assert memory.free_bytes(tmp_path) == pytest.approx(psutil.virtual_memory().available, rel=0.2)
