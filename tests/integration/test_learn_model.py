"""From a folder to a trained and merged model, on a tiny Llama made here."""

from __future__ import annotations

import json

import plain_training
import pytest
import torch

from ncg_ray.config import load
from ncg_ray.errors import InfrastructureError, ModelError
from ncg_ray.learn import loading, lora, memory, merge
from ncg_ray.learn.base import Base, Shape

CONFIG = load(sets=["train.lora_rank=4"]).train
TOKENS = torch.arange(40).reshape(2, 20)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return Base("tiny", plain_training.save(tmp_path_factory.mktemp("tiny")), None, "0" * 16)


@pytest.fixture
def copy(tiny, tmp_path):
    """A tiny model that a test may damage."""
    return Base("tiny", plain_training.save(tmp_path / "copy"), None, "0" * 16)


def trained(tiny, config=CONFIG):
    """A live model whose trainable weights moved."""
    model = lora.attach(loading.load_model(tiny, "float32"), config, seed=3)
    torch.manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.requires_grad:
                weight += 0.05 * torch.randn_like(weight)
    return model


def live_logits(model):
    with torch.no_grad():
        return model.eval()(input_ids=TOKENS).logits


class TestBase:
    def test_what_is_known_before_loading_is_true_of_the_loaded_model(self, tiny):
        shape = loading.shape_of(tiny)
        model = lora.attach(loading.load_model(tiny, "float32"), CONFIG, 0)
        assert (shape.num_layers, shape.hidden_size, shape.vocab_size, shape.max_tokens) == (2, 32, 257, 256)
        trainable = sum(w.numel() for w in model.parameters() if w.requires_grad)
        assert memory.num_trained(shape, CONFIG) == trainable
        assert shape.num_params == sum(w.numel() for w in model.parameters()) - trainable

    def test_a_tokenizer_without_a_pad_token_just_works(self, tiny):
        tokenizer = loading.load_tokenizer(tiny)
        assert tokenizer.pad_token_id == tokenizer.eos_token_id == 256

    def test_a_tokenizer_without_an_end_token_is_refused(self, copy):
        config = json.loads((copy.folder / "tokenizer_config.json").read_text())
        (copy.folder / "tokenizer_config.json").write_text(json.dumps(config | {"eos_token": None}))
        with pytest.raises(ModelError, match=r"no end token.*tokenizer_config\.json"):
            loading.load_tokenizer(copy)

    def test_a_tokenizer_of_another_model_is_refused(self, tiny):
        small = Shape(1, 1, 1, vocab_size=200, max_tokens=0)
        with pytest.raises(ModelError, match=r"257 tokens and its weights only 200"):
            loading.vocabulary_fits(loading.load_tokenizer(tiny), small, tiny)

    @pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
    def test_damaged_files_are_one_clear_error(self, copy, name):
        (copy.folder / name).write_bytes(b"\x00" * 50)
        with pytest.raises(ModelError, match=r"cannot be loaded.*fetch them again"):
            loading.load_model(copy, "float32")

    def test_a_folder_needs_no_unpacking(self, tiny, tmp_path):
        assert loading.unpacked(tiny, tmp_path / "cache") == tiny and not (tmp_path / "cache").exists()
        assert loading.if_unpacked(tiny, tmp_path / "cache") == tiny

    def test_what_was_unpacked_once_is_found_again(self, tiny, tmp_path):
        packed = Base("tiny", tmp_path, "tiny.gguf", "0" * 16)
        assert loading.if_unpacked(packed, tmp_path) == packed
        (tmp_path / f"tiny-{'0' * 16}").symlink_to(tiny.folder)
        found = loading.if_unpacked(packed, tmp_path)
        assert loading.shape_of(found) == loading.shape_of(tiny) and found == loading.unpacked(packed, tmp_path)


class TestAdapter:
    def test_only_adapters_train_and_the_seed_decides_their_first_weights(self, tiny):
        first, again, other = (lora.trained_state(lora.attach(loading.load_model(tiny, "float32"), CONFIG, seed))
                               for seed in (3, 3, 4))
        assert first and all("lora_" in name for name in first)
        assert all(torch.equal(first[name], again[name]) for name in first)
        assert not all(torch.equal(first[name], other[name]) for name in first)

    def test_before_training_it_changes_nothing(self, tiny):
        plain = loading.load_model(tiny, "float32")
        before = live_logits(plain)
        assert torch.equal(live_logits(lora.attach(plain, CONFIG, 0)), before)

    def test_rank_0_trains_everything(self, tiny):
        model = lora.attach(loading.load_model(tiny, "float32"), load(sets=["train.lora_rank=0"]).train, 0)
        assert all(weight.requires_grad for weight in model.parameters())


class TestMerge:
    @pytest.mark.parametrize("rank", [4, 0])
    @pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
    def test_what_is_saved_says_what_the_trained_model_said(self, tiny, tmp_path, rank, dtype):
        config = load(sets=[f"train.lora_rank={rank}", f"train.dtype={dtype}"]).train
        model = trained(tiny, config).to(getattr(torch, dtype))
        live = live_logits(model).float()
        found = merge.save_merged(tiny, lora.trained_state(model), loading.load_tokenizer(tiny), config, 3, TOKENS, live,
                                  tmp_path / "out")
        assert found.difference <= found.tolerance and found.same_tokens > 0.9
        from transformers import AutoModelForCausalLM, AutoTokenizer
        saved = AutoModelForCausalLM.from_pretrained(tmp_path / "out", dtype=torch.float32)
        assert not any("lora" in name for name, _ in saved.named_parameters())
        assert torch.allclose(live_logits(saved), live, atol=0.1 if dtype == "bfloat16" else 1e-4)
        assert not torch.allclose(live, live_logits(loading.load_model(tiny, "float32")), atol=0.1), "training moved nothing"
        assert AutoTokenizer.from_pretrained(tmp_path / "out").pad_token == "</s>"

    def test_a_model_that_says_something_else_is_refused(self, tiny, tmp_path):
        model = trained(tiny)
        live = live_logits(model)
        live[0, 0, 0] += live.abs().max() * 0.01
        with pytest.raises(InfrastructureError, match=r"logits differ by 0\.0"):
            merge.save_merged(tiny, lora.trained_state(model), loading.load_tokenizer(tiny), CONFIG, 3, TOKENS, live,
                              tmp_path / "out")

    def test_weights_of_another_model_are_refused(self, tiny):
        state = lora.trained_state(trained(tiny))
        state.popitem()
        with pytest.raises(KeyError, match="does not have"):
            lora.merged(loading.load_model(tiny, "float32"), state, CONFIG, 3)
