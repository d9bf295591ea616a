"""Corpora: from files of Python source and JSONL to documents, their manifest, and packed token sequences. Pure functions.

    files.py       which files a path stands for
    documents.py   what is in them, what is left out and why, which split each document is in
    manifest.py    duplicates, counts, and the identity of the data
    packing.py     token lists -> sequences of equal length
"""

from ncg_ray.corpus.documents import Document, documents_of
from ncg_ray.corpus.files import list_files
from ncg_ray.corpus.manifest import Manifest, Row, drop_duplicates
from ncg_ray.corpus.packing import pack

__all__ = ["Document", "Manifest", "Row", "documents_of", "drop_duplicates", "list_files", "pack"]
