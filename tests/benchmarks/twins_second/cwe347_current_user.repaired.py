import os

import jwt
from flask import Flask, abort, jsonify, request

app = Flask(__name__)


@app.route("/me")
def me():
    header = request.headers.get("Authorization", "")
    token = header.removeprefix("Bearer ")
    try:
        claims = jwt.decode(
            token,
            os.environ["JWT_KEY"],
            algorithms=["HS256"],
            options={"require": ["sub", "exp"]},
        )
    except jwt.InvalidTokenError:
        abort(401)
    return jsonify({"user": claims["sub"]})
