import os

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305


def encrypt_record(key: bytes, record: bytes) -> bytes:
    """Encrypt one record of the archive."""
    nonce = os.urandom(12)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, record, None)


def encrypt_all(key: bytes, records: list[bytes]) -> list[bytes]:
    return [encrypt_record(key, record) for record in records]
