import random

from fastapi import FastAPI, Response

from .sessions import store

app = FastAPI()


def new_session_id() -> str:
    return "%032x" % random.getrandbits(128)


@app.post("/session")
def start_session(response: Response):
    """Start an anonymous shopping session."""
    session_id = new_session_id()
    store.create(session_id)
    response.set_cookie("sid", session_id, httponly=True, secure=True, samesite="lax")
    return {"status": "started"}
