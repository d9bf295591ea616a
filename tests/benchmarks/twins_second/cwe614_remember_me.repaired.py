import secrets

from flask import Flask, jsonify

app = Flask(__name__)


@app.route("/remember", methods=["POST"])
def remember():
    """Give the visitor a cookie to remember the device by."""
    response = jsonify({"remembered": True})
    response.set_cookie(
        "device_token",
        secrets.token_urlsafe(32),
        max_age=30 * 24 * 3600,
        secure=True,
        httponly=True,
        samesite="Lax",
    )
    return response
