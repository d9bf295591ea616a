from fastapi import Depends, FastAPI, HTTPException, Response
from pydantic import BaseModel

from .limits import ten_per_minute
from .services import create_session, verify_login

app = FastAPI()


class Credentials(BaseModel):
    email: str
    password: str


@app.post("/login", dependencies=[Depends(ten_per_minute)])
def login(body: Credentials, response: Response):
    """Sign a user in."""
    user = verify_login(body.email, body.password)
    if user is None:
        raise HTTPException(status_code=401)
    response.set_cookie("auth_token", create_session(user), max_age=3600, secure=True, samesite="strict")
    return {"status": "signed in"}
