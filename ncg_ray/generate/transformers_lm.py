"""A Hugging Face causal language model in this process."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from ncg_ray import gguf_files
from ncg_ray.config import ModelConfig
from ncg_ray.errors import ModelError
from ncg_ray.generate.lm import never
from ncg_ray.generate.loading import ModelFiles, find_model
from ncg_ray.protocols import Completion, CompletionRequest, ModelInfo

STOP_WINDOW_TOKENS = 12
"A stop string is looked for in the text of this many last tokens."


class TransformersModel:
    """Loads with transformers, samples with `decode.sample`. `trust_remote_code` is never on."""

    def __init__(self, config: ModelConfig, notify: Callable[[str], None]) -> None:
        files = find_model(config.source, config.hub_timeout_s, notify)  # before the slow imports: it may be the end

        import torch
        import transformers

        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        on_gpu = torch.cuda.is_available()
        if not on_gpu:
            torch.set_num_threads(config.num_threads or len(os.sched_getaffinity(0)))
        self.config = config
        self.tokenizer, self.model = _load(files, config, on_gpu)
        self.is_chat = bool(self.tokenizer.chat_template)
        self.info = ModelInfo(f"{files.id} ({_dtype(config, on_gpu)}, {'gpu' if on_gpu else 'cpu'})", files.hash)
        self._eos_ids = _eos_ids(self.tokenizer, self.model)

    def complete(self, requests: Sequence[CompletionRequest],
                 cancelled: Callable[[], bool] = never) -> list[list[Completion]]:
        return [self._complete(request, cancelled) for request in requests]

    def _complete(self, request: CompletionRequest, cancelled: Callable[[], bool]) -> list[Completion]:
        from ncg_ray.generate.decode import sample

        prompt_ids = self._prompt_ids(request)

        def stopped(tokens: list[int]) -> bool:
            tail = self.tokenizer.decode(tokens[-STOP_WINDOW_TOKENS:])
            return any(stop in tail for stop in request.stop)

        completions: list[Completion] = []
        while (missing := request.num_completions - len(completions)) > 0:
            rows = sample(self.model, prompt_ids, num_rows=min(missing, self.config.batch_size),
                          temperature=request.temperature, top_p=self.config.top_p, seed=request.seed + len(completions),
                          max_new_tokens=min(request.max_tokens, self.config.max_new_tokens), eos_ids=self._eos_ids,
                          stopped=stopped, deadline_s=self.config.deadline_s, cancelled=cancelled)
            completions += [Completion(request.prefill + self._text(row.tokens, request.stop), row.mean_logprob,
                                       len(row.tokens)) for row in rows]
        return completions

    def _text(self, tokens: list[int], stops: Sequence[str]) -> str:
        text = self.tokenizer.decode(tokens, skip_special_tokens=True)
        found = [at for stop in stops if (at := text.find(stop)) >= 0]
        return text[: min(found)] if found else text

    def _prompt_ids(self, request: CompletionRequest) -> list[int]:
        """Tokens of the chat turn and the prefill; a prompt over the budget loses the middle of its turn."""
        ids = self._encode(request.prompt, request.prefill)
        over = len(ids) - self.config.max_prompt_tokens
        if over > 0 and self.is_chat:
            turn = self.tokenizer(request.prompt, add_special_tokens=False).input_ids
            half = max(0, (len(turn) - over) // 2 - 4)
            cut = self.tokenizer.decode(turn[:half]) + "\n...\n" + self.tokenizer.decode(turn[len(turn) - half:])
            ids = self._encode(cut, request.prefill)
        return ids[-self.config.max_prompt_tokens:]

    def _encode(self, turn: str, prefill: str) -> list[int]:
        if not self.is_chat:
            return self.tokenizer(turn + prefill).input_ids
        chat = [{"role": "user", "content": turn}]
        text = self.tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        return self.tokenizer(text + prefill, add_special_tokens=False).input_ids


def _load(files: ModelFiles, config: ModelConfig, on_gpu: bool) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    dtype = getattr(torch, "float32" if config.dtype == "int8" else _dtype(config, on_gpu))
    if config.dtype == "float16" and not on_gpu:
        raise ModelError("model.dtype = 'float16' needs a GPU; on a CPU use bfloat16, float32 or int8")
    if config.dtype == "int8" and on_gpu:
        raise ModelError("model.dtype = 'int8' is for CPUs; on a GPU use bfloat16 or float16")
    options: dict[str, Any] = {"dtype": dtype, "local_files_only": True, "trust_remote_code": False}
    if files.gguf_file:
        options["gguf_file"] = files.gguf_file
    if on_gpu:
        options["device_map"] = config.device_map
    else:
        options["attn_implementation"] = "eager"  # at batch 20 half again as fast as sdpa on CPU, measured
    try:
        with gguf_files.read_once(files.gguf_file):
            tokenizer = AutoTokenizer.from_pretrained(files.folder, local_files_only=True, trust_remote_code=False,
                                                      **({"gguf_file": files.gguf_file} if files.gguf_file else {}))
            model = AutoModelForCausalLM.from_pretrained(files.folder, **options).eval()
    except Exception as error:  # transformers raises many kinds for broken files; all mean the same to a user
        first = (str(error).splitlines() or [""])[0]
        raise ModelError(f"model {str(files.folder / (files.gguf_file or ''))!r} cannot be loaded: {type(error).__name__}: "
                         f"{first[:200]}; the files are damaged or of an unknown kind: fetch them again",
                         folder=str(files.folder)) from error
    if config.dtype == "int8":
        with warnings.catch_warnings():  # torch announces a successor elsewhere; this one works in the pinned version
            warnings.simplefilter("ignore")
            # A scale for each output channel: half the loss of one for the whole layer, at the same speed.
            model = torch.ao.quantization.quantize_dynamic(
                model, {torch.nn.Linear: torch.ao.quantization.per_channel_dynamic_qconfig})
    return tokenizer, model


def _dtype(config: ModelConfig, on_gpu: bool) -> str:
    """The configured one; `auto`: bfloat16, or float32 on a CPU that would emulate it, five times as slow with a prompt."""
    import torch

    if config.dtype != "auto":
        return config.dtype
    is_native = on_gpu or any(there for name, there in torch.cpu.get_capabilities().items() if "bf16" in name)
    return "bfloat16" if is_native else "float32"


def _eos_ids(tokenizer: Any, model: Any) -> frozenset[int]:
    ids = {tokenizer.eos_token_id}
    configured = model.generation_config.eos_token_id
    ids |= set(configured) if isinstance(configured, list) else {configured}
    for token in ("<|im_end|>", "<|endoftext|>", "<|eot_id|>", "</s>"):
        found = tokenizer.convert_tokens_to_ids(token)
        if isinstance(found, int) and found != tokenizer.unk_token_id:
            ids.add(found)
    return frozenset(i for i in ids if isinstance(i, int))
