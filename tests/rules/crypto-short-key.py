import rsa as pyrsa
from Crypto.PublicKey import DSA, RSA
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa


def weak():
    # ruleid: crypto-short-key
    a = RSA.generate(1024)
    # ruleid: crypto-short-key
    b = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    # ruleid: crypto-short-key
    c = DSA.generate(bits=1024)
    # ruleid: crypto-short-key
    d = dsa.generate_private_key(key_size=512)
    # ruleid: crypto-short-key
    e = ec.generate_private_key(ec.SECP192R1())
    # ruleid: crypto-short-key
    f = pyrsa.newkeys(512)
    # ruleid: crypto-short-key
    g = rsa.generate_private_key(public_exponent=3, key_size=2048)
    return a, b, c, d, e, f, g


# ruleid: crypto-short-key
def make(size=1024):
    return RSA.generate(size)


BITS = 1024
# ruleid: crypto-short-key
KEY = RSA.generate(BITS)


def strong(bits=3072):
    # ok: crypto-short-key
    a = RSA.generate(2048)
    # ok: crypto-short-key
    b = rsa.generate_private_key(public_exponent=65537, key_size=4096)
    # ok: crypto-short-key
    c = ec.generate_private_key(ec.SECP256R1())
    # ok: crypto-short-key
    d = RSA.generate(bits)
    return a, b, c, d
