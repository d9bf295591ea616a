import os

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305


def encrypt_message(key: bytes, message: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, message, None)


def decrypt_message(key: bytes, sealed: bytes) -> bytes:
    nonce, body = sealed[:12], sealed[12:]
    return ChaCha20Poly1305(key).decrypt(nonce, body, None)
