from argon2 import PasswordHasher
from flask import Blueprint, jsonify, request

from .models import User, db
from .passwords import check_strength

accounts = Blueprint("accounts", __name__)
hasher = PasswordHasher()


@accounts.post("/register")
def register():
    """Create an account for a new member."""
    data = request.get_json()
    check_strength(data["password"])
    user = User(
        email=data["email"],
        password_hash=hasher.hash(data["password"]),
        role=data.get("role", "member"),
    )
    db.session.add(user)
    db.session.commit()
    return jsonify(id=user.id), 201
