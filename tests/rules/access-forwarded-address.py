from flask import request


def weak():
    # ruleid: access-forwarded-address
    a = request.headers.get("X-Forwarded-For", request.remote_addr)
    # ruleid: access-forwarded-address
    b = request.headers["X-Real-IP"]
    # ruleid: access-forwarded-address
    c = request.environ.get("HTTP_X_FORWARDED_FOR")
    return a, b, c


def fine():
    # ok: access-forwarded-address
    a = request.remote_addr
    # ok: access-forwarded-address
    b = request.headers.get("User-Agent")
    # ok: access-forwarded-address
    c = request.headers.get("X-Request-ID")
    return a, b, c
