import hashlib
import os


def hash_password(password: str) -> str:
    """Return what the database keeps of a password."""
    salt = os.urandom(16)
    key = hashlib.scrypt(password.encode("utf-8"), salt=salt, n=2**14, r=8, p=5)
    return salt.hex() + "$" + key.hex()


def create_user(users: dict, name: str, password: str) -> None:
    if name in users:
        raise ValueError("this name is taken")
    users[name] = hash_password(password)
