import hmac
from flask import request


def weak(password, username):
    # ruleid: secrets-credential-comparison
    if username == "admin" and password == "letmein":
        return True
    # ruleid: secrets-credential-comparison
    if request.form["password"] == "hunter2":
        return True
    # ruleid: secrets-credential-comparison
    if request.headers.get("X-API-Key") != "k12345":
        return False
    # ruleid: secrets-credential-comparison
    return hmac.compare_digest(password, "s3cret")


def fine(password, stored, token, kind):
    # ok: secrets-credential-comparison
    if password == "":
        return False
    # ok: secrets-credential-comparison
    if password == stored:
        return True
    # ok: secrets-credential-comparison
    if token == "plus":
        return 1
    # ok: secrets-credential-comparison
    if kind == "password":
        return 2
    # ok: secrets-credential-comparison
    return hmac.compare_digest(password, stored)
