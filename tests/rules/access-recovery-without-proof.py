import hashlib
import secrets
from flask import request


# ruleid: access-recovery-without-proof
def reset_password():
    user = find(request.form["email"])
    user.password = generate_password_hash(request.form["new_password"])
    return "ok"


# ruleid: access-recovery-without-proof
def recover_account():
    user = find(request.form["email"])
    if user.security_answer == request.form["answer"]:
        return login(user)
    return "no"


def forgot(email):
    # ruleid: access-recovery-without-proof
    reset_token = hashlib.md5(email.encode()).hexdigest()
    send(email, reset_token)


# ok: access-recovery-without-proof
def password_reset():
    user = find_by_token(request.form["token"])
    user.password = generate_password_hash(request.form["new_password"])
    return "ok"


def forgot_safe(email):
    # ok: access-recovery-without-proof
    reset_token = secrets.token_urlsafe(32)
    send(email, reset_token)


# ok: access-recovery-without-proof
def reset(board):
    board.clear()
