import secrets

from flask import Flask, jsonify

app = Flask(__name__)


@app.route("/start")
def start():
    session_id = secrets.token_urlsafe(32)
    response = jsonify({"started": True})
    response.set_cookie(
        "session_id",
        session_id,
        secure=True,
        httponly=True,
        samesite="Lax",
    )
    return response
