import os
from Crypto.Cipher import AES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

# ruleid: crypto-fixed-iv
IV = b"1234567890123456"


def weak(key):
    # ruleid: crypto-fixed-iv
    a = AES.new(key, AES.MODE_CBC, b"\x00" * 16)
    # ruleid: crypto-fixed-iv
    b = Cipher(algorithms.AES(key), modes.CBC(b"abcdefghijklmnop"))
    # ruleid: crypto-fixed-iv
    c = AES.new(key, AES.MODE_CBC, iv=bytes(16))
    # ruleid: crypto-fixed-iv
    d = AES.new(key, AES.MODE_CBC, IV)
    return a, b, c, d


def strong(key, message):
    # ok: crypto-fixed-iv
    iv = os.urandom(16)
    # ok: crypto-fixed-iv
    a = AES.new(key, AES.MODE_CBC, iv)
    # ok: crypto-fixed-iv
    b = Cipher(algorithms.AES(key), modes.CBC(iv))
    # ok: crypto-fixed-iv
    iv = message[:16]
    return a, b, iv


def blank():
    from PIL import Image
    # ok: crypto-fixed-iv
    return Image.new("RGB", (100, 100), "#cccccc")
