from flask import request, session


# ruleid: access-unverified-password-change
def change_password():
    user = find(session["uid"])
    user.password = generate_password_hash(request.form["new_password"])
    return "ok"


# ruleid: access-unverified-password-change
def update_password(request):
    request.user.set_password(request.POST["password"])
    return "ok"


# ok: access-unverified-password-change
def password_change():
    user = find(session["uid"])
    if not check_password_hash(user.hash, request.form["current_password"]):
        return "no", 403
    user.password = generate_password_hash(request.form["new_password"])
    return "ok"


# ok: access-unverified-password-change
def change_name():
    return rename(request.form["name"])
