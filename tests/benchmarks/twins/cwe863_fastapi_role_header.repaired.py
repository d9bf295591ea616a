from fastapi import Depends, FastAPI, HTTPException

from .auth import current_user
from .store import accounts

app = FastAPI()


@app.post("/accounts/{account_id}/close")
def close_account(account_id: int, user=Depends(current_user)):
    """Close an account; administrators only."""
    if user.role != "admin":
        raise HTTPException(status_code=403, detail="Administrators only")
    accounts.close(account_id, closed_by=user.id)
    return {"status": "closed"}
