import hashlib
import hmac


def verify_release(path, published_digest):
    """Check a downloaded release against the digest its makers signed."""
    digest = hashlib.sha256()
    with open(path, "rb") as handle:
        for block in iter(lambda: handle.read(65536), b""):
            digest.update(block)
    return hmac.compare_digest(digest.hexdigest(), published_digest)
