"""The folder of one run in the storage, and which checkpoints in it are whole.

    <storage.uri>/checkpoints/<name>/run.json            what the run is
                                     checkpoint_<step>/   one checkpoint; whole once progress.json is there
                                     model/              the merged model

Ray Train keeps a list of checkpoints of its own, which a kill or a full disk can leave half written; here a checkpoint says
by itself whether it is whole, and the list is made anew by each job.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ncg_ray import storage
from ncg_ray.errors import ConfigError

if TYPE_CHECKING:
    from ncg_ray.learn.sft import Step

MARKER = "progress.json"
MODEL, DONE = "model", "training.json"
DRAFT = ".model-"
CURVE_POINTS = 1000
RAY_LIST = "checkpoint_manager_snapshot.json"


@dataclass(slots=True)
class Progress:
    """How far a run has come; stored in every checkpoint."""

    step: int = 0
    "Optimizer steps done."
    num_tokens: int = 0
    seconds: float = 0.0
    "Spent in steps, over all attempts that led here."
    curve: list[list[float]] = field(default_factory=list)
    "[step, loss] from the first step on; of a long run every n-th."
    validation: list[list[float]] = field(default_factory=list)
    "[step, loss on held-out sequences] at each checkpoint."

    def add(self, step: Step, seconds: float, num_steps: int) -> None:
        """Count one step that was done."""
        self.step += 1
        self.num_tokens += step.num_tokens
        self.seconds += seconds
        if self.step in (1, num_steps) or self.step % (1 + num_steps // CURVE_POINTS) == 0:
            self.curve.append([self.step, step.loss])


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's folder, in a local folder or behind an fsspec URL."""

    uri: str
    name: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\w[\w.-]{0,100}", self.name):
            raise ConfigError(f"train.name = {self.name!r} becomes the name of a folder: letters, digits, _ . and - only")

    @property
    def is_local(self) -> bool:
        return not storage.is_remote(self.uri)

    @property
    def parent(self) -> str:
        """`checkpoints` in the storage, as `filesystem()` wants it."""
        root = str(Path(self.uri).expanduser().absolute()) if self.is_local else storage.filesystem(self.uri)[1]
        return f"{root}/checkpoints"

    @property
    def path(self) -> str:
        return f"{self.parent}/{self.name}"

    def filesystem(self) -> Any:
        """As pyarrow, and with it Ray Train, speaks to it."""
        from pyarrow import fs

        return fs.LocalFileSystem() if self.is_local else fs.PyFileSystem(fs.FSSpecHandler(storage.filesystem(self.uri)[0]))

    def checkpoint(self, step: int) -> str:
        return f"{self.path}/checkpoint_{step:08d}"

    def read(self, name: str) -> dict[str, Any] | None:
        """A JSON document of the run, or None."""
        data = storage.read(self.uri, f"checkpoints/{self.name}/{name}")
        return None if data is None else json.loads(data)

    def write(self, name: str, document: Any) -> None:
        storage.write(self.uri, f"checkpoints/{self.name}/{name}", json.dumps(document, indent=2).encode())

    def checkpoints(self) -> list[int]:
        """Steps of the checkpoints that are whole, ascending."""
        return [step for step, whole in sorted(self._found().items()) if whole]

    def progress(self, step: int) -> Progress:
        """What a whole checkpoint says of the run so far."""
        return Progress(**(self.read(f"checkpoint_{step:08d}/{MARKER}") or {}))

    def seal(self, progress: Progress) -> None:
        """Declare the checkpoint of this step whole; all its files must be there."""
        self.write(f"checkpoint_{progress.step:08d}/{MARKER}", asdict(progress))

    def forget(self, step: int) -> None:
        """Remove a checkpoint, its marker first, so that it is never taken for a whole one."""
        files, folder = self.filesystem(), self.checkpoint(step)
        if files.get_file_info(f"{folder}/{MARKER}").is_file:
            files.delete_file(f"{folder}/{MARKER}")
        if files.get_file_info(folder).type.name != "NotFound":
            files.delete_dir(folder)

    def tidy(self, keep: int) -> None:
        """Remove what a killed job left half done, all but the newest `keep` checkpoints, and Ray's list of them."""
        whole = self.checkpoints()
        for step in set(self._found()) - set(whole[-keep:]):
            self.forget(step)
        for draft in Path(self.path).glob(f"{DRAFT}*") if self.is_local else ():
            shutil.rmtree(draft, ignore_errors=True)
        files = self.filesystem()
        if files.get_file_info(f"{self.path}/{RAY_LIST}").is_file:
            files.delete_file(f"{self.path}/{RAY_LIST}")

    @contextmanager
    def local(self, step: int) -> Iterator[Path]:
        """A checkpoint as a folder on this machine."""
        from ray.train import Checkpoint

        with Checkpoint(self.checkpoint(step), self.filesystem()).as_directory() as folder:
            yield Path(folder)

    def _found(self) -> dict[int, bool]:
        """Every checkpoint's step, and whether it is whole."""
        from pyarrow import fs

        files = self.filesystem()
        entries = files.get_file_info(fs.FileSelector(self.path, allow_not_found=True))
        found = {int(match[1]): entry.path for entry in entries
                 if (match := re.fullmatch(r"checkpoint_(\d{8})", entry.base_name))}
        return {step: files.get_file_info(f"{path}/{MARKER}").is_file for step, path in found.items()}
