from flask import make_response


def weak(user, password):
    r = make_response("ok")
    # ruleid: secrets-in-cookie
    r.set_cookie("password", password, secure=True, httponly=True)
    # ruleid: secrets-in-cookie
    r.set_cookie("remember", password)
    # ruleid: secrets-in-cookie
    r.set_cookie("auth", value=user.password)
    return r


def fine(sid, theme):
    r = make_response("ok")
    # ok: secrets-in-cookie
    r.set_cookie("session_id", sid, secure=True, httponly=True, samesite="Lax")
    # ok: secrets-in-cookie
    r.set_cookie("theme", theme)
    return r
