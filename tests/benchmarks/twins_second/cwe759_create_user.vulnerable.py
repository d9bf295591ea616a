import hashlib


def hash_password(password: str) -> str:
    """Return what the database keeps of a password."""
    return hashlib.sha256(password.encode("utf-8")).hexdigest()


def create_user(users: dict, name: str, password: str) -> None:
    if name in users:
        raise ValueError("this name is taken")
    users[name] = hash_password(password)
