import hashlib
import secrets
from datetime import datetime, timedelta, timezone

from .models import PasswordReset, db


def create_reset(user):
    """Create a password reset and return its token."""
    token = secrets.token_urlsafe(32)
    digest = hashlib.sha256(token.encode("ascii")).hexdigest()
    expires = datetime.now(timezone.utc) + timedelta(minutes=30)
    db.session.add(PasswordReset(user_id=user.id, token_digest=digest, expires=expires))
    db.session.commit()
    return token
