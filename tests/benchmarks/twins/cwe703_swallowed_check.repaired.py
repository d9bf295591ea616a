import logging
import os

import jwt

logger = logging.getLogger(__name__)


def is_allowed(token: str, scope: str) -> bool:
    """Tell whether the token grants a scope."""
    try:
        claims = jwt.decode(token, os.environ["JWT_PUBLIC_KEY"], algorithms=["RS256"])
    except jwt.InvalidTokenError:
        logger.warning("rejected an invalid token")
        return False
    return scope in claims.get("scopes", [])
