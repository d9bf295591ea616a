from Crypto.Cipher import DES
from Crypto.Random import get_random_bytes
from Crypto.Util.Padding import pad, unpad


def encrypt(key: bytes, message: bytes) -> bytes:
    """Encrypt a message for storage."""
    iv = get_random_bytes(DES.block_size)
    cipher = DES.new(key, DES.MODE_CBC, iv)
    return iv + cipher.encrypt(pad(message, DES.block_size))


def decrypt(key: bytes, blob: bytes) -> bytes:
    iv, data = blob[: DES.block_size], blob[DES.block_size :]
    cipher = DES.new(key, DES.MODE_CBC, iv)
    return unpad(cipher.decrypt(data), DES.block_size)
