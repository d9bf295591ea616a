from cryptography.hazmat.primitives.ciphers import Cipher, algorithms


def encrypt_message(key: bytes, message: bytes) -> bytes:
    encryptor = Cipher(algorithms.ARC4(key), mode=None).encryptor()
    return encryptor.update(message) + encryptor.finalize()


def decrypt_message(key: bytes, sealed: bytes) -> bytes:
    decryptor = Cipher(algorithms.ARC4(key), mode=None).decryptor()
    return decryptor.update(sealed) + decryptor.finalize()
