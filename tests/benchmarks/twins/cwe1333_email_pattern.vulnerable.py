import re

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()
EMAIL = re.compile(r"^([a-zA-Z0-9]+[._-]?)+@([a-zA-Z0-9]+[.-]?)+\.[a-z]{2,}$")


class Subscription(BaseModel):
    email: str


@app.post("/newsletter")
def subscribe(body: Subscription):
    """Check an address for the newsletter."""
    if not EMAIL.match(body.email):
        raise HTTPException(status_code=422, detail="Invalid address")
    return {"status": "pending"}
