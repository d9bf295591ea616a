import hmac
import os

from fastapi import Depends, FastAPI, Header, HTTPException

app = FastAPI()


def require_api_key(x_api_key: str = Header()):
    """Let a request pass only with the right key."""
    expected = os.environ["API_KEY"]
    if hmac.compare_digest(x_api_key.encode("utf-8"), expected.encode("utf-8")):
        return
    raise HTTPException(status_code=401)


@app.get("/statistics", dependencies=[Depends(require_api_key)])
def statistics():
    return {"requests": 1024, "errors": 3}
