from Crypto.Cipher import PKCS1_OAEP, PKCS1_v1_5
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding


def weak(key, message, public):
    # ruleid: crypto-rsa-padding
    a = PKCS1_v1_5.new(key).encrypt(message)
    # ruleid: crypto-rsa-padding
    b = public.encrypt(message, padding.PKCS1v15())
    # ruleid: crypto-rsa-padding
    c = pow(message, public.e, public.n)
    return a, b, c


def fine(key, message, public):
    # ok: crypto-rsa-padding
    a = PKCS1_OAEP.new(key).encrypt(message)
    # ok: crypto-rsa-padding
    b = public.encrypt(message, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))
    # ok: crypto-rsa-padding
    c = pow(message, 3, 7)
    # ok: crypto-rsa-padding
    d = key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return a, b, c, d
