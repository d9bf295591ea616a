import hashlib
import hmac
from hashlib import sha1
from Crypto.Hash import MD4, SHA256


def weak(data, key):
    # ruleid: crypto-weak-hash
    a = hashlib.md5(data).hexdigest()
    # ruleid: crypto-weak-hash
    b = sha1(data).hexdigest()
    # ruleid: crypto-weak-hash
    c = hashlib.new("md5", data)
    # ruleid: crypto-weak-hash
    d = MD4.new(data)
    # ruleid: crypto-weak-hash
    e = hmac.new(key, data, hashlib.md5)
    return a, b, c, d, e


def strong(data, key):
    # ok: crypto-weak-hash
    a = hashlib.sha256(data).hexdigest()
    # ok: crypto-weak-hash
    b = hashlib.md5(data, usedforsecurity=False).hexdigest()
    # ok: crypto-weak-hash
    c = hashlib.new("sha512", data)
    # ok: crypto-weak-hash
    d = SHA256.new(data)
    # ok: crypto-weak-hash
    e = hmac.new(key, data, hashlib.sha256)
    return a, b, c, d, e
