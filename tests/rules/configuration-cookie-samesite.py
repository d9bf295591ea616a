from flask import Flask, make_response

app = Flask(__name__)
# ruleid: configuration-cookie-samesite
app.config["SESSION_COOKIE_SAMESITE"] = None


def weak(sid):
    r = make_response("ok")
    # ruleid: configuration-cookie-samesite
    r.set_cookie("session_id", sid, secure=True, httponly=True)
    # ruleid: configuration-cookie-samesite
    r.set_cookie("session_id", sid, secure=True, httponly=True, samesite="None")
    return r


def fine(sid):
    r = make_response("ok")
    # ok: configuration-cookie-samesite
    r.set_cookie("session_id", sid, secure=True, httponly=True, samesite="Lax")
    # ok: configuration-cookie-samesite
    r.set_cookie("theme", "dark")
    # ok: configuration-cookie-samesite
    r.set_cookie("session_id", sid, secure=True, httponly=True, samesite="Strict")
    return r
