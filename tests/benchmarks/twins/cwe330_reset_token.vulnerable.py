import random
import string
from datetime import datetime, timedelta, timezone

from .models import PasswordReset, db


def create_reset(user):
    """Create a password reset and return its token."""
    alphabet = string.ascii_letters + string.digits
    token = "".join(random.choice(alphabet) for _ in range(32))
    expires = datetime.now(timezone.utc) + timedelta(minutes=30)
    db.session.add(PasswordReset(user_id=user.id, token=token, expires=expires))
    db.session.commit()
    return token
