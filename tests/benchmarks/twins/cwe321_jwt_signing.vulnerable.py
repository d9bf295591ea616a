from datetime import datetime, timedelta, timezone

import jwt


def issue_token(user_id: int) -> str:
    """Return an access token for the user."""
    now = datetime.now(timezone.utc)
    claims = {"sub": str(user_id), "iat": now, "exp": now + timedelta(minutes=15)}
    return jwt.encode(claims, "cW7pLx2Rk9vTn4Zs8Qd1Yh6Gm3Jb5Fe0", algorithm="HS256")


def read_token(token: str) -> int:
    claims = jwt.decode(token, "cW7pLx2Rk9vTn4Zs8Qd1Yh6Gm3Jb5Fe0", algorithms=["HS256"])
    return int(claims["sub"])
