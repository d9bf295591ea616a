import hashlib


def verify_release(path, published_digest):
    """Check a downloaded release against the digest its makers signed."""
    digest = hashlib.md5()
    with open(path, "rb") as handle:
        for block in iter(lambda: handle.read(65536), b""):
            digest.update(block)
    return digest.hexdigest() == published_digest
