import os
from datetime import datetime, timedelta, timezone

import jwt


def create_access_token(user_id: int, role: str) -> str:
    """Return a token that proves who the user is."""
    now = datetime.now(timezone.utc)
    payload = {"sub": str(user_id), "role": role, "iat": now, "exp": now + timedelta(minutes=20)}
    return jwt.encode(payload, os.environ["JWT_SECRET"], algorithm="HS256")


def read_access_token(token: str) -> dict:
    return jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"], options={"require": ["exp", "sub"]})
