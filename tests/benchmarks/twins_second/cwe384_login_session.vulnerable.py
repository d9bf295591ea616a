from flask import Flask, abort, jsonify, request

from .accounts import check_password

app = Flask(__name__)
SESSIONS = {}


@app.route("/login", methods=["POST"])
def login():
    name = request.form.get("name", "")
    if not check_password(name, request.form.get("password", "")):
        abort(401)
    session_id = request.cookies.get("sid") or request.form["sid"]
    SESSIONS[session_id] = name
    response = jsonify({"user": name})
    response.set_cookie("sid", session_id, secure=True, httponly=True, samesite="Strict")
    return response
