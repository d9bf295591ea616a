from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy.orm import Session

from .auth import current_user
from .database import get_session
from .models import User

app = FastAPI()


class PublicProfile(BaseModel):
    id: int
    name: str


@app.get("/users/{user_id}", response_model=PublicProfile)
def public_profile(user_id: int, session: Session = Depends(get_session), viewer=Depends(current_user)):
    """Return the public profile of a member."""
    user = session.get(User, user_id)
    if user is None:
        raise HTTPException(status_code=404)
    return PublicProfile(id=user.id, name=user.name)
