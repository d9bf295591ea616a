from flask import Blueprint, jsonify, make_response, request

from .extensions import limiter
from .services import create_session, verify_login

auth = Blueprint("auth", __name__)


@auth.post("/login")
@limiter.limit("10/minute")
def login():
    """Sign a user in and hand out a session cookie."""
    data = request.get_json()
    user = verify_login(data["email"], data["password"])
    if user is None:
        return jsonify(error="invalid credentials"), 401
    response = make_response(jsonify(status="signed in"))
    response.set_cookie("session_id", create_session(user), httponly=True, samesite="Strict", secure=False)
    return response
