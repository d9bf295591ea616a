from flask import Flask, request, session

app = Flask(__name__)


@app.route("/a")
def weak():
    # ruleid: access-role-from-client
    if request.cookies.get("role") == "admin":
        return secret()
    return "no"


@app.route("/b")
def weaker():
    role = request.args.get("role", "guest")
    # ruleid: access-role-from-client
    if role != "admin":
        return "no"
    return secret()


@app.route("/c")
def flag():
    is_admin = request.form.get("is_admin")
    # ruleid: access-role-from-client
    if is_admin:
        return secret()
    return "no"


@app.route("/d")
def fine():
    # ok: access-role-from-client
    if session.get("role") == "admin":
        return secret()
    return "no"


@app.route("/e")
def kind():
    colour = request.cookies.get("colour")
    # ok: access-role-from-client
    if colour == "red":
        return "red"
    return "no"


@app.route("/f")
def signed():
    role = verify_signed(request.cookies.get("role"))
    # ok: access-role-from-client
    if role == "admin":
        return secret()
    return "no"


@app.post("/close/{number}")
def close(number: int, x_role: str = Header("member")):
    # ruleid: access-role-from-client
    if x_role != "admin":
        raise HTTPException(status_code=403)
    return number


@app.post("/language/{number}")
def language(number: int, accept_language: str = Header("en")):
    # ok: access-role-from-client
    if accept_language != "en":
        return number
