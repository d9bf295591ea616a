"""The state of a training on disk: what DeepSpeed saves, saved so that a full disk stops nobody and breaks nothing.

The files hold Python pickles, as DeepSpeed's always do: they are read from our own storage only.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

TAG = "state"
SPARE_BYTES = 1 << 20


def save(engine: Any, folder: Path) -> str:
    """Write this rank's part of the state into `folder`; all ranks call it at once.

    Returns what went wrong on any rank, or nothing: an exception on one rank would leave the others waiting in a
    collective until it times out.
    """
    writer = engine.checkpoint_engine = _writer()
    engine._copy_recovery_script = lambda *_: None  # scripts of DeepSpeed beside the state: nobody's, and not guarded
    # Frozen weights are those of the base, which is there already.
    engine.save_checkpoint(str(folder), tag=TAG, save_latest=False, exclude_frozen_parameters=True)
    return agree(problem(writer.error, folder) if writer.error else "")


def load(engine: Any, folder: Path) -> None:
    """Put weights, optimizer and schedule back to what `save` wrote. All ranks call it at once."""
    engine.load_checkpoint(str(folder), tag=TAG, load_module_strict=False)


def agree(trouble: str) -> str:
    """The first trouble that any rank has, the same on all; all ranks call it at once."""
    every: list[str] = [""] * dist.get_world_size()
    dist.all_gather_object(every, trouble)
    return next(filter(None, every), "")


def problem(error: BaseException, folder: Path) -> str:
    """One line about a failed write, in the words of its cause."""
    if is_full(error, folder):
        return f"the disk that holds {str(folder)!r} is full"
    return f"{str(folder)!r} cannot be written: {getattr(error, 'strerror', None) or str(error).splitlines()[0]}"


def is_full(error: BaseException, folder: Path) -> bool:
    """Whether a write failed for want of room. torch and safetensors hide the number of the error, so the disk is asked."""
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or os.strerror(errno.ENOSPC) in str(error):
        return True
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free < SPARE_BYTES


def _writer() -> Any:
    """DeepSpeed's own writer, which keeps the first error instead of raising it. DeepSpeed is imported by workers only."""
    from deepspeed.runtime.checkpoint_engine.torch_checkpoint_engine import TorchCheckpointEngine

    class Writer(TorchCheckpointEngine):
        error: Exception | None = None

        def makedirs(self, path: str, exist_ok: bool = False) -> None:
            self.guarded(os.makedirs, path, exist_ok=exist_ok)

        def save(self, state_dict: Any, path: str) -> None:
            self.guarded(_write, state_dict, path)

        def guarded(self, write: Any, *args: Any, **options: Any) -> None:
            if self.error is None:
                try:
                    write(*args, **options)
                except Exception as error:
                    self.error = error

    return Writer()


def _write(state_dict: Any, path: str) -> None:
    with open(path, "wb") as file:
        torch.save(state_dict, file)
        file.flush()
        os.fsync(file.fileno())
