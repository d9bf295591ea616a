from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.util import get_remote_address

from .store import create_session, find_card, lock_card, record_failure, reset_failures

limiter = Limiter(key_func=get_remote_address)
app = FastAPI()
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)
hasher = PasswordHasher()


class PinLogin(BaseModel):
    card_number: str
    pin: str


@app.post("/login")
@limiter.limit("5/minute")
def login_with_pin(request: Request, body: PinLogin):
    """Sign in with a card number and a four-digit PIN."""
    card = find_card(body.card_number)
    if card.locked:
        raise HTTPException(status_code=403, detail="Card is locked")
    try:
        hasher.verify(card.pin_hash, body.pin)
    except VerifyMismatchError:
        if record_failure(card) >= 3:
            lock_card(card)
        raise HTTPException(status_code=401, detail="Wrong PIN") from None
    reset_failures(card)
    return {"token": create_session(card)}
