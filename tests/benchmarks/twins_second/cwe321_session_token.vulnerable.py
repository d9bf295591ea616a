import datetime

import jwt

SIGNING_KEY = "k3y-for-tokens-9f2c"


def issue_token(user_id):
    now = datetime.datetime.now(datetime.timezone.utc)
    claims = {
        "sub": str(user_id),
        "iat": now,
        "exp": now + datetime.timedelta(minutes=30),
    }
    return jwt.encode(claims, SIGNING_KEY, algorithm="HS256")


def read_token(token):
    return jwt.decode(token, SIGNING_KEY, algorithms=["HS256"])
