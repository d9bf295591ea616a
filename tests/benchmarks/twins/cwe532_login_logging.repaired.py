import logging

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

logger = logging.getLogger("auth")
hasher = PasswordHasher()


def login(users, username, password):
    """Return the user when the password is right, else None."""
    user = users.get(username)
    if user is None:
        return None
    try:
        hasher.verify(user.password_hash, password)
    except VerifyMismatchError:
        logger.warning("login failed for user id %d", user.id)
        return None
    logger.info("login succeeded for user id %d", user.id)
    return user
