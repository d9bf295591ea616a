import datetime
import os

import jwt


def issue_token(user_id):
    now = datetime.datetime.now(datetime.timezone.utc)
    claims = {
        "sub": str(user_id),
        "iat": now,
        "exp": now + datetime.timedelta(minutes=30),
    }
    return jwt.encode(claims, os.environ["SIGNING_KEY"], algorithm="HS256")


def read_token(token):
    return jwt.decode(token, os.environ["SIGNING_KEY"], algorithms=["HS256"])
