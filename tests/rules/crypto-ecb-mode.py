from Crypto.Cipher import AES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def weak(key):
    # ruleid: crypto-ecb-mode
    a = AES.new(key, AES.MODE_ECB)
    # ruleid: crypto-ecb-mode
    b = Cipher(algorithms.AES(key), modes.ECB())
    # ruleid: crypto-ecb-mode
    c = AES.new(key)
    return a, b, c


def strong(key, nonce):
    # ok: crypto-ecb-mode
    a = AES.new(key, AES.MODE_GCM, nonce)
    # ok: crypto-ecb-mode
    b = Cipher(algorithms.AES(key), modes.GCM(nonce))
    # ok: crypto-ecb-mode
    c = AES.new(key, AES.MODE_EAX)
    return a, b, c
