from Crypto.Cipher import AES


def encrypt(key: bytes, message: bytes) -> bytes:
    """Encrypt a message for storage with a key of 32 bytes."""
    cipher = AES.new(key, AES.MODE_GCM)
    data, tag = cipher.encrypt_and_digest(message)
    return cipher.nonce + tag + data


def decrypt(key: bytes, blob: bytes) -> bytes:
    nonce, tag, data = blob[:16], blob[16:32], blob[32:]
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    return cipher.decrypt_and_verify(data, tag)
