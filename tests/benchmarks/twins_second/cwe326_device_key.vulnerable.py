import os

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def new_device_key():
    """Make the private key of a device, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    password = os.environ["DEVICE_KEY_PASSWORD"].encode()
    return key.private_bytes(
        encoding=serialization.Encoding.PEM,
        format=serialization.PrivateFormat.PKCS8,
        encryption_algorithm=serialization.BestAvailableEncryption(password),
    )
