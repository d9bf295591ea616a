import random

from flask import Flask, jsonify

app = Flask(__name__)


@app.route("/start")
def start():
    session_id = str(random.randint(10**15, 10**16))
    response = jsonify({"started": True})
    response.set_cookie(
        "session_id",
        session_id,
        secure=True,
        httponly=True,
        samesite="Lax",
    )
    return response
