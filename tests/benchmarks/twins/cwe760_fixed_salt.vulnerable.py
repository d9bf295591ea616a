import hashlib
import hmac

SALT = b"example-shop-2024"


def derive(password: str) -> bytes:
    """Derive the stored form of a password."""
    return hashlib.pbkdf2_hmac("sha256", password.encode("utf-8"), SALT, 600_000)


def matches(password: str, stored: bytes) -> bool:
    return hmac.compare_digest(derive(password), stored)
