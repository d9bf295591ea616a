from pathlib import Path

from fastapi import FastAPI, HTTPException
from fastapi.responses import PlainTextResponse

app = FastAPI()
NOTES = Path("/var/lib/notes").resolve()


def load_note(name: str) -> str:
    target = (NOTES / name).resolve()
    if not target.is_relative_to(NOTES) or not target.is_file():
        raise HTTPException(status_code=404)
    return target.read_text(encoding="utf-8")


@app.get("/notes", response_class=PlainTextResponse)
def get_note(name: str):
    return load_note(name)
