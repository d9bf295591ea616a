import os

from flask import Flask, jsonify
from flask_jwt_extended import JWTManager, get_jwt, jwt_required

from .models import User, db

app = Flask(__name__)
app.config["JWT_SECRET_KEY"] = os.environ["JWT_SECRET_KEY"]
jwt = JWTManager(app)


@app.delete("/users/<int:user_id>")
@jwt_required()
def delete_user(user_id):
    """Remove a user account."""
    if get_jwt().get("role") != "admin":
        return jsonify(error="forbidden"), 403
    user = db.session.get(User, user_id)
    if user is None:
        return jsonify(error="not found"), 404
    db.session.delete(user)
    db.session.commit()
    return "", 204
