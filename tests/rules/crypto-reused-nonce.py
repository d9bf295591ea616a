import os
from Crypto.Cipher import AES
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# ruleid: crypto-reused-nonce
FIXED_NONCE = b"000000000000"
SHARED = os.urandom(12)


def weak(key, data):
    # ruleid: crypto-reused-nonce
    a = AESGCM(key).encrypt(b"123456789012", data, None)
    # ruleid: crypto-reused-nonce
    b = AES.new(key, AES.MODE_GCM, nonce=b"123456789012")
    aes = AESGCM(key)
    # ruleid: crypto-reused-nonce
    c = aes.encrypt(SHARED, data, None)
    return a, b, c


class Box:
    def __init__(self, key):
        self.aes = AESGCM(key)
        self.nonce = os.urandom(12)

    def seal(self, data):
        # ruleid: crypto-reused-nonce
        return self.aes.encrypt(self.nonce, data, None)


def many(key, messages):
    aes = AESGCM(key)
    nonce = os.urandom(12)
    out = []
    for message in messages:
        # ruleid: crypto-reused-nonce
        out.append(aes.encrypt(nonce, message, None))
    return out


def strong(key, data, messages):
    aes = AESGCM(key)
    # ok: crypto-reused-nonce
    nonce = os.urandom(12)
    # ok: crypto-reused-nonce
    a = nonce + aes.encrypt(nonce, data, None)
    out = []
    for message in messages:
        fresh = os.urandom(12)
        # ok: crypto-reused-nonce
        out.append(fresh + aes.encrypt(fresh, message, None))
    # ok: crypto-reused-nonce
    b = AES.new(key, AES.MODE_GCM, nonce=nonce)
    return a, b, out
