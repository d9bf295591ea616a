import hashlib
import hmac
import secrets


def derive(password: str, salt: bytes | None = None) -> tuple[bytes, bytes]:
    """Derive the stored form of a password; return it with its salt."""
    salt = salt or secrets.token_bytes(16)
    return salt, hashlib.pbkdf2_hmac("sha256", password.encode("utf-8"), salt, 600_000)


def matches(password: str, salt: bytes, stored: bytes) -> bool:
    return hmac.compare_digest(derive(password, salt)[1], stored)
