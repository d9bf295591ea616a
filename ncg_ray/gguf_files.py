"""GGUF files in seconds instead of most of a minute.

transformers reads the metadata of such a file, seconds of work, up to five times over, and makes the table of tensor names
once for every module of the model. Inside `read_once` both are made once and shared.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def read_once(gguf_file: str | None) -> Iterator[None]:
    """Inside, `from_pretrained` reads a GGUF file once; without a file this is nothing. An inner one shares the outer's."""
    if not gguf_file:
        yield
        return
    import gguf

    real = gguf.GGUFReader, gguf.get_tensor_name_map
    make = _reader if isinstance(real[0], type) else real[0]
    gguf.GGUFReader, gguf.get_tensor_name_map = map(functools.cache, (make, real[1]))  # type: ignore[misc,assignment]
    try:
        yield
    finally:  # what was read is tens of megabytes: nothing to keep
        gguf.GGUFReader, gguf.get_tensor_name_map = real  # type: ignore[misc]


def _reader(path: str, mode: str = "r") -> Any:
    import numpy as np
    from gguf.gguf_reader import GGUFReader

    class Reader(GGUFReader):
        def _get(self, *args: Any, **options: Any) -> Any:
            if type(self.data) is not np.ndarray:
                self.data = self.data.view(np.ndarray)  # the same bytes; slices of a memmap cost many times as much
            return super()._get(*args, **options)

    return Reader(path, mode)
