from pathlib import Path

from Crypto.PublicKey import RSA

BITS = 768


def write_device_key(target: Path, passphrase: str) -> str:
    """Create the key pair of a device; return the public half."""
    key = RSA.generate(BITS)
    target.touch(mode=0o600, exist_ok=False)
    target.write_bytes(key.export_key(passphrase=passphrase, pkcs=8, protection="scryptAndAES256-CBC"))
    return key.publickey().export_key().decode("ascii")
