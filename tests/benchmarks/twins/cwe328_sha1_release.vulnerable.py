import hashlib
import hmac
from pathlib import Path


def file_digest(path: Path) -> str:
    digest = hashlib.sha1()
    with path.open("rb") as handle:
        for block in iter(lambda: handle.read(65536), b""):
            digest.update(block)
    return digest.hexdigest()


def verify_release(path: Path, expected: str) -> bool:
    """Tell whether a downloaded release is the one that was published."""
    return hmac.compare_digest(file_digest(path), expected.lower())
