from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519


def create_signing_key(folder: Path) -> Path:
    """Create a signing key and store it in the folder."""
    key = ed25519.Ed25519PrivateKey.generate()
    data = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    target = folder / "signing.pem"
    target.write_bytes(data)
    target.chmod(0o644)
    return target
