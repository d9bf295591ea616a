import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class FieldCipher:
    """Encrypt single database fields."""

    def __init__(self, key: bytes):
        self._cipher = AESGCM(key)

    def encrypt(self, value: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, value.encode("utf-8"), None)

    def decrypt(self, blob: bytes) -> str:
        return self._cipher.decrypt(blob[:12], blob[12:], None).decode("utf-8")
