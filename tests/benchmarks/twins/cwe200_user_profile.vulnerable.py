from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy.orm import Session

from .auth import current_user
from .database import get_session
from .models import User

app = FastAPI()


@app.get("/users/{user_id}")
def public_profile(user_id: int, session: Session = Depends(get_session), viewer=Depends(current_user)):
    """Return the public profile of a member."""
    user = session.get(User, user_id)
    if user is None:
        raise HTTPException(status_code=404)
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "password_hash": user.password_hash,
        "api_token": user.api_token,
    }
