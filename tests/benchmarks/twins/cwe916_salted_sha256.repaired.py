import hashlib
import secrets

from .models import User, db


def set_password(user: User, password: str) -> None:
    """Store a new password for the user."""
    salt = secrets.token_bytes(16)
    user.salt = salt.hex()
    user.password_hash = hashlib.scrypt(password.encode("utf-8"), salt=salt, n=2**17, r=8, p=1, maxmem=2**28).hex()
    db.session.commit()
