import os
from datetime import datetime, timezone

import jwt


def create_access_token(user_id: int, role: str) -> str:
    """Return a token that proves who the user is."""
    payload = {"sub": str(user_id), "role": role, "iat": datetime.now(timezone.utc)}
    return jwt.encode(payload, os.environ["JWT_SECRET"], algorithm="HS256")


def read_access_token(token: str) -> dict:
    return jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"], options={"verify_exp": False})
