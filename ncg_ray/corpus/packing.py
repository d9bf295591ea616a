"""Packing: many documents of any length into sequences of one length, so that no computation is spent on padding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def pack(token_lists: Iterable[Sequence[int]], sequence_tokens: int, eos_id: int) -> list[list[int]]:
    """Put the documents behind each other, each closed by `eos_id`, and cut the stream every `sequence_tokens` tokens.

    What is left at the end is shorter and dropped, unless it is all there is: then it is the one sequence, as short as it
    is. An empty document adds nothing. Documents that share a sequence see each other; the end token is what tells them
    apart.

    Raises ValueError where `sequence_tokens` is less than 1.
    Source: packing as in Brown et al. 2020, arXiv:2005.14165, appendix B.

    Example:
        >>> pack([[1, 2, 3], [4]], 3, eos_id=0)
        [[1, 2, 3], [0, 4, 0]]
    """
    if sequence_tokens < 1:
        raise ValueError(f"sequence_tokens is {sequence_tokens}; it must be 1 or more")
    stream: list[int] = []
    for tokens in token_lists:
        if tokens:
            stream += [*tokens, eos_id]
    whole = len(stream) - len(stream) % sequence_tokens
    if not whole:
        return [stream] if stream else []
    return [stream[i:i + sequence_tokens] for i in range(0, whole, sequence_tokens)]
