from flask import request


# ruleid: access-weak-password-policy
def register():
    name = request.form["name"]
    password = request.form["password"]
    save(name, generate_password_hash(password))
    return "ok"


def check(password):
    # ruleid: access-weak-password-policy
    if len(password) < 4:
        return False
    # ruleid: access-weak-password-policy
    return len(password) >= 6


# ok: access-weak-password-policy
def signup():
    password = request.form["password"]
    if len(password) < 12:
        return "too short", 400
    save(password)
    return "ok"


def strong(password, name):
    # ok: access-weak-password-policy
    if len(password) < 12:
        return False
    # ok: access-weak-password-policy
    return len(name) >= 3


# ok: access-weak-password-policy
def create_user():
    password = request.form["password"]
    validate_password(password)
    return save(password)
