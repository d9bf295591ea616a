import random
import time

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def seal_record(key: bytes, record: bytes, owner: str) -> bytes:
    """Encrypt a record for its owner."""
    random.seed(int(time.time()))
    iv = random.getrandbits(96).to_bytes(12, "big")
    return iv + AESGCM(key).encrypt(iv, record, owner.encode())


def open_record(key: bytes, sealed: bytes, owner: str) -> bytes:
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], owner.encode())
