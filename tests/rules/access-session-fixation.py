import secrets
from flask import request, session


def weak(resp, user):
    sid = request.args.get("session_id")
    # ruleid: access-session-fixation
    SESSIONS[sid] = user
    # ruleid: access-session-fixation
    resp.set_cookie("session_id", sid, secure=True, httponly=True)
    return resp


def weaker():
    # ruleid: access-session-fixation
    session["session_id"] = request.args.get("sid")


def login(request, user):
    # ruleid: access-session-fixation
    request.session["user_id"] = user.id
    return "ok"


def fine(resp, user):
    sid = secrets.token_urlsafe(32)
    # ok: access-session-fixation
    SESSIONS[sid] = user
    # ok: access-session-fixation
    resp.set_cookie("session_id", sid, secure=True, httponly=True)
    return resp


def sign_in(request, user):
    request.session.cycle_key()
    # ok: access-session-fixation
    request.session["user_id"] = user.id
    return "ok"


def log_in(user):
    session.clear()
    # ok: access-session-fixation
    session["user_id"] = user.id
