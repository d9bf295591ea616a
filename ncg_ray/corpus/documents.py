"""The documents of a file: a .py file is one, a .jsonl file has one a row."""

from __future__ import annotations

import ast
import hashlib
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ncg_ray.config import DataConfig
from ncg_ray.syntax.module import defined_functions, parse

TEXT_KEYS = ("text", "content", "code", "canonical_solution")
"Where a JSONL row has its code, unless `data.text_key` says so."

Split = Literal["train", "validation"]


@dataclass(frozen=True, slots=True)
class Document:
    """One piece of Python source. Where it is left out, `dropped` says why and `text` is empty."""

    source: str
    "The file, and for JSONL the line: `rows.jsonl:7`."
    text: str
    sha256: str
    "Of the text; of the raw bytes where it is left out."
    split: Split
    dropped: str = ""


def documents_of(path: str | Path, data: bytes, config: DataConfig) -> list[Document]:
    """Read the documents of one file, whose content is `data`; nothing is opened and nothing raises.

    A JSONL row gives the text under `data.text_key`, else the first of `TEXT_KEYS` that is Python (MBPP has prose under
    `text`). Of a row like HumanEval's, where the solution is the body of the prompt's function, both are the document.
    Line ends become `\\n`. Left out is what is larger than `data.max_file_kb`, is not UTF-8, has NUL bytes, says nothing
    or does not parse. The split depends on the text alone, never on order or on other documents.
    """
    if Path(path).suffix != ".jsonl":
        return [_document(str(path), data, config)]
    rows = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    if not rows:
        return [_dropped(str(path), data, "empty")]
    return [_of_row(f"{path}:{number}", line, config) for number, line in rows]


def _of_row(source: str, line: bytes, config: DataConfig) -> Document:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _dropped(source, line, "not UTF-8")
    except (ValueError, RecursionError):
        return _dropped(source, line, "not JSON")
    if not isinstance(row, dict):
        return _dropped(source, line, "not a JSON object")
    texts = list(_texts(row, config.text_key))
    if not texts:
        return _dropped(source, line, f"no text under {config.text_key or ', '.join(TEXT_KEYS)}")
    documents = [_document(source, text.encode("utf-8", "surrogatepass"), config) for text in texts]
    return next((document for document in documents if not document.dropped), documents[0])


def _texts(row: dict[str, object], text_key: str) -> Iterator[str]:
    """What may be the code of a row, the best first."""
    prompt, solution = row.get("prompt"), row.get("canonical_solution")
    if not text_key and isinstance(prompt, str) and isinstance(solution, str):
        if row.get("entry_point") not in defined_functions(solution):
            yield prompt + ("" if prompt.endswith("\n") else "\n") + solution
    for key in [text_key] if text_key else TEXT_KEYS:
        if isinstance(value := row.get(key), str):
            yield value


def _document(source: str, data: bytes, config: DataConfig) -> Document:
    if len(data) > config.max_file_kb << 10:
        return _dropped(source, data, f"larger than {config.max_file_kb} KiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:  # a lone surrogate from JSON ends here too
        return _dropped(source, data, "not UTF-8")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if problem := _problem(text):
        return _dropped(source, data, problem)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(source, text, digest, _split(digest, config.validation_share))


def _problem(text: str) -> str:
    if "\0" in text:
        return "NUL bytes"
    with warnings.catch_warnings():  # of the code that is read, such as a wrong escape in a string
        warnings.simplefilter("ignore")
        tree = parse(text)
    if tree is None:
        return "does not parse"
    return "" if any(not isinstance(node, ast.Pass) for node in tree.body) else "empty"


def _split(sha256: str, validation_share: float) -> Split:
    """A hash is as good as a coin, and falls the same way each time."""
    return "validation" if int(sha256[:13], 16) / 16**13 < validation_share else "train"


def _dropped(source: str, data: bytes, why: str) -> Document:
    return Document(source, "", hashlib.sha256(data).hexdigest(), "train", why)
