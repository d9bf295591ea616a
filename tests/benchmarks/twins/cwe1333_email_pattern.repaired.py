from fastapi import FastAPI
from pydantic import BaseModel, EmailStr

app = FastAPI()


class Subscription(BaseModel):
    email: EmailStr


@app.post("/newsletter")
def subscribe(body: Subscription):
    """Check an address for the newsletter."""
    return {"status": "pending"}
