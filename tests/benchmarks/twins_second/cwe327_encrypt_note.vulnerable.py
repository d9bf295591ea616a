from Crypto.Cipher import DES
from Crypto.Util.Padding import pad


def encrypt_note(text: str, key: bytes) -> bytes:
    """Encrypt a note with the user's key."""
    cipher = DES.new(key, DES.MODE_ECB)
    return cipher.encrypt(pad(text.encode("utf-8"), DES.block_size))
