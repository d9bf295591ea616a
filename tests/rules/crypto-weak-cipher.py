from Crypto.Cipher import AES, ARC4, Blowfish, DES, DES3
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def weak(key, iv):
    # ruleid: crypto-weak-cipher
    a = DES.new(key, DES.MODE_CBC, iv)
    # ruleid: crypto-weak-cipher
    b = ARC4.new(key)
    # ruleid: crypto-weak-cipher
    c = Blowfish.new(key, Blowfish.MODE_CBC, iv)
    # ruleid: crypto-weak-cipher
    d = DES3.new(key, DES3.MODE_CBC, iv)
    # ruleid: crypto-weak-cipher
    e = Cipher(algorithms.ARC4(key), mode=None)
    return a, b, c, d, e


def strong(key, nonce):
    # ok: crypto-weak-cipher
    a = AES.new(key, AES.MODE_GCM, nonce=nonce)
    # ok: crypto-weak-cipher
    b = Cipher(algorithms.AES(key), modes.GCM(nonce))
    # ok: crypto-weak-cipher
    c = Cipher(algorithms.ChaCha20(key, nonce), mode=None)
    return a, b, c
