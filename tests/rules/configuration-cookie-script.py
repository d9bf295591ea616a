from flask import Flask, make_response

app = Flask(__name__)
# ruleid: configuration-cookie-script
app.config["SESSION_COOKIE_HTTPONLY"] = False


def weak(sid):
    r = make_response("ok")
    # ruleid: configuration-cookie-script
    r.set_cookie("session_id", sid, secure=True)
    # ruleid: configuration-cookie-script
    r.set_cookie("session_id", sid, httponly=False, secure=True)
    # ruleid: configuration-cookie-script
    r.headers["Set-Cookie"] = f"sid={sid}; Secure"
    return r


def fine(sid, token):
    r = make_response("ok")
    # ok: configuration-cookie-script
    r.set_cookie("session_id", sid, secure=True, httponly=True, samesite="Lax")
    # ok: configuration-cookie-script
    r.set_cookie("csrf_token", token, secure=True)
    # ok: configuration-cookie-script
    r.headers["Set-Cookie"] = f"sid={sid}; Secure; HttpOnly"
    return r
