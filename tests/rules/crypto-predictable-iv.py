import hashlib
import os
import random
import time
from Crypto.Cipher import AES


def weak(key):
    # ruleid: crypto-predictable-iv
    iv = bytes([random.randint(0, 255) for _ in range(16)])
    # ruleid: crypto-predictable-iv
    a = AES.new(key, AES.MODE_CBC, key[:16])
    # ruleid: crypto-predictable-iv
    nonce = str(time.time()).encode()[:12]
    return iv, a, nonce


def derived(key):
    # ruleid: crypto-predictable-iv
    iv = hashlib.md5(key).digest()
    return iv


def strong(key, data):
    # ok: crypto-predictable-iv
    iv = os.urandom(16)
    # ok: crypto-predictable-iv
    received_iv = data[:16]
    # ok: crypto-predictable-iv
    a = AES.new(key, AES.MODE_CBC, iv)
    # ok: crypto-predictable-iv
    first = key[:16]
    return a, received_iv, first
