import os

from fastapi import FastAPI
from fastapi.responses import FileResponse
from pydantic import BaseModel

app = FastAPI()
EXPORTS = "/data/exports"


class ExportRequest(BaseModel):
    path: str


@app.post("/exports/fetch")
def fetch_export(body: ExportRequest):
    """Return an export file that was prepared before."""
    if ".." in body.path:
        return {"error": "invalid path"}
    return FileResponse(os.path.join(EXPORTS, body.path))
