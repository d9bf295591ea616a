from flask import Flask, make_response

app = Flask(__name__)
# ruleid: configuration-cookie-insecure
app.config["SESSION_COOKIE_SECURE"] = False


def weak(sid):
    r = make_response("ok")
    # ruleid: configuration-cookie-insecure
    r.set_cookie("session_id", sid)
    # ruleid: configuration-cookie-insecure
    r.set_cookie("session_id", sid, httponly=True, secure=False)
    # ruleid: configuration-cookie-insecure
    r.headers["Set-Cookie"] = "sid=1; HttpOnly"
    return r


def fine(sid):
    r = make_response("ok")
    # ok: configuration-cookie-insecure
    r.set_cookie("session_id", sid, secure=True, httponly=True, samesite="Lax")
    # ok: configuration-cookie-insecure
    r.set_cookie("theme", "dark")
    # ok: configuration-cookie-insecure
    r.headers["Set-Cookie"] = "sid=1; HttpOnly; Secure"
    # ok: configuration-cookie-insecure
    r.delete_cookie("session_id")
    return r


# ok: configuration-cookie-insecure
app.config["SESSION_COOKIE_SECURE"] = True
