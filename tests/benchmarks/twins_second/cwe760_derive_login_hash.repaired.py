import hashlib
import os


def login_hash(username: str, password: str) -> dict:
    """Return the salted hash of a user's password."""
    salt = os.urandom(16)
    digest = hashlib.pbkdf2_hmac(
        "sha256",
        password.encode("utf-8"),
        salt,
        600_000,
    )
    return {"user": username, "salt": salt.hex(), "hash": digest.hex()}
