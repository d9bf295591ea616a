import base64
from cryptography.fernet import Fernet


# ruleid: crypto-encoding-as-encryption
def encrypt_password(password):
    return base64.b64encode(password.encode()).decode()


# ruleid: crypto-encoding-as-encryption
def xor_encrypt(data, key):
    return bytes(a ^ key for a in data)


def store(db, password):
    # ruleid: crypto-encoding-as-encryption
    encoded = base64.b64encode(password.encode())
    db.save(encoded)


# ok: crypto-encoding-as-encryption
def encrypt(message, shift):
    return "".join(chr((ord(c) - 97 + shift) % 26 + 97) for c in message)


# ok: crypto-encoding-as-encryption
def encrypt_data(data, key):
    return base64.b64encode(Fernet(key).encrypt(data))


# ok: crypto-encoding-as-encryption
def encode_image(data):
    return base64.b64encode(data)


# ok: crypto-encoding-as-encryption
def checksum(data):
    value = 0
    for byte in data:
        value = value ^ byte
    return value
