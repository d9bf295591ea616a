import logging

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

logger = logging.getLogger("auth")
hasher = PasswordHasher()


def login(users, username, password):
    """Return the user when the password is right, else None."""
    logger.info("login attempt: user=%r password=%r", username, password)
    user = users.get(username)
    if user is None:
        return None
    try:
        hasher.verify(user.password_hash, password)
    except VerifyMismatchError:
        logger.warning("login failed for %r", username)
        return None
    return user
