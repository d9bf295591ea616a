import os

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse
from pydantic import BaseModel

app = FastAPI()
EXPORTS = os.path.realpath("/data/exports")


class ExportRequest(BaseModel):
    path: str


@app.post("/exports/fetch")
def fetch_export(body: ExportRequest):
    """Return an export file that was prepared before."""
    location = os.path.realpath(os.path.join(EXPORTS, body.path))
    if not location.startswith(EXPORTS + os.sep) or not os.path.isfile(location):
        raise HTTPException(status_code=404, detail="No such export")
    return FileResponse(location)
