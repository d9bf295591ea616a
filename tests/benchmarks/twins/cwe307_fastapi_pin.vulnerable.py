from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from .store import create_session, find_card

app = FastAPI()
hasher = PasswordHasher()


class PinLogin(BaseModel):
    card_number: str
    pin: str


@app.post("/login")
def login_with_pin(body: PinLogin):
    """Sign in with a card number and a four-digit PIN."""
    card = find_card(body.card_number)
    try:
        hasher.verify(card.pin_hash, body.pin)
    except VerifyMismatchError:
        raise HTTPException(status_code=401, detail="Wrong PIN")
    return {"token": create_session(card)}
