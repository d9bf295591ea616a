import hashlib
import secrets

from .models import User, db


def set_password(user: User, password: str) -> None:
    """Store a new password for the user."""
    salt = secrets.token_hex(16)
    user.salt = salt
    user.password_hash = hashlib.sha256((salt + password).encode("utf-8")).hexdigest()
    db.session.commit()
