from datetime import datetime, timedelta
import jwt
from flask import Flask, session

app = Flask(__name__)
# ruleid: configuration-session-expiry
app.permanent_session_lifetime = timedelta(days=365)


def weak(user, key, token):
    # ruleid: configuration-session-expiry
    a = jwt.encode({"user": user}, key, algorithm="HS256")
    payload = {"sub": user}
    # ruleid: configuration-session-expiry
    b = jwt.encode(payload, key, algorithm="HS256")
    # ruleid: configuration-session-expiry
    c = jwt.decode(token, key, algorithms=["HS256"], options={"verify_exp": False})
    return a, b, c


# ruleid: configuration-session-expiry
def logout():
    return "bye"


def fine(user, key, now):
    # ok: configuration-session-expiry
    app.permanent_session_lifetime = timedelta(minutes=30)
    # ok: configuration-session-expiry
    a = jwt.encode({"user": user, "exp": now + timedelta(minutes=15)}, key, algorithm="HS256")
    payload = {"sub": user, "exp": datetime.utcnow() + timedelta(hours=1)}
    # ok: configuration-session-expiry
    b = jwt.encode(payload, key, algorithm="HS256")
    return a, b


# ok: configuration-session-expiry
def sign_out():
    session.clear()
    return "bye"
