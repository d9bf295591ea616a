import hashlib
import hmac
import os


def hash_password(password: str) -> bytes:
    """Return the salt and the derived key for storage."""
    salt = os.urandom(16)
    return salt + hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1000)


def verify_password(password: str, stored: bytes) -> bool:
    salt, expected = stored[:16], stored[16:]
    derived = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1000)
    return hmac.compare_digest(derived, expected)
