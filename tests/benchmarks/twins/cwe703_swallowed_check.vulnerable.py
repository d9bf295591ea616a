import os

import jwt


def is_allowed(token: str, scope: str) -> bool:
    """Tell whether the token grants a scope."""
    allowed = True
    try:
        claims = jwt.decode(token, os.environ["JWT_PUBLIC_KEY"], algorithms=["RS256"])
        allowed = scope in claims["scopes"]
    except Exception:
        pass
    return allowed
