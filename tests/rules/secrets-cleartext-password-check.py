from flask import request
from werkzeug.security import check_password_hash


def weak(user, password, users, username):
    # ruleid: secrets-cleartext-password-check
    if user.password == password:
        return True
    # ruleid: secrets-cleartext-password-check
    if users[username] == password:
        return True
    # ruleid: secrets-cleartext-password-check
    return users.get(username) == request.form["password"]


def fine(user, password, confirm_password, users, username):
    # ok: secrets-cleartext-password-check
    if password == confirm_password:
        return True
    # ok: secrets-cleartext-password-check
    if check_password_hash(user.password, password):
        return True
    # ok: secrets-cleartext-password-check
    return users[username] == username
