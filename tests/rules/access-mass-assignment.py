from flask import request


def weak():
    # ruleid: access-mass-assignment
    user = User(**request.json)
    # ruleid: access-mass-assignment
    user.__dict__.update(request.json)
    for key, value in request.json.items():
        # ruleid: access-mass-assignment
        setattr(user, key, value)
    return user


def fine(data):
    # ok: access-mass-assignment
    user = User(name=request.json["name"])
    for key, value in request.json.items():
        if key in {"name", "email"}:
            # ok: access-mass-assignment
            setattr(user, key, value)
    # ok: access-mass-assignment
    form = UserForm(**request.form)
    return user, form
