from Crypto.Cipher import AES


def encrypt_note(text: str, key: bytes) -> bytes:
    """Encrypt a note with the user's key."""
    cipher = AES.new(key, AES.MODE_GCM)
    sealed, tag = cipher.encrypt_and_digest(text.encode("utf-8"))
    return cipher.nonce + tag + sealed
