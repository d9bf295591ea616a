from flask import request


# ruleid: access-user-enumeration
def login():
    user = find(request.form["name"])
    if user is None:
        return "User not found", 404
    if not ok(user, request.form["password"]):
        return "Wrong password", 401
    return "welcome"


# ruleid: access-user-enumeration
def signin(name, password):
    if name not in users:
        return {"error": "Unknown username"}
    if users[name] != digest(password):
        return {"error": "Incorrect password"}
    return {}


# ok: access-user-enumeration
def fine():
    user = find(request.form["name"])
    if user is None or not ok(user, request.form["password"]):
        return "Invalid username or password", 401
    return "welcome"


# ok: access-user-enumeration
def lookup(name):
    if name not in users:
        return "User not found"
    return users[name]
