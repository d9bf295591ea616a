from flask import Blueprint, jsonify, request
from flask_login import current_user, login_required

from .models import Category, db

admin = Blueprint("admin", __name__, url_prefix="/admin")


@admin.post("/categories")
@login_required
def create_category():
    """Create a category; administrators only."""
    assert current_user.is_admin, "administrators only"
    name = request.get_json()["name"]
    assert isinstance(name, str) and len(name) <= 60
    db.session.add(Category(name=name))
    db.session.commit()
    return jsonify(name=name), 201
