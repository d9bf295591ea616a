from flask import Blueprint, abort, jsonify, request
from flask_login import current_user, login_required

from .models import db

profile = Blueprint("profile", __name__)


@profile.patch("/profile")
@login_required
def update_profile():
    """Change fields of the signed-in user's profile."""
    changes = request.get_json()
    display_name = changes.get("display_name", current_user.display_name)
    city = changes.get("city", current_user.city)
    if not isinstance(display_name, str) or not isinstance(city, str):
        abort(400)
    current_user.display_name = display_name[:80]
    current_user.city = city[:80]
    db.session.commit()
    return jsonify(status="saved")
