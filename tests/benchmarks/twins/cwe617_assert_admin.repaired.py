from flask import Blueprint, abort, jsonify, request
from flask_login import current_user, login_required

from .models import Category, db

admin = Blueprint("admin", __name__, url_prefix="/admin")


@admin.post("/categories")
@login_required
def create_category():
    """Create a category; administrators only."""
    if not current_user.is_admin:
        abort(403)
    name = request.get_json().get("name")
    if not isinstance(name, str) or len(name) > 60:
        abort(400)
    db.session.add(Category(name=name))
    db.session.commit()
    return jsonify(name=name), 201
