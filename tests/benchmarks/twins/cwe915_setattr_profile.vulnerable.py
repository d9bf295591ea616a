from flask import Blueprint, jsonify, request
from flask_login import current_user, login_required

from .models import db

profile = Blueprint("profile", __name__)


@profile.patch("/profile")
@login_required
def update_profile():
    """Change fields of the signed-in user's profile."""
    changes = request.get_json()
    for field, value in changes.items():
        setattr(current_user, field, value)
    db.session.commit()
    return jsonify(status="saved")
