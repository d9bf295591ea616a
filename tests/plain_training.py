"""A tiny model with a tokenizer of its own, and plain PyTorch training of it: what distributed training is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ncg_ray.config import TrainConfig

VOCABULARY = 257


def tokenizer() -> Any:
    """One token a byte, an end token, and no pad token."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytewise = Tokenizer(models.BPE({c: i for i, c in enumerate([*alphabet, "</s>"])}, []))
    bytewise.pre_tokenizer, bytewise.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=bytewise, eos_token="</s>")


def model(hidden_size: int = 32) -> Any:
    """A Llama with random weights: 30,000 at this size."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=hidden_size, intermediate_size=2 * hidden_size, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=256, eos_token_id=VOCABULARY - 1, bos_token_id=None))


def save(folder: Path) -> Path:
    """The tiny model and its tokenizer as a folder."""
    model().save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


def losses(trainable: Any, shares: Sequence[Sequence[Sequence[int]]], config: TrainConfig) -> Iterator[float]:
    """Train in one process, without DeepSpeed and without our own code; the loss of each step before its update.

    Args:
        trainable: a model whose weights that train are marked.
        shares: each worker's sequences, in its order.
    """
    import torch
    from torch.nn.functional import cross_entropy

    weights = [w for w in trainable.parameters() if w.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=config.learning_rate, weight_decay=config.weight_decay)
    at = 0
    for step in range(config.num_steps):
        rate = config.learning_rate * ((step + 1) / config.warmup_steps if step < config.warmup_steps else
                                       (config.num_steps - step) / (config.num_steps - config.warmup_steps))
        for group in optimizer.param_groups:
            group["lr"] = rate
        total = 0.0
        num_parts = len(shares) * config.accumulation_steps
        for _ in range(config.accumulation_steps):
            for share in shares:
                tokens = torch.tensor([list(share[(at + i) % len(share)]) for i in range(config.batch_size)])
                logits = trainable(input_ids=tokens).logits
                loss = cross_entropy(logits[:, :-1].reshape(-1, logits.shape[-1]), tokens[:, 1:].reshape(-1)) / num_parts
                loss.backward()
                total += loss.item()
            at += config.batch_size
        if config.max_grad_norm:
            torch.nn.utils.clip_grad_norm_(weights, config.max_grad_norm)
        optimizer.step()
        optimizer.zero_grad()
        yield total
